"""`roomtone phone` against a real server: heard by phones that are not ours, called by the API, its keys taken."""

from __future__ import annotations

import asyncio
import json
import wave
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Self

import numpy as np
import pytest

from roomtone.testing.tones import HEARD_DB, PITCHES_HZ, level_db
from stage.customer import wav
from stage.scene import Scene
from stage.server import PROGRAM, Server, serving

ALICE_HZ = PITCHES_HZ[4]
PASSWORD = "wonderland"
WITHIN_S = 30.0


class Softphone:
    """One `roomtone phone --json`."""

    def __init__(self, folder: Path, process: asyncio.subprocess.Process) -> None:
        self.recording = folder / "heard.wav"
        self._process = process
        self._told: list[dict[str, Any]] = []

    @classmethod
    async def start(cls, scene: Scene, *words: str, password: str = PASSWORD) -> Self:
        """Start it as alice, who speaks a pitch and records."""
        folder = scene.folder
        (folder / "speech.wav").write_bytes(wav(ALICE_HZ, 20))
        (folder / "password").write_text(password + "\n")
        host, port = scene.server.sip_address
        process = await asyncio.create_subprocess_exec(
            str(PROGRAM), "phone", "--server", f"{host}:{port}", "--user", "alice", "--json", "--repeat",
            "--password-file", str(folder / "password"), "--play", str(folder / "speech.wav"),
            "--record", str(folder / "heard.wav"), *words,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        return cls(folder, process)

    async def tells(self, event: str) -> dict[str, Any]:
        """Wait until it tells of this."""
        assert self._process.stdout is not None
        async with asyncio.timeout(WITHIN_S):
            while True:
                for one in self._told:
                    if one["event"] == event:
                        return one
                line = await self._process.stdout.readline()
                assert line, f"no {event}: {self._told}"
                self._told.append(json.loads(line))

    async def ends(self) -> tuple[int, str]:
        """Wait for its end; gives exit code and complaints."""
        async with asyncio.timeout(WITHIN_S):
            _, complaints = await self._process.communicate()
        return self._process.returncode or 0, complaints.decode()

    async def hears(self, *pitches_hz: float) -> None:
        """Wait until all these are in the last half second of its recording."""
        levels: dict[float, float] = {}
        try:
            async with asyncio.timeout(WITHIN_S):
                while not levels or min(levels.values()) < HEARD_DB:
                    await asyncio.sleep(0.1)
                    levels = {hz: level_db(self.heard(), hz) for hz in pitches_hz}
        except TimeoutError:
            raise AssertionError(f"it hears {levels}") from None

    def heard(self) -> np.ndarray[Any, np.dtype[np.int16]]:
        """Give the last half second of its recording."""
        try:
            with wave.open(str(self.recording)) as file:
                pcm = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        except (OSError, EOFError, wave.Error):  # its first sound is not written yet
            return np.zeros(4_000, np.int16)
        return pcm[-4_000:]

    async def close(self) -> None:
        """Stop it as Ctrl-C does."""
        if self._process.returncode is None:
            self._process.terminate()
            await self.ends()


@pytest.fixture(scope="module")
def server(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that makes calls as fast as they come."""
    with serving(tmp_path_factory.mktemp("server"), "--drain-s", "0", "--calls-per-s", "0") as one:
        yield one


@pytest.fixture
async def alice(scene: Scene) -> AsyncIterator[str]:
    """A name that may register, while the test runs."""
    who = ("--data", str(scene.server.data), "--sid", scene.rest.who.sid, "--name", "alice")
    await run("endpoint", "add", *who, "--password", PASSWORD)
    yield "alice"
    await run("endpoint", "remove", *who)


async def run(*words: str) -> None:
    process = await asyncio.create_subprocess_exec(
        str(PROGRAM), *words, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    _, complaints = await process.communicate()
    assert process.returncode == 0, complaints


async def heard_by(listener: Any, hz: float) -> None:
    """Wait until this listener, who is not our stack, hears the pitch."""
    async with asyncio.timeout(WITHIN_S):
        while hz not in listener.phone.heard((hz,), 300):
            await listener.phone.wait_for_packets(1)


@pytest.mark.usefixtures("alice")
async def test_it_registers_and_calls_into_a_conference_where_both_are_heard(scene: Scene) -> None:
    number = await scene.open_line("Softphone calls")
    ann = await scene.enter("ann", number)
    phone = await Softphone.start(scene, "--call", number, "--for", "2m")
    try:
        assert (await phone.tells("registered"))["uri"].startswith("sip:alice@")
        assert (await phone.tells("answered"))["codec"] == "PCMU"
        await phone.hears(PITCHES_HZ[0])
        await heard_by(ann, ALICE_HZ)
    finally:
        await phone.close()
    left = await scene.customer.wait(lambda visit: visit.event == "participant-leave")
    assert left.call != ann.call_sid, "Ctrl-C hangs up"


@pytest.mark.usefixtures("alice")
async def test_it_answers_a_participant_that_the_api_creates(scene: Scene) -> None:
    ann, _ = await scene.gather(2, "Softphone answers")
    phone = await Softphone.start(scene, "--answer")
    try:
        await phone.tells("registered")
        await scene.rest.made(
            f"Conferences/{scene.conference}/Participants.json", {"To": "client:alice", "From": "+15550199"}
        )
        assert "+15550199" in (await phone.tells("incoming"))["other"]
        await phone.hears(*PITCHES_HZ[:2])
        await heard_by(ann, ALICE_HZ)
        participants = await scene.participants()
        called = next(
            one
            for one in participants
            if one["call_sid"] not in {each.call_sid for each in scene.callers.values()}
        )
        await scene.rest.made(f"Calls/{called['call_sid']}.json", {"Status": "completed"})
        ended = await phone.tells("ended")
        assert ended["by"] == "them"
        assert ended["loudest_heard_db"] > HEARD_DB
        assert (await phone.ends())[0] == 0
    finally:
        await phone.close()


@pytest.mark.usefixtures("alice")
async def test_a_document_takes_the_keys_it_presses(scene: Scene) -> None:
    after = scene.customer.host("/keys", "<Response><Hangup/></Response>")
    menu = f'<Response><Gather numDigits="5" timeout="30" action="{after}"/></Response>'
    number = await scene.claim(scene.customer.host("/voice/menu", menu))
    phone = await Softphone.start(scene, "--call", number, "--digits", "w12w3#", "--header", "X-Trial: yes")
    try:
        await phone.tells("pressed")
        pressed = await scene.customer.wait(lambda visit: visit.path == "/keys", WITHIN_S)
        assert pressed.parameters["Digits"].startswith("123")
        assert (await phone.tells("ended"))["by"] == "them"
        assert (await phone.ends())[0] == 0
    finally:
        await phone.close()
    asked = await scene.customer.wait(lambda visit: visit.path == "/voice/menu")
    assert asked.parameters["SipHeader_X-Trial"] == "yes"


@pytest.mark.usefixtures("alice")
async def test_a_wrong_password_and_a_wrong_number_end_with_1_and_say_why(scene: Scene) -> None:
    phone = await Softphone.start(scene, "--answer", password="guess")
    code, complaints = await phone.ends()
    assert (code, "its password is not known there" in complaints) == (1, True), complaints
    phone = await Softphone.start(scene, "--call", "+15550000000")
    assert (await phone.tells("ended"))["status"] == 404
    assert (await phone.ends())[0] == 1
