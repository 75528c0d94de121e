"""Asks the store again while it does not answer: what a customer's server was told must be written down, not told twice."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from roomtone.webhooks.ports import Clock

log = logging.getLogger(__name__)

PAUSE_S = 1.0
"""How long to wait while the store does not answer, in seconds."""

Pause = Callable[[float], Awaitable[object]]
"""Waits so many seconds."""

T = TypeVar("T")


async def insist(ask: Callable[[], Awaitable[T]], until_ms: int, clock: Clock, pause: Pause) -> T:
    """Ask the store something about a leased notice, and ask again every second until it answers.

    Left to its lease, a notice that was told but not settled would be due again only when that runs out, and everything
    behind it would wait as long.

    Args:
        ask: Makes the question anew each time it is called.
        until_ms: When the lease runs out, wall clock; nothing is asked again after that: by then the notice is anybody's.
        clock: Tells the time.
        pause: Waits between two questions.

    Raises:
        OSError: The store did not answer until the lease was all but over.
    """
    silent = False
    while True:
        try:
            return await ask()
        except OSError as fault:
            if clock.now().after(PAUSE_S).wall_ms >= until_ms:
                raise
            if not silent:
                log.warning("the outbox does not answer: %s", fault)
            silent = True
        await pause(PAUSE_S)
