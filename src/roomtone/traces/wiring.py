"""What `server.py` hands to whoever does what is traced; where nothing is, everything goes its way as it would."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import ParamSpec, Protocol

from starlette.types import ASGIApp

from roomtone.api.measuring import Count
from roomtone.core.call.state import Call
from roomtone.core.conference.messages import Event
from roomtone.core.conference.state import Conference
from roomtone.net.words import Answer, NetFault, Question
from roomtone.traces.definitions import CALLBACK, FETCH

P = ParamSpec("P")


class Asks(Protocol):
    """What is needed of the HTTP client."""

    async def ask(self, question: Question) -> Answer | NetFault:
        """Ask within the question's patience; never raises for a fault of the world."""


async def _nothing() -> None:
    """There is nothing to close."""


@dataclass(frozen=True, slots=True)
class Wiring:
    """One way for each edge. As it is made without arguments, nothing is traced."""

    fetching: Callable[[Asks], Asks] = lambda client: client
    """Makes of a client one for documents and audio."""

    delivering: Callable[[Asks], Asks] = lambda client: client
    """Makes of a client one for callbacks."""

    door: Callable[[ASGIApp], ASGIApp] = lambda app: app
    served: Count | None = None
    call_kept: Callable[[Call | None, Call], None] | None = None
    conference_kept: Callable[[Conference, Sequence[Event]], None] | None = None
    close: Callable[[], Awaitable[None]] = _nothing


def wire_up(collector: str, share: float) -> Wiring:
    """Begin to trace, if there is a collector.

    Args:
        collector: Its URL; empty: there is none.
        share: Of the traces that begin here, how many are kept, 0 to 1.

    Raises:
        ImportError: The packages of ``roomtone[traces]`` are not installed.
    """
    if not collector:
        return Wiring()
    from roomtone.traces.edges import Tracing, traced
    from roomtone.traces.opening import Traces

    traces = Traces(collector, share)
    book = traces.book
    return Wiring(
        lambda client: Tracing(client, book, FETCH),
        lambda client: Tracing(client, book, CALLBACK),
        lambda app: traced(app, book),
        book.served,
        book.call_kept,
        book.conference_kept,
        traces.close,
    )


def both(one: Callable[P, None] | None, other: Callable[P, None] | None) -> Callable[P, None] | None:
    """Give one listener for two, each of which may be absent."""
    if one is None or other is None:
        return one or other

    def tell(*args: P.args, **named: P.kwargs) -> None:
        one(*args, **named)
        other(*args, **named)

    return tell
