"""Recordings: begin, list, fetch, steer, delete; of a project, of one call, of one conference. Three views of one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from roomtone.api import lists
from roomtone.api.calls import own_call
from roomtone.api.frontdesk import NO_CONTENT, Answer, FrontDesk, Visit, json_answer
from roomtone.api.lists import Listing
from roomtone.api.participants import own_conference
from roomtone.core.ids import RecordingId
from roomtone.core.listing import RecordingFilter, Window
from roomtone.core.recording.state import Recording, RecordingStatus
from roomtone.core.refusals import Reason, Refused
from roomtone.dialects.dialect import Resource
from roomtone.dialects.recording_forms import DATE_NAMES, FILTER_NAMES

_RUNNING = frozenset({RecordingStatus.IN_PROGRESS, RecordingStatus.PAUSED})

CURRENT = "Twilio.CURRENT"
"""In the place of a sid: the recording that runs."""

MANY = 1_000
"""Recordings of one call or conference that are looked through for the one that runs."""


async def list_(visit: Visit, desk: FrontDesk) -> Answer:
    """List a project's recordings."""
    wanted = visit.dialect.forms.list_recordings(visit.fields)
    write = visit.dialect.resources.recording
    return await _page(visit, desk, ("Recordings",), wanted, write)


async def fetch(visit: Visit, desk: FrontDesk) -> Answer:
    """Give one recording."""
    return json_answer(200, visit.dialect.resources.recording(await _one(visit, desk)))


async def delete(visit: Visit, desk: FrontDesk) -> Answer:
    """Delete a recording that is over."""
    return await _delete(visit, desk, await _one(visit, desk))


async def create_of_call(visit: Visit, desk: FrontDesk) -> Answer:
    """Begin to record a call that is up.

    Raises:
        Refused: CALL_NOT_IN_PROGRESS, RECORDING_RUNNING, or what is wrong with the wish.
    """
    call = await own_call(visit, desk)
    wish = visit.dialect.forms.record_call(visit.fields)
    recording = await desk.switchboard.record_call(call.id, wish)
    return json_answer(visit.dialect.call_made, visit.dialect.resources.call_recording(recording))


async def create_of_conference(visit: Visit, desk: FrontDesk) -> Answer:
    """Begin to record a conference that is in progress; neither vendor has that.

    Raises:
        Refused: CONFERENCE_NOT_STARTED, CONFERENCE_COMPLETED, RECORDING_RUNNING, or what is wrong with the wish.
    """
    conference = await own_conference(visit, desk)
    wish = visit.dialect.forms.record_conference(visit.fields)
    recording = await desk.switchboard.record_conference(conference.id, wish)
    return json_answer(201, visit.dialect.resources.conference_recording(recording))


async def update_of_call(visit: Visit, desk: FrontDesk) -> Answer:
    """Pause, resume or stop a call's recording.

    Raises:
        Refused: RECORDING_NOT_RUNNING.
    """
    recording = await _of_call(visit, desk)
    return await _update(visit, desk, recording, visit.dialect.resources.call_recording)


async def update_of_conference(visit: Visit, desk: FrontDesk) -> Answer:
    """Pause, resume or stop a conference's recording.

    Raises:
        Refused: RECORDING_NOT_RUNNING.
    """
    recording = await _of_conference(visit, desk)
    return await _update(visit, desk, recording, visit.dialect.resources.conference_recording)


async def _update(
    visit: Visit, desk: FrontDesk, recording: Recording, write: Callable[[Recording], Resource]
) -> Answer:
    command = visit.dialect.forms.update_recording(visit.fields)
    return json_answer(200, write(await desk.switchboard.steer_recording(recording, command)))


async def list_of_call(visit: Visit, desk: FrontDesk) -> Answer:
    """List a call's recordings."""
    call = await own_call(visit, desk)
    wanted = replace(visit.dialect.forms.list_recordings_of_one(visit.fields), call=call.id)
    path = ("Calls", visit.dialect.sids.show(call.id), "Recordings")
    return await _page(visit, desk, path, wanted, visit.dialect.resources.call_recording)


async def fetch_of_call(visit: Visit, desk: FrontDesk) -> Answer:
    """Give one of a call's recordings."""
    return json_answer(200, visit.dialect.resources.call_recording(await _of_call(visit, desk)))


async def delete_of_call(visit: Visit, desk: FrontDesk) -> Answer:
    """Delete one of a call's recordings."""
    return await _delete(visit, desk, await _of_call(visit, desk))


async def list_of_conference(visit: Visit, desk: FrontDesk) -> Answer:
    """List a conference's recordings."""
    conference = await own_conference(visit, desk)
    wanted = replace(visit.dialect.forms.list_recordings_of_one(visit.fields), conference=conference.id)
    path = ("Conferences", visit.dialect.sids.show(conference.id), "Recordings")
    return await _page(visit, desk, path, wanted, visit.dialect.resources.conference_recording)


async def fetch_of_conference(visit: Visit, desk: FrontDesk) -> Answer:
    """Give one of a conference's recordings."""
    return json_answer(200, visit.dialect.resources.conference_recording(await _of_conference(visit, desk)))


async def delete_of_conference(visit: Visit, desk: FrontDesk) -> Answer:
    """Delete one of a conference's recordings."""
    return await _delete(visit, desk, await _of_conference(visit, desk))


async def _page(
    visit: Visit,
    desk: FrontDesk,
    path: tuple[str, ...],
    wanted: RecordingFilter,
    write: Callable[[Recording], Resource],
) -> Answer:
    listing: Listing[Recording, RecordingId] = Listing(
        key="recordings",
        path=path,
        filter_names=FILTER_NAMES if path == ("Recordings",) else DATE_NAMES,
        kind=RecordingId,
        place=lambda id_: desk.store.recording_place(visit.project.id, id_),
        fetch=lambda window: desk.store.recordings(visit.project.id, wanted, window),
        write=write,
    )
    return await lists.page(visit, listing)


async def _one(visit: Visit, desk: FrontDesk) -> Recording:
    id_ = visit.dialect.sids.parse(RecordingId, visit.names[-1])
    found = None if id_ is None else await desk.store.recording(visit.project.id, id_)
    if found is None:
        raise visit.nothing_here()
    return found


async def _of_call(visit: Visit, desk: FrontDesk) -> Recording:
    call = await own_call(visit, desk)
    if visit.names[-1] == CURRENT:
        return await _current(visit, desk, RecordingFilter(call=call.id), of_call=True)
    recording = await _one(visit, desk)
    if recording.call != call.id:
        raise visit.nothing_here()
    return recording


async def _of_conference(visit: Visit, desk: FrontDesk) -> Recording:
    conference = await own_conference(visit, desk)
    if visit.names[-1] == CURRENT:
        return await _current(visit, desk, RecordingFilter(conference=conference.id), of_call=False)
    recording = await _one(visit, desk)
    if recording.conference != conference.id:
        raise visit.nothing_here()
    return recording


async def _current(visit: Visit, desk: FrontDesk, wanted: RecordingFilter, *, of_call: bool) -> Recording:
    """Give the recording that runs; the newest, should there be several."""
    found = await desk.store.recordings(visit.project.id, wanted, Window(MANY))
    running = (one for one in found if one.status in _RUNNING and (one.conference is None) == of_call)
    newest = max(running, key=lambda one: (one.created_ms, one.id.value), default=None)
    if newest is None:
        raise visit.nothing_here()
    return newest


async def _delete(visit: Visit, desk: FrontDesk, recording: Recording) -> Answer:
    """Delete a recording and its sound."""
    if recording.status in _RUNNING:
        raise Refused(Reason.RECORDING_NOT_OVER)
    if not await desk.switchboard.remove_recording(recording):
        raise visit.nothing_here()
    return NO_CONTENT
