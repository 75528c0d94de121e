"""Streams of calls and of conferences: begin one, stop it by its sid or its name."""

from __future__ import annotations

from roomtone.api.calls import own_call
from roomtone.api.frontdesk import Answer, FrontDesk, Visit, json_answer
from roomtone.api.participants import own_conference
from roomtone.core.ids import StreamId
from roomtone.core.streaming import Stream, Subject
from roomtone.dialects import stream_forms
from roomtone.dialects.stream_resources import stream as written


async def create_of_call(visit: Visit, desk: FrontDesk) -> Answer:
    """Carry a call's sound to a server.

    Raises:
        Refused: CALL_NOT_IN_PROGRESS, or what is wrong with the wish.
    """
    return await _create(visit, desk, (await own_call(visit, desk)).id)


async def create_of_conference(visit: Visit, desk: FrontDesk) -> Answer:
    """Carry a conference's sound to a server.

    Raises:
        Refused: CONFERENCE_COMPLETED, or what is wrong with the wish.
    """
    return await _create(visit, desk, (await own_conference(visit, desk)).id)


async def update_of_call(visit: Visit, desk: FrontDesk) -> Answer:
    """Stop a stream of a call; one that is over stays as it is."""
    return await _stop(visit, desk, (await own_call(visit, desk)).id)


async def update_of_conference(visit: Visit, desk: FrontDesk) -> Answer:
    """Stop a stream of a conference; one that is over stays as it is."""
    return await _stop(visit, desk, (await own_conference(visit, desk)).id)


async def _create(visit: Visit, desk: FrontDesk, subject: Subject) -> Answer:
    dialect = visit.dialect
    wish = stream_forms.create(visit.fields, dialect.name)
    begun = await desk.switchboard.carry(visit.project, subject, wish)
    return json_answer(dialect.call_made, written(begun, dialect))


async def _stop(visit: Visit, desk: FrontDesk, subject: Subject) -> Answer:
    stream_forms.check_update(visit.fields)
    found = await _find(visit, desk, subject)
    return json_answer(200, written(await desk.switchboard.carry_no_more(found), visit.dialect))


async def _find(visit: Visit, desk: FrontDesk, subject: Subject) -> Stream:
    named = visit.names[-1]
    id_ = visit.dialect.sids.parse(StreamId, named)
    theirs = await desk.store.streams_of(visit.project.id, subject)
    # Of several that had the name one after the other the one that runs is meant, else the latest.
    fitting = [one for one in theirs if one.id == id_ or one.name == named]
    found = next((one for one in fitting if not one.over), fitting[0] if fitting else None)
    if found is None:
        raise visit.nothing_here()
    return found
