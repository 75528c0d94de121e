"""What is known of the inside of a recording: what happened when, its tracks, and silencing a span of it.

All of it is Roomtone's own: neither vendor has it.
"""

from __future__ import annotations

import math

from roomtone.api.archived import Archive
from roomtone.api.frontdesk import Answer, FrontDesk, Visit, json_answer
from roomtone.core.ids import RecordingId
from roomtone.core.recording.sidecar import Sidecar
from roomtone.core.recording.state import Recording
from roomtone.core.refusals import Reason, Refused
from roomtone.core.transcription import silenced
from roomtone.dialects import sidecar_resources
from roomtone.dialects.fields import last

REDACTION_NAMES = frozenset({"From", "To"})


async def moments(visit: Visit, desk: FrontDesk) -> Answer:
    """Give what happened in a recording, in samples of its files, and what was silenced."""
    recording, sidecar, archive = await _known(visit, desk)
    waits = archive.waits(recording.id)
    return json_answer(200, sidecar_resources.moments(recording, sidecar, visit.dialect.sids, waits=waits))


async def tracks(visit: Visit, desk: FrontDesk) -> Answer:
    """List the tracks that are kept by themselves."""
    recording, sidecar, _ = await _known(visit, desk)
    return json_answer(200, sidecar_resources.tracks(recording, sidecar, visit.dialect.sids))


async def redact(visit: Visit, desk: FrontDesk) -> Answer:
    """Silence a span of a recording, in every file and form, for good, and forget what was written down of it.

    Raises:
        Refused: NOT_FOUND: there is no sound; PARAMETER_MISSING, PARAMETER_INVALID: it is no span.
        OSError: It is not done everywhere yet.
    """
    first, last_ = _seconds(visit, "From"), _seconds(visit, "To")
    recording, sidecar, archive = await _known(visit, desk)
    if last_ <= first:
        raise Refused(Reason.PARAMETER_INVALID, name="To", expected="more seconds than From")
    if first * sidecar.rate_hz >= sidecar.samples:
        end = round(sidecar.samples / sidecar.rate_hz, 3)
        raise Refused(Reason.PARAMETER_INVALID, name="From", expected=f"less than {end} seconds, its end")
    beginning, end_ = math.floor(first * sidecar.rate_hz), math.ceil(last_ * sidecar.rate_hz)
    made = await archive.redact(recording.id, beginning, end_)
    if made is None:
        raise visit.nothing_here()
    now = desk.clock.now()
    span = (math.floor(first * 1_000), math.ceil(last_ * 1_000))
    await desk.store.change_transcriptions(
        visit.project.id, recording.id, lambda one: silenced(one, *span, now)
    )
    if desk.transcribe is not None:
        desk.transcribe()
    return json_answer(201, sidecar_resources.redactions(recording, made, visit.dialect.sids))


async def _known(visit: Visit, desk: FrontDesk) -> tuple[Recording, Sidecar, Archive]:
    id_ = visit.dialect.sids.parse(RecordingId, visit.names[0])
    recording = None if id_ is None else await desk.store.recording(visit.project.id, id_)
    if recording is None or desk.archive is None:
        raise visit.nothing_here()
    sidecar = await desk.archive.about(recording.id)
    if sidecar is None or not sidecar.files:
        raise visit.nothing_here()
    return recording, sidecar, desk.archive


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
