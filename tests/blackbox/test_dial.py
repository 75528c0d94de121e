"""Calls that dial: phones that are not ours ring, answer, refuse; who hears whom, and what the customer is told."""

from __future__ import annotations

import asyncio
import itertools
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from roomtone.testing.tones import HEARD_DB, PITCHES_HZ
from stage.baresip import BaresipCaller
from stage.callees import SippCallee, registered
from stage.ears import settle
from stage.scene import Scene
from stage.server import PROGRAM, Credentials, Server, serving
from stage.sipp import SippCaller, free_ports, lasting_port

pytestmark = pytest.mark.usefixtures("baresip")

ALICE_HZ, BOB_HZ = PITCHES_HZ[4], PITCHES_HZ[3]
RING_HZ = (440.0, 480.0)
NUMBER, PASSWORD = "+15557654321", "wonderland"

_turn = itertools.count(1)
WITHIN_S = 20.0


@pytest.fixture(scope="module")
def carrier_port() -> int:
    """Where the trunk for numbers leads; a phone may take the port above, too."""
    return lasting_port()


@pytest.fixture(scope="module")
def server(program: Path, tmp_path_factory: pytest.TempPathFactory, carrier_port: int) -> Iterator[Server]:
    """A server with a trunk."""
    options = ("--drain-s", "0", "--trunks", f"+1=sip:127.0.0.1:{carrier_port}")
    with serving(tmp_path_factory.mktemp("server"), *options) as one:
        yield one


@pytest.fixture
def wendy(server: Server, signalwire_project: Credentials, noun: str) -> str:
    """A phone that may register, if a client is called: of a name whose bindings no earlier phone has left behind."""
    name = f"wendy{next(_turn)}"
    if noun == "client":
        command = ("endpoint", "add", "--data", str(server.data), "--sid", signalwire_project.sid)
        given = ("--name", name, "--password", PASSWORD)
        subprocess.run([str(PROGRAM), *command, *given], check=True, capture_output=True, timeout=60)
    return name


@pytest.fixture
async def alice(tmp_path: Path) -> AsyncIterator[BaresipCaller]:
    """A phone that answers when it is called."""
    async with phone("alice", tmp_path, ALICE_HZ) as one:
        yield one


@asynccontextmanager
async def phone(
    name: str, folder: Path, pitch_hz: float, *, answers: bool = True
) -> AsyncIterator[BaresipCaller]:
    one = await BaresipCaller.wait_to_be_called(name, folder / name, pitch_hz=pitch_hz, answers=answers)
    try:
        yield one
    finally:
        await one.close()


async def dials(
    scene: Scene, nouns: str, attributes: str = "", then: str = "<Pause length='60'/>"
) -> SippCaller:
    """Let ann call a number whose document dials these."""
    after = scene.customer.host("/after", f"<Response>{then}</Response>")
    document = f"<Response><Dial action='{after}' {attributes}>{nouns}</Dial></Response>"
    number = await scene.claim(scene.customer.host("/voice/dial", document))
    return await scene.try_to_dial("ann", number)


async def until(true: Callable[[], bool]) -> None:
    """Wait until something is to be heard."""
    async with asyncio.timeout(WITHIN_S):
        while not true():  # noqa: ASYNC110 - nobody tells when
            await asyncio.sleep(0.05)


async def told(scene: Scene) -> dict[str, str]:
    """Wait until the action has been asked, and give what it was told of the dial."""
    asked = await scene.customer.wait(lambda visit: visit.path == "/after", WITHIN_S)
    return {name: value for name, value in asked.parameters.items() if name.startswith("Dial")}


async def hear_each_other(caller: SippCaller, callee: BaresipCaller, callee_hz: float) -> None:
    """Insist that they come to."""
    own_hz = caller.phone.settings.pitch_hz
    assert own_hz is not None
    await until(
        lambda: (
            callee_hz in caller.phone.heard((callee_hz,), 300) and callee.levels((own_hz,))[own_hz] > HEARD_DB
        )
    )


async def heard(caller: SippCaller, *pitches_hz: float) -> None:
    """Insist that a caller comes to hear these."""
    await until(lambda: caller.phone.heard(pitches_hz, 300) == set(pitches_hz))


def sip(callee: BaresipCaller | SippCallee, attributes: str = "") -> str:
    return f"<Sip {attributes}>{callee.uri}</Sip>"


async def test_caller_and_callee_hear_each_other_and_the_customer_is_told_all(
    scene: Scene, alice: BaresipCaller
) -> None:
    progress = scene.customer.host("/progress", "")
    events = f"statusCallback='{progress}' statusCallbackEvent='initiated ringing answered completed'"
    ann = await dials(scene, sip(alice, events), "callerId='+15550142' hangupOnStar='true'")
    await ann.answered()
    await hear_each_other(ann, alice, ALICE_HZ)
    (child,) = [call for call in await calls(scene) if call["direction"] != "inbound"]
    by_parent = (await scene.rest.get(f"Calls.json?ParentCallSid={child['parent_call_sid']}")).body["calls"]
    assert [one["sid"] for one in by_parent] == [child["sid"]]
    assert (child["from"], child["to"], child["status"]) == ("+15550142", alice.uri, "in-progress")
    ann.phone.press("*")
    found = await told(scene)
    assert (found["DialCallStatus"], found["DialCallSid"]) == ("completed", child["sid"])
    assert int(found["DialCallDuration"]) >= 0
    await scene.customer.wait(
        lambda visit: visit.path == "/progress" and visit.parameters["CallStatus"] == "completed", WITHIN_S
    )
    seen = [one.parameters for one in scene.customer.visits if one.path == "/progress"]
    assert [one["CallStatus"] for one in seen] == ["initiated", "ringing", "in-progress", "completed"]
    assert {(one["CallSid"], one["ParentCallSid"], one["Direction"]) for one in seen} == {
        (child["sid"], child["parent_call_sid"], "outbound-dial")
    }
    assert ann.is_up


async def calls(scene: Scene) -> list[dict[str, str]]:
    """List the project's calls that are up."""
    found = (await scene.rest.get("Calls.json?Status=in-progress")).body["calls"]
    assert isinstance(found, list)
    return found


@pytest.fixture
async def called(
    scene: Scene, tmp_path: Path, carrier_port: int, noun: str, wendy: str
) -> AsyncIterator[tuple[str, str, BaresipCaller]]:
    """A phone that answers, the noun that calls it, and how its call's `to` is spelt."""
    if noun == "client":
        one = await BaresipCaller.register(
            wendy, PASSWORD, scene.server.sip_address, tmp_path / wendy, pitch_hz=BOB_HZ
        )
    else:
        name, port = (NUMBER, carrier_port) if noun == "number" else ("bob", 0)
        one = await BaresipCaller.wait_to_be_called(name, tmp_path / "bob", pitch_hz=BOB_HZ, port=port)
    spelt = {
        "sip": (sip(one), one.uri),
        "number": (f"<Number>{NUMBER}</Number>", NUMBER),
        "client": (f"<Client>{wendy}</Client>", f"client:{wendy}"),
    }
    try:
        yield *spelt[noun], one
    finally:
        await one.close()


@pytest.mark.parametrize("noun", ["sip", "number", "client"])
async def test_whoever_a_noun_means_is_heard_and_hears(
    scene: Scene, called: tuple[str, str, BaresipCaller]
) -> None:
    spelt, to, bob = called
    ann = await dials(scene, spelt)
    await ann.answered()
    await hear_each_other(ann, bob, BOB_HZ)
    (child,) = [call for call in await calls(scene) if call["direction"] != "inbound"]
    assert child["to"] == to
    await bob.tell("hangup")
    found = await told(scene)
    assert (found["DialCallStatus"], found["DialCallSid"]) == ("completed", child["sid"])
    assert ann.is_up


@pytest.mark.parametrize(
    ("refusal", "status"),
    [("486 Busy Here", "busy"), ("480 Temporarily Unavailable", "no-answer"), ("404 Not Found", "failed")],
)
@pytest.mark.parametrize("noun", ["sip", "number", "client"])
async def test_a_refusal_is_told_in_the_vendors_words(
    scene: Scene, tmp_path: Path, carrier_port: int, wendy: str, noun: str, refusal: str, status: str
) -> None:
    async with AsyncExitStack() as leaving:
        port = carrier_port if noun == "number" else free_ports()
        if noun == "client":
            where = (scene.server.sip_address, port, tmp_path)
            await leaving.enter_async_context(registered(wendy, PASSWORD, *where))
        callee = await SippCallee.refusing(refusal, tmp_path, port)
        leaving.push_async_callback(callee.close)
        spelt = f"<Number>{NUMBER}</Number>" if noun == "number" else f"<Client>{wendy}</Client>"
        ann = await dials(scene, sip(callee) if noun == "sip" else spelt)
        found = await told(scene)
        assert found["DialCallStatus"] == status
        assert found["DialCallSid"]
        assert "DialCallDuration" not in found
        assert found.get("DialSipResponseCode") == (refusal[:3] if noun == "sip" else None)
        assert ann.is_up


async def test_nobody_answers_while_the_caller_hears_it_ring(scene: Scene, tmp_path: Path) -> None:
    async with phone("carol", tmp_path, ALICE_HZ, answers=False) as carol:
        ann = await dials(scene, sip(carol), "timeout='5'")
        await ann.answered()
        await heard(ann, *RING_HZ)
        assert (await told(scene))["DialCallStatus"] == "no-answer"


async def test_numbers_that_no_trunk_takes_are_not_called_and_the_customer_can_read_why(scene: Scene) -> None:
    await dials(scene, "<Number>+4930123456</Number>")
    assert (await told(scene))["DialCallStatus"] == "failed"
    async with asyncio.timeout(WITHIN_S):
        while "13225" not in {one["error_code"] for one in await notifications(scene)}:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def notifications(scene: Scene) -> list[dict[str, str]]:
    found = (await scene.rest.get("Notifications.json")).body["notifications"]
    assert isinstance(found, list)
    return found


async def test_of_several_phones_the_first_to_answer_is_connected_and_the_others_stop_ringing(
    scene: Scene, tmp_path: Path, alice: BaresipCaller
) -> None:
    async with phone("carol", tmp_path, BOB_HZ, answers=False) as carol:
        ann = await dials(scene, sip(carol) + sip(alice))
        await ann.answered()
        await hear_each_other(ann, alice, ALICE_HZ)
        ended = (await scene.rest.get(f"Calls.json?To={carol.uri}&Status=canceled")).body["calls"]
        assert len(ended) == 1


async def test_one_phone_after_the_other(scene: Scene, tmp_path: Path, alice: BaresipCaller) -> None:
    busy = await SippCallee.refusing("486 Busy Here", tmp_path)
    try:
        ann = await dials(scene, sip(busy) + sip(alice), "sequential='true'")
        await ann.answered()
        await hear_each_other(ann, alice, ALICE_HZ)
    finally:
        await busy.close()


async def test_sound_that_comes_before_the_answer_is_heard_in_place_of_the_tone(
    scene: Scene, tmp_path: Path
) -> None:
    callee = await SippCallee.sounding(BOB_HZ, tmp_path)
    try:
        ann = await dials(scene, sip(callee))
        await ann.answered()
        await callee.speak()
        await until(
            lambda: ann.phone.heard((BOB_HZ, *RING_HZ), 300) == {BOB_HZ}
        )  # a tone that rang until now has ended
        await settle([ann.phone], 20)
        await until(lambda: ann.phone.flowed(400))
        assert not ann.phone.heard(RING_HZ, 300)
        await ann.hang_up()
        await callee.wait_for("canceled")
    finally:
        await callee.close()


async def test_a_caller_who_waits_for_the_bridge_is_answered_with_it(
    scene: Scene, alice: BaresipCaller
) -> None:
    ann = await dials(scene, sip(alice), "answerOnBridge='true'")
    await ann.answered()
    await hear_each_other(ann, alice, ALICE_HZ)


async def test_a_caller_who_waits_for_the_bridge_hears_what_comes_before_the_answer(
    scene: Scene, tmp_path: Path
) -> None:
    callee = await SippCallee.sounding(BOB_HZ, tmp_path)
    try:
        ann = await dials(
            scene, sip(callee), "answerOnBridge='true' timeout='8'", then="<Reject reason='busy'/>"
        )
        await callee.speak()
        await heard(ann, BOB_HZ)
        assert not any(line.startswith("answered") for line in ann.said)
        await callee.wait_for("canceled")
        await ann.wait_for("refused 486", WITHIN_S)
    finally:
        await callee.close()


async def test_a_caller_who_waits_for_the_bridge_is_refused_if_there_is_none(
    scene: Scene, tmp_path: Path
) -> None:
    busy = await SippCallee.refusing("486 Busy Here", tmp_path)
    try:
        ann = await dials(scene, sip(busy), "answerOnBridge='true'", then="<Reject reason='busy'/>")
        await ann.wait_for("refused 486")
    finally:
        await busy.close()


async def test_the_callee_hears_a_whisper_before_the_two_are_connected(
    scene: Scene, alice: BaresipCaller
) -> None:
    scene.customer.host_tone("/whisper.wav", BOB_HZ, 2.0)
    whisper = scene.customer.host("/whisper", "<Response><Play>/whisper.wav</Play></Response>")
    ann = await dials(scene, sip(alice, f"url='{whisper}'"))
    await ann.answered()
    await until(lambda: alice.levels((BOB_HZ,))[BOB_HZ] > HEARD_DB)
    assert BOB_HZ not in ann.phone.heard((BOB_HZ,), 1_000)
    asked = await scene.customer.wait(lambda visit: visit.path == "/whisper")
    assert asked.parameters["Direction"] == "outbound-dial"
    await hear_each_other(ann, alice, ALICE_HZ)
