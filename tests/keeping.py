"""Words to talk about what a store keeps: steps committed, lists walked, notices owed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rooms import EVERYTHING, NOW, PROJECT, join
from roomtone.core.conference.advance import Advance, advance
from roomtone.core.conference.messages import Message
from roomtone.core.conference.state import Callback, Conference, Participant
from roomtone.core.conference.step import opened
from roomtone.core.delivery import Claim
from roomtone.core.ids import CallId, ConferenceId, NumberId, ParticipantId, ProjectId
from roomtone.core.listing import ConferenceFilter, ParticipantFilter, Place, Window
from roomtone.core.moment import Moment
from roomtone.core.project import Bin, Number, Project
from roomtone.store import Store

EVERYBODY = ParticipantFilter()
EVERY_CONFERENCE = ConferenceFilter()
OWNER = Project(PROJECT, "test", "twilio", "key", NOW.wall_ms)


def fresh(number: int, name: str = "", project: ProjectId = PROJECT, now: Moment = NOW) -> Conference:
    """A conference that is not stored yet."""
    return opened(ConferenceId(number), project, name or f"room {number}", now)


async def commit(store: Store, state: Conference, *messages: Message, now: Moment = NOW) -> Conference:
    """Take messages and commit what comes of them."""
    result = turn(state, *messages, now=now)
    await store.commit_conference(result.state, result.events, result.notices, now)
    return result.state


def turn(state: Conference, *messages: Message, now: Moment = NOW) -> Advance:
    """What comes of messages, not committed."""
    return advance(state, messages, now)


async def started(
    store: Store,
    number: int,
    people: Sequence[CallId],
    callback: Callback | None = EVERYTHING,
    now: Moment = NOW,
) -> Conference:
    """A stored conference that these have joined, each in a commit of their own."""
    state = fresh(number, now=now)
    for call in people:
        wish = replace(join(call), participant=presence(number, call), callback=callback)
        state = await commit(store, state, wish, now=now)
    return state


def presence(conference: int, call: CallId) -> ParticipantId:
    """The id of this call's participant in this conference."""
    return ParticipantId(conference << 64 | call.value)


def place_of(one: Conference | Participant | Number | Bin) -> Place:
    """Where it stands in its list."""
    return Place(one.created_ms, one.id)


async def listed(
    store: Store, conference: Conference, wanted: ParticipantFilter = EVERYBODY, limit: int = 100
) -> list[CallId]:
    """The calls of a conference's participants, as a list gives them."""
    return [one.call for one in await store.participants(conference.id, wanted, Window(limit))]


async def conferences(store: Store, wanted: ConferenceFilter = EVERY_CONFERENCE) -> list[ConferenceId]:
    """The project's conferences, as a list gives them."""
    return [one.id for one in await store.conferences(PROJECT, wanted, Window(100))]


def claim(now_ms: int = NOW.wall_ms, holder: str = "courier", **wishes) -> Claim:
    """A claim that takes whatever is due, for ten seconds."""
    given = {"until_ms": now_ms + 10_000, "limit": 100, "each": 100} | wishes
    return Claim(holder, now_ms, **given)


def number(
    value: int, phone: str = "", project: ProjectId = PROJECT, created_ms: int = NOW.wall_ms
) -> Number:
    """A claimed number that is not stored yet."""
    return Number(
        NumberId(value), project, phone or f"+1555{value:07d}", f"number {value}", created_ms, created_ms
    )
