"""What is left of ten thousand short calls: nothing, neither a leg nor a port nor a row, and no more memory.

The calls hang up in the middle of a menu, a conference, a queue, a file and a dial that nobody answers. What brain and engine
hold is compared after a fifth of them and after all: by then every cache has what it will ever have.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path
from typing import Any

from bench.calls.house import House
from bench.calls.sipp import Carrier, Load

from roomtone.link import messages
from roomtone.link.client import Link
from roomtone.testing import leaks
from roomtone.testing.leaks import Held

CALLS, PER_S, STAY_MS = 10_000, 40, 300
WARM = 5
"""One part of so many is called before the first look."""

DOCUMENTS = (
    '<Response><Gather timeout="100" numDigits="1"/></Response>',
    "<Response><Dial><Conference>leaves {}</Conference></Dial></Response>",
    '<Response><Dial><Conference waitUrl="">leaves in silence {}</Conference></Dial></Response>',
    '<Response><Enqueue waitUrl="">leaves a queue {}</Enqueue></Response>',
    '<Response><Play digits="1w2w3w4w5w6"/></Response>',
    '<Response><Dial timeout="20"><Sip>sip:nobody@127.0.0.1:9</Sip></Dial></Response>',
    '<Response><Play digits="1"/><Pause length="20"/></Response>',
    '<Response><Record timeout="20"/></Response>',
)


def look(house: House, folder: Path) -> Held:
    """Ask brain, engine and database what they hold."""
    return leaks.look(*house.pids, folder / "holdings.json", folder / "data")


def settle(house: House, folder: Path, first: Held | None, within_s: float = 60.0) -> Held:
    """Wait until nothing is left of the calls, or patience ends; gives the last look."""
    deadline = time.monotonic() + within_s
    while True:
        held = look(house, folder)
        if not held.beyond(first or held) or time.monotonic() > deadline:
            return held
        time.sleep(0.5)


def run(house: House, folder: Path, calls: int) -> tuple[Held, Held, Held]:
    """Call, and look: before, after a part, after all."""
    numbers = [house.number(document.format(n)) for n in range(3) for document in DOCUMENTS]
    _call(house, numbers, len(numbers) * 2, folder / "first")
    first = settle(house, folder, None)
    while first.rows.total():
        first = settle(house, folder, None)
    _call(house, numbers, calls // WARM, folder / "warm")
    warm = settle(house, folder, first)
    _call(house, numbers, calls - calls // WARM, folder / "rest")
    return first, warm, settle(house, folder, first)


def _call(house: House, numbers: list[str], calls: int, folder: Path) -> None:
    told = Carrier(house, numbers, Load(PER_S, calls, STAY_MS), folder).wait(calls / PER_S * 4 + 120)
    assert told.answered, "no call was answered"
    print(f"  {told.answered} calls answered, {told.failed} not", flush=True)


def engine_holds(house: House, folder: Path) -> dict[str, int]:
    """Take the brain away without a word, and ask the engine in its place what it holds."""
    os.kill(house.pids[0], signal.SIGKILL)
    house.process.wait(20)
    snapshot = asyncio.run(_snapshot(folder / "data" / "engine.sock"))
    os.kill(house.pids[1], signal.SIGTERM)
    return {name: len(getattr(snapshot, name)) for name in ("legs", "streams", "plans", "sources")}


async def _snapshot(socket: Path) -> Any:
    link = Link(socket)
    await link.start()
    deadline = (
        time.monotonic() + 40
    )  # an INVITE that nobody answers is given up after 32 s (RFC 3261, 17.1.1.2)
    try:
        while True:
            snapshot = await link.ask(messages.TakeSnapshot(n=0), messages.Snapshot)
            if not snapshot.legs or time.monotonic() > deadline:
                return snapshot
            await asyncio.sleep(1)
    finally:
        await link.stop()
