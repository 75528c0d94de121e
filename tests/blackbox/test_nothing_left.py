"""A caller may leave at any step of a call: nothing of it stays, neither call nor conference, neither port nor socket."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import pytest
from aiohttp import web

from stage.customer import Visit
from stage.scene import Scene, now_s
from stage.sipp import SCENARIOS, free_port

DOCUMENTS: Mapping[str, str] = {
    "is spoken to": "<Say>This is a sentence that takes a good while to be spoken</Say>",
    "hears a file": '<Play loop="0">{tone}</Play>',
    "hears keys": "<Play digits='1w2w3w4w5w6w7w8w9'/>",
    "is asked for keys": "<Gather timeout='20'><Play loop='0'>{tone}</Play></Gather>",
    "waits": "<Play digits='1w2'/><Pause length='20'/><Say>Too late</Say>",
    "waits for a document": "<Say>One</Say><Redirect>{slow}</Redirect>",
    "waits in a conference": "<Dial><Conference startConferenceOnEnter='false' waitUrl='{slow}'>left</Conference></Dial>",
    "is in a conference": "<Dial><Conference endConferenceOnExit='true' waitUrl=''>joined</Conference></Dial>",
    "stands in a queue": "<Enqueue waitUrl='{slow}'>left over</Enqueue>",
    "waits for the next in a queue": "<Play digits='1w2'/><Dial><Queue>empty</Queue></Dial>",
    "calls somebody who does not answer": "<Dial timeout='20'><Sip>sip:nobody@127.0.0.1:{deaf}</Sip></Dial>",
}
"""What a caller does when they leave, and the document that has them do it."""


@pytest.fixture
async def slow(scene: Scene) -> AsyncIterator[str]:
    """A document that the customer does not get ready."""
    never = asyncio.Event()

    async def answer(_: Visit) -> web.Response:
        await never.wait()
        return web.Response(body=b"<Response/>", content_type="text/xml")

    yield scene.customer.answer_with("/slow", answer)
    never.set()


@pytest.fixture
def deaf() -> Iterator[int]:
    """A port where everything is taken and nothing answered."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        yield sock.getsockname()[1]


def open_sockets(scene: Scene) -> int:
    """How many sockets the engine holds: a call has two for its sound."""
    links = Path(f"/proc/{scene.server.ready['engine_pid']}/fd").iterdir()
    return sum(1 for link in links if "socket" in str(link.readlink()))


async def active(scene: Scene) -> dict[str, list[str]]:
    """Give the sids of all that is not over."""
    asked = {
        "calls": [f"Calls.json?Status={one}" for one in ("queued", "ringing", "in-progress")],
        "conferences": [f"Conferences.json?Status={one}" for one in ("init", "in-progress")],
    }
    found: dict[str, list[str]] = {}
    for kind, paths in asked.items():
        for path in paths:
            found.setdefault(kind, []).extend(one["sid"] for one in (await scene.rest.get(path)).body[kind])
    queues = (await scene.rest.get("Queues.json")).body["queues"]
    return {**found, "queued": [one["sid"] for one in queues if one["current_size"]]}


async def expect_nothing_left(scene: Scene, sockets: int, within_s: float = 20.0) -> None:
    nothing: dict[str, list[str]] = {"calls": [], "conferences": [], "queued": []}
    deadline_s = now_s() + within_s
    found = (await active(scene), open_sockets(scene))
    while found != (nothing, sockets) and now_s() < deadline_s:
        found = (await active(scene), open_sockets(scene))
    assert found == (nothing, sockets)


async def give_up(scene: Scene, number: str, after_ms: int) -> None:
    """Call, and CANCEL so many milliseconds after the first answer."""
    scenario = scene.folder / f"leaver{after_ms}.xml"
    scenario.write_text((SCENARIOS / "leaver.xml").read_text().replace("AFTER_MS", str(after_ms)))
    host, port = scene.server.sip_address
    process = await asyncio.create_subprocess_exec(
        "sipp", f"{host}:{port}", "-sf", str(scenario), "-i", "127.0.0.1", "-p", str(free_port()), "-m", "1",
        "-nostdin", "-key", "number", number, "-timeout", "30", cwd=scene.folder,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert await process.wait() == 0, f"after {after_ms} ms"


async def test_who_gives_up_before_the_answer_leaves_nothing(scene: Scene, slow: str) -> None:
    number = await scene.claim(slow)
    sockets = open_sockets(scene)
    await asyncio.gather(*(give_up(scene, number, after_ms) for after_ms in (0, 20, 100, 400)))
    await expect_nothing_left(scene, sockets)
    calls = (await scene.rest.get("Calls.json")).body["calls"]
    assert [one["status"] for one in calls if one["to"] == number] == ["canceled"] * 4


async def test_who_leaves_in_the_middle_of_anything_leaves_nothing(
    scene: Scene, slow: str, deaf: int
) -> None:
    told = {
        "tone": scene.customer.host_tone("/tone.wav", 700.0, 2.0), "slow": slow, "deaf": str(deaf),
    }  # fmt: skip
    sockets = open_sockets(scene)
    for index, document in enumerate(DOCUMENTS.values()):
        url = scene.customer.host(f"/voice/leave/{index}", f"<Response>{document.format(**told)}</Response>")
        number = await scene.claim(url)
        for frames in (0, 10):
            caller = await scene.dial(f"{index}-{frames}", number, pitch_hz=440.0)
            while len(caller.phone.received) < frames:
                await caller.phone.wait_for_packets(1, 10.0)
            await caller.hang_up()
    await expect_nothing_left(scene, sockets)
