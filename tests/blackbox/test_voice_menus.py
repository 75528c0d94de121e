"""Menus: keys pressed by a real phone, over and after a prompt that is heard, reach the customer's action."""

from __future__ import annotations

import asyncio

from aiohttp import web

from roomtone.testing.tones import loudness_db
from stage.customer import Visit
from stage.ears import settle
from stage.scene import WAIT_HZ, Scene
from stage.sipp import SippCaller

SPEECH_DB = -35.0
BEEP_HZ = 1_000.0


def document(inner: str) -> str:
    return f"<Response>{inner}</Response>"


async def test_a_key_stops_the_prompt_and_the_action_is_told_what_was_pressed(scene: Scene) -> None:
    prompt = scene.customer.host_tone("/prompt", WAIT_HZ)
    scene.customer.host("/menu", document("<Pause length='30'/>"))
    gather = f"<Gather action='/menu' numDigits='2'><Play>{prompt}</Play></Gather>"
    number = await scene.claim(scene.customer.host("/voice/menu", document(gather)))
    ann = await scene.dial("ann", number)
    await scene.expect({"ann": {"wait"}}, "the prompt is heard")
    ann.phone.press("4")
    await scene.expect({"ann": set()}, "a key stops it")
    ann.phone.press("2")
    asked = await scene.customer.wait(lambda visit: visit.path == "/menu")
    assert asked.parameters["Digits"] == "42"
    assert asked.parameters["CallStatus"] == "in-progress"


async def test_without_a_key_the_next_verb_comes(scene: Scene) -> None:
    tone = scene.customer.host_tone("/after", WAIT_HZ)
    inner = f"<Gather timeout='1' action='/never'/><Play>{tone}</Play>"
    number = await scene.claim(scene.customer.host("/voice/menu", document(inner)))
    await scene.dial("ann", number)
    await scene.expect({"ann": {"wait"}})
    assert not [visit for visit in scene.customer.visits if visit.path == "/never"]


async def test_a_text_is_spoken_and_a_key_stops_it(scene: Scene) -> None:
    scene.customer.host("/menu", document("<Pause length='30'/>"))
    gather = "<Gather action='/menu'><Say loop='0'>Press one for sales.</Say></Gather>"
    number = await scene.claim(scene.customer.host("/voice/spoken", document(gather)))
    ann = await scene.dial("ann", number)
    await loud(ann)
    ann.phone.press("1")
    ann.phone.press("#")
    asked = await scene.customer.wait(lambda visit: visit.path == "/menu")
    assert asked.parameters["Digits"] == "1"


async def test_hold_music_may_be_spoken(scene: Scene) -> None:
    _, bob = await scene.gather(2, "spoken hold")
    spoken = scene.customer.host("/hold", document("<Say>Please hold the line.</Say><Redirect/>"))
    await scene.update(bob, Hold="true", HoldUrl=spoken)
    await scene.customer.wait(lambda visit: visit.path == "/hold")
    await loud(bob)


async def loud(caller: SippCaller, within_s: float = 8.0) -> None:
    """Wait until a caller hears speech."""
    async with asyncio.timeout(within_s):
        while loudness_db(caller.phone.pcm(200)) < SPEECH_DB:
            await settle([caller.phone], 5)


async def test_digits_are_heard_as_the_tones_of_their_keys(scene: Scene) -> None:
    number = await scene.claim(scene.customer.host("/voice/keys", document("<Play digits='5w' loop='0'/>")))
    ann = await scene.dial("ann", number)
    async with asyncio.timeout(8.0):
        while ann.phone.heard((770.0, 1336.0), 60) != {770.0, 1336.0}:
            await settle([ann.phone], 2)


async def test_a_caller_is_listened_to_after_a_beep_until_a_key(scene: Scene) -> None:
    scene.customer.host("/said", document("<Pause length='30'/>"))
    record = "<Record action='/said' finishOnKey='#' timeout='30'/>"
    number = await scene.claim(scene.customer.host("/voice/record", document(record)))
    ann = await scene.dial("ann", number)
    async with asyncio.timeout(15.0):
        while BEEP_HZ not in ann.phone.heard((BEEP_HZ,), 200):
            await settle([ann.phone], 2)
        while BEEP_HZ in ann.phone.heard((BEEP_HZ,), 200):
            await settle([ann.phone], 2)
    ann.phone.press("5")
    ann.phone.press("#")
    asked = await scene.customer.wait(lambda visit: visit.path == "/said", 15.0)
    assert asked.parameters["Digits"] == "#"
    assert int(asked.parameters["RecordingDuration"]) >= 0
    assert asked.parameters["RecordingUrl"].startswith("http"), (
        "a key was pressed, and heard, so there is sound"
    )


async def test_callers_hear_themselves_for_a_while_and_then_the_document_goes_on(scene: Scene) -> None:
    tone = scene.customer.host_tone("/after", WAIT_HZ)
    voices = [scene.customer.host("/voice/long", document("<Echo timeout='120'/>"))]
    voices.append(
        scene.customer.host("/voice/short", document(f"<Echo timeout='5'/><Play loop='0'>{tone}</Play>"))
    )
    for name, voice in zip(("ann", "bob"), voices, strict=True):
        await scene.dial(name, await scene.claim(voice))
    await scene.expect({"ann": {"ann"}, "bob": {"wait"}}, "each is alone", within_s=20)


async def test_a_session_cookie_stays_with_the_call(scene: Scene) -> None:
    customer = scene.customer

    async def first(_: Visit) -> web.Response:
        found = web.Response(
            text=document("<Gather action='/second' numDigits='1'/>"), content_type="application/xml"
        )
        found.set_cookie("session", "abc")
        return found

    customer.host("/second", document("<Hangup/>"))
    number = await scene.claim(customer.answer_with("/voice/session", first))
    for name in ("ann", "bob"):
        caller = await scene.dial(name, number)
        await customer.wait(lambda visit, name=name: name in visit.parameters.get("From", ""))
        caller.phone.press("1")
        await caller.over()
    cookies = [(visit.path, visit.headers.get("Cookie")) for visit in customer.visits]
    assert cookies == [("/voice/session", None), ("/second", "session=abc")] * 2
