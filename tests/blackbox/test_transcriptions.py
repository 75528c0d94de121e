"""What callers leave after the tone, written down by a program, over a kill of the server, and read by an official SDK."""

from __future__ import annotations

import asyncio
import shlex
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from stage.customer import Customer
from stage.ears import settle
from stage.rest import Rest
from stage.scene import Scene
from stage.server import Server, in_thread

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

WITHIN_S = 60.0
EARS = """
import json, pathlib, sys, time, wave
import numpy as np
folder, path = pathlib.Path(sys.argv[1]), sys.argv[2]
with open(folder / "runs", "a") as log:
    log.write(".")
while (folder / "hold").exists():
    time.sleep(0.05)
with wave.open(path) as heard:
    rate, pcm = heard.getframerate(), np.frombuffer(heard.readframes(heard.getnframes()), "<i2")
hz = np.argmax(np.abs(np.fft.rfft(pcm))) * rate / len(pcm)
print(json.dumps({"language": "en", "segments": [{"start": 0, "end": 1, "text": f"a tone of {round(hz / 10) * 10} Hz"}]}))
"""


@pytest.fixture
def own_server(program: Path, tmp_path: Path) -> Iterator[Server]:
    ears = tmp_path / "ears.py"
    ears.write_text(EARS)
    command = shlex.join([sys.executable, str(ears), str(tmp_path), "{path}"])
    one = Server(tmp_path / "data", ("--transcriber", command, "--drain-s", "0"))
    one.start()
    yield one
    one.stop()


@pytest.fixture
async def scene(
    sipp: str, own_server: Server, session: aiohttp.ClientSession, customer: Customer, tmp_path: Path
) -> AsyncIterator[Scene]:
    rest = Rest(session, own_server.ready["http"], own_server.create_project("twilio"))
    one = Scene(own_server, rest, customer, tmp_path)
    yield one
    await one.close()


class Here(TwilioHttpClient):
    """Sends what the SDK asks to our server."""

    def __init__(self, base: str) -> None:
        super().__init__(timeout=20)
        self._base = base

    def request(self, method, url, *more, **named):  # type: ignore[no-untyped-def]
        return super().request(method, url.replace("https://api.twilio.com", self._base), *more, **named)


def sdk(scene: Scene) -> Client:
    who = scene.rest.who
    return Client(who.sid, who.token, http_client=Here(scene.server.ready["http"].rstrip("/")))


async def leave_a_message(scene: Scene) -> float:
    """Call, speak for two seconds after the tone, press a key; gives the pitch of who spoke."""
    scene.customer.host("/said", "<Response/>")
    verb = (
        f'<Record action="{scene.customer.base}/next" timeout="60" trim="do-not-trim" '
        f'transcribeCallback="{scene.customer.base}/said" recordingStatusCallback="{scene.customer.base}/recorded"/>'
    )
    scene.customer.host("/next", "<Response><Hangup/></Response>")
    voice = scene.customer.host("/voice/message", f"<Response>{verb}</Response>")
    ann = await scene.dial("ann", await scene.claim(voice))
    await settle(list(scene.phones.values()), 125)
    ann.phone.press("#")
    await scene.customer.wait(
        lambda one: one.path == "/recorded" and one.parameters.get("RecordingStatus") == "completed", WITHIN_S
    )
    pitch = ann.phone.settings.pitch_hz
    assert pitch is not None
    return pitch


async def test_what_was_said_is_told_and_an_sdk_reads_it(scene: Scene) -> None:
    pitch = await leave_a_message(scene)
    told = (await scene.customer.wait(lambda one: one.path == "/said", WITHIN_S)).parameters
    text = f"a tone of {round(pitch / 10) * 10} Hz"
    assert (told["TranscriptionStatus"], told["TranscriptionText"]) == ("completed", text)
    assert told["To"].startswith("+1555")
    client = sdk(scene)
    (listed,) = await asyncio.to_thread(client.transcriptions.list)
    one = await asyncio.to_thread(client.transcriptions(told["TranscriptionSid"]).fetch)
    assert (one.sid, one.transcription_text, one.recording_sid, str(one.status)) == (
        listed.sid, text, told["RecordingSid"], "completed",
    )  # fmt: skip
    below = client.recordings(told["RecordingSid"]).transcriptions
    assert [each.sid for each in await asyncio.to_thread(below.list)] == [one.sid]
    made = await scene.rest.made(f"Recordings/{told['RecordingSid']}/Transcriptions.json", {})
    assert made["status"] == "in-progress"
    assert await asyncio.to_thread(client.transcriptions(one.sid).delete)
    with pytest.raises(TwilioRestException):
        await asyncio.to_thread(client.transcriptions(one.sid).fetch)


async def test_what_a_killed_server_was_at_is_made_by_the_next(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "hold").touch()
    pitch = await leave_a_message(scene)
    async with asyncio.timeout(WITHIN_S):
        while not (tmp_path / "runs").exists():  # noqa: ASYNC110 - a program has no events
            await asyncio.sleep(0.05)
    scene.server.kill_brain()
    (tmp_path / "hold").unlink()
    await in_thread(scene.server.start_again)
    told = (await scene.customer.wait(lambda one: one.path == "/said", WITHIN_S)).parameters
    assert told["TranscriptionText"] == f"a tone of {round(pitch / 10) * 10} Hz"
    assert (tmp_path / "runs").read_text() == ".."
