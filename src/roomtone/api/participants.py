"""Conference participants: list, fetch, update, remove. Reads go to the store, changes to the switchboard."""

from __future__ import annotations

from roomtone.api import lists
from roomtone.api.calls import warning
from roomtone.api.frontdesk import NO_CONTENT, Answer, FrontDesk, Visit, json_answer
from roomtone.api.lists import Listing
from roomtone.api.renderings import RENDERINGS
from roomtone.core.conference.messages import Command, Remove, Who
from roomtone.core.conference.people import present
from roomtone.core.conference.state import Conference, Participant, Status
from roomtone.core.ids import CallId, ConferenceId, ParticipantId
from roomtone.core.refusals import Reason, Refused
from roomtone.dialects.dialect import Resource
from roomtone.dialects.participant_forms import FILTER_NAMES

LONGEST_NAME = 128
"""Characters of a conference's name at most."""


async def list_(visit: Visit, desk: FrontDesk) -> Answer:
    """List those present now; nobody in a completed conference."""
    conference = await own_conference(visit, desk)
    wanted = visit.dialect.forms.list_participants(visit.fields)
    listing: Listing[Participant, ParticipantId] = Listing(
        key="participants",
        path=("Conferences", visit.dialect.sids.show(conference.id), "Participants"),
        filter_names=FILTER_NAMES,
        kind=ParticipantId,
        place=lambda id_: desk.store.participant_place(conference.id, id_),
        fetch=lambda window: desk.store.participants(conference.id, wanted, window),
        write=lambda one: _written(visit, conference, one),
    )
    return await lists.page(visit, listing)


async def create(visit: Visit, desk: FrontDesk) -> Answer:
    """Call somebody into a conference, named by its sid or its name; a name nobody has yet opens one.

    Raises:
        Refused: What is wrong with the wish; CONFERENCE_COMPLETED, CONFERENCE_FULL, LABEL_TAKEN; nothing leads there.
    """
    id_ = visit.dialect.sids.parse(ConferenceId, visit.names[0])
    conference = await own_conference(visit, desk) if id_ is not None else None
    order = visit.dialect.forms.create_participant(visit.fields)
    if conference is not None and conference.status is Status.COMPLETED:
        raise Refused(Reason.CONFERENCE_COMPLETED, conference=conference.id.hex)
    where = _name(visit.names[0]) if conference is None else conference
    conference, call = await desk.switchboard.invite(visit.project, where, order.invitation, order.join)
    resource = _written(visit, conference, present(conference, call.id))
    if "queue_time" in resource:
        resource = {**resource, "queue_time": str(call.queue_ms)}
    return json_answer(201, resource).with_headers(*warning(order.ignored))


def _name(text: str) -> str:
    """Read a conference's name from the path."""
    name = text.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise Refused(
            Reason.PARAMETER_INVALID, name="ConferenceSid", expected="a sid, or a name of 1 to 128 characters"
        )
    return name


async def fetch(visit: Visit, desk: FrontDesk) -> Answer:
    """Give one who is present."""
    conference = await own_conference(visit, desk)
    participant = present(conference, _who(visit))
    return RENDERINGS.answer_of(
        participant,
        conference,
        visit.dialect.name,
        lambda: visit.dialect.resources.participant(conference, participant),
    )


async def update(visit: Visit, desk: FrontDesk) -> Answer:
    """Change one who is present: everything asked, or nothing."""
    conference, participant = await _changeable(visit, desk)
    commands = visit.dialect.forms.update_participant(visit.fields, participant.call)
    if commands:
        conference = await _ask(visit, desk, conference, commands)
        participant = present(conference, participant.call)
    return json_answer(200, _written(visit, conference, participant))


async def delete(visit: Visit, desk: FrontDesk) -> Answer:
    """Take one out."""
    conference, participant = await _changeable(visit, desk)
    await _ask(visit, desk, conference, (Remove(participant.call),))
    return NO_CONTENT


async def own_conference(visit: Visit, desk: FrontDesk) -> Conference:
    """Find the conference that the path names.

    Raises:
        Refused: NOT_FOUND: there is none, or it is another project's.
    """
    id_ = visit.dialect.sids.parse(ConferenceId, visit.names[0])
    conference = None if id_ is None else await desk.store.conference(id_)
    if conference is None or conference.project != visit.project.id:
        raise visit.nothing_here()
    return conference


async def _changeable(visit: Visit, desk: FrontDesk) -> tuple[Conference, Participant]:
    conference = await own_conference(visit, desk)
    if conference.status is Status.COMPLETED:
        raise _too_late(visit, conference)
    return conference, present(conference, _who(visit))


async def _ask(
    visit: Visit, desk: FrontDesk, conference: Conference, commands: tuple[Command, ...]
) -> Conference:
    """Ask the switchboard; a conference that ends meanwhile is told as one that had ended before."""
    try:
        return await desk.switchboard.ask(conference.id, commands)
    except Refused as no:
        if no.reason is Reason.CONFERENCE_COMPLETED:
            raise _too_late(visit, conference) from no
        raise


def _written(visit: Visit, conference: Conference, participant: Participant) -> Resource:
    """Write a participant, or recall how this very value was written."""
    return RENDERINGS.of(
        participant,
        conference,
        visit.dialect.name,
        lambda: visit.dialect.resources.participant(conference, participant),
    )


def _too_late(visit: Visit, conference: Conference) -> Refused:
    reason = visit.dialect.errors.of_completed
    return Refused(reason, conference=conference.id.hex, participant=visit.names[1], path=visit.path)


def _who(visit: Visit) -> Who:
    """Read whom the path names: a call, or else a label, which cannot look like one."""
    return visit.dialect.sids.parse(CallId, visit.names[1]) or visit.names[1]
