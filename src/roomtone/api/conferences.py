"""Conferences: list, fetch, update. They are made and unmade by those who join and leave, not by REST."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from roomtone.api import lists
from roomtone.api.frontdesk import Answer, FrontDesk, Visit, json_answer
from roomtone.api.lists import Listing
from roomtone.api.participants import own_conference
from roomtone.core.conference.state import Conference, Status
from roomtone.core.ids import ConferenceId
from roomtone.core.refusals import Reason, Refused
from roomtone.dialects import hearing_resources, timeline_resources
from roomtone.dialects.conference_forms import FILTER_NAMES
from roomtone.dialects.dates import up_to_ms
from roomtone.dialects.dialect import Resource
from roomtone.dialects.fields import Fields, last
from roomtone.dialects.media_resources import conference_statistics


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


async def statistics(visit: Visit, desk: FrontDesk) -> Answer:
    """Tell how everybody in a conference is heard just now. Roomtone's own."""
    conference = await own_conference(visit, desk)
    figures = await desk.switchboard.figures_of_all([one.call for one in conference.participants])
    return json_answer(200, conference_statistics(conference, figures, visit.dialect.sids))


async def mix(visit: Visit, desk: FrontDesk) -> Answer:
    """Tell who hears whom in a conference now, or at a past moment, and why; nobody does in one that is over.

    Roomtone's own.

    Raises:
        Refused: PARAMETER_INVALID; NOT_FOUND: there is no such conference, or was none then.
    """
    conference, fields = await own_conference(visit, desk), visit.fields
    most = _number(fields, "Most")
    asked = last(fields, "At") or last(fields, "at")
    if not asked:
        return await _written(lambda: hearing_resources.mix(conference, visit.dialect.sids, most=most))
    at_ms = int(asked) if _is_number(asked) else up_to_ms(asked)
    if at_ms is None:
        expected = "ISO 8601, RFC 2822, or milliseconds since 1970"
        raise Refused(Reason.PARAMETER_INVALID, name="At", expected=expected)
    then = await desk.store.conference_at(conference.id, at_ms)
    if then is None:
        raise visit.nothing_here()
    return await _written(lambda: hearing_resources.mix(then, visit.dialect.sids, at_ms=at_ms, most=most))


async def timeline(visit: Visit, desk: FrontDesk) -> Answer:
    """Tell who was ever in a conference, and what happened, the oldest first. Roomtone's own.

    Raises:
        Refused: PARAMETER_INVALID; NOT_FOUND.
    """
    conference = await own_conference(visit, desk)
    after = _number(visit.fields, "After") or 0
    size = visit.dialect.forms.page(visit.fields).size
    happened = await desk.store.happened(conference.id, after, size + 1)
    people = await desk.store.everybody(conference.id)
    more = len(happened) > size
    sids = visit.dialect.sids
    return await _written(
        lambda: timeline_resources.timeline(conference, people, happened[:size], sids, more=more)
    )


async def _written(write: Callable[[], Resource]) -> Answer:
    """Answer with what may be long, written in a thread: thousands of people and events keep nobody else waiting."""
    return await asyncio.to_thread(lambda: json_answer(200, write()))


def _number(fields: Fields, name: str) -> int | None:
    text = last(fields, name)
    if not text:
        return None
    if not _is_number(text):
        raise Refused(Reason.PARAMETER_INVALID, name=name, expected="a whole number")
    return int(text)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16
