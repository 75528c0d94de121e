"""A browser that calls in over HTTP: what it wishes, and how it is answered. Plain values."""

from __future__ import annotations

from dataclasses import dataclass, field

from roomtone.core.ids import ApplicationId

LONGEST_WAIT_S = 30.0
"""Seconds that a browser waits for its answer: a document that is slower than this has had its chance."""


@dataclass(frozen=True, slots=True)
class BrowserWish:
    """A call that a browser wants to make."""

    offer: str
    """Its session description."""

    name: str
    """Who it is; calls come from ``client:NAME``."""

    to: str
    """Whom it calls, as written; what stands in the call's record."""

    conference: str | None = None
    """The conference it joins, if it calls one by its name."""

    application: ApplicationId | None = None
    """The application it calls, if it calls one."""

    muted: bool = False
    """Whether it joins its conference muted."""

    coached: str | None = None
    """The call it coaches in its conference, in the customer's spelling of its id."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a browser's call was answered."""

    status: int
    """200, else why not, as a SIP status."""

    text: str = field(repr=False)
    """Our session description, or a reason."""
