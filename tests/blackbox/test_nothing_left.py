"""A caller may leave at any step of a call: nothing of it stays, neither call nor conference, port, file nor socket."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import pytest
from aiohttp import web

from stage.callees import SippCallee
from stage.customer import Visit
from stage.scene import Scene, now_s
from stage.server import Server, serving
from stage.sipp import SCENARIOS, free_port, lasting_port
from stage.variants import referred_scenario
from stage.websockets import WebSockets

WITHIN_S = 30.0

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
    "calls a number": "<Dial timeout='20'><Number>+15557654321</Number></Dial>",
    "calls a number and is recorded": "<Dial record='record-from-ringing-dual'><Number>+15557654321</Number></Dial>",
    "is recorded": "<Record timeout='20' maxLength='60'/>",
    "hears themselves": "<Echo timeout='60'/>",
    "is referred, and told nothing": "<Refer action='{slow}'><Sip>sip:bob@127.0.0.1:9</Sip></Refer>",
    "talks with a server": "<Connect><Stream url='{socket}'/></Connect>",
    "is listened to by a server": "<Start><Stream url='{socket}' track='both_tracks'/></Start><Echo/>",
    "waits for a server": "<Connect><Stream url='ws://127.0.0.1:{stalled}/'/></Connect>",
}
"""What a caller does when they leave, and the document that has them do it."""

NOTHING: Mapping[str, list[str]] = {"calls": [], "conferences": [], "recordings": [], "queued": []}
OVER = {"completed", "absent", "failed", "stopped"}
"""Statuses of recordings of which nothing is awaited."""


@pytest.fixture(scope="module")
def carrier_port() -> int:
    """Where the trunk for numbers leads."""
    return lasting_port()


@pytest.fixture(scope="module")
def server(program: Path, tmp_path_factory: pytest.TempPathFactory, carrier_port: int) -> Iterator[Server]:
    """A server with a trunk, which makes calls as fast as they come."""
    options = ("--drain-s", "0", "--calls-per-s", "0", "--trunks", f"+1=sip:127.0.0.1:{carrier_port}")
    with serving(tmp_path_factory.mktemp("server"), *options) as one:
        yield one


@pytest.fixture
async def carrier(tmp_path: Path, carrier_port: int) -> AsyncIterator[SippCallee]:
    """Answers all numbers, and never hangs up."""
    callee = await SippCallee.answering(tmp_path, carrier_port)
    yield callee
    await callee.close()


@pytest.fixture
async def sockets() -> AsyncIterator[WebSockets]:
    """A customer's WebSocket server."""
    async with WebSockets() as one:
        yield one


@pytest.fixture
def stalled() -> Iterator[int]:
    """A port where the kernel takes connections and nobody answers."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        yield sock.getsockname()[1]


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


def held(scene: Scene) -> int:
    """How many sockets the engine has open (a call has two for its sound), and how many files of recordings."""
    links = Path(f"/proc/{scene.server.ready['engine_pid']}/fd").iterdir()
    names = [target for link in links if (target := _target(link))]
    return sum(1 for name in names if "socket" in name or "/recordings/" in name)


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except FileNotFoundError:  # closed meanwhile
        return ""


async def active(scene: Scene) -> dict[str, list[str]]:
    """Give the sids of all that is not over."""
    asked = {
        "calls": [f"Calls.json?Status={one}" for one in ("queued", "ringing", "in-progress")],
        "conferences": [f"Conferences.json?Status={one}" for one in ("init", "in-progress")],
        "recordings": ["Recordings.json?PageSize=1000"],
    }
    found: dict[str, list[str]] = {}
    for kind, paths in asked.items():
        for path in paths:
            listed = (await scene.rest.get(path)).body[kind]
            found.setdefault(kind, []).extend(one["sid"] for one in listed if one["status"] not in OVER)
    queues = (await scene.rest.get("Queues.json")).body["queues"]
    return {**found, "queued": [one["sid"] for one in queues if one["current_size"]]}


async def held_at_rest(scene: Scene) -> int:
    """Wait until nothing goes on any more, of an earlier attempt either, and give what the engine holds then."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            before, going_on = held(scene), await active(scene)
            await asyncio.sleep(0.5)  # sockets are closed a moment after their calls
            if going_on == NOTHING and held(scene) == before:
                return before


async def expect_nothing_left(scene: Scene, before: int, within_s: float = WITHIN_S) -> None:
    deadline_s = now_s() + within_s
    found = (await active(scene), held(scene))
    while found != (NOTHING, before) and now_s() < deadline_s:
        found = (await active(scene), held(scene))
    assert found == (NOTHING, before)


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


async def test_who_gives_up_before_the_answer_leaves_nothing(scene: Scene, slow: str, deaf: int) -> None:
    rings = f"<Dial answerOnBridge='true'><Sip>sip:nobody@127.0.0.1:{deaf}</Sip></Dial>"
    url = scene.customer.host("/voice/rings", f"<Response>{rings}</Response>")
    numbers = [await scene.claim(slow), await scene.claim(url)]
    before = await held_at_rest(scene)
    steps = [(number, at + 10 * turn) for turn, number in enumerate(numbers) for at in (0, 20, 100, 400)]
    await asyncio.gather(*(give_up(scene, number, after_ms) for number, after_ms in steps))
    await expect_nothing_left(scene, before)
    calls = (await scene.rest.get("Calls.json")).body["calls"]
    assert [one["status"] for one in calls if one["to"] in numbers] == ["canceled"] * len(steps)


@pytest.mark.usefixtures("carrier")
async def test_who_leaves_in_the_middle_of_anything_leaves_nothing(
    scene: Scene, slow: str, deaf: int, sockets: WebSockets, stalled: int
) -> None:
    told = {
        "tone": scene.customer.host_tone("/tone.wav", 700.0, 2.0), "slow": slow, "deaf": deaf,
        "socket": sockets.url, "stalled": stalled,
    }  # fmt: skip
    takes_refers = referred_scenario(scene.folder)
    before = await held_at_rest(scene)
    for index, document in enumerate(DOCUMENTS.values()):
        url = scene.customer.host(f"/voice/leave/{index}", f"<Response>{document.format(**told)}</Response>")
        number = await scene.claim(url)
        for frames in (0, 12):
            caller = await scene.dial(f"{index}-{frames}", number, pitch_hz=440.0, scenario=takes_refers)
            while len(caller.phone.received) < frames:
                await caller.phone.wait_for_packets(1, 10.0)
            await caller.hang_up()
    await expect_nothing_left(scene, before)
    for one in sockets.sockets:
        await one.ended()


@pytest.mark.parametrize("after_ms", [0, 60, 400])
async def test_nothing_stays_of_two_who_talk_whoever_of_them_leaves(
    scene: Scene, tmp_path: Path, carrier_port: int, after_ms: int
) -> None:
    """The called party hangs up: as soon as they are connected, before their sound could be heard, and later."""
    callee = await SippCallee.answering(tmp_path, carrier_port, leaves_after_ms=after_ms)
    try:
        before = await held_at_rest(scene)
        dial = "<Dial record='record-from-answer'><Number>+15557654321</Number></Dial>"
        number = await scene.claim(scene.customer.host("/voice/two", f"<Response>{dial}</Response>"))
        caller = await scene.dial("ann", number, pitch_hz=440.0)
        assert await caller.over(WITHIN_S) == 0, "it is told BYE"
        await expect_nothing_left(scene, before)
        calls = (await scene.rest.get("Calls.json?PageSize=2")).body["calls"]
        assert [one["status"] for one in calls] == ["completed", "completed"]
    finally:
        await callee.close()
