"""Reading the delivery log: in the store, beside the running server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from roomtone.config import Settings
from roomtone.core.ids import CallId, ConferenceId, Id, ProjectId
from roomtone.core.inspection import Logged
from roomtone.dialects import by_name, sids
from roomtone.dialects.delivery_resources import delivery
from roomtone.dialects.dialect import Resource, Sids
from roomtone.provision import find_project, opened
from roomtone.starting import ServerProblem
from roomtone.store import Store

AT_ONCE = 500
"""Lines read at once."""

POLL_S = 0.5
"""How long the log is left alone when it is followed."""

NOWHERE = "signalwire"
"""Whose spelling ids have when it is not known whose they are."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines."""

    sid: str | None = None
    """Of one project."""

    call: str | None = None
    conference: str | None = None
    since_ms: int | None = None
    until_ms: int | None = None
    callbacks: bool | None = None
    """Whether callbacks alone, or all but callbacks; None: both."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the log, and how its ids are spelled."""

    number: int
    logged: Logged
    sids: Sids

    def resource(self) -> Resource:
        """Write it as the API does."""
        return delivery(self.number, self.logged, self.sids)


class Reader:
    """Reads lines from a store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._spellings: dict[ProjectId, Sids] = {}

    async def tail(self, wanted: Wanted, lines: int, *, follow: bool) -> AsyncIterator[Line]:
        """Give the last lines, oldest first, and then, if that is wanted, each new one soon.

        Raises:
            ServerProblem: What is wanted does not exist.
        """
        found = await self._some(wanted, -1, max(lines, 1))
        after = found[-1][0] if found else 0
        for number, line in found if lines else ():
            yield await self._line(number, line)
        while follow:
            found = await self._some(wanted, after, AT_ONCE)
            for number, line in found:
                after = number
                yield await self._line(number, line)
            if not found:
                await asyncio.sleep(POLL_S)

    async def named(self, name: str) -> Sequence[Line]:
        """Give the lines of an event by its id, or the one of a number.

        Raises:
            ServerProblem: There is none.
        """
        lines = list(await self._store.exchanges_of_event(name.lower()))
        if not lines and name.isascii() and name.isdigit() and len(name) < 19:
            one = await self._store.exchange(int(name))
            lines = [] if one is None else [(int(name), one)]
        if not lines:
            raise ServerProblem(f"the delivery log has neither an event nor a line {name!r}")
        return [await self._line(number, line) for number, line in lines]

    async def _line(self, number: int, line: Logged) -> Line:
        owner = line.about.project
        if owner not in self._spellings:
            project = await self._store.project(owner)
            self._spellings[owner] = by_name(project.dialect if project else NOWHERE).sids
        return Line(number, line, self._spellings[owner])

    async def _some(self, wanted: Wanted, after: int, limit: int) -> Sequence[tuple[int, Logged]]:
        project, of = await self.scope(wanted)
        return await self._store.exchanges_after(after, limit, project, of, callbacks=wanted.callbacks)

    async def scope(self, wanted: Wanted) -> tuple[ProjectId | None, CallId | ConferenceId | None]:
        """Read which project, and which call or conference, is wanted.

        Raises:
            ServerProblem: There is no such project, or what is given is no sid.
        """
        project = None if wanted.sid is None else (await find_project(self._store, wanted.sid)).id
        if wanted.conference is not None:
            return project, _read("--conference", ConferenceId, wanted.conference)
        return project, None if wanted.call is None else _read("--call", CallId, wanted.call)


async def tail(settings: Settings, wanted: Wanted, lines: int, *, follow: bool) -> AsyncIterator[Line]:
    """Give the last lines of the log, oldest first, and then, if that is wanted, each new one soon.

    Raises:
        ServerProblem: The store cannot be read, or what is wanted does not exist.
    """
    async with opened(settings) as store:
        async for line in Reader(store).tail(wanted, lines, follow=follow):
            yield line


async def show(settings: Settings, name: str) -> Sequence[Line]:
    """Give the lines of an event by its id, or the one of a number.

    Raises:
        ServerProblem: There is none, or the store cannot be read.
    """
    async with opened(settings) as store:
        return await Reader(store).named(name)


def _read(option: str, kind: type[CallId | ConferenceId], text: str) -> CallId | ConferenceId:
    found: Id | None = sids.parse(kind, text)
    if not isinstance(found, CallId | ConferenceId):
        raise ServerProblem(f"{option}: {text!r} is no sid of that kind")
    return found
