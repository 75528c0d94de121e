"""Transcriptions as resources and in callbacks: both vendors' alike but for the spelling of a number. Pure.

Sources: Twilio "Transcription resource", TwiML "Record" (transcribeCallback); SignalWire "Transcriptions".
"""

from __future__ import annotations

from roomtone.core.exchange import Parameters
from roomtone.core.ids import CallId
from roomtone.core.transcription import Transcription, TranscriptionNotice
from roomtone.dialects.callers import joined, legacy, standing
from roomtone.dialects.dates import rfc2822
from roomtone.dialects.dialect import Dialect, Json, Resource
from roomtone.dialects.paths import VERSION

TYPE = "fast"
"""The one kind of transcription that both vendors name."""

_CALL = "call-"


def transcription(one: Transcription, dialect: Dialect) -> Resource:
    """Write a transcription; its length is that of the recording, in whole seconds."""
    show, seconds = dialect.sids.show, one.duration_ms // 1_000
    return {
        "account_sid": show(one.project),
        "api_version": VERSION,
        "date_created": rfc2822(one.created_ms),
        "date_updated": rfc2822(one.updated_ms),
        "duration": str(seconds) if dialect.name == "twilio" else seconds,
        "price": None,
        "price_unit": "USD",
        "recording_sid": show(one.recording),
        "sid": show(one.id),
        "status": one.status.value,
        "transcription_text": one.text,
        "type": TYPE,
        "uri": dialect.paths.item(show(one.project), "Transcriptions", show(one.id)),
    }


def segments(one: Transcription, dialect: Dialect) -> Resource:
    """Write who said what and when; Roomtone's own."""
    show = dialect.sids.show
    return {
        "transcription_sid": show(one.id),
        "recording_sid": show(one.recording),
        "account_sid": show(one.project),
        "status": one.status.value,
        "problem": one.problem,
        "language": one.heard.language,
        "segments": [
            {
                "from_s": said.from_ms / 1_000,
                "to_s": said.to_ms / 1_000,
                "text": said.text,
                **_speaker(said.voice, dialect),
            }
            for said in one.heard.segments
        ],
    }


def _speaker(voice: str, dialect: Dialect) -> dict[str, Json]:
    """Say who speaks: the participant whose track it is, or a channel."""
    if voice.startswith(_CALL):
        return {"call_sid": dialect.sids.show(CallId.from_hex(voice.removeprefix(_CALL))), "channel": None}
    return {"call_sid": None, "channel": voice}


def transcription_parameters(notice: TranscriptionNotice, dialect: Dialect, house: str) -> Parameters:
    """Give the parameters of a transcription's callback, in order, no name twice.

    Args:
        notice: The news.
        dialect: Whose words to use.
        house: The house's own address, without a slash at its end.
    """
    one, show = notice.state, dialect.sids.show
    account, recording = show(one.project), show(one.recording)
    address = dialect.paths.media(account, "Recordings", recording)
    told: Parameters = (
        ("TranscriptionSid", show(one.id)),
        ("TranscriptionText", one.text),
        ("TranscriptionStatus", one.status.value),
        ("TranscriptionType", TYPE),
        ("TranscriptionUrl", f"{house}{address}/Transcriptions/{show(one.id)}"),
        ("RecordingSid", recording),
        ("RecordingUrl", house + address),
        ("AccountSid", account),
        ("ApiVersion", VERSION),
    )
    return joined(told, _call(notice, dialect))


def _call(notice: TranscriptionNotice, dialect: Dialect) -> Parameters:
    """Give what every request says of a call; what is known of it, should it be gone."""
    show, call = dialect.sids.show, notice.call
    record = notice.record
    conference = None if record is None else record.conference
    room = () if conference is None else (("ConferenceSid", show(conference)),)
    if call is None:
        return room if notice.state.call is None else (*room, ("CallSid", show(notice.state.call)))
    old = legacy(call.caller) if dialect.name == "twilio" else ()
    return (
        *room,
        ("CallSid", show(call.id)),
        ("CallStatus", call.status.value),
        *standing(call.caller, show),
        *old,
    )
