"""Bad documents and bad audio: the fallback is asked with the problem's number, the call or conference goes on.

Sources: SignalWire cXML fetching and error codes; Twilio "Error dictionary" 11xxx, 12xxx, 13420.
"""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from roomtone.testing.tones import loudness_db
from stage.customer import Customer, Visit
from stage.ears import settle
from stage.scene import Scene

HOUSE_MUSIC_DB = -45.0


async def never(_: Visit) -> web.StreamResponse:
    """Answer when nobody waits any more."""
    await asyncio.sleep(60)
    return web.Response(status=204)


def redirects_for_ever(customer: Customer, path: str) -> str:
    async def again(_: Visit) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": customer.base + path})

    return customer.answer_with(path, again)


def bad_document(customer: Customer, kind: str) -> str:
    match kind:
        case "broken XML":
            return customer.host("/broken", "<Response><Dial>")
        case "another root":
            return customer.host("/root", "<Answer/>")
        case "too large":
            return customer.host("/large", f"<Response><!--{'x' * 70_000}--></Response>")
        case "redirects for ever":
            return redirects_for_ever(customer, "/round")
        case "not found":
            return customer.host("/missing", "nothing here", "text/plain", status=404)
        case "server error":
            return customer.host("/error", "oh no", "text/plain", status=500)
        case "unfit type":
            return customer.host("/pdf", b"%PDF", "application/pdf")
        case "nobody listens":
            return "http://127.0.0.1:9/voice"
    raise AssertionError(kind)


KINDS = {
    "broken XML": {"12100"}, "another root": {"12100", "12102"}, "too large": {"11750"},
    "redirects for ever": {"11215"}, "not found": {"11200", "11217"}, "server error": {"11200", "11217"},
    "unfit type": {"12300"}, "nobody listens": {"11200", "11205"},
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
async def test_the_fallback_is_asked_with_the_problems_number(scene: Scene, kind: str) -> None:
    url = bad_document(scene.customer, kind)
    fallback = scene.customer.host("/voice/fallback", scene.dial_conference(f"fallback {kind}"))
    number = await scene.claim(url, VoiceFallbackUrl=fallback)
    await scene.enter("ann", number)
    asked = await scene.customer.wait(lambda visit: visit.path == "/voice/fallback")
    assert asked.parameters["ErrorCode"] in KINDS[kind]
    assert asked.parameters["ErrorUrl"].startswith("http://127.0.0.1")


async def test_without_a_fallback_the_call_is_refused_and_logged(scene: Scene) -> None:
    caller = await scene.try_to_dial("ann", await scene.claim(bad_document(scene.customer, "broken XML")))
    assert (await caller.wait_for("refused")).startswith("refused 5")
    assert "the document is not XML" in scene.server.log.read_text()


async def test_a_document_that_redirects_to_itself_for_ever_ends(scene: Scene) -> None:
    """`<Redirect/>` without end: the call is given up after a bounded number of documents."""
    scene.customer.host("/ring", "<Response><Redirect/></Response>")
    caller = await scene.try_to_dial("ann", await scene.claim(f"{scene.customer.base}/ring"))
    await caller.over(within_s=20)
    visits = [visit for visit in scene.customer.visits if visit.path == "/ring"]
    assert 2 <= len(visits) <= 1000


async def test_an_unknown_verb_is_skipped(scene: Scene) -> None:
    document = scene.dial_conference("unknown verb").replace("<Response>", "<Response><Sing loudly='true'/>")
    await scene.enter("ann", await scene.claim(scene.customer.host("/voice/unknown", document)))


async def test_a_hold_url_that_never_answers_holds_nobody_up(scene: Scene) -> None:
    """REST answers at once, the held hear the house music, the others go on."""
    ann, bob = await scene.gather(2, "never answers")
    loop = asyncio.get_running_loop()
    asked_s = loop.time()
    after = await scene.update(bob, Hold="true", HoldUrl=scene.customer.answer_with("/never", never))
    assert after["hold"] is True
    assert loop.time() - asked_s < 1.0
    await settle([ann.phone, bob.phone], 60)
    assert ann.phone.heard((scene.pitches_hz["bob"],)) == set()
    assert loudness_db(bob.phone.pcm(300)) > HOUSE_MUSIC_DB
    assert bob.phone.heard((scene.pitches_hz["ann"],)) == set()
    await scene.update(bob, Hold="false")
    await scene.expect({"ann": {"bob"}, "bob": {"ann"}})


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("this is no audio", "audio/wav"),
        (b"\x00" * 5000, "audio/mpeg"),
        ("<Response><Dial>", "application/xml"),
        ("", "audio/wav"),
    ],
)
async def test_hold_music_that_is_none_gives_way_to_the_house_music(
    scene: Scene, body: str | bytes, content_type: str
) -> None:
    _, bob = await scene.gather(2, f"no audio {content_type} {len(body)}")
    await scene.update(bob, Hold="true", HoldUrl=scene.customer.host("/bad", body, content_type))
    await settle([bob.phone], 60)
    assert loudness_db(bob.phone.pcm(300)) > HOUSE_MUSIC_DB
    assert bob.phone.heard((scene.pitches_hz["ann"],)) == set()
    await scene.update(bob, Hold="false")
    await scene.expect({"ann": {"bob"}, "bob": {"ann"}})


async def test_a_forbidden_verb_in_hold_music_is_skipped(scene: Scene) -> None:
    _, bob = await scene.gather(2, "forbidden verb")
    tone = scene.customer.host_tone("/hold.wav", 2111.0)
    url = scene.customer.host("/hold", f"<Response><Hangup/><Play>{tone}</Play></Response>")
    await scene.update(bob, Hold="true", HoldUrl=url)
    await scene.expect({"ann": set(), "bob": {"hold"}})
    assert "<Hangup> is not allowed in a wait, hold or announcement document" in scene.server.log.read_text()


async def test_hold_music_of_a_document_loops_by_an_empty_redirect(scene: Scene) -> None:
    _, bob = await scene.gather(2, "loops")
    tone = scene.customer.host_tone("/hold.wav", 2111.0, 1.1)
    url = scene.customer.host("/hold", f"<Response><Play>{tone}</Play><Redirect/></Response>")
    await scene.update(bob, Hold="true", HoldUrl=url)
    await settle([bob.phone], 100)
    assert bob.phone.heard((2111.0,), 600) == {2111.0}
    assert len([visit for visit in scene.customer.visits if visit.path == "/hold"]) >= 2


async def test_a_document_on_a_private_address_is_not_fetched(scene: Scene) -> None:
    """In development this machine and private networks are allowed, shared ones are not: nothing is sent there."""
    caller = await scene.try_to_dial("ann", await scene.claim("http://100.64.255.1/voice"))
    assert (await caller.wait_for("refused")).startswith("refused 5")
