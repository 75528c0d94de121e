"""Tokens: slow to prove, quick to recall, never recalled for long, never recalled for another."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from roomtone.core.access import EVERYTHING, Access, Key
from roomtone.core.ids import KeyId, ProjectId
from roomtone.core.project import Project
from roomtone.store import credentials
from roomtone.store.credentials import REMEMBERED_S, Lock, Memory, seal

OWNER = Project(ProjectId(1), "one", "twilio", "key", 1)
IN = Access(OWNER, Key(KeyId(3), OWNER.id, "main", EVERYTHING, 1, 1, main=True))
SEALED = seal("token")
LOCKS = [(IN, SEALED)]


class Monotonic:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Monotonic:
    return Monotonic()


@pytest.fixture
def memory(clock: Monotonic) -> Iterator[Memory]:
    one = Memory(clock)
    yield one
    one.close()


def test_a_token_fits_its_own_seal_alone():
    assert SEALED.fits("token")
    assert not SEALED.fits("token ")
    assert not seal("other").fits("token")


def test_two_seals_of_a_token_have_nothing_in_common():
    again = seal("token")
    assert again.salt != SEALED.salt
    assert again.digest != SEALED.digest


async def test_a_right_token_is_recalled_for_a_while(memory: Memory, clock: Monotonic):
    assert memory.recall(OWNER.id, "token") is None
    assert await memory.prove(OWNER.id, "token", [(IN, seal("another")), *LOCKS], 0) == IN
    clock.now += REMEMBERED_S - 0.1
    assert memory.recall(OWNER.id, "token") == IN
    clock.now += 0.2
    assert memory.recall(OWNER.id, "token") is None


async def test_a_wrong_token_is_not_recalled(memory: Memory):
    assert await memory.prove(OWNER.id, "wrong", LOCKS, 0) is None
    assert await memory.prove(OWNER.id, "token", [], 0) is None
    assert memory.recall(OWNER.id, "wrong") is None
    assert memory.recall(OWNER.id, "token") is None


async def test_a_token_is_recalled_for_its_own_project_alone(memory: Memory):
    assert await memory.prove(OWNER.id, "token", LOCKS, 0) == IN
    assert memory.recall(ProjectId(2), "token") is None
    assert memory.recall(OWNER.id, "token2") is None


async def test_those_who_bring_one_token_at_once_share_one_proof(memory: Memory):
    class Slow(list[Lock]):
        looks = 0

        def __iter__(self):
            Slow.looks += 1
            return super().__iter__()

    right = await asyncio.gather(*(memory.prove(OWNER.id, "token", Slow(LOCKS), 0) for _ in range(20)))
    assert right == [IN] * 20
    assert Slow.looks == 1


async def test_one_who_stops_waiting_leaves_the_others_their_answer(memory: Memory):
    impatient, patient = (asyncio.create_task(memory.prove(OWNER.id, "token", LOCKS, 0)) for _ in range(2))
    await asyncio.sleep(0)
    impatient.cancel()
    assert await patient == IN


async def test_memory_is_bounded(memory: Memory):
    for number in range(credentials.REMEMBERED + 5):
        memory._remember(memory._name(OWNER.id, str(number)), IN)
    assert memory.recall(OWNER.id, "4") is None
    assert memory.recall(OWNER.id, "5") == IN


async def test_what_is_forgotten_is_looked_at_again(memory: Memory):
    assert await memory.prove(OWNER.id, "token", LOCKS, 0) == IN
    memory.forget()
    assert memory.recall(OWNER.id, "token") is None


async def test_locks_read_before_it_forgot_are_not_remembered(memory: Memory):
    proving = asyncio.create_task(memory.prove(OWNER.id, "token", LOCKS, memory.turn))
    await asyncio.sleep(0)
    memory.forget()
    assert await proving == IN
    assert memory.recall(OWNER.id, "token") is None


async def test_a_users_name_of_one_kind_is_none_of_the_other(memory: Memory):
    assert await memory.prove(OWNER.id, "token", LOCKS, 0) == IN
    assert memory.recall(KeyId(OWNER.id.value), "token") is None
