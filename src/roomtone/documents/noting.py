"""What looks into requests for documents and sound: the delivery log, and keys that are being exchanged for others."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from roomtone.core.exchange import Fetched, FetchedAudio, FetchFailed, FetchRequest, Parameters
from roomtone.core.ids import ProjectId
from roomtone.core.inspection import AUDIO, DOCUMENT, About, Logged, Said
from roomtone.core.project import Project
from roomtone.core.values import Method
from roomtone.net.saying import said
from roomtone.net.words import Answer, NetFault, Question

SignAgain = Callable[[Project, str, Parameters, Method], Mapping[str, str] | None]
"""Gives the headers for a server that has refused the first signature; None: there are no others."""


async def _as_it_was(_: ProjectId) -> Project | None:
    return None


@dataclass(frozen=True, slots=True)
class Inspection:
    """Looks into requests; by default into nothing."""

    sign_again: SignAgain = lambda *_: None
    signed: Callable[[str, Parameters, Method], str] = lambda *_: ""
    """Gives what a signature is over; may raise ValueError for a bad URL."""

    current: Callable[[ProjectId], Awaitable[Project | None]] = _as_it_was
    """Gives a project as it is kept now, whose key may be another than when its call began; None: nobody knows."""

    note: Callable[[Logged], None] = lambda _: None
    """Takes a line for the delivery log; never waits."""


def wall_ms() -> int:
    """Give the wall clock, ms since 1970 UTC."""
    return time.time_ns() // 1_000_000


def logged(
    request: FetchRequest,
    question: Question,
    outcome: Answer | NetFault,
    fetched: Fetched,
    when: tuple[int, int],
) -> Logged:
    """Make the line of one request.

    Args:
        request: What was wanted.
        question: How it was asked.
        outcome: What came back.
        fetched: What that was good for.
        when: Wall clock at its beginning, and how long it took; ms.
    """
    at_ms, latency_ms = when
    return Logged(
        about=About(request.project.id, request.call, request.conference),
        what=AUDIO if request.audio_only else DOCUMENT,
        event_id="",
        number=1,
        at_ms=at_ms,
        latency_ms=latency_ms,
        status=outcome.status if isinstance(outcome, Answer) else None,
        problem=fetched.problem if isinstance(fetched, FetchFailed) else None,
        said=_said(request, question, outcome, fetched),
    )


def _said(request: FetchRequest, question: Question, outcome: Answer | NetFault, fetched: Fetched) -> Said:
    """Tell of it; sound is no text that anybody would read."""
    try:
        found = said(question, outcome)
    except ValueError:  # no URL that could be signed: nothing was said
        return Said(request.method.value, request.url.partition("#")[0].rpartition("@")[2])
    return replace(found, body="") if isinstance(fetched, FetchedAudio) else found
