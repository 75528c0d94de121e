"""Transfers both ways, by phones that are not ours: a document refers a phone, a phone refers whom it talks with."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import quote

import pytest

from roomtone.testing.tones import HEARD_DB, PITCHES_HZ
from stage.baresip import BaresipCaller
from stage.callees import SippCallee
from stage.scene import Scene
from stage.server import PROGRAM, Server, serving
from stage.sipp import SippCaller
from stage.variants import proving_scenario

pytestmark = pytest.mark.usefixtures("baresip")

ALICE_HZ, RABBIT_HZ = PITCHES_HZ[4:6]
PASSWORD = "wonderland"
WITHIN_S = 30.0
UP = {"queued", "ringing", "in-progress"}
"""Statuses of calls that are not over."""


@pytest.fixture(scope="module")
def server(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that makes calls as fast as they come."""
    with serving(tmp_path_factory.mktemp("server"), "--drain-s", "0", "--calls-per-s", "0") as one:
        yield one


def endpoint(scene: Scene, verb: str, *words: str) -> list[dict[str, object]]:
    command = [
        str(PROGRAM),
        "endpoint",
        verb,
        "--data",
        str(scene.server.data),
        "--sid",
        scene.rest.who.sid,
        *words,
    ]
    done = subprocess.run(command, check=True, capture_output=True, timeout=60)
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
async def phones(scene: Scene, tmp_path: Path) -> AsyncIterator[tuple[BaresipCaller, BaresipCaller]]:
    """Two phones of the project, registered."""
    async with AsyncExitStack() as stack:
        made = []
        for name, hz in (("alice", ALICE_HZ), ("rabbit", RABBIT_HZ)):
            endpoint(scene, "add", "--name", name, "--password", PASSWORD)
            stack.callback(endpoint, scene, "remove", "--name", name)
            phone = await BaresipCaller.register(
                name, PASSWORD, scene.server.sip_address, tmp_path / name, pitch_hz=hz
            )
            stack.push_async_callback(phone.close)
            made.append(phone)
        yield made[0], made[1]


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not true():  # noqa: ASYNC110 - nobody tells when
            await asyncio.sleep(0.05)


async def hear_each_other(caller: SippCaller, callee: BaresipCaller, callee_hz: float) -> None:
    """Insist that they come to."""
    own_hz = caller.phone.settings.pitch_hz
    assert own_hz is not None
    await until(
        lambda: (
            callee_hz in caller.phone.heard((callee_hz,), 300) and callee.levels((own_hz,))[own_hz] > HEARD_DB
        )
    )


async def ann_calls(scene: Scene, document: str) -> SippCaller:
    after = scene.customer.host("/after", "<Response><Pause length='60'/></Response>")
    number = await scene.claim(
        scene.customer.host("/voice/call", f"<Response>{document.replace('AFTER', after)}</Response>")
    )
    ann = await scene.try_to_dial("ann", number)
    return await ann.answered()


async def told(scene: Scene, prefixes: tuple[str, ...]) -> dict[str, str]:
    asked = await scene.customer.wait(lambda visit: visit.path == "/after", WITHIN_S)
    return {name: value for name, value in asked.parameters.items() if name.startswith(prefixes)}


async def gone(scene: Scene, to: str) -> None:
    """Wait for the end of the call to somebody, of whom there may be calls of earlier tests."""
    found = await calls_to(scene, to)
    assert found, "there is such a call"
    async with asyncio.timeout(WITHIN_S):
        while not UP.isdisjoint(found.values()):
            await asyncio.sleep(0.05)
            found = await calls_to(scene, to)
    assert next(iter(found.values())) == "completed", found


async def is_up(scene: Scene, to: str, known: Collection[str]) -> None:
    """Wait until somebody has answered a call that is none of those known."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            found = await calls_to(scene, to)
            if any(status == "in-progress" and sid not in known for sid, status in found.items()):
                return
            await asyncio.sleep(0.05)


async def calls_to(scene: Scene, to: str) -> dict[str, str]:
    """Give the statuses of the calls to somebody by their sids, the newest first."""
    listed = (await scene.rest.get("Calls.json?PageSize=1000")).body["calls"]
    return {call["sid"]: call["status"] for call in listed if call["to"] == to}


def at(scene: Scene, name: str) -> str:
    host, port = scene.server.sip_address
    return f"sip:{name}@{host}:{port}"


async def test_a_phone_transfers_its_caller_to_another_phone(
    scene: Scene, phones: tuple[BaresipCaller, BaresipCaller]
) -> None:
    alice, rabbit = phones
    ann = await ann_calls(scene, "<Dial action='AFTER'><Client>alice</Client></Dial>")
    await hear_each_other(ann, alice, ALICE_HZ)
    await alice.tell("transfer", at(scene, "rabbit"))
    await hear_each_other(ann, rabbit, RABBIT_HZ)
    await gone(scene, "client:alice")
    await rabbit.tell("hangup")
    assert (await told(scene, ("DialCallStatus",))) == {"DialCallStatus": "completed"}


async def test_a_phone_is_told_that_nobody_could_be_reached(
    scene: Scene, phones: tuple[BaresipCaller, BaresipCaller], tmp_path: Path
) -> None:
    alice, _ = phones
    busy = await SippCallee.refusing("486 Busy Here", tmp_path)
    try:
        ann = await ann_calls(scene, "<Dial action='AFTER'><Client>alice</Client></Dial>")
        await hear_each_other(ann, alice, ALICE_HZ)
        await alice.tell("transfer", busy.uri)
        assert (await told(scene, ("DialCallStatus",))) == {"DialCallStatus": "busy"}
        await alice.says("486 Busy Here")
    finally:
        await busy.close()


async def test_a_phone_gives_its_seat_in_a_conference_to_another(
    scene: Scene, phones: tuple[BaresipCaller, BaresipCaller]
) -> None:
    alice, rabbit = phones
    ann, _ = await scene.gather(2, "Seats")
    await scene.rest.made(
        f"Conferences/{scene.conference}/Participants.json", {"To": "client:alice", "From": "+15550199"}
    )
    await hear_each_other(ann, alice, ALICE_HZ)
    await alice.tell("transfer", at(scene, "rabbit"))
    await hear_each_other(ann, rabbit, RABBIT_HZ)
    await gone(scene, "client:alice")
    await until(lambda: ALICE_HZ not in ann.phone.heard((ALICE_HZ,), 300))
    assert len(await scene.participants()) == 3


async def test_a_document_refers_a_phone_which_calls_by_itself_and_tells(
    scene: Scene, phones: tuple[BaresipCaller, BaresipCaller], tmp_path: Path
) -> None:
    """The phone that is referred is baresip, which calls the target, tells of it by NOTIFY, and hangs up."""
    bob = await BaresipCaller.wait_to_be_called("bob", tmp_path / "bob", pitch_hz=PITCHES_HZ[3])
    try:
        after = scene.customer.host("/after", "<Response><Pause length='60'/></Response>")
        document = f"<Response><Refer action='{after}'><Sip>{bob.uri}</Sip></Refer></Response>"
        url = scene.customer.host("/voice/refer", document)
        await scene.rest.made("Calls.json", {"To": "client:alice", "From": "+15550199", "Url": url})
        found = await told(scene, ("Refer", "Notify"))
        assert found == {
            "ReferCallStatus": "in-progress",
            "ReferSipResponseCode": "202",
            "NotifySipResponseCode": "200",
        }
        await until(lambda: bob.levels((ALICE_HZ,))[ALICE_HZ] > HEARD_DB)
    finally:
        await bob.close()


async def test_a_phone_that_knows_no_refer_is_told_of(scene: Scene) -> None:
    ann = await ann_calls(scene, "<Refer action='AFTER'><Sip>sip:bob@127.0.0.1:9</Sip></Refer>")
    assert (await ann.wait_for("refer")).split()[1] == "sip:bob@127.0.0.1:9"
    found = await told(scene, ("Refer", "Notify"))
    assert found == {"ReferCallStatus": "failed", "ReferSipResponseCode": "405"}


async def test_a_phone_connects_the_two_it_talks_with(
    scene: Scene, phones: tuple[BaresipCaller, BaresipCaller]
) -> None:
    """It asks somebody else first, and then hands its caller over: REFER with Replaces."""
    alice, rabbit = phones
    ann = await ann_calls(scene, "<Dial action='AFTER'><Client>alice</Client></Dial>")
    await hear_each_other(ann, alice, ALICE_HZ)
    asks = scene.customer.host("/voice/asks", "<Response><Dial><Client>rabbit</Client></Dial></Response>")
    known = await calls_to(scene, "client:rabbit")
    await alice.tell("dial", at(scene, await scene.claim(asks)))
    await is_up(scene, "client:rabbit", known)
    visit = await scene.customer.wait(lambda visit: visit.path == "/voice/asks", WITHIN_S)
    await alice.tell("line", "1")
    dialog = f"{quote(visit.parameters['SipCallId'], safe='')}%3Bto-tag%3Da%3Bfrom-tag%3Db"
    await alice.tell("transfer", f"{at(scene, 'rabbit')}?Replaces={dialog}")
    await hear_each_other(ann, rabbit, RABBIT_HZ)
    await gone(scene, "client:alice")
    await rabbit.tell("hangup")
    assert (await told(scene, ("DialCallStatus",))) == {"DialCallStatus": "completed"}


# A phone that takes over the call of another: SIPp, by RFC 3891 ---------------------------------------------------------


@pytest.fixture
def accounts(scene: Scene) -> Iterator[None]:
    """Two phones that may call with a password; they need not register for that."""
    for name in ("desk", "mobile"):
        endpoint(scene, "add", "--name", name, "--password", PASSWORD)
    yield
    for name in ("desk", "mobile"):
        endpoint(scene, "remove", "--name", name)


async def phone_calls(
    scene: Scene, name: str, number: str, header: str = "", password: str = PASSWORD
) -> SippCaller:
    """Let a phone call, whatever comes of it; it gives its password when it is asked."""
    scenario = proving_scenario(scene.folder, name, header)
    return await scene.try_to_dial(name, number, scenario=scenario, password=password)


def replaces(held: SippCaller) -> str:
    """Name a call by its dialog, as it was told to the phone that made it."""
    said = dict(line.split() for line in held.said if line.startswith(("from ", "to ")))
    return f"Replaces: {held.call_id};to-tag={said['to']};from-tag={said['from']}"


@pytest.mark.usefixtures("accounts")
async def test_a_phone_takes_the_seat_of_another_by_an_invite(scene: Scene) -> None:
    await scene.gather(2, "Pick up")
    number = await scene.open_line("Pick up")
    desk = await (await phone_calls(scene, "desk", number)).answered()
    await scene.expect({"ann": {"bob", "desk"}, "bob": {"ann", "desk"}, "desk": {"ann", "bob"}})
    mobile = await (await phone_calls(scene, "mobile", "anything", replaces(desk))).answered()
    assert await desk.over(WITHIN_S) == 0, "it is told BYE"
    await scene.expect({"ann": {"bob", "mobile"}, "bob": {"ann", "mobile"}, "mobile": {"ann", "bob"}})
    assert len(await scene.participants()) == 3
    assert mobile.is_up


@pytest.mark.usefixtures("accounts")
async def test_a_phone_takes_over_who_another_talks_with(scene: Scene, tmp_path: Path) -> None:
    bob = await BaresipCaller.wait_to_be_called("bob", tmp_path / "bob", pitch_hz=PITCHES_HZ[3])
    try:
        document = f"<Response><Dial><Sip>{bob.uri}</Sip></Dial></Response>"
        number = await scene.claim(scene.customer.host("/voice/desk", document))
        desk = await (await phone_calls(scene, "desk", number)).answered()
        await hear_each_other(desk, bob, PITCHES_HZ[3])
        mobile = await (await phone_calls(scene, "mobile", "anything", replaces(desk))).answered()
        await hear_each_other(mobile, bob, PITCHES_HZ[3])
        assert await desk.over(WITHIN_S) == 0, "it is told BYE"
        await mobile.hang_up()
        await gone(scene, bob.uri)
    finally:
        await bob.close()


@pytest.mark.usefixtures("accounts")
async def test_nobody_takes_over_a_call_without_a_password_or_its_dialog(scene: Scene) -> None:
    await scene.gather(2, "Keep")
    number = await scene.open_line("Keep")
    desk = await (await phone_calls(scene, "desk", number)).answered()
    table = {"ann": {"bob", "desk"}, "bob": {"ann", "desk"}, "desk": {"ann", "bob"}}
    await scene.expect(table)
    header = replaces(desk)
    thief = await phone_calls(scene, "mobile", "anything", header, "not wonderland")
    await thief.wait_for("refused 403", WITHIN_S)
    guesser = await phone_calls(scene, "mobile", "anything", header.replace("to-tag=", "to-tag=x"))
    await guesser.wait_for("refused 481", WITHIN_S)
    for one in (thief, guesser):
        await one.over(WITHIN_S)
        await one.phone.close()
    scene.callers.pop("mobile")
    await scene.expect(table, "nothing has changed")
