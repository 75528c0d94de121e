"""What the engine is ordered to carry to a WebSocket: which ears, how coded, with which headers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from roomtone.core.ids import CallId, ConferenceId, ProjectId, StreamId
from roomtone.core.streaming import Located, Spoken, Stream, StreamCodec, StreamTrack, StreamWish
from roomtone.link import messages as m
from roomtone.media.relays import open_order

CALL, ROOM = CallId(0xA), ConferenceId(9)
WISH = StreamWish("wss://ear.example/x")
OF_CALL = Stream(StreamId(1), ProjectId(2), WISH, 1, 1, call=CALL)
OF_ROOM = Stream(StreamId(1), ProjectId(2), WISH, 1, 1, conference=ROOM)
WHERE = Located(("192.0.2.1:443", "[2001:db8::1]:443"), "")
SPOKEN = Spoken(("connected", "start"), "MZ1")


def order(stream: Stream, voices: tuple[str, ...] = ()) -> m.OpenRelay:
    return open_order(stream, WHERE, SPOKEN, voices)


def wishing(stream: Stream, **wish: object) -> Stream:
    return replace(stream, wish=replace(stream.wish, **wish))  # type: ignore[arg-type]


def heard(made: m.OpenRelay) -> dict[str, tuple[list[tuple[m.Ear, str]], list[str]]]:
    return {
        one.name: ([(ear.ear, ear.subject) for ear in one.heard], list(one.sources)) for one in made.tracks
    }


def test_of_a_call_inbound_comes_from_its_phone_and_outbound_is_sent_to_it() -> None:
    inward, outward = ([(m.Ear.IN, CALL.hex)], []), ([(m.Ear.OUT, CALL.hex)], [])
    assert heard(order(OF_CALL)) == {"inbound": inward}
    assert heard(order(wishing(OF_CALL, track=StreamTrack.OUTBOUND))) == {"outbound": outward}
    both = heard(order(wishing(OF_CALL, track=StreamTrack.BOTH), ("stream:other",)))
    assert both == {"inbound": inward, "outbound": outward}, (
        "who speaks in a conference is none of its business"
    )


def test_of_a_conference_inbound_is_its_room_and_outbound_what_other_streams_say() -> None:
    made = order(wishing(OF_ROOM, track=StreamTrack.BOTH), ("stream:other",))
    assert [one.place for one in made.tracks] == [None, ROOM.hex]
    both = heard(made)
    assert both == {"inbound": ([(m.Ear.ROOM, ROOM.hex)], []), "outbound": ([], ["stream:other"])}


@pytest.mark.parametrize(
    ("codec", "encoding", "rate_hz"),
    [
        (StreamCodec.PCMU, "PCMU", 8_000),
        (StreamCodec.PCMA, "PCMA", 8_000),
        (StreamCodec.L16, "L16", 8_000),
        (StreamCodec.L16_16K, "L16", 16_000),
        (StreamCodec.L16_24K, "L16", 24_000),
    ],
)
def test_how_it_is_coded(codec: StreamCodec, encoding: str, rate_hz: int) -> None:
    made = order(wishing(OF_CALL, codec=codec))
    assert (made.encoding.value, made.rate_hz) == (encoding, rate_hz)


def test_the_server_is_asked_at_the_addresses_that_were_judged_and_shown_a_token_if_there_is_one() -> None:
    made = order(OF_CALL)
    assert (made.url, made.addresses, made.trusted_roots) == (WISH.url, list(WHERE.addresses), [])
    assert [(one.name, one.value) for one in made.headers] == [("User-Agent", "Roomtone")]
    assert (list(made.opening), made.stream_sid, made.source) == (["connected", "start"], "MZ1", None)
    shown = order(wishing(OF_CALL, bearer="s3cret", two_way=True))
    assert ("Authorization", "Bearer s3cret") in [(one.name, one.value) for one in shown.headers]
    assert shown.source == f"stream:{OF_CALL.id.hex}"
