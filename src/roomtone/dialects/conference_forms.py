"""Conferences: the update form, the list's filters, and the list of events a callback is wanted for.

Sources: SignalWire "Update a Conference", "List all Conferences"; Twilio "Conference resource".
"""

from __future__ import annotations

import re

from roomtone.core.conference.messages import Announce, Command, End
from roomtone.core.conference.state import Status, Topic
from roomtone.core.listing import ConferenceFilter, Span
from roomtone.core.refusals import Reason, Refused
from roomtone.core.values import Document, Method
from roomtone.dialects import parameters
from roomtone.dialects.dates import DAY_MS
from roomtone.dialects.fields import Fields, last

UPDATE_NAMES = frozenset({"AnnounceMethod", "AnnounceUrl", "Status"})

FILTER_NAMES = frozenset(
    {
        "DateCreated",
        "DateCreated<",
        "DateCreated>",
        "DateUpdated",
        "DateUpdated<",
        "DateUpdated>",
        "FriendlyName",
        "Status",
    }
)

_WORD = re.compile(r"[\w-]+", re.ASCII)


def update(fields: Fields) -> tuple[Command, ...]:
    """Turn an update into commands. An announcement to a conference that is to end now is not made.

    Raises:
        Refused: CONFERENCE_STATUS_INVALID: a Status other than completed; or a URL or method is malformed.
    """
    status = last(fields, "Status")
    url = parameters.url(fields, "AnnounceUrl")
    method = parameters.method(fields, "AnnounceMethod") or Method.POST
    if status:
        if status.lower() != Status.COMPLETED:
            raise Refused(Reason.CONFERENCE_STATUS_INVALID, status=status)
        return (End(),)
    return (Announce(Document(url, method)),) if url else ()


def wanted(fields: Fields) -> ConferenceFilter:
    """Read the list's filters. A day filters by whole days of UTC; ``<`` and ``>`` take in the day they name.

    Raises:
        Refused: PARAMETER_INVALID: a status that no conference has, or no day.
    """
    return ConferenceFilter(
        name=last(fields, "FriendlyName") or None,
        status=_status(last(fields, "Status")),
        created=_span(fields, "DateCreated"),
        updated=_span(fields, "DateUpdated"),
    )


def topics(text: str) -> frozenset[Topic]:
    """Read a list of events: words apart by spaces or commas, also ``['start', 'end']``.

    The Python SDKs put a list's own spelling into the document when they are given one. Words that name no event are
    left out.
    """
    known = {topic.value: topic for topic in Topic}
    return frozenset(known[word] for word in _WORD.findall(text.lower()) if word in known)


def _status(text: str | None) -> Status | None:
    if not text:
        return None
    try:
        return Status(text.lower())
    except ValueError:
        expected = "init, in-progress or completed"
        raise Refused(Reason.PARAMETER_INVALID, name="Status", expected=expected) from None


def _span(fields: Fields, name: str) -> Span:
    on = parameters.day(fields, name)
    since = parameters.day(fields, name + ">")
    until = parameters.day(fields, name + "<")
    starts = [at_ms for at_ms in (on, since) if at_ms is not None]
    ends = [at_ms + DAY_MS for at_ms in (on, until) if at_ms is not None]
    return Span(from_ms=max(starts, default=None), until_ms=min(ends, default=None))
