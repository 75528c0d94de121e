"""Streams: their life, and who is owed word of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from roomtone.core import streaming
from roomtone.core.ids import CallId, ProjectId, StreamId
from roomtone.core.moment import Moment
from roomtone.core.streaming import (
    Stream,
    StreamCodec,
    StreamFault,
    StreamStatus,
    StreamTopic,
    StreamWish,
    fault_of,
    socket_location,
)
from roomtone.core.values import Document

NOW = Moment(5_000, 1)
WISH = StreamWish("wss://s.example/x?token=t", callback=Document("https://app/news"), bearer="b")
QUEUED = Stream(StreamId(1), ProjectId(2), WISH, 1, 1, call=CallId(3))


def test_a_stream_starts_once_and_stops_once() -> None:
    begun, told = streaming.connected(QUEUED, NOW)
    assert (begun.status, begun.updated_ms, [one.topic for one in told]) == (
        StreamStatus.IN_PROGRESS,
        5_000,
        [StreamTopic.STARTED],
    )
    assert streaming.connected(begun, NOW) == (begun, ())
    over, told = streaming.stopped(begun, NOW)
    assert (over.over, [(one.topic, one.sequence) for one in told]) == (True, [(StreamTopic.STOPPED, 1)])
    assert streaming.stopped(over, NOW) == (over, ())
    assert streaming.failed(over, StreamFault.GENERAL, "late", NOW) == (over, ())


def test_a_failure_is_told_with_its_reason() -> None:
    over, [told] = streaming.failed(QUEUED, StreamFault.CONNECTION_REFUSED, "HTTP 403", NOW)
    assert (over.fault, told.topic, told.problem, told.sequence) == (
        StreamFault.CONNECTION_REFUSED,
        StreamTopic.ERROR,
        "HTTP 403",
        0,
    )


def test_who_gave_no_callback_is_told_nothing() -> None:
    quiet = replace(QUEUED, wish=replace(WISH, callback=None))
    assert streaming.connected(quiet, NOW)[1] == ()


def test_no_secret_is_kept_in_a_notice_or_shown() -> None:
    _, [told] = streaming.connected(QUEUED, NOW)
    assert told.state.wish.bearer is None
    assert "token" not in repr(WISH)
    assert "'b'" not in repr(WISH)


@pytest.mark.parametrize(
    ("text", "base", "found"),
    [
        ("wss://s.example/x", "", "wss://s.example/x"),
        (" ws://127.0.0.1:9/ ", "", "ws://127.0.0.1:9/"),
        ("/x", "https://app.example/voice", "wss://app.example/x"),
        ("x?y=1#z", "http://app.example/a/voice", "ws://app.example/a/x?y=1"),
    ],
)
def test_where_a_socket_is(text: str, base: str, found: str) -> None:
    assert socket_location(text, base) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "http://s/",
        "https://s/",
        "wss:///x",
        "wss://u:p@s/",
        "wss://s:99999/",
        "wss://s/a b",
        "wss://ä/",
        "x",
    ],
)
def test_what_is_no_socket(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        socket_location(text, "")


def test_codecs_have_rates_and_words_of_the_engine_meanings() -> None:
    assert [codec.rate_hz for codec in StreamCodec] == [8_000, 8_000, 8_000, 16_000, 24_000]
    assert fault_of("tls") is StreamFault.NO_CONNECTION
    assert fault_of("broken") is StreamFault.GENERAL
