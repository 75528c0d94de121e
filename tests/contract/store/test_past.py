"""A conference is read back as it was at any moment, and who was there and what happened."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import delete

from keeping import commit, fresh, presence
from rooms import EVERYTHING, NOW, SONG, A, B, C, join
from roomtone.core.conference.hearing import hearing
from roomtone.core.conference.messages import (
    Announce,
    Coach,
    End,
    Hold,
    LegEnded,
    Mute,
    SpeechStarted,
    Unhold,
)
from roomtone.core.conference.state import Conference
from roomtone.core.ids import ConferenceId
from roomtone.core.values import Document
from roomtone.store import Store
from roomtone.store.tables import past


def came(conference: Conference, who: object) -> object:
    return replace(join(who), participant=presence(conference.id.value, who), callback=EVERYTHING)


async def test_every_state_is_drawn_again_as_it_was(store: Store, other: Store):
    state, seen = fresh(1), []
    turns = (
        (came(state, A),), (came(state, B),), (came(state, C),), (Mute(A),), (Hold(B, SONG),), (SpeechStarted(C),),
        (Unhold(B), Coach(B, C)), (Announce(Document("http://h/a")),), (LegEnded(C),), (LegEnded(A),), (End(),),
    )  # fmt: skip
    for number, messages in enumerate(turns):
        writer = other if number == 4 else store  # whose states this one does not recall
        now = NOW.after(number)
        state = await commit(writer, state, *messages, now=now)
        seen.append((now.wall_ms, hearing(state), state.status))
    for at_ms, views, status in seen:
        then = await other.conference_at(state.id, at_ms)
        assert then is not None
        assert (then.status, _pictures(hearing(then))) == (status, _pictures(views)), at_ms
    assert await store.conference_at(state.id, NOW.wall_ms - 1) is None
    assert await store.conference_at(ConferenceId(9), NOW.wall_ms) is None


def _pictures(views: object) -> list[object]:
    return [(one.participant.call, one.talks_to, one.plays, one.others) for one in views]


async def test_what_happened_is_listed_with_its_moment(store: Store):
    state = fresh(1)
    for number, who in enumerate((A, B)):
        state = await commit(store, state, came(state, who), now=NOW.after(number))
    state = await commit(store, state, LegEnded(A), now=NOW.after(7))
    happened = await store.happened(state.id, 0, 50)
    names = [(type(event).__name__, at_ms - NOW.wall_ms) for _, at_ms, event in happened]
    assert names == [
        ("ParticipantJoined", 0), ("ParticipantJoined", 1_000), ("ConferenceStarted", 1_000), ("ParticipantLeft", 7_000),
    ]  # fmt: skip
    first = happened[0][0]
    assert [number for number, _, _ in await store.happened(state.id, first, 1)] == [happened[1][0]]
    people = [(one.call, left_ms) for one, left_ms in await store.everybody(state.id)]
    assert people == [(A, NOW.wall_ms + 7_000), (B, None)]


async def test_a_conference_that_is_older_than_its_past_has_one_from_its_next_change_on(
    store: Store, other: Store
) -> None:
    state = await commit(store, fresh(1), came(fresh(1), A), now=NOW)
    state = await commit(store, state, came(state, B), now=NOW.after(1))
    await store._write(
        lambda connection: connection.execute(delete(past)).rowcount
    )  # as it was before the upgrade
    since_ms = max(state.updated_ms, *(one.updated_ms for one in state.participants))
    assert await other.conference_at(state.id, since_ms) is None
    state = await commit(other, state, Mute(A), now=NOW.after(10))
    then, now = [await store.conference_at(state.id, at_ms) for at_ms in (since_ms, NOW.after(10).wall_ms)]
    assert then is not None
    assert now is not None
    assert [one.muted for one in then.participants] == [False, False]
    assert [one.muted for one in now.participants] == [True, False]
