"""When Python looks for garbage.

Most of what the house drops goes at once, by counting references. What is left are cycles, and to find those Python stops
everything and walks through all that it holds: tens of milliseconds with a thousand participants, several times a second
under load, and each time every request waits. So what stands when the house is built is walked through no more, young
objects are looked at less often, and everything only now and then, by a timer.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable

__all__ = ["build_undisturbed", "keep_tidy"]

_YOUNG = 20_000
"""So many objects more than were dropped before the young are walked through; Python's own number is 700."""

_MIDDLE = 20
"""So many walks through the young before those that outlived one are walked through as well."""

_NEVER = 1 << 30
_EVERYTHING_EVERY_S = 120.0


def build_undisturbed() -> None:
    """Do not look at all while the house is built: nothing is dropped, and an eighth of the time would go into it."""
    gc.disable()


async def keep_tidy(
    built: Awaitable[object], sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> None:
    """Take what is there for good, and look for garbage seldom from then on; runs until it is cancelled.

    Args:
        built: Ends when the house stands.
        sleep: Waits so many seconds.
    """
    try:
        await built
    finally:
        gc.enable()
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _NEVER)
    while True:
        await sleep(_EVERYTHING_EVERY_S)
        gc.collect()
