"""The brain is killed at random moments, again and again, while people talk and an application meddles."""

from __future__ import annotations

import asyncio
import random

import pytest

from chaos.conftest import LONG, Figure
from chaos.gathering import Gathering
from stage.scene import Scene
from stage.server import in_thread

KILLS, CONFERENCES, CALLERS = (100, 30, 4) if LONG else (4, 3, 3)
SEED = 20
OUT_OF_THIS_WORLD_MS = 1_500
"""A gap that no busy machine explains: a brain takes longer than this to come back, so it was needed for the sound."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900 if LONG else 180)]


async def test_conferences_outlive_brains_that_are_killed(stage: Scene, figure: Figure) -> None:
    dice = random.Random(SEED)
    gathering = await Gathering.of(stage, CONFERENCES, CALLERS)
    crowd, engine = gathering.crowd, stage.server.ready["engine_pid"]
    try:
        await crowd.reset()
        await asyncio.sleep(5 if LONG else 1)  # what this machine does when nobody is killed: to compare with
        calm_ms = max(await crowd.gaps_ms())
        await crowd.reset()
        for _ in range(KILLS):
            meddling = asyncio.create_task(gathering.meddle(dice))
            await asyncio.sleep(dice.uniform(0.0, 0.8))
            await in_thread(stage.server.kill_brain)
            await in_thread(stage.server.start_again)
            meddling.cancel()
            await asyncio.gather(meddling, return_exceptions=True)
        longest_ms, late_ms = max(await crowd.gaps_ms()), await crowd.late_ms()
        lost = await gathering.lost()
        assert stage.server.ready["engine_pid"] == engine
        await gathering.unmute_all()
        await crowd.all_hear()
        await gathering.end()
        missing = gathering.missing()
        what = f"brain killed {KILLS} times, {CONFERENCES} conferences of {CALLERS}"
        figure(f"{what}: conferences lost", str(len(lost)), "0")
        figure(f"{what}: longest gap of sound", f"{longest_ms:.0f} ms; {calm_ms:.0f} ms undisturbed", "40 ms")
        figure(f"{what}: callers themselves late, taken off such gaps", f"{late_ms:.0f} ms", "0 ms")
        figure(f"{what}: callbacks missing of {len(stage.customer.events())}", str(len(missing)), "0")
        assert (lost, missing) == ([], [])
        assert longest_ms < OUT_OF_THIS_WORLD_MS
        assert gathering.obeyed > 0, "somebody was there in between"
        assert await crowd.over() == 0
    finally:
        await crowd.close()
