"""A scene: one project, one customer's application, and phones that call into a conference.

The customer answers each call with `<Dial><Conference>` and is told everything at ``/status``; a caller counts as there
when the customer has been told so.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import aiohttp
import pytest

from roomtone.testing.rtp_phone import RtpPhone
from roomtone.testing.tones import PITCHES_HZ
from stage import ears
from stage.customer import Customer
from stage.rest import Reply, Rest
from stage.server import Server, in_thread
from stage.sipp import SippCaller

HOLD_HZ, ANNOUNCE_HZ, WAIT_HZ = 2111.0, 2333.0, 2557.0
"""Pitches of what is played, apart from those of the callers."""

ALL_EVENTS = "start end join leave mute hold modify speaker announcement"
PROBE_FRAMES, SETTLING_FRAMES = 10, 2
"""200 ms of a table that may still change, and 40 ms of jitter buffers before each look."""

CLEARED_WITHIN_S = 20.0
"""How long the end of what a failed test left is awaited."""

FAILED = pytest.StashKey[bool]()
"""Whether what was run last of a test failed."""

_number = itertools.count(1)


@dataclass
class Scene:
    """Who is on stage, and how to speak for their project."""

    server: Server
    rest: Rest
    customer: Customer
    folder: Path
    callers: dict[str, SippCaller] = field(default_factory=dict)
    others: dict[str, float] = field(default_factory=dict)
    """Pitches of those who speak and whose ears are not ours to listen with."""

    conference: str = ""
    """Sid of the conference of the first caller."""

    room: str = ""
    """Its friendly name."""

    async def claim(self, voice_url: str, **form: str) -> str:
        """Claim a fresh number whose calls go to this URL."""
        number = f"+1555{self.server.starts}{next(_number):06d}"
        await self.rest.made(
            "IncomingPhoneNumbers.json", {"PhoneNumber": number, "VoiceUrl": voice_url, **form}
        )
        return number

    def dial_conference(self, room: str, after: str = "", action: str = "", **attributes: str) -> str:
        """Spell a document that dials into a room; attributes as in cXML, without statusCallback."""
        told = {
            "statusCallback": f"{self.customer.base}/status", "statusCallbackEvent": ALL_EVENTS, "beep": "false",
            "waitUrl": "", **attributes,
        }  # fmt: skip
        spelt = " ".join(f"{name}={quoteattr(value)}" for name, value in told.items())
        dial = f"<Dial action={quoteattr(action)}>" if action else "<Dial>"
        return f"<Response>{dial}<Conference {spelt}>{escape(room)}</Conference></Dial>{after}</Response>"

    async def open_line(self, room: str, after: str = "", action: str = "", **attributes: str) -> str:
        """Claim a number that leads into a room; gives the number."""
        path = f"/voice/{next(_number)}"
        return await self.claim(
            self.customer.host(path, self.dial_conference(room, after, action, **attributes))
        )

    async def try_to_dial(self, name: str, number: str, **options: Any) -> SippCaller:
        """Call, whatever comes of it; the caller's pitch is the next free one."""
        if "pitch_hz" not in options:
            options["pitch_hz"] = PITCHES_HZ[len(self.callers)]
        caller = await SippCaller.dial(name, number, self.server.sip_address, self.folder, **options)
        self.callers[name] = caller
        return caller

    async def dial(self, name: str, number: str, **options: Any) -> SippCaller:
        """Call, and wait for the answer."""
        return await (await self.try_to_dial(name, number, **options)).answered()

    async def enter(self, name: str, number: str, **options: Any) -> SippCaller:
        """Call, and wait until the customer has been told that this caller is in the conference."""
        caller = await self.dial(name, number, **options)
        asked = await self.customer.wait(
            lambda visit: name in visit.parameters.get("From", "") and visit.path.startswith("/voice/")
        )
        caller.call_sid = asked.call
        joined = await self.customer.wait_for_event("participant-join", caller.call_sid)
        self.conference, self.room = joined.parameters["ConferenceSid"], joined.parameters["FriendlyName"]
        return caller

    async def gather(self, size: int, room: str, **attributes: str) -> list[SippCaller]:
        """Let so many callers (ann, bob, cat, dan, eve) into one room and wait until it has started."""
        number = await self.open_line(room, **attributes)
        callers = [await self.enter(name, number) for name in ("ann", "bob", "cat", "dan", "eve")[:size]]
        await self.customer.wait_for_event("conference-start")
        return callers

    # The conference by REST --------------------------------------------------------------------------------------------

    def path(self, caller: SippCaller | None = None) -> str:
        """Path of the conference's participants, or of one."""
        tail = f"/{caller.call_sid}.json" if caller else ".json"
        return f"Conferences/{self.conference}/Participants{tail}"

    async def update(self, caller: SippCaller, **form: str) -> dict[str, Any]:
        """Update a participant and insist on success."""
        return await self.rest.made(self.path(caller), form)

    async def try_update(self, caller: SippCaller, **form: str) -> Reply:
        """Update a participant, whatever comes of it."""
        return await self.rest.post(self.path(caller), form)

    async def participants(self) -> list[dict[str, Any]]:
        """List them."""
        reply = await self.rest.get(self.path())
        assert reply.status == 200, reply
        found = reply.body["participants"]
        assert isinstance(found, list)
        return found

    async def conference_now(self) -> dict[str, Any]:
        """Fetch the conference."""
        reply = await self.rest.get(f"Conferences/{self.conference}.json")
        assert reply.status == 200, reply
        found = reply.body
        assert isinstance(found, dict)
        return found

    # What they hear ----------------------------------------------------------------------------------------------------

    @property
    def phones(self) -> dict[str, RtpPhone]:
        """The phones of all who are still in their call."""
        return {name: caller.phone for name, caller in self.callers.items() if caller.is_up}

    @property
    def pitches_hz(self) -> dict[str, float]:
        """Everything that can be heard, by name."""
        spoken = {
            name: caller.phone.settings.pitch_hz
            for name, caller in self.callers.items()
            if caller.phone.settings.pitch_hz is not None
        }
        return {**spoken, **self.others, "hold": HOLD_HZ, "announcement": ANNOUNCE_HZ, "wait": WAIT_HZ}

    async def expect(self, heard: dict[str, set[str]], what: str = "", within_s: float = 10.0) -> None:
        """Insist on who hears whom: it may take a busy machine a while to come to be, and then it must stay.

        How soon a change is heard, and that nothing is heard in between, is for frame-by-frame tests to say. What is
        measured while the machine stopped says nothing and is measured again; whether a browser's microphone stopped
        nobody can tell, so a browser is listened to until it is heard without a pause.
        """
        deadline_s = now_s() + within_s
        while (found := await self._listen(PROBE_FRAMES)) != heard and now_s() < deadline_s:
            pass
        if found == heard:
            deadline_s = now_s() + within_s
            found = await self._listen(ears.WINDOW_FRAMES)
            while found != heard and (self.others or not self._flowed()) and now_s() < deadline_s:
                found = await self._listen(ears.WINDOW_FRAMES)
        assert found == heard, what or self.room

    def _flowed(self) -> bool:
        """Whether the sound of the last measurement was without a pause of the machine's."""
        return all(phone.flowed(ears.WINDOW_FRAMES * 20 + 100) for phone in self.phones.values())

    async def _listen(self, frames: int) -> dict[str, set[str]]:
        try:
            return await ears.matrix(self.phones, self.pitches_hz, frames, settling=SETTLING_FRAMES)
        except TimeoutError:  # no packets come: to one who is being hung up on, or while the machine stops
            return {}

    async def close(self) -> None:
        """Take everybody off the line."""
        await asyncio.gather(*(caller.close() for caller in self.callers.values()))

    async def clear(self) -> None:
        """End what a failed test left behind: the test may be run again, on the same server."""
        with suppress(aiohttp.ClientError, TimeoutError, KeyError, ValueError):
            async with asyncio.timeout(CLEARED_WITHIN_S):
                while left := await self._left():
                    for sid in left:
                        await self.rest.post(f"Calls/{sid}.json", {"Status": "completed"})
                    await asyncio.sleep(0.2)

    async def _left(self) -> list[str]:
        found = []
        for status in ("queued", "ringing", "in-progress"):
            listed = (await self.rest.get(f"Calls.json?Status={status}&PageSize=1000")).body["calls"]
            found += [one["sid"] for one in listed]
        return found


def everybody_hears_the_others(names: list[str]) -> dict[str, set[str]]:
    """The truth table of an ordinary conference."""
    return {name: set(names) - {name} for name in names}


def now_s() -> float:
    """The wall clock, as phones stamp their packets."""
    return time.time()


async def put_away(scene: Scene, request: pytest.FixtureRequest) -> None:
    """Take everybody off the line; after a failure, put up the server if it is gone, and end what is left of it too.

    A test that passed may have ended the server itself. If it ended by itself, that is a failure, and nothing mends it.
    """
    failed = request.node.stash.get(FAILED, False)
    try:
        if failed or scene.server.taken_away:
            await in_thread(scene.server.put_up_again)
        assert scene.server.is_up, "the server has ended by itself"
    finally:
        await scene.close()
    if failed:
        await scene.clear()
