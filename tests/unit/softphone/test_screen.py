"""What the terminal shows, and what its keys do."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from rich.console import Console

from roomtone.softphone.screen import View, draw
from roomtone.softphone.steering import Steering
from stage.softphones import WITHIN_S, Desk, pair


def shown(view: View) -> str:
    console = Console(width=82, color_system=None)
    with console.capture() as captured:
        console.print(draw(view))
    return captured.get()


class Hand:
    """Somebody at the keys."""

    def __init__(self, desk: Desk) -> None:
        self.view = View(desk.phone)
        self.left = False
        self._begun: list[asyncio.Task[object]] = []
        self._steering = Steering(self.view, self._begin, self._leave)

    def type(self, keys: str) -> None:
        for key in keys:
            self._steering.take(key)

    def _begin(self, work: Coroutine[Any, Any, object]) -> None:
        self._begun.append(asyncio.create_task(work))

    def _leave(self) -> None:
        self.left = True

    async def until(self, words: str) -> None:
        """Wait until the screen says this."""
        async with asyncio.timeout(WITHIN_S):
            while words not in shown(self.view):
                self.view.measure(asyncio.get_running_loop().time())
                await asyncio.sleep(0.02)


async def test_a_call_by_hand_from_its_number_to_its_end() -> None:
    async with pair() as (ann, bob):
        caller, called = Hand(ann), Hand(bob)
        await caller.until("nobody is on the line")
        caller.type("cx\x7f" + bob.uri)
        await caller.until(f"call {bob.uri}")
        caller.type("\n")
        await caller.until("is called")
        await called.until("calls")
        assert "a answer" in shown(called.view)
        called.type("a")
        await caller.until("PCMU")
        await caller.until("█████")
        caller.type("12#")
        await caller.until("pressed 1 2 #")
        caller.type("m")
        await caller.until("muted")
        caller.type("m")
        assert "muted" not in shown(caller.view)
        called.type("h")
        await caller.until("nobody is on the line")
        caller.type("q")
        assert caller.left


async def test_what_cannot_be_called_is_said() -> None:
    async with pair() as (ann, _):
        hand = Hand(ann)
        hand.type("c\x1b")
        assert hand.view.typed is None
        hand.type("1ac\r")
        assert hand.view.typed is None
        hand.type("c555\r")
        await hand.until("give a --server")
