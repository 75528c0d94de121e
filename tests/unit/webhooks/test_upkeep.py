"""What waited too long is given up, what is long over is forgotten, and the courier looks now and then."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from rooms import NOW
from roomtone.core.moment import Moment
from roomtone.webhooks.upkeep import LOOK_EVERY_S, Keeping, follow_clock, forget, give_up, keep_up

DAY_MS = 86_400_000


@dataclass
class Outbox:
    """Has so much to do, and says what it was asked."""

    late: list[int] = field(default_factory=list)
    old: list[int] = field(default_factory=list)
    ahead: list[int] = field(default_factory=list)
    asked: list[tuple[str, int]] = field(default_factory=list)

    async def expire(self, owed_before_ms: int, now_ms: int) -> int:
        self.asked.append(("expire", now_ms - owed_before_ms))
        return self.late.pop(0) if self.late else 0

    async def set_back(self, now_ms: int) -> int:
        return self.ahead.pop(0) if self.ahead else 0

    async def forget(self, settled_before_ms: int) -> int:
        self.asked.append(("forget", NOW.wall_ms - settled_before_ms))
        return self.old.pop(0) if self.old else 0


class Clock:
    def now(self) -> Moment:
        return NOW


async def test_it_goes_on_until_nothing_is_left() -> None:
    outbox = Outbox(late=[500, 20], old=[500, 500, 1])
    assert await give_up(outbox, NOW, Keeping(give_up_s=60)) == 520
    assert await forget(outbox, NOW, Keeping(days=2)) == 1_001
    assert outbox.asked == [("expire", 60_000)] * 3 + [("forget", 2 * DAY_MS)] * 4


async def test_what_the_clock_left_in_the_future_is_brought_forward(caplog: pytest.LogCaptureFixture) -> None:
    assert await follow_clock(Outbox(ahead=[500, 7]), NOW) == 507
    assert "the clock was set back; callbacks brought forward: 507" in caplog.text
    assert await follow_clock(Outbox(), NOW) == 0


async def test_zero_days_are_for_ever() -> None:
    outbox = Outbox(old=[5])
    assert await forget(outbox, NOW, Keeping(days=0)) == 0
    assert outbox.asked == []


async def test_the_courier_is_woken_every_few_seconds_even_if_the_store_does_not_answer(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Away(Outbox):
        async def expire(self, owed_before_ms: int, now_ms: int) -> int:
            raise OSError("disk full")

    woken: list[float] = []

    async def pause(seconds: float) -> None:
        woken.append(seconds)
        if len(woken) == 3:
            raise asyncio.CancelledError

    looks: list[None] = []
    with pytest.raises(asyncio.CancelledError):
        await keep_up(Away(), Clock(), Keeping(), lambda: looks.append(None), pause)
    assert woken == [LOOK_EVERY_S] * 3
    assert len(looks) == 3
    assert "disk full" in caplog.text
