"""Each example that calls people does with phones that are not ours what its README says."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Self

import pytest

from roomtone.testing.tones import HEARD_DB, PITCHES_HZ
from stage.baresip import BaresipCaller
from stage.callees import SippCallee
from stage.scene import HOLD_HZ, WAIT_HZ, Scene

from .test_examples import EXAMPLES, environment

pytestmark = [pytest.mark.usefixtures("baresip"), pytest.mark.timeout(120)]

WITHIN_S = 40.0
AGENTS_HZ = PITCHES_HZ[5:8]
SPECIALIST_HZ = AGENTS_HZ[0]
MESSAGE_HZ = PITCHES_HZ[8]
NUMBER = "+15550155777"


class Program:
    """An example that runs."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.said: list[str] = []

    @classmethod
    async def start(cls, scene: Scene, script: str, *words: str, **more: str) -> Self:
        """Start one with the variables a reader would set."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, EXAMPLES / script, *words, env=environment(scene) | more,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        return cls(process)

    def type(self, line: str = "") -> None:
        """Type a line."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n".encode())

    async def says(self, beginning: str) -> str:
        """Wait for a line that begins so, and give it."""
        assert self.process.stdout is not None
        async with asyncio.timeout(WITHIN_S):
            while line := (await self.process.stdout.readline()).decode().rstrip("\n"):
                self.said.append(line)
                if line.startswith(beginning):
                    return line
        raise AssertionError(f"over without «{beginning}»: {self.said}")

    async def close(self) -> None:
        """End it, if it has not ended by itself."""
        if self.process.returncode is None:
            self.process.kill()
        await self.process.communicate()


@asynccontextmanager
async def running(scene: Scene, script: str, *words: str, **more: str) -> AsyncIterator[Program]:
    program = await Program.start(scene, script, *words, **more)
    try:
        yield program
    finally:
        await program.close()


@asynccontextmanager
async def phone(
    name: str, folder: Path, pitch_hz: float, *, answers: bool = True
) -> AsyncIterator[BaresipCaller]:
    one = await BaresipCaller.wait_to_be_called(name, folder / name, pitch_hz=pitch_hz, answers=answers)
    try:
        yield one
    finally:
        await one.close()


async def until(true: Callable[[], bool], what: str) -> None:
    """Wait until something is to be heard."""
    try:
        async with asyncio.timeout(WITHIN_S):
            while not true():  # noqa: ASYNC110 - nobody tells when
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(what) from None


def hears(one: BaresipCaller, *pitches_hz: float) -> set[float]:
    """Say which of these a phone hears now."""
    return {hz for hz, level in one.levels(pitches_hz).items() if level > HEARD_DB}


async def expect(
    scene: Scene, called: dict[str, tuple[BaresipCaller, float]], heard: dict[str, set[str]]
) -> None:
    """Insist on who comes to hear whom, among those who called and those who were called."""
    pitches = {name: caller.phone.settings.pitch_hz or 0.0 for name, caller in scene.callers.items()}
    pitches |= {name: hz for name, (_, hz) in called.items()}
    pitches |= {"hold": HOLD_HZ}

    def now() -> dict[str, set[str]]:
        every = tuple(pitches.values())
        found = {
            name: caller.phone.heard(every, 300) for name, caller in scene.callers.items() if caller.is_up
        }
        found |= {name: hears(one, *every) for name, (one, _) in called.items() if name in heard}
        return {name: {who for who, hz in pitches.items() if hz in found[name]} for name in heard}

    await until(lambda: now() == heard, f"{now()} is not {heard}")


async def test_warm_transfer(twilio_scene: Scene, tmp_path: Path) -> None:
    scene = twilio_scene
    ann, bob = await scene.gather(2, "Warm transfer")
    music = scene.customer.host_tone("/hold.wav", HOLD_HZ)
    async with (
        phone("specialist", tmp_path, SPECIALIST_HZ) as specialist,
        running(
            scene, "warm-transfer/warm_transfer.py", scene.conference, ann.call_sid, bob.call_sid, specialist.uri,
            HOLD_MUSIC=music,
        ) as program,
    ):  # fmt: skip
        called = {"specialist": (specialist, SPECIALIST_HZ)}
        await program.says("agent and specialist talk")
        await expect(scene, called, {"ann": {"hold"}, "bob": {"specialist"}, "specialist": {"bob"}})
        program.type()
        await program.says("all three talk")
        everybody = {
            "ann": {"bob", "specialist"}, "bob": {"ann", "specialist"}, "specialist": {"ann", "bob"},
        }  # fmt: skip
        await expect(scene, called, everybody)
        program.type()
        await program.says("customer and specialist go on")
        await expect(scene, called, {"ann": {"specialist"}, "specialist": {"ann"}})
        assert await program.process.wait() == 0


async def test_warm_transfer_to_nobody(twilio_scene: Scene, tmp_path: Path) -> None:
    scene = twilio_scene
    ann, bob = await scene.gather(2, "Cold feet")
    busy = await SippCallee.refusing("486 Busy Here", tmp_path)
    try:
        words = scene.conference, ann.call_sid, bob.call_sid, busy.uri
        async with running(scene, "warm-transfer/warm_transfer.py", *words) as program:
            await program.says("no specialist")
            await expect(scene, {}, {"ann": {"bob"}, "bob": {"ann"}})
    finally:
        await busy.close()


async def test_supervisor(twilio_scene: Scene, tmp_path: Path) -> None:
    scene = twilio_scene
    _, bob = await scene.gather(2, "Supervised")
    async with (
        phone("boss", tmp_path, SPECIALIST_HZ) as boss,
        running(scene, "supervisor/supervisor.py", scene.conference, bob.call_sid, boss.uri) as program,
    ):
        called = {"boss": (boss, SPECIALIST_HZ)}
        await program.says("monitor")
        await expect(scene, called, {"ann": {"bob"}, "bob": {"ann"}, "boss": {"ann", "bob"}})
        program.type("whisper")
        await program.says("whisper")
        await expect(scene, called, {"ann": {"bob"}, "bob": {"ann", "boss"}, "boss": {"ann", "bob"}})
        program.type("barge")
        await program.says("barge")
        await expect(scene, called, {"ann": {"bob", "boss"}, "bob": {"ann", "boss"}, "boss": {"ann", "bob"}})
        program.type("leave")
        await program.says("leave")
        await expect(scene, {}, {"ann": {"bob"}, "bob": {"ann"}})
        assert await program.process.wait() == 0


async def test_queue_with_three_agents(twilio_scene: Scene, tmp_path: Path) -> None:
    scene = twilio_scene
    music = scene.customer.host_tone("/wait.wav", WAIT_HZ)
    async with AsyncExitStack() as stack:
        agents = [
            await stack.enter_async_context(phone(f"agent{turn}", tmp_path, hz))
            for turn, hz in enumerate(AGENTS_HZ)
        ]
        program = await stack.enter_async_context(
            running(scene, "queue/call_centre.py", NUMBER, *(one.uri for one in agents), WAIT_MUSIC=music)
        )
        await program.says("open")
        callers = [await scene.dial(name, NUMBER) for name in ("ann", "bob", "cat", "dan")]
        sounds = (*AGENTS_HZ, WAIT_HZ)

        def heard() -> list[set[float]]:
            return [caller.phone.heard(sounds, 300) for caller in callers]

        def three_are_served() -> bool:
            now = heard()
            return sorted(map(tuple, now)) == sorted((hz,) for hz in sounds)

        await until(three_are_served, f"three hear an agent each and one the music: {heard()}")
        first = next(turn for turn, now in enumerate(heard()) if WAIT_HZ not in now)
        last = next(turn for turn, now in enumerate(heard()) if WAIT_HZ in now)
        (agent_hz,) = heard()[first]
        await callers[first].hang_up()
        await program.says(agents[AGENTS_HZ.index(agent_hz)].uri + " is free")
        await until(lambda: heard()[last] == {agent_hz}, "the last is taken by the agent who is free again")
        last_hz = callers[last].phone.settings.pitch_hz or 0.0
        await until(lambda: last_hz in hears(agents[AGENTS_HZ.index(agent_hz)], last_hz), "and is heard")


async def test_outbound_campaign(twilio_scene: Scene, tmp_path: Path) -> None:
    scene = twilio_scene
    sound = scene.customer.host_tone("/message.wav", MESSAGE_HZ, 3.0)
    busy = await SippCallee.refusing("486 Busy Here", tmp_path)
    try:
        async with (
            phone("alice", tmp_path, 1000.0) as alice,
            phone("carol", tmp_path, 1000.0, answers=False) as carol,
        ):
            people = tmp_path / "people.txt"
            people.write_text(f"{alice.uri}\n{busy.uri}\n{carol.uri}\n+4930123456\n")
            async with running(
                scene, "outbound-campaign/campaign.py", sound, str(people), RING_S="3"
            ) as program:
                await until(lambda: MESSAGE_HZ in hears(alice, MESSAGE_HZ), "alice hears the message")
                await program.says("reached 1")
                assert sorted(program.said[:-1]) == sorted(
                    [
                        "+4930123456: not called, 21215",
                        f"{alice.uri}: completed, try 1",
                        f"{busy.uri}: busy, try 1",
                        f"{busy.uri}: busy, try 2",
                        f"{carol.uri}: no-answer, try 1",
                        f"{carol.uri}: no-answer, try 2",
                    ]
                )
                assert await program.process.wait() == 0
    finally:
        await busy.close()
