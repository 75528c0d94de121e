"""Reads what is there now, when somebody asks: nothing is counted along the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from roomtone import __version__
from roomtone.core.call.state import Call, CallStatus
from roomtone.core.conference.state import Conference, Status
from roomtone.core.delivery import Waiting
from roomtone.core.values import Direction
from roomtone.link.messages import Welcome
from roomtone.metrics.board import Board

STATUSES = (CallStatus.QUEUED, CallStatus.RINGING, CallStatus.IN_PROGRESS)


class Outbox(Protocol):
    """What is owed."""

    async def waiting(self) -> Sequence[Waiting]:
        """List who is owed something."""

    async def owed(self) -> int:
        """Count what is owed."""


@dataclass(frozen=True, slots=True)
class Live:
    """Where to look."""

    calls: Callable[[], Sequence[Call]]
    conferences: Callable[[], Sequence[Conference]]
    welcome: Callable[[], Welcome | None]
    """What the engine said of itself; None: it does not answer."""

    missing: Callable[[], Awaitable[Sequence[str]]]
    """What keeps the house from taking work."""

    outbox: Outbox

    async def read(self, board: Board) -> None:
        """Put what is there now on the board. What the store does not answer stays as it was."""
        ready = not await self.missing()
        board.gauge("roomtone_ready").set(ready)
        self._count_calls(board)
        self._count_conferences(board)
        welcome = self.welcome()
        board.gauge("roomtone_engine_up").set(welcome is not None)
        board.gauge("roomtone_info").clear()
        board.gauge("roomtone_info").labels(__version__, "" if welcome is None else welcome.engine).set(1)
        try:
            board.gauge("roomtone_callbacks_waiting").set(await self.outbox.owed())
            board.gauge("roomtone_callback_servers_waiting").set(len(await self.outbox.waiting()))
        except OSError:
            return

    def _count_calls(self, board: Board) -> None:
        found = Counter((one.caller.direction, one.status) for one in self.calls())
        for direction in Direction:
            for status in STATUSES:
                board.gauge("roomtone_calls").labels(direction.value, status.value).set(
                    found[direction, status]
                )

    def _count_conferences(self, board: Board) -> None:
        rooms = self.conferences()
        for status in (Status.INIT, Status.IN_PROGRESS):
            count = sum(room.status is status for room in rooms)
            board.gauge("roomtone_conferences").labels(status.value).set(count)
        people = [one for room in rooms for one in room.participants]
        board.gauge("roomtone_participants").set(len(people))
        board.gauge("roomtone_participants_muted").set(sum(one.muted for one in people))
        board.gauge("roomtone_participants_held").set(sum(one.hold is not None for one in people))
