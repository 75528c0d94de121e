"""A real-time thread that stands still ends its engine, so that another can take up the calls."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from engine.brain import Brain
from engine.running import Running
from engine.stopped_thread import Held, thread_named
from roomtone.link import messages


@pytest.mark.parametrize("engine", [("--stall", "1000", "--media-threads", "2")], indirect=True)
async def test_a_thread_that_stands_still_ends_the_engine_and_is_named(engine: Running, brain: Brain) -> None:
    held = Held(thread_named(engine.process.pid, "media-tick-1"))
    if held.fault:
        pytest.skip(f"no thread may be held here: {os.strerror(held.fault)}")
    status = await asyncio.wait_for(asyncio.to_thread(engine.process.wait), 30)
    assert status == -signal.SIGABRT
    await engine.logged('event="media thread stands still" thread=1')


@pytest.mark.parametrize("engine", [("--stall", "1000")], indirect=True)
async def test_an_engine_that_was_stopped_whole_goes_on(engine: Running, brain: Brain) -> None:
    pid = engine.process.pid
    os.kill(pid, signal.SIGSTOP)
    await asyncio.sleep(3)  # three times what a thread may stand still
    os.kill(pid, signal.SIGCONT)
    for _ in range(2):  # each 5 s of its threads' time
        await brain.fact(messages.TickStatistics, after=len(brain.facts), within_s=30)
