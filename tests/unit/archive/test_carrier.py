"""The carrier's pace: each errand that fails is tried again at its own."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from roomtone.archive.carrier import REMOVED, Carrier


class Denying:
    """A storage that removes nothing, and counts who asks."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()

    def remove_all(self, beginning: str) -> None:
        self.asked[beginning] += 1
        raise OSError(13, "denied")

    def put(self, key: str, path: Path) -> None:
        raise NotImplementedError

    def fetch(self, key: str, file: BinaryIO) -> None:
        raise NotImplementedError

    def read(self, key: str, first: int, last: int) -> bytes:
        raise NotImplementedError


async def test_one_that_fails_often_does_not_hurry_another(tmp_path: Path) -> None:
    storage = Denying()
    carrier = Carrier(tmp_path, storage, first_s=1_000.0)
    for name in ("old", "new"):
        (tmp_path / f"{name}{REMOVED}").mkdir()
    running = asyncio.create_task(carrier.run())
    async with asyncio.timeout(60):
        while storage.asked != {"old": 1, "new": 1}:  # noqa: ASYNC110 - at the start all are tried
            await asyncio.sleep(0.01)
        for times in range(2, 5):
            carrier.wake(f"new{REMOVED}")
            while storage.asked["new"] < times:  # noqa: ASYNC110 - a counter has no events
                await asyncio.sleep(0.01)
    assert storage.asked["old"] == 1, "it rests for a thousand seconds"
    assert carrier.waiting == {f"old{REMOVED}", f"new{REMOVED}"}
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
