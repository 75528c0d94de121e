"""What happened in a conference as a resource of our own: neither vendor has one. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from roomtone.core.conference.messages import AnnouncementEnded, AnnouncementFailed, Event
from roomtone.core.conference.state import Conference, Participant
from roomtone.core.inspection import hyphened, without_logins
from roomtone.dialects.dates import iso8601
from roomtone.dialects.dialect import Json, Resource, Sids
from roomtone.dialects.hearing_resources import number as number_of

NAMES = frozenset({"After", "PageSize"})


def timeline(
    conference: Conference,
    people: Sequence[tuple[Participant, int | None]],
    happened: Sequence[tuple[int, int, Event]],
    sids: Sids,
    *,
    more: bool,
) -> Resource:
    """Write who was there and what happened, the oldest first; `more`: there are later events."""
    return {
        "conference_sid": sids.show(conference.id),
        "account_sid": sids.show(conference.project),
        "friendly_name": conference.name,
        "status": conference.status.value,
        "began_unix_ms": conference.created_ms,
        "reason_conference_ended": None if conference.end_reason is None else conference.end_reason.value,
        "participants": [_person(one, left_ms, sids) for one, left_ms in people],
        "events": [_event(*one, sids) for one in happened],
        "next_after": happened[-1][0] if more and happened else None,
    }


def _person(one: Participant, left_ms: int | None, sids: Sids) -> Json:
    return {
        "call_sid": sids.show(one.call),
        "label": one.label,
        "number": number_of(one.caller),
        "came_unix_ms": one.created_ms,
        "left_unix_ms": left_ms,
    }


def _event(number: int, at_ms: int, event: Event, sids: Sids) -> Json:
    call, reason = getattr(event, "call", None), getattr(event, "reason", None)
    url = event.url if isinstance(event, AnnouncementEnded | AnnouncementFailed) else None
    return {
        "number": number,
        "event": hyphened(type(event).__name__),
        "at": iso8601(at_ms),
        "at_unix_ms": at_ms,
        "call_sid": None if call is None else sids.show(call),
        "reason": None if reason is None else str(reason),
        "url": None if url is None else without_logins(url),
        "problem": event.problem if isinstance(event, AnnouncementFailed) else None,
    }
