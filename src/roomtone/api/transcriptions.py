"""Transcriptions of a project and of its recordings: listed, fetched, deleted; and asked for, which is Roomtone's own."""

from __future__ import annotations

from dataclasses import replace

from roomtone.api import lists
from roomtone.api.frontdesk import NO_CONTENT, Answer, FrontDesk, Visit, json_answer
from roomtone.api.lists import Listing
from roomtone.core.ids import RecordingId, TranscriptionId
from roomtone.core.listing import TranscriptionFilter
from roomtone.core.recording.state import Recording
from roomtone.core.refusals import Reason, Refused
from roomtone.core.transcription import Transcription, begun
from roomtone.dialects import transcription_forms
from roomtone.dialects.transcription_forms import FILTER_NAMES
from roomtone.dialects.transcription_resources import segments, transcription


async def list_(visit: Visit, desk: FrontDesk) -> Answer:
    """List a project's transcriptions."""
    return await _page(visit, desk, ("Transcriptions",), transcription_forms.wanted(visit.fields))


async def list_of_recording(visit: Visit, desk: FrontDesk) -> Answer:
    """List a recording's transcriptions."""
    recording = await _recording(visit, desk)
    wanted = replace(transcription_forms.wanted(visit.fields), recording=recording.id)
    path = ("Recordings", visit.dialect.sids.show(recording.id), "Transcriptions")
    return await _page(visit, desk, path, wanted)


async def fetch(visit: Visit, desk: FrontDesk) -> Answer:
    """Give one transcription."""
    return json_answer(200, transcription(await _one(visit, desk), visit.dialect))


async def fetch_segments(visit: Visit, desk: FrontDesk) -> Answer:
    """Give who said what and when; neither vendor has that."""
    return json_answer(200, segments(await _one(visit, desk), visit.dialect))


async def fetch_of_recording(visit: Visit, desk: FrontDesk) -> Answer:
    """Give one of a recording's transcriptions."""
    return json_answer(200, transcription(await _one_of_recording(visit, desk), visit.dialect))


async def delete(visit: Visit, desk: FrontDesk) -> Answer:
    """Delete a transcription; one that is being made is not made any more."""
    return await _delete(visit, desk, await _one(visit, desk))


async def delete_of_recording(visit: Visit, desk: FrontDesk) -> Answer:
    """Delete one of a recording's transcriptions."""
    return await _delete(visit, desk, await _one_of_recording(visit, desk))


async def create(visit: Visit, desk: FrontDesk) -> Answer:
    """Have what was said in a recording written down; neither vendor has that.

    Raises:
        Refused: TRANSCRIBER_MISSING; RECORDING_WITHOUT_SOUND: there is none, or not yet; TRANSCRIPTION_RUNNING: one is
            in progress; what is wrong with the wish.
    """
    recording = await _recording(visit, desk)
    callback = transcription_forms.create(visit.fields)
    if desk.transcribe is None:
        raise Refused(Reason.TRANSCRIBER_MISSING)
    if not recording.over or not recording.fetchable:
        raise Refused(Reason.RECORDING_WITHOUT_SOUND, status=recording.status.value)
    made = begun(TranscriptionId(desk.dice.bits128()), recording, callback, desk.clock.now())
    await desk.store.ask_for_transcription(made)
    desk.transcribe()
    return json_answer(201, transcription(made, visit.dialect))


async def _page(visit: Visit, desk: FrontDesk, path: tuple[str, ...], wanted: TranscriptionFilter) -> Answer:
    listing: Listing[Transcription, TranscriptionId] = Listing(
        key="transcriptions",
        path=path,
        filter_names=FILTER_NAMES,
        kind=TranscriptionId,
        place=lambda id_: desk.store.transcription_place(visit.project.id, id_),
        fetch=lambda window: desk.store.transcriptions(visit.project.id, wanted, window),
        write=lambda one: transcription(one, visit.dialect),
    )
    return await lists.page(visit, listing)


async def _recording(visit: Visit, desk: FrontDesk) -> Recording:
    id_ = visit.dialect.sids.parse(RecordingId, visit.names[0])
    found = None if id_ is None else await desk.store.recording(visit.project.id, id_)
    if found is None:
        raise visit.nothing_here()
    return found


async def _one(visit: Visit, desk: FrontDesk) -> Transcription:
    id_ = visit.dialect.sids.parse(TranscriptionId, visit.names[-1])
    found = None if id_ is None else await desk.store.transcription(visit.project.id, id_)
    if found is None:
        raise visit.nothing_here()
    return found


async def _one_of_recording(visit: Visit, desk: FrontDesk) -> Transcription:
    recording, found = await _recording(visit, desk), await _one(visit, desk)
    if found.recording != recording.id:
        raise visit.nothing_here()
    return found


async def _delete(visit: Visit, desk: FrontDesk, found: Transcription) -> Answer:
    if not await desk.store.remove_transcription(visit.project.id, found.id):
        raise visit.nothing_here()
    return NO_CONTENT
