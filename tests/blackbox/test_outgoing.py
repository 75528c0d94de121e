"""Calls of ours: a customer's program has phones called, leads them about and ends them; and the phones hear it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from roomtone.testing.tones import PITCHES_HZ
from stage.baresip import BaresipCaller
from stage.callees import SippCallee
from stage.customer import Visit
from stage.scene import Scene
from stage.server import Server, serving
from stage.sipp import SippCaller

pytestmark = pytest.mark.usefixtures("baresip")

ALICE_HZ = PITCHES_HZ[4]
FROM = "+15550199"


@pytest.fixture(scope="module")
def server(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that makes calls as fast as they come."""
    with serving(tmp_path_factory.mktemp("server"), "--drain-s", "0", "--calls-per-s", "0") as one:
        yield one


@pytest.fixture
async def alice(tmp_path: Path) -> AsyncIterator[BaresipCaller]:
    """A phone that answers when it is called."""
    phone = await BaresipCaller.wait_to_be_called("alice", tmp_path / "alice", pitch_hz=ALICE_HZ)
    try:
        yield phone
    finally:
        await phone.close()


async def until(scene: Scene, call: str, *statuses: str) -> dict[str, Any]:
    """Wait until a call has one of these statuses."""
    async with asyncio.timeout(15):
        while True:
            found = (await scene.rest.get(f"Calls/{call}.json")).body
            if found["status"] in statuses:
                assert isinstance(found, dict)
                return found
            await asyncio.sleep(0.05)


async def called(scene: Scene, to: str, **form: str) -> str:
    """Have somebody called, and give the call's sid."""
    made = await scene.rest.made("Calls.json", {"To": to, "From": FROM, **form})
    assert made["status"] == "queued"
    return str(made["sid"])


async def test_a_phone_is_called_into_a_conference_and_all_hear_one_another(
    scene: Scene, alice: BaresipCaller
) -> None:
    ann, _ = await scene.gather(2, "Called in")
    url = scene.customer.host("/outgoing", scene.dial_conference("Called in"))
    call = await called(scene, alice.uri, Url=url)
    await scene.customer.wait_for_event("participant-join", call)
    asked = await scene.customer.wait(lambda visit: visit.path == "/outgoing")
    said = {name: asked.parameters[name] for name in ("CallSid", "From", "To", "CallStatus", "Direction")}
    assert said == {
        "CallSid": call, "From": FROM, "To": alice.uri, "CallStatus": "in-progress", "Direction": "outbound-api",
    }  # fmt: skip
    await alice.comes_to_hear(PITCHES_HZ[:2], not_=(ALICE_HZ,))
    await come_to_hear_alice(ann)

    over = await scene.rest.made(f"Calls/{call}.json", {"Status": "completed"})
    assert over["status"] == "completed"
    left = await scene.customer.wait_for_event("participant-leave", call)
    assert left.parameters["CallSid"] == call
    again = await scene.rest.post(f"Calls/{call}.json", {"Status": "completed"})
    assert (again.status, again.body["code"]) == (400, 10000)


async def test_a_call_is_led_out_of_its_conference_by_new_instructions(
    scene: Scene, alice: BaresipCaller
) -> None:
    room = scene.dial_conference("First room")
    call = await called(scene, alice.uri, Twiml=room)
    await scene.customer.wait_for_event("participant-join", call)
    other = scene.customer.host("/other", scene.dial_conference("Second room"))
    moved = await scene.rest.made(f"Calls/{call}.json", {"Url": other, "Method": "GET"})
    assert moved["status"] == "in-progress"
    left = await scene.customer.wait_for_event("participant-leave", call)
    assert left.parameters["FriendlyName"] == "First room"
    joined = await scene.customer.wait(
        lambda visit: visit.event == "participant-join" and visit.parameters["FriendlyName"] == "Second room"
    )
    assert joined.call == call


async def test_a_document_may_come_with_the_wish_itself(scene: Scene, alice: BaresipCaller) -> None:
    call = await called(scene, alice.uri, Twiml="<Response><Pause length='1'/><Hangup/></Response>")
    over = await until(scene, call, "completed")
    assert int(over["duration"]) >= 1


async def test_keys_are_pressed_once_they_have_answered(scene: Scene, alice: BaresipCaller) -> None:
    call = await called(
        scene, alice.uri, Twiml="<Response><Pause length='1'/></Response>", SendDigits="1w2#*D9"
    )
    await until(scene, call, "completed")
    pressed = re.findall(r"received event: '(.)' \(end=1\)", alice.output)
    assert "".join(pressed) == "12#*D9", alice.output


async def test_progress_is_told_in_order(scene: Scene, alice: BaresipCaller) -> None:
    url = scene.customer.host("/progress", "")
    call = await called(
        scene, alice.uri, Twiml="<Response><Pause length='1'/></Response>", StatusCallback=url,
        StatusCallbackEvent="initiated ringing answered completed",
    )  # fmt: skip
    await scene.customer.wait(lambda visit: visit.parameters.get("CallStatus") == "completed")
    told = [one.parameters for one in scene.customer.visits if one.path == "/progress"]
    assert [one["CallStatus"] for one in told] == ["initiated", "ringing", "in-progress", "completed"]
    assert [one["SequenceNumber"] for one in told] == ["0", "1", "2", "3"]
    assert {one["CallSid"] for one in told} == {call}
    assert int(told[-1]["CallDuration"]) >= 1


async def test_a_call_can_be_fetched_inside_each_callback_that_tells_of_it(
    scene: Scene, alice: BaresipCaller
) -> None:
    """From the first on, which tells of a call that has not even been made yet."""
    seen: list[tuple[str, int, str]] = []

    async def answer(visit: Visit) -> web.Response:
        found = await scene.rest.get(f"Calls/{visit.call}.json")
        seen.append((visit.parameters["CallStatus"], found.status, found.body.get("sid", "")))
        return web.Response(status=204)

    call = await called(
        scene, alice.uri, Twiml="<Response><Pause length='1'/></Response>",
        StatusCallback=scene.customer.answer_with("/progress", answer),
        StatusCallbackEvent="initiated ringing answered completed",
    )  # fmt: skip
    await scene.customer.wait(lambda visit: visit.parameters.get("CallStatus") == "completed", 30)
    events = ("initiated", "ringing", "in-progress", "completed")
    assert seen == [(event, 200, call) for event in events]


async def test_a_phone_that_only_rings_is_canceled(scene: Scene, tmp_path: Path) -> None:
    phone = await BaresipCaller.wait_to_be_called(
        "carol", tmp_path / "carol", pitch_hz=ALICE_HZ, answers=False
    )
    try:
        call = await called(scene, phone.uri, Twiml="<Response/>")
        await until(scene, call, "ringing")
        refused = await scene.rest.post(f"Calls/{call}.json", {"Twiml": "<Response/>"})
        assert (refused.status, refused.body["code"]) == (400, 21220)
        assert refused.body["message"].startswith("Call is not in-progress. Cannot redirect.")
        over = await scene.rest.made(f"Calls/{call}.json", {"Status": "canceled"})
        assert over["status"] == "canceled"
    finally:
        await phone.close()


async def test_nobody_answers_in_time(scene: Scene, tmp_path: Path) -> None:
    phone = await BaresipCaller.wait_to_be_called(
        "carol", tmp_path / "carol", pitch_hz=ALICE_HZ, answers=False
    )
    try:
        call = await called(scene, phone.uri, Twiml="<Response/>", Timeout="1")
        assert (await until(scene, call, "no-answer", "failed", "completed"))["status"] == "no-answer"
    finally:
        await phone.close()


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"To": "+15550100", "From": FROM, "Twiml": "<Response/>"}, 21215),
        ({"To": "sip:somebody@elsewhere.example", "From": FROM, "Twiml": "<Response/>"}, 21215),
        ({"To": "client:nobody", "From": FROM, "Twiml": "<Response/>"}, 21215),
        ({"To": "<>", "From": FROM, "Twiml": "<Response/>"}, 21211),
        ({"To": "sip:a@127.0.0.1", "From": "<x>", "Twiml": "<Response/>"}, 21212),
        ({"To": "sip:a@127.0.0.1", "From": FROM}, 21205),
        ({"To": "sip:a@127.0.0.1", "From": FROM, "Twiml": "<Nothing>"}, None),
        ({"From": FROM, "Twiml": "<Response/>"}, None),
    ],
)
async def test_whom_nothing_leads_to_is_not_called(
    scene: Scene, wish: dict[str, str], code: int | None
) -> None:
    before = (await scene.rest.get("Calls.json")).body["calls"]
    refused = await scene.rest.post("Calls.json", wish)
    assert refused.status in {400, 422}
    assert code in {refused.body["code"], None}
    assert (await scene.rest.get("Calls.json")).body["calls"] == before


async def test_what_has_no_effect_is_said(scene: Scene, alice: BaresipCaller) -> None:
    form = {
        "To": alice.uri,
        "From": FROM,
        "Twiml": "<Response/>",
        "MachineDetection": "Enable",
        "Record": "false",
    }
    reply = await scene.rest.post("Calls.json", form)
    assert reply.status == 200
    warnings = [value for name, value in reply.headers.items() if name.lower() == "warning"]
    assert warnings == ['299 - "MachineDetection is not supported and was left out"']
    await until(scene, reply.body["sid"], "completed")


# Participants -----------------------------------------------------------------------------------------------------------


async def test_somebody_is_called_in_by_name_and_is_there_before_they_answer(
    twilio_scene: Scene, alice: BaresipCaller
) -> None:
    scene = twilio_scene
    ann, _ = await scene.gather(2, "Called by name")
    form = {"To": alice.uri, "From": FROM, "Label": "alice", "Beep": "false", "EarlyMedia": "true"}
    reply = await scene.rest.post("Conferences/Called%20by%20name/Participants.json", form)
    assert reply.status == 201, reply
    made = reply.body
    assert (made["status"], made["label"], made["conference_sid"]) == ("queued", "alice", scene.conference)
    assert (made["hold"], made["muted"], made["queue_time"]) == (False, False, "0")
    assert not any("EarlyMedia" in value for value in reply.headers.values())
    joined = await scene.customer.wait_for_event("participant-join", made["call_sid"])
    assert joined.parameters["ParticipantLabel"] == "alice"
    now = (await scene.rest.get(f"Conferences/{scene.conference}/Participants/alice.json")).body
    assert now["status"] == "connected"
    call = (await scene.rest.get(f"Calls/{made['call_sid']}.json")).body
    assert (call["status"], call["direction"]) == ("in-progress", "outbound-api")
    await alice.comes_to_hear(PITCHES_HZ[:2], not_=(ALICE_HZ,))
    await come_to_hear_alice(ann)
    gone = await scene.rest.delete(f"Conferences/{scene.conference}/Participants/alice.json")
    assert gone.status == 204
    await until(scene, made["call_sid"], "completed")


async def test_a_supervisor_is_called_in_as_a_whisperer(twilio_scene: Scene, alice: BaresipCaller) -> None:
    scene = twilio_scene
    ann, bob = await scene.gather(2, "Whispered to")
    form = {
        "To": alice.uri,
        "From": FROM,
        "Coaching": "true",
        "CallSidToCoach": ann.call_sid,
        "Beep": "false",
    }
    made = await scene.rest.made(f"Conferences/{scene.conference}/Participants.json", form)
    await scene.customer.wait_for_event("participant-join", made["call_sid"])
    await alice.wait_for_samples(8_000)
    await come_to_hear_alice(ann)
    assert ALICE_HZ not in bob.phone.heard((ALICE_HZ,), 300)


async def test_somebody_who_does_not_answer_has_left_again(twilio_scene: Scene, tmp_path: Path) -> None:
    scene = twilio_scene
    await scene.gather(2, "Not answered")
    phone = await BaresipCaller.wait_to_be_called(
        "carol", tmp_path / "carol", pitch_hz=ALICE_HZ, answers=False
    )
    try:
        people = f"Conferences/{scene.conference}/Participants"
        made = await scene.rest.made(f"{people}.json", {"To": phone.uri, "From": FROM, "Label": "carol"})
        await until(scene, made["call_sid"], "ringing")
        found = (await scene.rest.get(f"{people}/carol.json")).body
        assert found["status"] in {"queued", "ringing"}
        taken = await scene.rest.post(f"{people}.json", {"To": phone.uri, "From": FROM, "Label": "carol"})
        assert taken.body["code"] == 16026
        await scene.rest.made(f"Calls/{made['call_sid']}.json", {"Status": "canceled"})
        left = await scene.customer.wait_for_event("participant-leave", made["call_sid"])
        assert left.parameters["ReasonParticipantLeft"] == "participant_add_failed"
        assert left.parameters["ParticipantCallStatus"] == "canceled"
        assert (await scene.rest.get(f"{people}/carol.json")).status == 404
    finally:
        await phone.close()


async def test_a_conference_that_ends_waits_for_nobody(twilio_scene: Scene, tmp_path: Path) -> None:
    scene = twilio_scene
    await scene.gather(2, "Ends early")
    phone = await BaresipCaller.wait_to_be_called(
        "carol", tmp_path / "carol", pitch_hz=ALICE_HZ, answers=False
    )
    try:
        people = f"Conferences/{scene.conference}/Participants.json"
        made = await scene.rest.made(people, {"To": phone.uri, "From": FROM})
        await until(scene, made["call_sid"], "ringing")
        await scene.rest.made(f"Conferences/{scene.conference}.json", {"Status": "completed"})
        await until(scene, made["call_sid"], "canceled")
    finally:
        await phone.close()


async def test_a_conference_hears_what_comes_before_the_answer(twilio_scene: Scene, tmp_path: Path) -> None:
    """Early sound of somebody who is being called in; without it if that is asked for."""
    scene = twilio_scene
    ann, bob = await scene.gather(2, "Hears it ring")
    people = f"Conferences/{scene.conference}/Participants.json"
    for wanted in ("false", "true"):
        callee = await SippCallee.sounding(ALICE_HZ, tmp_path)
        try:
            form = {"To": callee.uri, "From": FROM, "EarlyMedia": wanted}
            made = await scene.rest.made(people, form)
            await callee.speak()
            await until(scene, made["call_sid"], "ringing")
            if wanted == "true":
                await come_to_hear_alice(ann)
                await come_to_hear_alice(bob)
            else:
                await ann.phone.wait_for_packets(50, within_s=15)
                assert ALICE_HZ not in ann.phone.heard((ALICE_HZ,), 500)
            await scene.rest.made(f"Calls/{made['call_sid']}.json", {"Status": "canceled"})
            await callee.wait_for("canceled")
        finally:
            await callee.close()


async def come_to_hear_alice(caller: SippCaller) -> None:
    """Wait until a caller hears alice's pitch."""
    async with asyncio.timeout(15):
        while True:
            if ALICE_HZ in caller.phone.heard((ALICE_HZ,), 300):
                return
            await asyncio.sleep(0.05)


async def test_who_is_told_and_how_long_a_call_may_last_can_be_changed(
    scene: Scene, alice: BaresipCaller
) -> None:
    call = await called(
        scene, alice.uri, Twiml="<Response><Pause length='60'/></Response>", StatusCallback=scene.customer.base + "/before"
    )  # fmt: skip
    await until(scene, call, "in-progress")
    refused = await scene.rest.post(f"Calls/{call}.json", {"TimeLimit": "soon"})
    assert refused.status == 422
    changed = {
        "StatusCallback": scene.customer.base + "/after",
        "StatusCallbackMethod": "GET",
        "TimeLimit": "1",
    }
    await scene.rest.made(f"Calls/{call}.json", changed)
    told = await scene.customer.wait(lambda visit: visit.call == call)
    assert (told.path, told.method, told.parameters["CallStatus"]) == ("/after", "GET", "completed")
    assert told.parameters["SipResultCode"] == "200"
    again = await scene.rest.post(f"Calls/{call}.json", {"Status": "completed"})
    assert (again.status, again.body["code"]) == (400, 10000)


async def test_an_applications_own_callback_is_told_of_calls_made_for_it(
    scene: Scene, alice: BaresipCaller
) -> None:
    url = scene.customer.host("/application", "<Response/>")
    made = await scene.rest.made(
        "Applications.json",
        {"FriendlyName": "desk", "VoiceUrl": url, "StatusCallback": scene.customer.base + "/told"},
    )
    call = await called(
        scene, alice.uri, ApplicationSid=made["sid"], StatusCallback=scene.customer.base + "/untold"
    )
    told = await scene.customer.wait(lambda visit: visit.parameters.get("CallStatus") == "completed")
    assert (told.path, told.call) == ("/told", call)
