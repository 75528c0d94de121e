"""Where questions wait for the database: one thread that writes, a few that read.

The writer commits in groups: whatever was handed in while a commit was under way goes into the next one together, each
job behind a savepoint of its own, so that one that fails takes no other with it. A job is done when its group's COMMIT
is. Jobs run in the order in which they were handed in.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DatabaseError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from roomtone.store.faults import StoreUnavailable

T = TypeVar("T")

GROUP = 64
"""How many jobs share a COMMIT at most: bounds how long the first of them waits."""


class Job(Generic[T]):
    """One piece of work inside a transaction, and where its answer is awaited."""

    __slots__ = ("future", "work")

    def __init__(self, work: Callable[[Connection], T]) -> None:
        self.work = work
        self.future: Future[T] = Future()

    def attempt(self, connection: Connection) -> Callable[[], None]:
        """Work behind a savepoint, and give what hands over the outcome once the group is committed."""
        try:
            with connection.begin_nested():
                answer = self.work(connection)
        except Exception as fault:  # noqa: BLE001 - relayed, not swallowed: raised where the future is awaited
            return partial(self.future.set_exception, translated(fault))
        return partial(self.future.set_result, answer)


class Writer:
    """The one thread that writes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._jobs: queue.SimpleQueue[Job[Any] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    async def do(self, work: Callable[[Connection], T]) -> T:
        """Have work done in a transaction; returns after its COMMIT. Cancelled before it began, it is never done."""
        if not self._thread.is_alive():
            raise StoreUnavailable("the store is closed")
        job = Job(work)
        self._jobs.put(job)
        return await asyncio.wrap_future(job.future)

    async def close(self) -> None:
        """Finish what was handed in, then end the thread."""
        self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)
        self._engine.dispose()

    def _run(self) -> None:
        while group := self._gather():
            jobs = [job for job in group if job.future.set_running_or_notify_cancel()]
            if len(jobs) == 1:
                self._commit_one(jobs[0])
            elif jobs:
                self._commit_all(jobs)

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

    def _commit_one(self, job: Job[Any]) -> None:
        """Spare the savepoint: the fault of a job that is alone may undo the whole transaction."""
        try:
            with self._engine.begin() as connection:
                answer = job.work(connection)
        except Exception as fault:  # noqa: BLE001 - relayed, not swallowed
            job.future.set_exception(translated(fault))
        else:
            job.future.set_result(answer)

    def _commit_all(self, jobs: list[Job[Any]]) -> None:
        try:
            with self._engine.begin() as connection:
                outcomes = [job.attempt(connection) for job in jobs]
        except Exception as fault:  # noqa: BLE001 - relayed, not swallowed: the database kept none of them
            for job in jobs:
                job.future.set_exception(translated(fault))
        else:
            for hand_over in outcomes:
                hand_over()


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
