"""What the outbox needs now and then: what waited too long is given up, what is long over is forgotten."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from roomtone.core.moment import Moment
from roomtone.webhooks.ports import Clock, Remains

log = logging.getLogger(__name__)

LOOK_EVERY_S = 5.0
"""How often the courier looks for what another process put into the outbox, in seconds."""

_EXPIRE_EVERY = 6
_FORGET_EVERY = 720
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long things stay in the outbox."""

    give_up_s: float = 86_400.0
    """How long a notice may be owed, in seconds: then it is given up, even while its server is away."""

    days: float = 30.0
    """How long what was told, or given up, is kept, in days; 0: for ever."""


async def keep_up(
    outbox: Remains,
    clock: Clock,
    keeping: Keeping,
    wake: Callable[[], None],
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Wake the courier and follow the clock every few seconds, give up every half minute, forget every hour; until cancelled.

    Args:
        outbox: What is looked after.
        clock: Tells the time.
        keeping: How long.
        wake: Has the courier look.
        pause: Waits so many seconds.
    """
    turn = 0
    while True:
        try:
            await follow_clock(outbox, clock.now())
            if turn % _EXPIRE_EVERY == 0:
                await give_up(outbox, clock.now(), keeping)
            if turn % _FORGET_EVERY == 0:
                await forget(outbox, clock.now(), keeping)
        except OSError as fault:
            log.warning("the outbox does not answer: %s", fault)
        wake()
        turn += 1
        await pause(LOOK_EVERY_S)


async def give_up(outbox: Remains, now: Moment, keeping: Keeping) -> int:
    """Give up what has been owed for too long, and give how many that were."""
    before_ms = now.wall_ms - round(keeping.give_up_s * 1_000)
    many = await _all(lambda: outbox.expire(before_ms, now.wall_ms))
    if many:
        log.warning("callbacks given up, owed for more than %g s: %d", keeping.give_up_s, many)
    return many


async def follow_clock(outbox: Remains, now: Moment) -> int:
    """Have nothing wait for a moment that the clock, having been set back, comes to a second time; gives how many."""
    many = await _all(lambda: outbox.set_back(now.wall_ms))
    if many:
        log.warning("the clock was set back; callbacks brought forward: %d", many)
    return many


async def forget(outbox: Remains, now: Moment, keeping: Keeping) -> int:
    """Delete what has been over for long enough, and give how many that were."""
    if not keeping.days:
        return 0
    before_ms = now.wall_ms - round(keeping.days * _DAY_MS)
    many = await _all(lambda: outbox.forget(before_ms))
    if many:
        log.info("callbacks kept long enough removed=%d", many)
    return many


async def _all(some: Callable[[], Awaitable[int]]) -> int:
    """Do it until nothing is left, a part at a time so that others have their turn in between."""
    many = 0
    while part := await some():
        many += part
    return many
