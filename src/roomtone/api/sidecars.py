"""What is known of the inside of a recording: what happened when, its tracks, and silencing a span of it.

All of it is Roomtone's own: neither vendor has it.
"""

from __future__ import annotations

import math

from roomtone.api.archived import Archive, Redaction, Sidecar
from roomtone.api.frontdesk import Answer, FrontDesk, Visit, json_answer
from roomtone.core.ids import CallId, RecordingId
from roomtone.core.recording.state import Recording
from roomtone.core.refusals import Reason, Refused
from roomtone.dialects.dialect import Json, Resource
from roomtone.dialects.fields import last

REDACTION_NAMES = frozenset({"From", "To"})

_CALL = "call-"


async def moments(visit: Visit, desk: FrontDesk) -> Answer:
    """Give what happened in a recording, in samples of its files; with its files, and what was silenced."""
    recording, sidecar, archive = await _known(visit, desk)
    head = _head(visit, recording, sidecar)
    return json_answer(
        200,
        {
            **head,
            "duration_s": round(sidecar.samples / sidecar.rate_hz, 3),
            "began_unix_ms": sidecar.began_unix_ms,
            "cut_samples": sidecar.cut_samples,
            "lost_samples": sidecar.lost_samples,
            "moments": [
                {
                    "sample": one.sample,
                    "kind": one.kind,
                    "call_sid": _call_sid(visit, one.call),
                    "label": one.label,
                }
                for one in sidecar.moments
            ],
            "redactions": [_span(one, sidecar) for one in sidecar.redactions],
            "waits_for_storage": archive.waits(recording.id),
        },
    )


async def tracks(visit: Visit, desk: FrontDesk) -> Answer:
    """List the tracks that are kept by themselves."""
    recording, sidecar, _ = await _known(visit, desk)
    return json_answer(
        200,
        {
            **_head(visit, recording, sidecar),
            "tracks": [
                {
                    "call_sid": _call_sid(visit, one.name.partition(".")[0].removeprefix(_CALL)),
                    "sha256": one.sha256,
                    "size_bytes": one.size_bytes,
                }
                for one in sidecar.files
                if one.name.startswith(_CALL)
            ],
            "together": next(
                (
                    [_call_sid(visit, name.removeprefix(_CALL)) for name in one.channels]
                    for one in sidecar.files
                    if one.name.startswith("tracks.")
                ),
                None,
            ),
        },
    )


async def redact(visit: Visit, desk: FrontDesk) -> Answer:
    """Silence a span of a recording, in every file and form, for good.

    Raises:
        Refused: NOT_FOUND: there is no sound; PARAMETER_MISSING, PARAMETER_INVALID: it is no span.
        OSError: It is not done everywhere yet.
    """
    recording, sidecar, archive = await _known(visit, desk)
    first, last_ = _seconds(visit, "From"), _seconds(visit, "To")
    if last_ <= first:
        raise Refused(Reason.PARAMETER_INVALID, name="To", expected="more seconds than From")
    if first * sidecar.rate_hz >= sidecar.samples:
        end = round(sidecar.samples / sidecar.rate_hz, 3)
        raise Refused(Reason.PARAMETER_INVALID, name="From", expected=f"less than {end} seconds, its end")
    beginning, end_ = math.floor(first * sidecar.rate_hz), math.ceil(last_ * sidecar.rate_hz)
    made = await archive.redact(recording.id, beginning, end_)
    if made is None:
        raise visit.nothing_here()
    silenced = [_span(one, made) for one in made.redactions]
    return json_answer(201, {**_head(visit, recording, made), "redactions": silenced})


async def _known(visit: Visit, desk: FrontDesk) -> tuple[Recording, Sidecar, Archive]:
    id_ = visit.dialect.sids.parse(RecordingId, visit.names[0])
    recording = None if id_ is None else await desk.store.recording(visit.project.id, id_)
    if recording is None or desk.archive is None:
        raise visit.nothing_here()
    sidecar = await desk.archive.about(recording.id)
    if sidecar is None or not sidecar.files:
        raise visit.nothing_here()
    return recording, sidecar, desk.archive


def _head(visit: Visit, recording: Recording, sidecar: Sidecar) -> Resource:
    sound = next(one for one in sidecar.files if one.name.startswith("sound."))
    return {
        "recording_sid": visit.dialect.sids.show(recording.id),
        "account_sid": visit.dialect.sids.show(recording.project),
        "rate_hz": sidecar.rate_hz,
        "samples": sidecar.samples,
        "sha256": sound.sha256,
    }


def _span(one: Redaction, sidecar: Sidecar) -> Json:
    return {
        "from_sample": one.from_sample,
        "to_sample": one.to_sample,
        "from_s": round(one.from_sample / sidecar.rate_hz, 6),
        "to_s": round(one.to_sample / sidecar.rate_hz, 6),
    }


def _call_sid(visit: Visit, hex_: str | None) -> str | None:
    return None if hex_ is None else visit.dialect.sids.show(CallId.from_hex(hex_))


def _seconds(visit: Visit, name: str) -> float:
    text = last(visit.fields, name)
    if not text:
        raise Refused(Reason.PARAMETER_MISSING, name=name)
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 1e7:  # also what is not a number
        raise Refused(Reason.PARAMETER_INVALID, name=name, expected="seconds from 0 on")
    return value
