"""A courier with a real store and a real HTTP client, a customer's server on this machine, and time that waits."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from keeping import OWNER, commit, fresh, prepared, presence
from rooms import NOW, A, B, join
from roomtone.core.call.notices import notices
from roomtone.core.call.state import Call, CallCallback, CallStatus, CallTopic
from roomtone.core.conference.messages import Message
from roomtone.core.conference.state import Callback, Conference, Topic
from roomtone.core.ids import CallId
from roomtone.core.moment import Moment
from roomtone.core.project import Project
from roomtone.core.values import Caller, Direction, Method
from roomtone.net import client as net
from roomtone.net.words import Answer, NetFault, Question
from roomtone.store import Settings as StoreSettings
from roomtone.store import Store, open_store
from roomtone.webhooks import Courier, Schedule, Settings, Tools, spell
from roomtone.webhooks.ports import Outbox, Spell

DEFAULTS = Settings()
VENDORS = Schedule()
Answering = Callable[["Heard"], Awaitable[web.Response]]


class Time:
    """A clock that stands still until it is told to go on, and the pauses that wait for it."""

    def __init__(self) -> None:
        self._now = NOW
        self._pauses: list[tuple[int, asyncio.Future[None]]] = []
        self._asked = asyncio.Event()

    def now(self) -> Moment:
        return self._now

    async def pause(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pauses.append((self._now.after(seconds).mono_ns, future))
        self._asked.set()
        await future

    async def until_asked(self, seconds: float) -> None:
        """Wait until somebody has asked to be woken in exactly so many seconds from now."""
        due = self._now.after(seconds).mono_ns
        while not any(at == due and not future.done() for at, future in self._pauses):
            self._asked.clear()
            await self._asked.wait()

    def go_on(self, seconds: float) -> None:
        self._now = self._now.after(seconds)
        for at, future in self._pauses:
            if at <= self._now.mono_ns and not future.done():
                future.set_result(None)


@dataclass(frozen=True)
class Heard:
    """One request that came to the customer's server."""

    method: str
    url: str
    form: dict[str, str]
    headers: dict[str, str]

    @property
    def sequence(self) -> int:
        return int(self.form["SequenceNumber"])

    @property
    def event(self) -> str:
        return self.headers["Roomtone-Event-Id"]


async def fine(_heard: Heard) -> web.Response:
    return web.Response(status=204)


@dataclass
class Customer:
    """The customer's server: hears, answers as it is told to, and can be waited for."""

    heard: list[Heard] = field(default_factory=list)
    answer: Answering = fine
    at_once: int = 0
    most_at_once: int = 0
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _server: TestServer | None = None

    async def open(self, port: int | None = None) -> None:
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._hear)
        self._server = TestServer(application, port=port)
        await self._server.start_server()

    async def close(self) -> None:
        if self._server is not None:
            await self._server.close()

    @property
    def url(self) -> str:
        assert self._server is not None
        return str(self._server.make_url("/callback"))

    @property
    def sequences(self) -> list[int]:
        return [one.sequence for one in self.heard]

    async def hears(self, count: int) -> None:
        """Wait until so many requests have come."""
        async with self._changed:
            await self._changed.wait_for(lambda: len(self.heard) >= count)

    async def told(self, which: Callable[[Heard], bool], count: int) -> None:
        """Wait until so many such requests have come."""
        async with self._changed:
            await self._changed.wait_for(lambda: sum(map(which, self.heard)) >= count)

    async def _hear(self, request: web.Request) -> web.Response:
        parameters = await request.post() if request.method == "POST" else request.query
        form = {name: str(value) for name, value in parameters.items()}
        heard = Heard(request.method, str(request.url), form, dict(request.headers))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        async with self._changed:
            self.heard.append(heard)
            self._changed.notify_all()
        try:
            return await self.answer(heard)
        finally:
            self.at_once -= 1


@dataclass
class Patient:
    """An HTTP client that gives a machine that stands still for seconds the time it needs: here time is the tests' own."""

    client: net.Client

    async def ask(self, question: Question) -> Answer | NetFault:
        patience = replace(question.patience, connect_s=40.0, read_s=40.0, total_s=40.0)
        return await self.client.ask(replace(question, patience=patience))


@dataclass
class Stage:
    """All that a courier works with."""

    store: Store
    http: Patient
    time: Time
    runs: list[asyncio.Task[None]] = field(default_factory=list)

    def courier(
        self,
        settings: Settings = DEFAULTS,
        spell: Spell = spell,
        outbox: Outbox | None = None,
        schedule: Schedule = VENDORS,
    ) -> Courier:
        """A courier that is not at work yet."""
        tools = Tools(outbox or self.store, self.http, spell, self.time, lambda: 0.5, schedule)
        return Courier(tools, settings, pause=self.time.pause)

    def at_work(self, courier: Courier) -> asyncio.Task[None]:
        task = asyncio.create_task(courier.run())
        self.runs.append(task)
        return task

    async def stop(self) -> None:
        for task in self.runs:
            task.cancel()
        outcomes = await asyncio.gather(*self.runs, return_exceptions=True)
        self.runs.clear()
        assert all(isinstance(one, asyncio.CancelledError) for one in outcomes), outcomes

    async def meet(
        self, number: int, url: str, *, method: Method = Method.POST, project: Project = OWNER
    ) -> Conference:
        """A conference that two have joined: it owes three notices to this URL."""
        callback = Callback(url, method, frozenset(Topic))
        state = fresh(number, project=project.id)
        for call in (A, B):
            wish = replace(join(call, callback=callback), participant=presence(number, call))
            state = await commit(self.store, state, wish, now=self.time.now())
        return state

    async def call(self, number: int, url: str) -> CallId:
        """A call of ours that rang, was answered and is over: it owes four notices to this URL."""
        now, callback = self.time.now(), CallCallback(url, events=frozenset(CallTopic))
        caller = Caller("+1", "+2", Direction.OUTBOUND_API)
        call = Call(CallId(number), OWNER.id, caller, now.wall_ms, now.wall_ms, callback=callback)
        before = None
        for after in (
            {"status": CallStatus.QUEUED},
            {"status": CallStatus.RINGING},
            {"status": CallStatus.IN_PROGRESS, "started_ms": now.wall_ms},
            {"status": CallStatus.COMPLETED, "ended_ms": now.wall_ms},
        ):
            call, owed = notices(before, replace(call, revision=call.revision + 1, **after), now)
            await self.store.commit_call(call, owed, now)
            before = call
        return call.id

    async def goes_on(self, state: Conference, *messages: Message) -> Conference:
        return await commit(self.store, state, *messages, now=self.time.now())


SIGNALWIRE = replace(OWNER, dialect="signalwire")


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage whose project speaks SignalWire's dialect: three attempts, whatever the failure."""
    made = open_store(prepared(tmp_path, SIGNALWIRE), StoreSettings(survive_power_loss=False))
    async with made as store, net.Client(net.Settings()) as http:
        one = Stage(store, Patient(http), Time())
        yield one
        await one.stop()


@pytest.fixture
async def customer() -> AsyncIterator[Customer]:
    """A customer's server that answers 204 to everything."""
    one = Customer()
    await one.open()
    yield one
    await one.close()


@pytest.fixture(autouse=True)
def complaints(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """What the courier complains of."""
    caplog.set_level(logging.WARNING)
    return caplog
