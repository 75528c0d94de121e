"""Python looks for garbage seldom once the house stands, and never stops looking."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Iterator

import pytest

from roomtone.tidying import build_undisturbed, keep_tidy


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Leave the collector of this process as it was."""
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.enable()
    gc.set_threshold(*thresholds)


class Knot:
    """Holds itself."""

    def __init__(self) -> None:
        self.itself = self


async def test_what_stands_is_frozen_and_what_comes_later_is_found_by_the_timer() -> None:
    built: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    waits: asyncio.Queue[float] = asyncio.Queue()
    go_on = asyncio.Event()

    async def sleep(seconds: float) -> None:
        waits.put_nowait(seconds)
        await go_on.wait()
        go_on.clear()

    usual = gc.get_threshold()
    build_undisturbed()
    tidying = asyncio.create_task(keep_tidy(built, sleep))
    await asyncio.sleep(0)
    assert (gc.isenabled(), gc.get_freeze_count()) == (False, 0), "the house is being built"
    built.set_result(None)
    assert await waits.get() > 0
    assert gc.isenabled()
    assert gc.get_freeze_count() > 1_000
    assert gc.get_threshold() > usual
    knot = weakref.ref(Knot())
    gc.collect(0)
    go_on.set()
    await waits.get()
    assert knot() is None
    tidying.cancel()
    await asyncio.gather(tidying, return_exceptions=True)
