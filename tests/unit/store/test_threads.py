"""The writer's groups: each job stands alone, none is done before its COMMIT, the order is that of asking."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event, text

from roomtone.store import StoreUnavailable
from roomtone.store.sealing import Keyring
from roomtone.store.sqlite import Settings, engines
from roomtone.store.threads import GROUP, Readers, Writer


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Engine, Engine]]:
    """Writing and reading engine of a database with one table."""
    writing, reading = engines(tmp_path / "one.db", Settings(), Keyring([bytes(32)]))
    with writing.begin() as connection:
        connection.execute(text("CREATE TABLE lines (text TEXT UNIQUE)"))
    yield writing, reading
    writing.dispose()
    reading.dispose()


class Commits:
    """Counts an engine's commits."""

    def __init__(self, engine: Engine) -> None:
        self.count = 0
        event.listen(engine, "commit", self._one_more)

    def _one_more(self, _connection: Connection) -> None:
        self.count += 1


class Gate:
    """Holds the writer up inside a job, so that what is handed in meanwhile waits together."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self.reached = threading.Event()

    def __call__(self, _connection: Connection) -> None:
        self.reached.set()
        assert self._open.wait(10)

    def open(self) -> None:
        self._open.set()


def write(line: str):
    return lambda connection: (
        connection.execute(text("INSERT INTO lines VALUES (:line)"), {"line": line}).rowcount
    )


def read(connection: Connection) -> list[str]:
    return list(connection.execute(text("SELECT text FROM lines ORDER BY rowid")).scalars())


async def held_up(writer: Writer) -> tuple[Gate, asyncio.Task[None]]:
    gate = Gate()
    task = asyncio.create_task(writer.do(gate))
    await asyncio.to_thread(gate.reached.wait, 10)
    return gate, task


async def handed_in(*tasks: asyncio.Task[object]) -> None:
    """Let each of these get as far as waiting for the writer."""
    await asyncio.sleep(0)
    assert not any(task.done() for task in tasks)


async def test_jobs_that_wait_together_share_a_commit_and_keep_their_order(pair: tuple[Engine, Engine]):
    writer, readers, commits = Writer(pair[0]), Readers(pair[1], 2), Commits(pair[0])
    gate, holding = await held_up(writer)
    tasks = [asyncio.create_task(writer.do(write(f"line {number:02}"))) for number in range(GROUP)]
    await handed_in(*tasks)
    gate.open()
    assert await asyncio.gather(holding, *tasks) == [None] + [1] * GROUP
    assert commits.count == 2
    assert await readers.do(read) == [f"line {number:02}" for number in range(GROUP)]
    await writer.close()
    await readers.close()


async def test_no_more_than_a_group_shares_a_commit(pair: tuple[Engine, Engine]):
    writer, commits = Writer(pair[0]), Commits(pair[0])
    gate, holding = await held_up(writer)
    tasks = [asyncio.create_task(writer.do(write(f"line {number}"))) for number in range(GROUP + 1)]
    await handed_in(*tasks)
    gate.open()
    await asyncio.gather(holding, *tasks)
    assert commits.count == 3
    await writer.close()


async def test_a_job_that_fails_takes_no_other_with_it(pair: tuple[Engine, Engine]):
    writer, readers = Writer(pair[0]), Readers(pair[1], 1)

    def half_way(connection: Connection) -> None:
        write("half done")(connection)
        raise KeyError("bug")

    gate, holding = await held_up(writer)
    tasks = [asyncio.create_task(writer.do(job)) for job in (write("a"), half_way, write("a"), write("b"))]
    await handed_in(*tasks)
    gate.open()
    await holding
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(one).__name__ for one in outcomes] == ["int", "KeyError", "IntegrityError", "int"]
    assert await readers.do(read) == ["a", "b"]
    await writer.close()
    await readers.close()


async def test_a_job_that_is_alone_fails_alone_too(pair: tuple[Engine, Engine]):
    writer, readers = Writer(pair[0]), Readers(pair[1], 1)

    def half_way(connection: Connection) -> None:
        write("half done")(connection)
        raise KeyError("bug")

    with pytest.raises(KeyError):
        await writer.do(half_way)
    assert await writer.do(write("a")) == 1
    assert await readers.do(read) == ["a"]
    await writer.close()
    await readers.close()


async def test_no_job_is_done_before_its_commit(pair: tuple[Engine, Engine]):
    """A commit that fails fails all who share it, though their work had gone well."""
    writer, readers = Writer(pair[0]), Readers(pair[1], 1)

    def refuse(_connection: Connection) -> None:
        raise OSError("the disk is gone")

    gate, holding = await held_up(writer)
    tasks = [asyncio.create_task(writer.do(write(line))) for line in "abc"]
    await handed_in(*tasks)
    event.listen(pair[0], "commit", refuse)
    gate.open()
    outcomes = await asyncio.gather(holding, *tasks, return_exceptions=True)
    event.remove(pair[0], "commit", refuse)
    assert all(isinstance(one, OSError) for one in outcomes)
    assert await readers.do(read) == []
    assert await writer.do(write("a")) == 1
    await writer.close()
    await readers.close()


async def test_a_job_cancelled_before_its_turn_is_never_done(pair: tuple[Engine, Engine]):
    writer, readers = Writer(pair[0]), Readers(pair[1], 1)
    gate, holding = await held_up(writer)
    tasks = [asyncio.create_task(writer.do(write(line))) for line in "ab"]
    await handed_in(*tasks)
    tasks[0].cancel()
    await asyncio.sleep(0)
    gate.open()
    await asyncio.gather(holding, *tasks, return_exceptions=True)
    assert await readers.do(read) == ["b"]
    await writer.close()
    await readers.close()


async def test_closing_finishes_what_was_handed_in_and_takes_no_more(pair: tuple[Engine, Engine]):
    writer, readers = Writer(pair[0]), Readers(pair[1], 1)
    gate, holding = await held_up(writer)
    tasks = [asyncio.create_task(writer.do(write(line))) for line in "ab"]
    await handed_in(*tasks)
    closing = asyncio.create_task(writer.close())
    await asyncio.sleep(0)
    gate.open()
    await asyncio.gather(holding, *tasks, closing)
    assert await readers.do(read) == ["a", "b"]
    with pytest.raises(StoreUnavailable):
        await writer.do(write("c"))
    await readers.close()


async def test_readers_cannot_write(pair: tuple[Engine, Engine]):
    readers = Readers(pair[1], 1)
    with pytest.raises(StoreUnavailable, match="readonly"):
        await readers.do(write("a"))
    await readers.close()
    pair[0].dispose()


async def test_it_is_known_whether_the_latest_write_was_taken_and_how_long_the_oldest_waits(
    pair: tuple[Engine, Engine],
):
    writer = Writer(pair[0])
    assert (writer.failing, writer.late_s) == (False, 0.0)
    with pytest.raises(StoreUnavailable):
        await writer.do(lambda connection: connection.execute(text("INSERT INTO nowhere VALUES (1)")))
    assert writer.failing
    await writer.do(write("one"))
    assert not writer.failing
    gate, waiting = await held_up(writer)
    first = writer.late_s
    assert 0.0 < first < writer.late_s
    gate.open()
    await waiting
    await writer.close()
