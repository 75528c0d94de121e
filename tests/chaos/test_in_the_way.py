"""A running server whose disk, database, clock or network fails it: what people hear goes on, and nothing is lost."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from chaos.conftest import Figure
from chaos.lossy import lossy_way
from engine.running import binary
from stage.customer import Customer, Visit
from stage.rest import Rest
from stage.scene import Scene, everybody_hears_the_others
from stage.server import PROGRAM, Server
from stage.sipp import SippCaller

WITHIN_S = 60.0
TOLD_WITHIN_S = 150.0
"""A callback that was under way when the store went away is told again when its lease of a minute is over."""

LOSS = 0.3
FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@contextmanager
def locked(stage: Scene) -> Iterator[None]:
    """Hold the database as another program would."""
    with contextlib.closing(
        sqlite3.connect(stage.server.data / "roomtone.db", isolation_level=None)
    ) as holding:
        holding.execute("PRAGMA busy_timeout=10000")
        holding.execute("BEGIN IMMEDIATE")
        yield
        holding.execute("ROLLBACK")


@contextmanager
def full_disk(stage: Scene) -> Iterator[None]:
    """Let no file of the server grow beyond a page: what it writes fails as it does on a full disk."""
    pid = stage.server.ready["pid"]
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (4_096, hard))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))


async def until_ready(stage: Scene) -> None:
    async with asyncio.timeout(WITHIN_S):
        while (await stage.rest.get("/readyz")).status != 200:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("trouble", [locked, full_disk])
async def test_who_talks_goes_on_while_nothing_can_be_written_and_all_is_kept_afterwards(
    stage: Scene, trouble: Callable[[Scene], AbstractContextManager[None]]
) -> None:
    ann, bob, cat = await stage.gather(3, "room")
    with trouble(stage):
        refused = await stage.try_update(ann, Muted="true")
        assert refused.status == 503, refused
        assert "Retry-After" in refused.headers
        assert "store" in (await stage.rest.get("/readyz")).body.get("missing", [])
        await cat.hang_up()
        del stage.callers["cat"]
        await cat.close()
        await stage.expect(everybody_hears_the_others(["ann", "bob"]), within_s=WITHIN_S)
    await until_ready(stage)
    left = await stage.customer.wait_for_event("participant-leave", cat.call_sid, TOLD_WITHIN_S)
    assert left.parameters["ConferenceSid"] == stage.conference
    await stage.update(bob, Muted="true")
    await stage.expect({"ann": set(), "bob": {"ann"}}, within_s=WITHIN_S)


class Wall:
    """The wall clock of a server, set by a file."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock"
        self._engine = folder / "engine.sh"
        self._engine.write_text(f'#!/bin/sh\nunset LD_PRELOAD\nexec {binary()} "$@"\n')
        self._engine.chmod(0o700)
        self.set_by(0)

    def set_by(self, seconds: int) -> None:
        fresh = self._file.with_suffix(".fresh")
        fresh.write_text(f"{seconds:+d}\n")
        fresh.replace(self._file)  # whole or not at all: it is read whenever somebody looks at the clock

    def program(self) -> tuple[str, ...]:
        """The command that runs by this clock; the engine, which reads it for reports alone, keeps the true one: it is confined, and would not be given this one."""
        variables = {
            "LD_PRELOAD": str(FAKETIME), "FAKETIME_TIMESTAMP_FILE": str(self._file), "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1",
            "ROOMTONE_ENGINE_BINARY": str(self._engine),
        }  # fmt: skip
        return ("env", *(f"{name}={value}" for name, value in variables.items()), str(PROGRAM))


@pytest.fixture
def wall(tmp_path: Path) -> Wall:
    if FAKETIME is None:
        pytest.skip("libfaketime is not installed: apt-get install libfaketime")
    return Wall(tmp_path)


@pytest.fixture
async def jumping(
    program: Path, sipp: str, wall: Wall, session: aiohttp.ClientSession, customer: Customer, tmp_path: Path
) -> AsyncIterator[Scene]:
    """A stage whose server goes by that clock."""
    server = Server(tmp_path / "data", program=wall.program())
    server.start()
    scene = Scene(server, Rest(session, server.ready["http"], server.create_project()), customer, tmp_path)
    yield scene
    await scene.close()
    server.stop()


async def test_a_clock_that_jumps_moves_nobody_and_holds_back_no_callback(jumping: Scene, wall: Wall) -> None:
    asked: list[str] = []

    async def not_at_once(visit: Visit) -> web.Response:
        asked.append(visit.event)
        return web.Response(status=500 if asked.count(visit.event) == 1 else 204)

    jumping.customer.answer_with("/status", not_at_once)
    ann, _ = await jumping.gather(2, "room")
    for seconds, muted in ((3_600, "true"), (-3_600, "false"), (0, "true")):
        event = "participant-mute" if muted == "true" else "participant-unmute"
        before = asked.count(event)
        await jumping.update(ann, Muted=muted)
        async with asyncio.timeout(WITHIN_S):
            while asked.count(event) == before:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        wall.set_by(seconds)
        heard = {"ann": {"bob"}, "bob": set() if muted == "true" else {"ann"}}
        await jumping.expect(heard, f"the clock was set by {seconds} s", WITHIN_S)
    jumping.customer.visits.clear()
    await jumping.rest.made(f"Conferences/{jumping.conference}.json", {"Status": "completed"})
    await jumping.customer.wait_for_event("conference-end", within_s=WITHIN_S)
    calls = (await jumping.rest.get("Calls.json")).body["calls"]
    assert all(int(one["duration"] or 0) >= 0 for one in calls)


async def test_calls_are_made_and_ended_over_a_network_that_loses_a_third(
    stage: Scene, figure: Figure
) -> None:
    number = await stage.open_line("room")
    async with (
        lossy_way(stage.server.sip_address, LOSS, 1) as first,
        lossy_way(stage.server.sip_address, LOSS, 2) as second,
    ):
        for name, way, hz in (("ann", first, 440.0), ("bob", second, 660.0)):
            caller = await SippCaller.dial(name, number, way.near, stage.folder, pitch_hz=hz)
            stage.callers[name] = caller
            await caller.wait_for("answered", WITHIN_S)
            await caller.answered()
        await stage.customer.wait_for_event("conference-start", within_s=WITHIN_S)
        await stage.expect(everybody_hears_the_others(["ann", "bob"]), within_s=WITHIN_S)
        for caller in stage.callers.values():
            caller.tell("HANGUP")
            await caller.over(WITHIN_S)
        await stage.customer.wait_for_event("conference-end", within_s=WITHIN_S)
        lost, carried = first.lost + second.lost, first.carried + second.carried
        figure(
            "two calls over a network that loses 30 %: datagrams of SIP lost",
            f"{lost} of {lost + carried}",
            "all calls made and ended",
        )
        assert lost > 0
