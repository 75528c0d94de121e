"""Words to talk about what a store keeps: steps committed, lists walked, notices owed."""

from __future__ import annotations

import asyncio
import atexit
import shutil
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from pathlib import Path

from rooms import EVERYTHING, NOW, PROJECT, join
from roomtone.core.conference.advance import Advance, advance
from roomtone.core.conference.messages import Message
from roomtone.core.conference.state import Callback, Conference, Participant
from roomtone.core.conference.step import opened
from roomtone.core.delivery import Claim, Owed, Want
from roomtone.core.ids import CallId, ConferenceId, NumberId, ParticipantId, ProjectId
from roomtone.core.listing import ConferenceFilter, ParticipantFilter, Place, Window
from roomtone.core.moment import Moment
from roomtone.core.project import Bin, Number, Project
from roomtone.store import Store, open_store

EVERYBODY = ParticipantFilter()
EVERY_CONFERENCE = ConferenceFilter()
OWNER = Project(PROJECT, "test", "twilio", "key", NOW.wall_ms)


@cache
def _made(project: Project | None) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="roomtone-prepared-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)

    async def make() -> None:
        async with open_store(folder / "roomtone.db") as one:
            if project is not None:
                await one.add_project(project, "token")

    with ThreadPoolExecutor(1) as aside:  # a loop may run in this thread already
        aside.submit(lambda: asyncio.run(make())).result(60)
    return folder


def prepared(folder: Path, project: Project | None = None) -> Path:
    """Put a database into a folder and give its path: empty, or with one project whose token is ``token``.

    It is a copy of one that was made once: migrations and the digest of a token take a third of a second.
    """
    shutil.copy(_made(project) / "secret.key", folder)
    return Path(shutil.copy(_made(project) / "roomtone.db", folder))


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


async def claim(store: Store, now_ms: int = NOW.wall_ms, holder: str = "courier", **wishes) -> Sequence[Owed]:
    """Lease what is due, for ten seconds: those due first first, at most `limit`, of each addressee at most `each`,
    nothing for `busy` hosts."""
    given = {"limit": 100, "each": 100, "busy": frozenset()} | wishes
    due = sorted(
        (one for one in await store.waiting() if one.ready_ms <= now_ms), key=lambda one: one.ready_ms
    )
    found: list[Owed] = []
    for one in due:
        most = min(given["each"], given["limit"] - len(found))
        if most > 0 and one.addressee.host not in given["busy"]:
            found += await store.claim(Claim(holder, now_ms, now_ms + 10_000, (Want(one.addressee, most),)))
    return found


async def next_due(store: Store) -> int | None:
    """When a claim can give something; None: nothing is owed."""
    return min((one.ready_ms for one in await store.waiting()), default=None)


def number(
    value: int, phone: str = "", project: ProjectId = PROJECT, created_ms: int = NOW.wall_ms
) -> Number:
    """A claimed number that is not stored yet."""
    return Number(
        NumberId(value), project, phone or f"+1555{value:07d}", f"number {value}", created_ms, created_ms
    )
