"""Conferences of real callers, and what their customer was told of them."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Self

import aiohttp

from stage.crowd import Crowd
from stage.customer import Visit
from stage.scene import Scene

WITHIN_S = 60.0


@dataclass
class Gathering:
    """Callers, so many in each conference, and the sids of all that."""

    scene: Scene
    crowd: Crowd
    conferences: dict[str, list[str]] = field(default_factory=dict)
    """Sids of the calls in each conference, by its sid."""

    obeyed: int = 0
    """Updates that were answered with success."""

    @classmethod
    async def of(cls, scene: Scene, conferences: int, callers: int, *, transport: str = "u1") -> Self:
        """Let callers into conferences, and wait until everybody is in and hears somebody."""
        lines = [await scene.open_line(f"room {at}") for at in range(conferences)]
        numbers = [line for line in lines for _ in range(callers)]
        crowd = await Crowd.call(numbers, scene.server.sip_address, scene.folder, transport=transport)
        gathering = cls(scene, crowd)
        await scene.customer.until(lambda: len(gathering.told("participant-join")) == len(numbers), WITHIN_S)
        found = defaultdict(list)
        for visit in gathering.told("participant-join"):
            found[visit.parameters["ConferenceSid"]].append(visit.call)
        gathering.conferences = dict(found)
        assert len(found) == conferences
        await crowd.all_hear()
        return gathering

    def told(self, event: str) -> list[Visit]:
        """Callbacks of this event, each once however often it was delivered."""
        once = {
            (visit.parameters["ConferenceSid"], visit.parameters["SequenceNumber"]): visit
            for visit in self.scene.customer.events()
            if visit.event == event
        }
        return list(once.values())

    async def meddle(self, dice: random.Random) -> None:
        """Mute and unmute people, whether anybody answers or not, until cancelled."""
        while True:
            conference = dice.choice(list(self.conferences))
            call = dice.choice(self.conferences[conference][2:])  # two are always heard
            form = {"Muted": dice.choice(("true", "false"))}
            with contextlib.suppress(aiohttp.ClientError, TimeoutError, OSError):
                path = f"Conferences/{conference}/Participants/{call}.json"
                reply = await self.scene.rest.post(path, form)
                self.obeyed += reply.status == 200
            await asyncio.sleep(dice.uniform(0.01, 0.1))

    async def unmute_all(self) -> None:
        """Let everybody be heard."""
        for conference, calls in self.conferences.items():
            for call in calls:
                path = f"Conferences/{conference}/Participants/{call}.json"
                await self.scene.rest.made(path, {"Muted": "false"})

    async def lost(self) -> list[str]:
        """Give the conferences that are not as they were: over, or without one of their callers."""
        lost = []
        for conference, calls in self.conferences.items():
            now = (await self.scene.rest.get(f"Conferences/{conference}.json")).body
            there = (await self.scene.rest.get(f"Conferences/{conference}/Participants.json")).body
            present = {one["call_sid"] for one in there["participants"]}
            if now["status"] != "in-progress" or present != set(calls):
                lost.append(conference)
        return lost

    async def end(self) -> None:
        """End all conferences, and wait until the customer has been told that everybody is gone."""
        for conference in self.conferences:
            await self.scene.rest.made(f"Conferences/{conference}.json", {"Status": "completed"})
        ends = self.conferences.keys()
        await self.scene.customer.until(lambda: len(self.told("conference-end")) == len(ends), WITHIN_S)

    def missing(self) -> list[str]:
        """Name callbacks that never came: a gap in a conference's numbers, or a caller of whose end nothing was told."""
        numbers: dict[str, set[int]] = defaultdict(set)
        for visit in self.scene.customer.events():
            numbers[visit.parameters["ConferenceSid"]].add(int(visit.parameters["SequenceNumber"]))
        gaps = [
            f"{sid} {at}"
            for sid in self.conferences
            for at in range(1, max(numbers[sid]) + 1)
            if at not in numbers[sid]
        ]
        left = {visit.call for visit in self.told("participant-leave")}
        return gaps + [
            f"leave {call}" for calls in self.conferences.values() for call in calls if call not in left
        ]
