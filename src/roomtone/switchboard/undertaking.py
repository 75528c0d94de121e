"""What a call does that takes its time: a fetch, a sound, a rest. One at a time; what is new drops what was."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass

from roomtone.cxml import messages as cxml


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of something that took its time."""

    turn: int
    """Which; the outcome of what was dropped meanwhile is old news."""

    message: cxml.Message | BaseException
    """What the script is told; or the bug it ended with."""


class Undertaking:
    """What one call has under way."""

    def __init__(self, name: str, tell: Callable[[Outcome], None]) -> None:
        """Begin with nothing.

        Args:
            name: Of the tasks, for whoever looks at them.
            tell: Called with each outcome.
        """
        self._name = name
        self._tell = tell
        self._pending: asyncio.Task[cxml.Message] | None = None
        self._turn = 0
        self.settling = False
        """Whether what is under way is but the rest of something that is over: what comes of it needs no more thought."""

    def begin(self, work: Coroutine[None, None, cxml.Message], *, settling: bool = False) -> None:
        """Let something take its time; what was under way before is dropped."""
        self.drop()
        self.settling = settling
        turn = self._turn

        def tell_outcome(task: asyncio.Task[cxml.Message]) -> None:
            if not task.cancelled():
                self._tell(Outcome(turn, task.exception() or task.result()))

        self._pending = asyncio.create_task(work, name=self._name)
        self._pending.add_done_callback(tell_outcome)

    def drop(self) -> None:
        """Let go of what is under way."""
        self._turn += 1
        self.settling = False
        if self._pending is not None:
            self._pending.cancel()

    def let_finish(self) -> asyncio.Task[cxml.Message] | None:
        """Let what is under way come to its end, though nobody is told of it; give it, if there is something."""
        self._turn += 1
        pending, self._pending = self._pending, None
        return pending

    def is_news(self, outcome: Outcome) -> bool:
        """Whether an outcome is of what is under way, not of something that was dropped."""
        return outcome.turn == self._turn
