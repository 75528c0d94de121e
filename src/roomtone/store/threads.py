"""Where questions wait for the database: one thread that writes, a few that read.

The writer commits in groups: whatever was handed in while a commit was under way goes into the next one together, each
job behind a savepoint of its own, so that one that fails takes no other with it. A job is done when its group's COMMIT
is. Jobs run in the order in which they were handed in.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DatabaseError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from roomtone.store.faults import StoreUnavailable

T = TypeVar("T")

GROUP = 64
"""How many jobs share a COMMIT at most: bounds how long the first of them waits."""


Outcome = Callable[[], None]
"""Hands an answer or a fault to whoever awaits it; called in their event loop."""


Committed = Callable[[float, int], None]
"""Told, in the writing thread, how many seconds a commit took and how many jobs shared it. Neither waits nor raises."""


class Job(Generic[T]):
    """One piece of work inside a transaction, and where its answer is awaited."""

    __slots__ = ("_future", "handed_in_s", "loop", "unavailable", "work")

    def __init__(self, work: Callable[[Connection], T], loop: asyncio.AbstractEventLoop) -> None:
        self.work = work
        self.loop = loop
        self.handed_in_s = time.monotonic()
        self.unavailable = False
        self._future: asyncio.Future[T] = loop.create_future()

    @property
    def wanted(self) -> bool:
        """Whether somebody still waits for it."""
        return not self._future.cancelled()

    async def answer(self) -> T:
        """Wait for the COMMIT, and give the answer."""
        return await self._future

    def attempt(self, connection: Connection) -> Outcome:
        """Work behind a savepoint, so that a fault undoes this job and no other."""
        connection.exec_driver_sql("SAVEPOINT job")  # SQLAlchemy's own cost as much as the job
        try:
            answer = self.work(connection)
        except Exception as fault:  # noqa: BLE001 - relayed, not swallowed: raised where the answer is awaited
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT job")
            connection.exec_driver_sql("RELEASE SAVEPOINT job")
            return self.failed(fault)
        connection.exec_driver_sql("RELEASE SAVEPOINT job")
        return self.done(answer)

    def done(self, answer: T) -> Outcome:
        """Give what hands over the answer."""
        return partial(self._settle, self._future.set_result, answer)

    def failed(self, fault: Exception) -> Outcome:
        """Give what hands over a fault."""
        told = translated(fault)
        self.unavailable = isinstance(told, StoreUnavailable)
        return partial(self._settle, self._future.set_exception, told)

    def _settle(self, hand_over: Callable[[Any], None], outcome: T | Exception) -> None:
        if not self._future.done():
            hand_over(outcome)


class Writer:
    """The one thread that writes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.committed: Committed | None = None
        self._oldest_s: float | None = None
        self.failing = False
        """Whether the latest write met a database that does not answer, or takes nothing."""

        self._jobs: queue.SimpleQueue[Job[Any] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    async def do(self, work: Callable[[Connection], T]) -> T:
        """Have work done in a transaction; returns after its COMMIT. Cancelled before it began, it is never done."""
        if not self._thread.is_alive():
            raise StoreUnavailable("the store is closed")
        job = Job(work, asyncio.get_running_loop())
        self._jobs.put(job)
        return await job.answer()

    @property
    def late_s(self) -> float:
        """Say how long the oldest job under way has waited for its commit; 0: there is none."""
        oldest_s = self._oldest_s
        return 0.0 if oldest_s is None else time.monotonic() - oldest_s

    async def close(self) -> None:
        """Finish what was handed in, then end the thread."""
        self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)
        self._engine.dispose()

    def _run(self) -> None:
        with self._engine.connect() as connection:
            while group := self._gather():
                if jobs := [job for job in group if job.wanted]:
                    began_ns = time.perf_counter_ns()
                    self._oldest_s = jobs[0].handed_in_s
                    outcomes = _commit(connection, jobs)
                    self._oldest_s = None
                    self.failing = any(job.unavailable for job in jobs)
                    took_s = (time.perf_counter_ns() - began_ns) / 1e9
                    _hand_over(jobs, outcomes)
                    if self.committed is not None:
                        self.committed(took_s, len(jobs))

    def _gather(self) -> list[Job[Any]]:
        """Wait for a job and take along what else is there; an empty group is the end."""
        group: list[Job[Any]] = []
        while len(group) < GROUP and not (group and self._jobs.empty()):
            job = self._jobs.get()
            if job is None:
                self._jobs.put(None)
                break
            group.append(job)
        return group


def _commit(connection: Connection, jobs: list[Job[Any]]) -> list[Outcome]:
    """Do jobs in one transaction, and give their outcomes once it is committed.

    A job that is alone is spared the savepoint: its fault may undo the whole transaction.
    """
    try:
        with connection.begin():
            outcomes = (
                [job.attempt(connection) for job in jobs]
                if len(jobs) > 1
                else [job.done(job.work(connection)) for job in jobs]
            )
    except Exception as fault:  # noqa: BLE001 - relayed, not swallowed: the database kept none of them
        return [job.failed(fault) for job in jobs]
    return outcomes


def _hand_over(jobs: list[Job[Any]], outcomes: list[Outcome]) -> None:
    """Wake each event loop once for all that it waits for."""
    by_loop: defaultdict[asyncio.AbstractEventLoop, list[Outcome]] = defaultdict(list)
    for job, outcome in zip(jobs, outcomes, strict=True):
        by_loop[job.loop].append(outcome)
    for loop, settled in by_loop.items():
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_call_all, settled)


def _call_all(outcomes: list[Outcome]) -> None:
    for outcome in outcomes:
        outcome()


class Readers:
    """The few threads that read. Each question sees the database as one commit left it."""

    def __init__(self, engine: Engine, threads: int) -> None:
        self._engine = engine
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="store-reader")

    async def do(self, question: Callable[[Connection], T]) -> T:
        """Have a question answered."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._ask, question)

    async def close(self) -> None:
        """Finish what was asked, then end the threads."""
        await asyncio.to_thread(self._threads.shutdown)
        self._engine.dispose()

    def _ask(self, question: Callable[[Connection], T]) -> T:
        try:
            with self._engine.begin() as connection:
                return question(connection)
        except (DatabaseError, PoolTimeout) as fault:
            raise translated(fault) from fault


def translated(fault: Exception) -> Exception:
    """Give a fault of the world in the house's words; anything else (a refusal, a bug) as it is."""
    if type(fault) in {DatabaseError, OperationalError, InternalError, PoolTimeout}:
        unavailable = StoreUnavailable(str(getattr(fault, "orig", fault)))
        unavailable.__cause__ = fault
        return unavailable
    return fault
