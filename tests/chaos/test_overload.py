"""An engine that gets less of the machine than its calls need: no more is taken on, and whoever talks goes on talking."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator

import pytest

from stage.rest import Reply
from stage.scene import Scene, everybody_hears_the_others

WITHIN_S = 60.0
STOPPED_S, RUNNING_S = 0.3, 0.1
"""Of its time the engine has a quarter: most of its ticks are past before it comes to them."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@contextlib.asynccontextmanager
async def starved(pid: int) -> AsyncIterator[None]:
    """Let a process run only now and then, as on a machine that has too much to do."""

    async def starve() -> None:
        while True:
            os.kill(pid, signal.SIGSTOP)
            await asyncio.sleep(STOPPED_S)
            os.kill(pid, signal.SIGCONT)
            await asyncio.sleep(RUNNING_S)

    task = asyncio.create_task(starve())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        os.kill(pid, signal.SIGCONT)


async def ready_is(stage: Scene, *missing: str) -> Reply:
    """Wait until `/readyz` names just this."""
    async with asyncio.timeout(WITHIN_S):
        while (reply := await stage.rest.get("/readyz")).body.get("missing", []) != list(missing):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    return reply


async def asked_until_refused(stage: Scene) -> Reply:
    """Ask for so much that answering takes a good part of a processor, until nothing is answered any more."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            for reply in await asyncio.gather(*(stage.rest.get("Calls.json") for _ in range(20))):
                if reply.status != 200:
                    return reply


async def test_who_has_too_much_to_do_takes_on_no_more_and_lets_go_of_nobody(stage: Scene) -> None:
    number = await stage.open_line("room")
    ann, bob = [await stage.enter(name, number) for name in ("ann", "bob")]
    async with starved(stage.server.ready["engine_pid"]):
        assert (await ready_is(stage, "room")).status == 503
        assert (await stage.rest.get("Conferences.json")).status == 200, (
            "it is not requests that take the machine"
        )
        refused = await asked_until_refused(stage)
        assert (refused.status, refused.headers["Retry-After"]) == (503, "5")
        late = await stage.try_to_dial("cat", number)
        await late.wait_for("refused 503", WITHIN_S)
    await ready_is(stage)
    assert {one["call_sid"] for one in await stage.participants()} == {ann.call_sid, bob.call_sid}
    del stage.callers["cat"]
    await late.close()
    await stage.enter("dan", number)
    await stage.expect(everybody_hears_the_others(["ann", "bob", "dan"]), within_s=WITHIN_S)
