"""What the doors ask of a store, asked of every make: the one in memory that tests use must answer as the real one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import pytest

from keeping import prepared
from rooms import NOW, after, join
from roomtone.api import ports
from roomtone.core.conference.messages import Hold, LegEnded, Mute
from roomtone.core.conference.state import Conference, Status
from roomtone.core.conference.step import opened
from roomtone.core.ids import BinId, CallId, ConferenceId, NumberId, ParticipantId, ProjectId
from roomtone.core.listing import (
    BinFilter,
    ConferenceFilter,
    NumberFilter,
    ParticipantFilter,
    Place,
    Span,
    Window,
)
from roomtone.core.project import Bin, Number, Project
from roomtone.core.refusals import Reason, Refused
from roomtone.core.values import Document
from roomtone.store import open_store
from roomtone.switchboard import ports as switchboard
from roomtone.testing.memory_store import MemoryStore

OWNER = Project(ProjectId(1), "one", "twilio", "key", 1)
STRANGER = ProjectId(2)
ALL = Window(100)


class Both(ports.Store, switchboard.Store, Protocol):
    """Everything but the outbox."""


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Both]:
    if request.param == "memory":
        memory = MemoryStore()
        memory.put_project(OWNER, "token")
        yield memory
        return
    async with open_store(prepared(tmp_path, OWNER)) as real:
        yield real


async def commit(store: Both, state: Conference, *messages) -> Conference:
    step = after(state, *messages, now=NOW.after(state.revision))
    await store.commit_conference(step.state, step.events, (), NOW)
    return step.state


async def room(
    store: Both, name: str = "Room", people: Sequence[int] = (1, 2, 3), id_: int = 10
) -> Conference:
    state = opened(ConferenceId(id_), OWNER.id, name, NOW.after(id_))
    for person in people:
        state = await commit(store, state, join(CallId(person)))
    return state


def number(id_: int, **more) -> Number:
    return Number(NumberId(id_), OWNER.id, f"+1555000{id_:04d}", f"n{id_}", id_, id_, **more)


async def opens(store: Both, user: ProjectId, secret: str) -> Project | None:
    """Whose project this secret opens."""
    access = await store.access(user, secret)
    return None if access is None else access.project


async def test_who_may_come_in(store: Both) -> None:
    assert await opens(store, OWNER.id, "token") == OWNER
    for project, token in ((OWNER.id, "x"), (OWNER.id, ""), (STRANGER, "token")):
        assert await store.access(project, token) is None


async def test_participants(store: Both) -> None:
    state = await room(store)
    state = await commit(store, state, Mute(CallId(1)), Hold(CallId(2)))

    async def found(wanted: ParticipantFilter, window: Window = ALL) -> list[int]:
        return [one.call.value for one in await store.participants(state.id, wanted, window)]

    assert await found(ParticipantFilter()) == [3, 2, 1]
    assert await found(ParticipantFilter(muted=True)) == [1]
    assert await found(ParticipantFilter(muted=False, held=False)) == [3]
    assert await found(ParticipantFilter(coaching=True)) == []
    middle = await store.participant_place(state.id, ParticipantId(2))
    assert await found(ParticipantFilter(), Window(1, after=middle)) == [1]
    assert await found(ParticipantFilter(), Window(1, before=middle)) == [3]
    state = await commit(store, state, LegEnded(CallId(2)))
    assert await store.participant_place(state.id, ParticipantId(2)) == middle
    assert await found(ParticipantFilter(), Window(1, after=middle)) == [1]
    assert await store.participant_place(ConferenceId(99), ParticipantId(2)) is None
    assert await store.conference(state.id) == state


async def test_conferences(store: Both) -> None:
    first = await room(store, "Room", [1], 10)
    await commit(store, first, LegEnded(CallId(1)))
    second = await room(store, "Room", [2, 3], 20)
    await room(store, "Other", [4], 30)

    async def found(wanted: ConferenceFilter, window: Window = ALL) -> list[int]:
        return [one.id.value for one in await store.conferences(OWNER.id, wanted, window)]

    assert await found(ConferenceFilter()) == [30, 20, 10]
    assert await found(ConferenceFilter(name="Room", status=Status.COMPLETED)) == [10]
    assert await found(ConferenceFilter(name="room")) == []
    created = second.created_ms
    assert await found(ConferenceFilter(created=Span(created, created + 1))) == [20]
    assert await found(ConferenceFilter(created=Span(until_ms=created))) == [10]
    place = await store.conference_place(OWNER.id, second.id)
    assert place == Place(created, second.id)
    assert await found(ConferenceFilter(), Window(5, before=place)) == [30]
    assert await store.conference_place(STRANGER, second.id) is None
    assert await store.conferences(STRANGER, ConferenceFilter(), ALL) == []


async def test_numbers(store: Both) -> None:
    for one in (1, 2, 3):
        await store.add_number(number(one))
    with pytest.raises(Refused) as caught:
        await store.add_number(replace(number(4), phone_number=number(1).phone_number))
    assert caught.value.reason is Reason.NUMBER_TAKEN

    async def found(wanted: NumberFilter, window: Window = ALL) -> list[int]:
        return [one.id.value for one in await store.numbers(OWNER.id, wanted, window)]

    assert await found(NumberFilter()) == [3, 2, 1]
    assert await found(NumberFilter(phone_number="+156*0000002")) == []
    assert await found(NumberFilter(phone_number="5*50000002")) == [2]
    assert await found(NumberFilter(friendly_name="n1")) == [1]
    changed = await store.change_number(
        OWNER.id, NumberId(2), lambda one: replace(one, voice=Document("http://h/"))
    )
    assert changed == number(2, voice=Document("http://h/")) == await store.number(OWNER.id, NumberId(2))
    assert await store.change_number(STRANGER, NumberId(2), lambda one: one) is None
    assert await store.number(STRANGER, NumberId(2)) is None
    assert await store.remove_number(STRANGER, NumberId(2)) is False
    assert await store.remove_number(OWNER.id, NumberId(2)) is True
    assert await store.remove_number(OWNER.id, NumberId(2)) is False
    place = await store.number_place(OWNER.id, NumberId(2))
    assert place == Place(2, NumberId(2))
    assert await found(NumberFilter(), Window(5, after=place)) == [1]
    assert await store.number_place(STRANGER, NumberId(2)) is None


async def test_hosted_documents(store: Both) -> None:
    kept = Bin(BinId(7), OWNER.id, "hello", "<Response/>", 5, 5)
    await store.add_bin(kept)
    assert await store.bin(OWNER.id, kept.id) == kept
    assert await store.bin(STRANGER, kept.id) is None
    assert await store.open_bin(kept.id, 9) == kept
    assert await store.bin(OWNER.id, kept.id) == replace(kept, requests=1, accessed_ms=9)
    assert await store.open_bin(BinId(8), 9) is None
    changed = await store.change_bin(OWNER.id, kept.id, lambda one: replace(one, name="bye"))
    assert changed == replace(kept, name="bye", requests=1, accessed_ms=9)
    assert await store.bins(OWNER.id, BinFilter("hello"), ALL) == []
    assert await store.bins(OWNER.id, BinFilter("bye"), ALL) == [changed]
    assert await store.remove_bin(OWNER.id, kept.id) is True
    assert await store.open_bin(kept.id, 9) is None
    assert await store.bin_place(OWNER.id, kept.id) == Place(5, kept.id)
