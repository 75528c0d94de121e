"""Two phones on loopback that know no server, and what they told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import numpy as np

from roomtone.softphone.account import Account
from roomtone.softphone.phone import Phone, Wishes
from roomtone.testing.g711 import Pcm
from roomtone.testing.tones import Tone, level_db

WITHIN_S = 15.0


async def until(come: Callable[[], bool], within_s: float = WITHIN_S) -> None:
    """Wait until this is so."""
    async with asyncio.timeout(within_s):
        while not come():  # noqa: ASYNC110 - anything may be asked
            await asyncio.sleep(0.01)


class Singer:
    """A microphone with a pitch."""

    def __init__(self, hz: float) -> None:
        self._tone = Tone(hz)

    def take(self, samples: int) -> Pcm:
        return self._tone.take(samples)


class Ear:
    """A speaker that remembers."""

    def __init__(self) -> None:
        self.heard: Pcm = np.zeros(0, np.int16)

    def give(self, pcm: Pcm) -> None:
        self.heard = np.concatenate([self.heard, pcm])[-80_000:]

    def loudest_db(self, hz: float) -> float:
        """Give how loud this pitch was at its best, in windows of 200 ms."""
        starts = range(0, max(1, len(self.heard) - 1_600), 800)
        return max(level_db(self.heard[at : at + 1_600], hz) for at in starts)


class Told:
    """What a phone told, and a way to wait for it."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, kind: str, **told: Any) -> None:
        self.lines.append((kind, told))

    @property
    def kinds(self) -> list[str]:
        return [kind for kind, _ in self.lines if kind != "listening"]

    async def wait(self, kind: str, within_s: float = WITHIN_S) -> dict[str, Any]:
        await until(lambda: kind in self.kinds, within_s)
        return next(told for one, told in self.lines if one == kind)


class Desk:
    """A phone, its ear, and what it told."""

    def __init__(self, name: str, hz: float, **wishes: Any) -> None:
        self.ear, self.told = Ear(), Told()
        self.phone = Phone(
            Account(name, local="127.0.0.1"), Wishes(Singer(hz), self.ear, **wishes), self.told
        )

    @property
    def uri(self) -> str:
        return str(next(told["uri"] for kind, told in self.told.lines if kind == "listening"))

    async def hears(self, hz: float) -> None:
        """Wait until this pitch is heard."""
        await until(lambda: self.ear.loudest_db(hz) > -20)


@asynccontextmanager
async def pair(**wishes: Any) -> AsyncIterator[tuple[Desk, Desk]]:
    """Give a phone that calls and one that is called."""
    ann, bob = Desk("ann", 541.0), Desk("bob", 829.0, **wishes)
    await ann.phone.open()
    await bob.phone.open()
    try:
        yield ann, bob
    finally:
        await asyncio.gather(ann.phone.close(), bob.phone.close())
