"""Conferences: list, fetch, update. They are made and unmade by those who join and leave, not by REST."""

from __future__ import annotations

from roomtone.api import lists
from roomtone.api.frontdesk import Answer, FrontDesk, Visit, json_answer
from roomtone.api.lists import Listing
from roomtone.api.participants import own_conference
from roomtone.core.conference.state import Conference, Status
from roomtone.core.ids import ConferenceId
from roomtone.core.refusals import Reason, Refused
from roomtone.dialects.conference_forms import FILTER_NAMES


async def list_(visit: Visit, desk: FrontDesk) -> Answer:
    """List a project's conferences, completed ones too."""
    wanted = visit.dialect.forms.list_conferences(visit.fields)
    listing: Listing[Conference, ConferenceId] = Listing(
        key="conferences",
        path=("Conferences",),
        filter_names=FILTER_NAMES,
        kind=ConferenceId,
        place=lambda id_: desk.store.conference_place(visit.project.id, id_),
        fetch=lambda window: desk.store.conferences(visit.project.id, wanted, window),
        write=visit.dialect.resources.conference,
    )
    return await lists.page(visit, listing)


async def fetch(visit: Visit, desk: FrontDesk) -> Answer:
    """Give one conference."""
    return json_answer(200, visit.dialect.resources.conference(await own_conference(visit, desk)))


async def update(visit: Visit, desk: FrontDesk) -> Answer:
    """End a conference, or announce something to everybody in it."""
    conference = await own_conference(visit, desk)
    if conference.status is Status.COMPLETED:
        raise Refused(Reason.CONFERENCE_COMPLETED, conference=conference.id.hex)
    commands = visit.dialect.forms.update_conference(visit.fields)
    if commands:
        conference = await desk.switchboard.ask(conference.id, commands)
    return json_answer(200, visit.dialect.resources.conference(conference))
