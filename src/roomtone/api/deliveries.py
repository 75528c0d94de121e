"""The delivery log of a call and of a conference: what their customers' servers were told and asked, and answered.

Roomtone's own: neither vendor has it.
"""

from __future__ import annotations

from collections.abc import Callable

from roomtone.api.calls import own_call
from roomtone.api.frontdesk import Answer, FrontDesk, Visit, json_answer
from roomtone.api.participants import own_conference
from roomtone.core.delivery import Delivery
from roomtone.core.ids import CallId, ConferenceId
from roomtone.core.inspection import about
from roomtone.core.refusals import Reason, Refused
from roomtone.dialects.dates import moment_ms, up_to_ms
from roomtone.dialects.delivery_resources import deliveries, replay
from roomtone.dialects.fields import Fields, last

NAMES = frozenset({"Before", "PageSize"})
REPLAY_NAMES = frozenset({"EventId", "Since", "Until"})

MOST_REPLAYED = 10_000
"""How many callbacks one request may have told again."""

_AT_ONCE = 500
"""Rows put back in one transaction: whoever else writes waits so long at most."""


async def of_call(visit: Visit, desk: FrontDesk) -> Answer:
    """List what was said because of a call, the newest first.

    Raises:
        Refused: NOT_FOUND: there is no such call; PARAMETER_INVALID: it is no number of a line.
    """
    return await _page(visit, desk, (await own_call(visit, desk)).id)


async def of_conference(visit: Visit, desk: FrontDesk) -> Answer:
    """List what was said because of a conference, the newest first.

    Raises:
        Refused: NOT_FOUND: there is no such conference; PARAMETER_INVALID: it is no number of a line.
    """
    return await _page(visit, desk, (await own_conference(visit, desk)).id)


async def replay_of_account(visit: Visit, desk: FrontDesk) -> Answer:
    """Have a callback of the account told again, or all those of a span of time, under the names they have.

    Raises:
        Refused: NOT_FOUND: there is no such callback; PARAMETER_MISSING; PARAMETER_INVALID: a moment, or too long a span.
    """
    return await _replay(visit, desk, None)


async def replay_of_call(visit: Visit, desk: FrontDesk) -> Answer:
    """Have a callback of a call told again, or all those of a span of time, under the names they have.

    Raises:
        Refused: NOT_FOUND: there is no such call, or no such callback of it; PARAMETER_MISSING; PARAMETER_INVALID.
    """
    return await _replay(visit, desk, (await own_call(visit, desk)).id)


async def replay_of_conference(visit: Visit, desk: FrontDesk) -> Answer:
    """Have a callback of a conference told again, or all those of a span of time, under the names they have.

    Raises:
        Refused: NOT_FOUND: there is no such conference, or no such callback of it; PARAMETER_MISSING; PARAMETER_INVALID.
    """
    return await _replay(visit, desk, (await own_conference(visit, desk)).id)


async def _replay(visit: Visit, desk: FrontDesk, of: CallId | ConferenceId | None) -> Answer:
    """Have some told again; with an event's name that one alone, whatever else is said."""
    event = (last(visit.fields, "EventId") or "").lower() or None
    rows = await _of_span(visit, desk, of) if event is None else [await _named(visit, desk, of, event)]
    now_ms, project = desk.clock.now().wall_ms, visit.project.id
    parts = [rows[at : at + _AT_ONCE] for at in range(0, len(rows), _AT_ONCE)]
    count = sum([await desk.store.replay(part, now_ms, project) for part in parts])
    desk.owed()
    return json_answer(201, replay(event, count))


async def _named(visit: Visit, desk: FrontDesk, of: CallId | ConferenceId | None, event: str) -> int:
    found = await desk.store.delivery(event, visit.project.id)
    if found is None or not _is_of(found, of):
        raise visit.nothing_here()
    return found.row


def _is_of(found: Delivery, of: CallId | ConferenceId | None) -> bool:
    return of is None or of in (about(found.notice).call, about(found.notice).conference)


async def _of_span(visit: Visit, desk: FrontDesk, of: CallId | ConferenceId | None) -> list[int]:
    since_ms = _moment(visit.fields, "Since", moment_ms)
    until_ms = _moment(visit.fields, "Until", up_to_ms)
    if since_ms is None and until_ms is None:
        raise Refused(Reason.PARAMETER_MISSING, name="EventId")
    rows = list(await desk.store.rows(visit.project.id, of, since_ms, until_ms, MOST_REPLAYED + 1))
    if len(rows) > MOST_REPLAYED:
        expected = f"a span of at most {MOST_REPLAYED} callbacks; there are more"
        raise Refused(Reason.PARAMETER_INVALID, name="Since", expected=expected)
    return rows


def _moment(fields: Fields, name: str, read: Callable[[str], int | None]) -> int | None:
    text = last(fields, name)
    if not text:
        return None
    at_ms = read(text)
    if at_ms is None:
        raise Refused(Reason.PARAMETER_INVALID, name=name, expected="a moment in ISO 8601 or RFC 2822")
    return at_ms


async def _page(visit: Visit, desk: FrontDesk, of: CallId | ConferenceId) -> Answer:
    size, project = visit.dialect.forms.page(visit.fields).size, visit.project.id
    found = await desk.store.exchanges(project, of, size + 1, _before(visit))
    written = deliveries(project, of, found[:size], visit.dialect.sids, more=len(found) > size)
    return json_answer(200, written)


def _before(visit: Visit) -> int | None:
    text = last(visit.fields, "Before")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Refused(Reason.PARAMETER_INVALID, name="Before", expected="the number of a line")
    return int(text)
