"""What a customer's WebSocket is told: the first messages and the last, and keys pressed.

Both vendors' JSON, alike but for the version of the protocol and the spelling of sids. ``streamSid`` stands at the top of
every message, as Twilio has it; SignalWire's samples leave it out, and its readers pass it over.

Sources: Twilio "Media Streams: WebSocket messages"; SignalWire cXML "Stream".
"""

from __future__ import annotations

import json
from typing import Any

from roomtone.core.streaming import Spoken, Stream, StreamCodec, StreamTrack
from roomtone.dialects.dialect import Dialect

TRACKS = {
    StreamTrack.INBOUND: ["inbound"],
    StreamTrack.OUTBOUND: ["outbound"],
    StreamTrack.BOTH: ["inbound", "outbound"],
}
VERSIONS = {"signalwire": "0.2.0", "twilio": "1.0.0"}
"""Of the protocol, as each vendor numbers its own."""

ENCODINGS = {StreamCodec.PCMU: "audio/x-mulaw", StreamCodec.PCMA: "audio/x-alaw"}
"""Any other is ``audio/x-L16``."""


def opening(stream: Stream, dialect: Dialect) -> Spoken:
    """Spell ``connected`` and ``start``."""
    sid = dialect.sids.show(stream.id)
    connected = {
        "event": "connected",
        "protocol": "Call",
        "version": VERSIONS[dialect.name],
        "streamSid": sid,
    }
    start = {
        "event": "start",
        "sequenceNumber": "",
        "start": {
            "streamSid": sid,
            "accountSid": dialect.sids.show(stream.project),
            **_subject(stream, dialect),
            "tracks": TRACKS[stream.wish.track],
            "customParameters": dict(stream.wish.parameters),
            "mediaFormat": {
                "encoding": ENCODINGS.get(stream.wish.codec, "audio/x-L16"),
                "sampleRate": stream.wish.codec.rate_hz,
                "channels": 1,
            },
        },
        "streamSid": sid,
    }
    return Spoken((_spelled(connected), _spelled(start)), sid)


def farewell(stream: Stream, dialect: Dialect) -> str:
    """Spell ``stop``."""
    subject = {"accountSid": dialect.sids.show(stream.project), **_subject(stream, dialect)}
    return _message("stop", stream, dialect, {"stop": subject})


def key_pressed(stream: Stream, dialect: Dialect, digit: str) -> str:
    """Spell ``dtmf``."""
    return _message("dtmf", stream, dialect, {"dtmf": {"track": "inbound_track", "digit": digit}})


def keys_in(text: str) -> str:
    """Read the keys that a server wants pressed (SignalWire's ``dtmf``); empty: none."""
    try:
        said = json.loads(text)
        digit = said["dtmf"]["digit"] if said.get("event") == "dtmf" else ""
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ""
    return (
        digit
        if isinstance(digit, str) and 1 <= len(digit) <= 32 and set(digit) <= set("0123456789*#ABCDwW")
        else ""
    )


def _subject(stream: Stream, dialect: Dialect) -> dict[str, str]:
    call, conference = stream.call, stream.conference
    if call is not None:
        return {"callSid": dialect.sids.show(call)}
    assert conference is not None, "a stream is of something"
    return {"conferenceSid": dialect.sids.show(conference)}


def _message(event: str, stream: Stream, dialect: Dialect, more: dict[str, Any]) -> str:
    sid = dialect.sids.show(stream.id)
    return _spelled({"event": event, "sequenceNumber": "", "streamSid": sid, **more})


def _spelled(message: dict[str, Any]) -> str:
    return json.dumps(message, separators=(",", ":"))
