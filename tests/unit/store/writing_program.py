"""A program that commits without end, and says what it has committed. Its parent kills it."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

from keeping import commit, fresh, presence
from rooms import EVERYTHING, NOW, A, B, join
from roomtone.core.conference.messages import Mute, Unmute
from roomtone.store import Store, open_store

ROOMS = 20


async def steer(store: Store, number: int) -> None:
    """Take two people in, then mute and unmute them, and print each revision after its commit."""
    state = fresh(number)
    for call in (A, B):
        wish = replace(join(call, callback=EVERYTHING), participant=presence(number, call))
        state = await commit(store, state, wish)
        print(number, state.revision, flush=True)
    while True:
        now = NOW.after(state.revision)
        message = Unmute(A) if state.participants[0].muted else Mute(A)
        state = await commit(store, state, message, now=now)
        print(number, state.revision, flush=True)


async def main(path: Path) -> None:
    store = open_store(path)
    await asyncio.gather(*(steer(store, number) for number in range(1, ROOMS + 1)))


asyncio.run(main(Path(sys.argv[1])))
