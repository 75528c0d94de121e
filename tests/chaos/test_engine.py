"""The engine is killed: another takes its place, and callers who accept a re-INVITE go on where they were."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time

import pytest

from chaos.conftest import LONG, Figure
from chaos.gathering import Gathering
from stage.scene import Scene
from stage.server import wait_until_gone

KILLS, CONFERENCES, CALLERS = ({"u1": 20, "t1": 6}, 10, 4) if LONG else ({"u1": 2, "t1": 2}, 2, 3)
APART_S = 21.0
"""Engines that die more often than three times a minute die of what they are handed: then no more is. So many kills are kept
this far apart from the first on."""

WITHIN_S = 20.0
"""For the sound to come back on a machine that is busy with everything else; the aim is 2 s."""

IN_FLIGHT_S = 0.05
"""What the dead engine has sent has come by then."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900 if LONG else 240)]


@pytest.mark.parametrize("transport", ["u1", "t1"])
async def test_calls_outlive_an_engine_that_is_killed(stage: Scene, figure: Figure, transport: str) -> None:
    gathering = await Gathering.of(stage, CONFERENCES, CALLERS, transport=transport)
    crowd, dice = gathering.crowd, random.Random(21)
    gaps_ms: list[float] = []
    kills = KILLS[transport]
    try:
        for turn in range(kills):
            if turn:
                await asyncio.sleep(dice.uniform(0.0, 1.0) if kills <= 3 else APART_S)
            await crowd.all_hear()
            await crowd.reset()
            pid = gathering.scene.server.engine_pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            wait_until_gone(pid)
            gone_s = time.time() + IN_FLIGHT_S
            if transport == "u1":
                await crowd.until_reinvited(turn + 1)
            await crowd.all_hear(WITHIN_S, gone_s)
            gaps_ms += await crowd.gaps_ms()
            assert await gathering.lost() == [], f"after {turn + 1} engines"
        await gathering.unmute_all()
        await gathering.end()
        missing = gathering.missing()
        what = f"engine killed {kills} times, {CONFERENCES} conferences of {CALLERS}, {transport}"
        figure(f"{what}: sound back, p99", f"{sorted(gaps_ms)[int(len(gaps_ms) * 0.99)]:.0f} ms", "2000 ms")
        figure(f"{what}: callbacks missing", str(len(missing)), "0")
        assert missing == []
        if transport == "u1":
            assert await crowd.over() == 0
    finally:
        await crowd.close()
