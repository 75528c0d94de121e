"""Streams in both dialects: forms, resources, callbacks, and what the socket is told."""

from __future__ import annotations

import json

import pytest

from roomtone.core import streaming
from roomtone.core.ids import CallId, ConferenceId, ProjectId, StreamId
from roomtone.core.moment import Moment
from roomtone.core.refusals import Reason, Refused
from roomtone.core.streaming import Stream, StreamCodec, StreamFault, StreamTrack, StreamWish
from roomtone.core.values import Document, Method
from roomtone.dialects import DIALECTS, SIGNALWIRE, TWILIO, stream_forms, stream_messages
from roomtone.dialects.stream_resources import stream, stream_parameters

WISH = StreamWish("wss://s/", callback=Document("https://app/news"), parameters=(("a", "1"),))
OF_CALL = Stream(StreamId(1), ProjectId(2), WISH, 0, 0, call=CallId(3))
OF_ROOM = Stream(StreamId(1), ProjectId(2), WISH, 0, 0, conference=ConferenceId(4))


def test_a_form_is_read_whole() -> None:
    fields = (
        ("Url", "wss://s/x"), ("Name", "n"), ("Track", "outbound_track"), ("StreamCodec", "L16@24000h"),
        ("StatusCallback", "https://app/news"), ("StatusCallbackMethod", "get"), ("AuthorizationBearerToken", "t"),
        ("Parameter1.Name", "a"), ("Parameter1.Value", "1"), ("Parameter3.Value", "lost"),
    )  # fmt: skip
    assert stream_forms.create(fields, "twilio") == StreamWish(
        "wss://s/x",
        "n",
        StreamTrack.OUTBOUND,
        StreamCodec.L16_24K,
        Document("https://app/news", Method.GET),
        (("a", "1"),),
        "t",
    )


def test_the_dialects_differ_in_what_is_carried_if_nothing_is_said() -> None:
    fields = (("Url", "wss://s/x"),)
    assert stream_forms.create(fields, "twilio").track is StreamTrack.INBOUND
    assert stream_forms.create(fields, "signalwire").track is StreamTrack.BOTH


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ((), Reason.PARAMETER_MISSING),
        ((("Url", "https://s/"),), Reason.STREAM_URL_INVALID),
        ((("Url", "/relative"),), Reason.STREAM_URL_INVALID),
        ((("Url", "ws://far.example/"),), Reason.STREAM_URL_INVALID),
        ((("Url", "wss://s/"), ("Track", "all")), Reason.PARAMETER_INVALID),
        ((("Url", "wss://s/"), ("StreamCodec", "MP3")), Reason.PARAMETER_INVALID),
        ((("Url", "wss://s/"), ("AuthorizationBearerToken", "a\nb")), Reason.PARAMETER_INVALID),
        ((("Url", "wss://s/"), ("StatusCallback", "ftp://x")), Reason.URL_INVALID),
    ],
)
def test_a_wrong_form_is_refused(fields, reason: Reason) -> None:
    with pytest.raises(Refused) as refused:
        stream_forms.create(fields, "signalwire")
    assert refused.value.reason is reason


def test_nothing_but_the_end_can_be_wished() -> None:
    stream_forms.check_update((("Status", "stopped"),))
    with pytest.raises(Refused):
        stream_forms.check_update((("Status", "in-progress"),))
    with pytest.raises(Refused):
        stream_forms.check_update(())


def test_the_resource_is_spelled_by_its_dialect() -> None:
    assert stream(OF_CALL, TWILIO)["sid"] == "MZ" + "0" * 31 + "1"
    assert stream(OF_CALL, TWILIO)["status"] == "in-progress"
    written = stream(OF_ROOM, SIGNALWIRE)
    assert (written["status"], written["conference_sid"]) == ("queued", SIGNALWIRE.sids.show(ConferenceId(4)))
    assert str(written["uri"]).endswith(f"/Streams/{SIGNALWIRE.sids.show(StreamId(1))}.json")


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda one: one.name)
def test_an_error_is_told_in_the_vendors_words(dialect) -> None:
    _, [notice] = streaming.failed(OF_CALL, StreamFault.NO_CONNECTION, "too late", Moment(0, 0))
    told = dict(stream_parameters(notice, dialect))
    assert (told["StreamEvent"], told["Timestamp"][:10]) == ("stream-error", "1970-01-01")
    assert (
        told["StreamError"]
        == {
            "twilio": "too late",
            "signalwire": "connection_refused_timeout_or_ssl_error",
        }[dialect.name]
    )
    assert told["StreamName"] == told["StreamSid"]


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda one: one.name)
def test_a_socket_is_greeted_and_dismissed(dialect) -> None:
    spoken = stream_messages.opening(OF_CALL, dialect)
    connected, start = (json.loads(text) for text in spoken.opening)
    version = {"twilio": "1.0.0", "signalwire": "0.2.0"}[dialect.name]
    assert connected == {
        "event": "connected",
        "protocol": "Call",
        "version": version,
        "streamSid": spoken.sid,
    }
    assert start["start"]["mediaFormat"] == {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
    assert start["start"]["callSid"] == dialect.sids.show(CallId(3))
    assert (start["sequenceNumber"], start["start"]["customParameters"]) == ("", {"a": "1"})
    assert json.loads(stream_messages.farewell(OF_ROOM, dialect))["stop"]["conferenceSid"]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ('{"event":"dtmf","dtmf":{"digit":"12#"}}', "12#"),
        ('{"event":"dtmf","dtmf":{"digit":"x"}}', ""),
        ('{"event":"dtmf","dtmf":{"digit":1}}', ""),
        ('{"event":"dtmf","dtmf":[]}', ""),
        ('{"event":"other","dtmf":{"digit":"1"}}', ""),
        ("[]", ""),
        ("{", ""),
    ],
)
def test_keys_that_a_server_wants_pressed(text: str, keys: str) -> None:
    assert stream_messages.keys_in(text) == keys
