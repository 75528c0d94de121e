"""The examples of the how-tos about recordings and streams, executed as they stand there."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from stage.customer import Customer
from stage.rest import Rest
from stage.scene import Scene
from stage.server import Server
from stage.websockets import WebSockets

pytestmark = pytest.mark.timeout(180)

HOWTOS = Path(__file__).parents[2] / "docs/howto"
STRICT = 'curl() { command curl -sS --fail-with-body "$@"; }\nset -e\n'
"""A request that is refused ends the example."""


@dataclass(frozen=True)
class Page:
    """A how-to."""

    text: str

    def block(self, language: str, having: str) -> str:
        """Give the one example of a language that has this in it."""
        blocks = re.findall(rf"```{language}\n(.*?)```", self.text, re.DOTALL)
        (found,) = [one for one in blocks if having in one]
        return str(found)


def page(name: str) -> Page:
    return Page((HOWTOS / name).read_text())


async def run(example: str, folder: Path, **variables: str) -> str:
    """Execute an example in a folder, and give what it printed."""
    shell = await asyncio.create_subprocess_exec(
        "bash", "-c", STRICT + example, cwd=folder, env={**os.environ, **variables},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await asyncio.wait_for(shell.communicate(), 90)
    assert shell.returncode == 0, out.decode()
    return out.decode()


@pytest.fixture
def curl() -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")


@pytest.fixture
def serve_options() -> tuple[str, ...]:
    return ("--recording-tracks", "true", "--drain-s", "0")


@pytest.fixture
async def twilio_stage(
    sipp: str, own_server: Server, session: aiohttp.ClientSession, customer: Customer, tmp_path: Path
) -> AsyncIterator[Scene]:
    who = own_server.create_project("twilio")
    one = Scene(own_server, Rest(session, own_server.ready["http"], who), customer, tmp_path)
    yield one
    await one.close()


def variables_of(scene: Scene) -> dict[str, str]:
    who = scene.rest.who
    return {
        "ACCOUNT": who.sid,
        "PROJECT": who.sid,
        "TOKEN": who.token,
        "URL": scene.server.ready["http"].rstrip("/"),
    }


async def told(scene: Scene, status: str, count: int = 1) -> dict[str, str]:
    """Wait until a recording has been told so for the nth time, and give what was told."""

    def those() -> list[dict[str, str]]:
        said = (one.parameters for one in scene.customer.visits if one.path == "/recorded")
        return [one for one in said if one.get("RecordingStatus") == status]

    await scene.customer.until(lambda: len(those()) >= count, 60)
    return those()[count - 1]


@pytest.mark.usefixtures("curl")
async def test_a_conference_is_recorded_as_the_page_says(twilio_stage: Scene, tmp_path: Path) -> None:
    scene, here = twilio_stage, page("record-a-conference.md")
    document = here.block("xml", "record-from-start").replace(
        "https://app.example/recorded", f"{scene.customer.base}/recorded"
    )
    number = await scene.claim(scene.customer.host("/voice/standup", document))
    ann, bob = await scene.dial("ann", number), await scene.dial("bob", number)
    begun = await told(scene, "in-progress")
    variables = {**variables_of(scene), "CONFERENCE": begun["ConferenceSid"]}
    await ann.phone.wait_for_packets(100, within_s=30)
    await run(here.block("sh", "PauseBehavior=skip"), tmp_path, **variables)
    done = await told(scene, "completed")
    assert done["RecordingSid"] == begun["RecordingSid"]
    (listed,) = (await scene.rest.get(f"Conferences/{variables['CONFERENCE']}/Participants.json")).body[
        "participants"
    ][:1]
    variables |= {"RECORDING": done["RecordingSid"], "CALL": listed["call_sid"]}
    printed = await run(here.block("sh", "Moments.json"), tmp_path, **variables)
    assert '"pause"' in printed
    assert all((tmp_path / name).read_bytes()[:4] == b"fLaC" for name in ("bob.flac", "all.flac"))
    silenced = page("store-on-s3.md").block("sh", "Redactions.json").splitlines()[0]
    assert "sha256" in await run(
        silenced.replace("12.5", "0.2").replace("=19", "=0.4"), tmp_path, **variables
    )
    await run(here.block("sh", "Recordings.json"), tmp_path, **variables)
    await run(here.block("sh", "standup.mp3"), tmp_path, **variables)
    assert (tmp_path / "standup.mp3").stat().st_size > 1_000
    gone = await scene.rest.get(f"Recordings/{done['RecordingSid']}.json")
    assert gone.status == 404
    await bob.hang_up()


@pytest.mark.usefixtures("curl")
async def test_an_agent_and_a_listener_join_as_the_page_says(stage: Scene, tmp_path: Path) -> None:
    here = page("let-an-ai-agent-join.md")
    async with WebSockets() as agent, WebSockets() as scribe:
        document = here.block("xml", "bidir").replace("wss://agent.example/room", agent.url)
        number = await stage.claim(stage.customer.host("/voice/standup", document))
        await stage.dial("ann", number)
        await stage.dial("bob", number)
        begun = (await (await agent.connected()).wait_for("start"))["start"]
        variables = {**variables_of(stage), "CONFERENCE": begun["conferenceSid"]}
        example = here.block("sh", "scribe").replace("wss://scribe.example/room", scribe.url)
        begin, stop = example.rstrip().rsplit("\ncurl", 1)
        await run(begin, tmp_path, **variables)
        heard = await scribe.connected()
        said = (await heard.wait_for("start"))["start"]
        assert said["mediaFormat"]["sampleRate"] == 16_000
        assert '"stopped"' in (await run(f"curl{stop}", tmp_path, **variables)).replace(" ", "")
        await heard.wait_for("stop")


@pytest.mark.usefixtures("curl")
async def test_a_caller_talks_with_an_agent_as_the_page_says(stage: Scene) -> None:
    async with WebSockets() as agent:
        document = page("let-an-ai-agent-join.md").block("xml", "<Connect>")
        hosted = stage.customer.host("/voice/call", document.replace("wss://agent.example/call", agent.url))
        await stage.dial("ann", await stage.claim(hosted))
        begun = (await (await agent.connected()).wait_for("start"))["start"]
        assert begun["customParameters"] == {"language": "en"}
