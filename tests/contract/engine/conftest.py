"""One suite, two makes of engine: the reference engine in Python and the native one, on one thread and on three.

Here is what a test needs of any. Parties have letters, each letter a pitch of its own; claims are made by ear: who hears which letters.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest

from roomtone.link import EngineProcess, EngineSettings, Link
from roomtone.link import messages as m
from roomtone.sdp.agreement import Codec
from roomtone.testing.g711 import PAYLOAD_TYPE
from roomtone.testing.rtp_phone import RtpPhone
from roomtone.testing.tones import PITCHES_HZ
from stage.ports import ports_of

ROOT = Path(__file__).parents[3]
LETTERS = "ABCDE"
PITCH_OF = dict(zip(LETTERS, PITCHES_HZ, strict=False))
MUSIC_HZ, VOICE_OVER_HZ, STRANGER_HZ = PITCHES_HZ[5:8]
NAME_OF = {hz: letter for letter, hz in PITCH_OF.items()} | {
    MUSIC_HZ: "music",
    VOICE_OVER_HZ: "voice-over",
    STRANGER_HZ: "stranger",
}
DIGITS = 101
FRAME_MS = 20.0
"""What a packet holds unless said otherwise."""

UNEVEN_MS = 35.0
"""Milliseconds between two packets after which a frame may have been left out."""

REFERENCE = f"""
import sys
sys.path.insert(0, {str(ROOT / "src")!r})
from roomtone.testing.reference_engine import main
main()
"""


def native_binary() -> Path | None:
    """The engine that was built or installed last, or the one that is named."""
    if named := os.environ.get("ROOMTONE_ENGINE_BINARY"):
        return Path(named)
    places = [Path(sys.executable).parent, ROOT / "engine/target/release", ROOT / "engine/target/debug"]
    return next((place / "roomtone-engine" for place in places if (place / "roomtone-engine").exists()), None)


THREE_THREADS = "native, three threads"
MAKES = ["reference", "native", THREE_THREADS]
WANTED = os.environ.get("ROOMTONE_ENGINE")


def pytest_report_collectionfinish() -> str:
    """Say which engines the contract suite runs on."""
    native = native_binary() or "ABSENT, skipped"
    return f"engine contract: {WANTED or 'reference and native'}; native: {native}"


@dataclass
class Stage:
    """One engine, its link, and phones around it."""

    make: str
    settings: EngineSettings
    process: EngineProcess
    link: Link
    facts: list[m.Fact] = field(default_factory=list)
    phones: dict[str, RtpPhone] = field(default_factory=dict)
    calls: dict[str, str] = field(default_factory=dict)
    """Letter to call hex."""

    ports: dict[str, int] = field(default_factory=dict)
    revision: int = 0
    told: asyncio.Event = field(default_factory=asyncio.Event)

    ticks: list[m.TickStatistics] = field(default_factory=list)
    skipped_ms: float = 0.0
    """So long did the engine's threads stand still, as far as they have told."""

    def take(self, fact: m.Fact) -> None:
        self.facts.append(fact)
        if isinstance(fact, m.TickStatistics):
            self.ticks.append(fact)
            tick_ms = FRAME_MS if self.make == "reference" else FRAME_MS / 4
            self.skipped_ms += fact.skipped * tick_ms + fact.late_max_us / 1_000
        self.told.set()

    # Streams

    async def phone(
        self, letter: str, codec: Codec = Codec.PCMU, *, pitch_hz: float | None = 0.0
    ) -> RtpPhone:
        """Open a stream for a party, and have its phone speak its pitch into it."""
        phone = await RtpPhone.open(PITCH_OF[letter] if pitch_hz == 0.0 else pitch_hz, codec=codec)
        self.phones[letter] = phone
        self.calls[letter] = f"{random.getrandbits(128):032x}"
        opened = await self.link.ask(self.opening(letter), m.Opened)
        self.ports[letter] = opened.port
        phone.point("127.0.0.1", opened.port)
        return phone

    async def party(self, letters: str) -> None:
        """Open a stream for each letter; every second one speaks A-law."""
        for index, letter in enumerate(letters):
            await self.phone(letter, Codec.PCMA if index % 2 else Codec.PCMU)

    def opening(self, letter: str, **changes) -> m.OpenStream:
        codec = self.phones[letter].settings.codec
        given = {
            "n": 0,
            "call": self.calls[letter],
            "format": m.Format(
                codec=m.Codec(codec), payload_type=PAYLOAD_TYPE[codec], digit_payload_type=DIGITS, ptime_ms=20
            ),
            "remote_host": "127.0.0.1",
            "remote_port": self.phones[letter].port,
            "flow": m.Flow.SENDRECV,
        }
        return m.OpenStream(**given | changes)

    def changing(self, letter: str, **changes) -> m.ChangeStream:
        opening = self.opening(letter, **changes)
        return m.ChangeStream(**{key: getattr(opening, key) for key in m.ChangeStream.__struct_fields__})

    # Plans and sources

    def seat(
        self, letter: str, talks: str = "room", hears: str = "room", overlays: Iterable[str] = ()
    ) -> m.SeatOrder:
        """`talks` is room, nobody or a letter; `hears` is room, nothing or a source."""
        to_one = talks not in {"room", "nobody"}
        source = None if hears in {"room", "nothing"} else hears
        return m.SeatOrder(
            call=self.calls[letter],
            talks=m.Talks.CALL if to_one else m.Talks(talks),
            target=self.calls.get(talks, f"{0xDEAD:032x}") if to_one else None,
            hears=m.Hears.SOURCE if source else m.Hears(hears),
            source=source,
            overlays=list(overlays),
        )

    async def plan(
        self, *seats: m.SeatOrder, conference: int = 1, revision: int | None = None, speech: bool = False
    ) -> None:
        self.revision += 1
        number = self.revision if revision is None else revision
        order = m.ApplyPlan(
            n=0, conference=f"{conference:032x}", revision=number, seats=list(seats), speech=speech
        )
        await self.link.ask(order)

    async def everybody_talks(self) -> None:
        await self.plan(*(self.seat(letter) for letter in self.phones))

    async def start(self, source: str, turn: int = 1, **content) -> None:
        await self.link.ask(m.StartSource(n=0, source=source, turn=turn, content=content_of(**content)))

    # Ears

    def heard(self, letter: str, window_ms: int = 240) -> str:
        """Name whom a party hears just now, in order."""
        names = (NAME_OF[hz] for hz in self.phones[letter].heard(tuple(NAME_OF), window_ms))
        return " ".join(sorted(names))

    async def hears(self, within_s: float = 10.0, **expected: str) -> None:
        """Claim whom each party hears, soon and from then on: measured twice, half a second apart.

        A measurement of a moment in which the machine stopped is taken again: it says nothing.
        """
        loop = asyncio.get_running_loop()
        until_s = loop.time() + within_s
        found: dict[str, str] = {}
        while loop.time() < until_s and found != expected:
            found, _ = await self._listen(expected, frames=2)
        assert found == expected
        found, flowed = await self._listen(expected, frames=20)
        while loop.time() < until_s + within_s and found != expected and not flowed:
            found, flowed = await self._listen(expected, frames=20)
        assert found == expected, "it did not last"

    async def level_db(self, letter: str, hz: float, window_ms: int = 300, within_s: float = 20.0) -> float:
        """Measure how loud a pitch is to a party, in sound that came as evenly as it is sent.

        An engine that was not given the processor for more than a frame sends silence for it, or nothing at all.
        """
        phone = self.phones[letter]
        async with asyncio.timeout(within_s):
            while phone.longest_pause_ms(window_ms + 2 * round(FRAME_MS)) > UNEVEN_MS:
                await phone.wait_for_packets(2)
        return phone.levels((hz,), window_ms)[hz]

    async def unbroken(self, *letters: str) -> None:
        """Claim that each of these received packet after packet, but for what the engine counts as times that it stood still.

        After those it steps over what should have been sent before, and marks it (engine/mixer/src/sender.rs).
        """
        phones = [self.phones[letter] for letter in letters]
        found = [phone.discontinuities(but_pauses=True) for phone in phones]
        assert not any(found), dict(zip(letters, found, strict=True))
        pauses = [phone.pauses_ms() for phone in phones]
        if any(pauses):
            stood_still_ms = await self.stood_still_ms()
            for each in pauses:
                assert sum(each) <= stood_still_ms + len(each) * FRAME_MS, "it paused by itself"

    async def stood_still_ms(self) -> float:
        """Wait for the engine's own count of how long its threads were not given the processor: each tells every 5 s."""
        told: dict[int, m.TickStatistics] = {}
        self.ticks.clear()
        async with asyncio.timeout(15):
            while len(told) < self.settings.media_threads:
                self.told.clear()
                await self.told.wait()
                told |= {one.thread: one for one in self.ticks}
        return self.skipped_ms

    async def _listen(self, letters: Iterable[str], frames: int) -> tuple[dict[str, str], bool]:
        """Whom each party hears after so many packets more, and whether that means anything."""
        phones = [self.phones[letter] for letter in letters]
        await phones[0].wait_for_packets(frames)
        found = {letter: self.heard(letter) for letter in letters}
        return found, all(phone.flowed(400) for phone in phones)

    async def fact(self, kind: type, within_s: float = 15.0, **having) -> m.Fact:
        """Wait for a fact of this kind with these fields, and take it and all before it off the list."""
        async with asyncio.timeout(within_s):
            while True:
                for index, fact in enumerate(self.facts):
                    if isinstance(fact, kind) and all(getattr(fact, k) == v for k, v in having.items()):
                        del self.facts[: index + 1]
                        return fact
                self.told.clear()
                await self.told.wait()

    async def snapshot(self) -> m.Snapshot:
        return await self.link.ask(m.TakeSnapshot(n=0), m.Snapshot)

    async def clear(self) -> None:
        """Take away all that a test left behind."""
        snapshot = await self.snapshot()
        for plan in snapshot.plans:
            self.link.post(m.DropConference(n=0, conference=plan.conference))
        for source in snapshot.sources:
            self.link.post(m.StopSource(n=0, source=source.source))
        for clip in snapshot.clips:
            self.link.post(m.DropClip(n=0, clip=clip))
        for stream in snapshot.streams:
            self.link.post(m.CloseStream(n=0, call=stream.call))
        for recording in snapshot.recordings or ():
            self.link.post(m.EndRecording(n=0, recording=recording.recording))
        left = await self.snapshot()
        assert not left.recordings
        assert not left.relays
        left = msgspec.structs.replace(left, recordings=None, relays=None)
        assert left == m.Snapshot(n=left.n, legs=[], streams=[], plans=[], sources=[], clips=[])

    async def leave(self) -> None:
        """Take everybody off the line, streams and phones."""
        for call in self.calls.values():
            await self.link.ask(m.CloseStream(n=0, call=call))
        await self.close()
        self.phones.clear()
        self.calls.clear()

    async def close(self) -> None:
        for phone in self.phones.values():
            await phone.close()


def content_of(**given) -> m.Content:
    """A content, silence unless said otherwise."""
    plain = {"clip": None, "loops": 1, "tone_hz": None, "level_db": -13.0, "duration_ms": 0}
    return m.Content(**plain | given)


def engine_command(make: str) -> tuple[str, ...]:
    """How to start an engine of this make; skips if it is not there."""
    if WANTED not in {None, make.partition(",")[0]}:
        pytest.skip(f"ROOMTONE_ENGINE asks for {WANTED} only")
    if make == "reference":
        return (sys.executable, "-c", REFERENCE)
    binary = native_binary()
    if binary is None:
        pytest.skip("the native engine is not built: make build")
    return (str(binary),)


def settings_for(make: str, folder: Path) -> EngineSettings:
    """Where and how an engine runs: ports of its own, never those the system gives to phones."""
    first = ports_of(make)
    return EngineSettings(
        folder,
        sip_port=0,
        rtp_first=first,
        rtp_last=first + 99,
        media_threads=3 if make == THREE_THREADS else 1,
        orphan_s=60,
        command=engine_command(make),
    )


@asynccontextmanager
async def short_folder() -> AsyncIterator[Path]:
    """A folder with a path short enough for a socket."""
    folder = Path(tempfile.mkdtemp(prefix="rt"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session", params=MAKES)
def make(request: pytest.FixtureRequest) -> str:
    """Which engine."""
    engine_command(request.param)
    return request.param


@pytest.fixture(scope="session")
def lasting(make: str) -> Iterator[EngineSettings]:
    """The engine that most tests share, one after the other; the first of them starts it."""
    folder = Path(tempfile.mkdtemp(prefix="rt"))  # short enough for a socket's path
    settings = settings_for(make, folder)
    yield settings

    async def end() -> None:
        process = EngineProcess(settings, Link(settings.socket))
        await process.start()
        await process.shut_down(1.0)

    asyncio.run(end())
    shutil.rmtree(folder)


@pytest.fixture
async def stage(make: str, lasting: EngineSettings) -> AsyncIterator[Stage]:
    """A running engine that holds nothing, with a link and no phones yet."""
    one = await enter(make, lasting)
    instance = one.link.welcome.instance
    yield one
    await one.close()
    await one.link.stop()
    left = await enter(make, lasting)
    try:
        assert left.link.welcome.instance == instance, f"the engine died:\n{lasting.log_file.read_text()}"
        await left.clear()
    finally:
        await left.process.stop()


@pytest.fixture
async def fresh(make: str) -> AsyncIterator[Stage]:
    """An engine of the test's own."""
    async with short_folder() as folder:
        one = await enter(make, settings_for(make, folder))
        yield one
        await one.close()
        await one.process.shut_down(1.0)


async def enter(make: str, settings: EngineSettings) -> Stage:
    """Link to the engine, and start it if it does not run."""
    link = Link(settings.socket)
    process = EngineProcess(settings, link)
    await process.start()
    one = Stage(make, settings, process, link)
    link.on_fact(one.take)
    await one.snapshot()  # facts flow from here on
    return one
