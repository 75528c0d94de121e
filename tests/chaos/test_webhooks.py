"""A customer's server that answers 500, stalls or hangs up at random, and a courier that is stopped in between.

Everybody who joins is told of: nothing is lost, nothing comes before what is in front of it, and what comes twice has the
same event id.
"""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from aiohttp import web

from chaos.conftest import LONG, Figure
from keeping import OWNER, commit, fresh, presence
from rooms import join
from roomtone.core.conference.state import Callback, Topic
from roomtone.core.ids import CallId
from roomtone.core.values import Method
from roomtone.net import client as net
from roomtone.store import Store, open_store
from roomtone.switchboard.clock import SystemClock
from roomtone.webhooks import Courier, Schedule, Settings, Sharing, Tools, spell

JOINS, IN_A_ROOM = (10_000, 10) if LONG else (300, 10)
STOPS = 20 if LONG else 3
SEED = 7
WITHIN_S = 1_500 if LONG else 240

pytestmark = [pytest.mark.slow, pytest.mark.timeout(WITHIN_S + 100)]


@dataclass
class Moody:
    """A customer's server of many moods; keeps what it has taken in, in order of arrival."""

    dice: random.Random
    requests: int = 0
    taken: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    """Numbers by conference, each once."""

    names: defaultdict[tuple[str, int], set[str]] = field(default_factory=lambda: defaultdict(set))
    """Event ids by conference and number."""

    _over: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.Response:
        form = await request.post()
        conference, number = str(form["ConferenceSid"]), int(str(form["SequenceNumber"]))
        self.requests += 1
        self.names[conference, number].add(request.headers["Roomtone-Event-Id"])
        mood = self.dice.random()
        if mood < 0.25:
            return web.Response(status=500)
        if mood < 0.30:
            await asyncio.wait(
                [asyncio.create_task(self._over.wait())], timeout=2
            )  # longer than is waited for
            return web.Response(status=503)
        if number not in self.taken[conference]:
            self.taken[conference].append(number)
        if mood < 0.40 and request.transport is not None:
            request.transport.close()  # taken in, but nobody is told so
        return web.Response(status=204)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        application = web.Application()
        application.router.add_post("/told", self.answer)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/told#rt=300&tt=1000"
        self._over.set()
        await runner.cleanup()


async def let_everybody_join(store: Store, url: str, wake: asyncio.Event) -> int:
    """Commit all joins, one conference after the other; gives how many callbacks are owed."""
    owed = 0
    for room in range(1, JOINS // IN_A_ROOM + 1):
        state = fresh(room, now=SystemClock().now())
        for one in range(1, IN_A_ROOM + 1):
            call = CallId(one)
            callback = Callback(url, Method.POST, frozenset(Topic))
            wish = replace(join(call, callback=callback), participant=presence(room, call))
            state = await commit(store, state, wish, now=SystemClock().now())
        owed += state.last_sequence
        wake.set()
    return owed


async def test_nothing_is_lost_or_out_of_order_whatever_the_server_does(
    tmp_path: Path, figure: Figure
) -> None:
    moody = Moody(random.Random(SEED))
    async with (
        open_store(tmp_path / "roomtone.db") as store,
        net.Client(net.Settings()) as http,
        moody.open() as url,
        asyncio.timeout(WITHIN_S),
    ):
        await store.add_project(OWNER, "token")
        schedule = Schedule(base_s=0.05, ceiling_s=1, attempts=1_000)
        tools = Tools(store, http, spell, SystemClock(), schedule=schedule)
        settings = Settings(sharing=Sharing(first_wait_s=0.05, longest_wait_s=0.5))
        committed = asyncio.Event()
        joining = asyncio.create_task(let_everybody_join(store, url, committed))
        for _ in range(STOPS):  # it dies with deliveries under way, and comes back
            await committed.wait()
            committed.clear()
            courier = Courier(tools, settings)
            working = asyncio.create_task(courier.run())
            before = moody.requests
            while moody.requests < before + 20 and await store.waiting():  # noqa: ASYNC110 - other threads' doing
                await asyncio.sleep(0.01)
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
        courier = Courier(tools, settings)
        working = asyncio.create_task(courier.run())
        owed = await joining
        while await store.waiting():
            courier.wake()
            await asyncio.sleep(0.05)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        dead = await store.dead()
    lost = owed - sum(map(len, moody.taken.values()))
    unordered = sum(numbers != sorted(numbers) for numbers in moody.taken.values())
    renamed = sum(len(names) > 1 for names in moody.names.values())
    what = f"{JOINS} joins told to a moody server, {STOPS} stops of the courier"
    figure(f"{what}: lost of {owed}", str(lost), "0")
    figure(f"{what}: conferences told out of order", str(unordered), "0")
    figure(
        f"{what}: told again under another event id, of {moody.requests - owed} told again", str(renamed), "0"
    )
    assert (lost, unordered, renamed, list(dead)) == (0, 0, 0, [])
    assert moody.requests > owed, "it was moody"
