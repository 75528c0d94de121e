"""Finds or opens the room of a conference, and sees that a room that fails ends alone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from roomtone.core.conference.messages import End, Expect, Join, Signal
from roomtone.core.conference.state import Conference
from roomtone.core.conference.step import opened
from roomtone.core.ids import CallId, ConferenceId, ProjectId
from roomtone.core.project import Project
from roomtone.core.refusals import Reason, Refused
from roomtone.switchboard.ports import Dice
from roomtone.switchboard.room import Desk, Room
from roomtone.switchboard.soundtracks import Shelf, Soundtracks

log = logging.getLogger(__name__)

Key = tuple[ProjectId, str]


class Directory:
    """All rooms of this brain, by id and by name."""

    def __init__(self, desk: Desk, shelf: Shelf, dice: Dice, hang_up: Callable[[CallId], None]) -> None:
        self._desk = desk
        self._shelf = shelf
        self._dice = dice
        self._hang_up = hang_up
        self._by_id: dict[ConferenceId, Room] = {}
        self._by_name: dict[Key, Room] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def find(self, conference: ConferenceId) -> Room | None:
        """Give the room of a conference that is not completed."""
        return self._by_id.get(conference)

    @property
    def rooms(self) -> tuple[Room, ...]:
        """All rooms now."""
        return tuple(self._by_id.values())

    async def join(self, project: Project, name: str, join: Join | Expect) -> Room:
        """Take a call into the conference of this name, opening it if there is none.

        Two simultaneous first joiners end up in one: the room is entered under its name before anybody awaits.

        Raises:
            Refused: The conference does not let the call in.
        """
        while True:
            room = self._by_name.get((project.id, name)) or self._open(project, name)
            try:
                await room.ask(join)
            except Refused as refused:
                if refused.reason is Reason.CONFERENCE_COMPLETED:
                    self._forget(
                        room
                    )  # it ended while we came in: the next one of this name is another conference
                    continue
                if room.idle:
                    self._abandon(room)
                raise
            return room

    def adopt(self, conference: Conference, project: Project) -> Room:
        """Open the room of a conference that an earlier brain left; it must be told what plays by `Room.adopt`."""
        return self._enter(conference, project)

    async def stop(self) -> None:
        """Stop all rooms where they are, without ending their conferences."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _open(self, project: Project, name: str) -> Room:
        now = self._desk.clock.now()
        return self._enter(opened(ConferenceId(self._dice.bits128()), project.id, name, now), project)

    def _enter(self, conference: Conference, project: Project) -> Room:
        told: list[Room] = []

        def tell(signal: Signal) -> None:
            told[0].tell(signal)

        room = Room(conference, self._desk, Soundtracks(project, self._shelf, tell))
        told.append(room)
        self._by_id[conference.id] = room
        self._by_name[conference.project, conference.name] = room
        task = asyncio.create_task(self._run(room), name=f"conference {conference.id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return room

    async def _run(self, room: Room) -> None:
        try:
            await room.run()
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("conference=%s ends because of a bug of ours", room.conference.id)
            await self._end(room)
        finally:
            self._forget(room)

    async def _end(self, room: Room) -> None:
        """End a conference whose room has failed: its calls are hung up, its record is completed."""
        for participant in room.conference.participants:
            self._hang_up(participant.call)
        try:
            await room.finish(End())
        except Exception:
            log.exception(
                "conference=%s cannot even be ended; it is completed at the next start", room.conference.id
            )

    def _abandon(self, room: Room) -> None:
        """Forget a room that nobody ever came into: it was never stored."""
        self._forget(room)
        room.abandon()

    def _forget(self, room: Room) -> None:
        conference = room.conference
        if self._by_id.get(conference.id) is room:
            del self._by_id[conference.id]
        if self._by_name.get((conference.project, conference.name)) is room:
            del self._by_name[conference.project, conference.name]
