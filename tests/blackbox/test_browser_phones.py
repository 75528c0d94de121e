"""A browser as a phone: Chromium's own WebRTC joins a conference over HTTP, is heard by a SIPp caller, and hears it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant

from stage.browsers import CHROMIUM, PITCH_HZ, WITHIN_S, call, chromium, heard, hears
from stage.rest import Reply, Rest, basic
from stage.scene import Scene

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium"
)

OFFER = (
    "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
    "m={kind} 9 UDP/TLS/RTP/SAVPF 111 0\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=rtcp-mux\r\n"
    "a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\na=setup:actpass\r\n"
    "a=fingerprint:sha-256 " + ":".join(["AB"] * 32) + "\r\na=rtpmap:111 opus/48000/2\r\n"
)


@pytest.fixture
async def page(scene: Scene, tmp_path: Path) -> AsyncIterator[Page]:
    async with chromium(tmp_path, f"{scene.server.ready['http']}/console") as one:
        yield one


def calls(rest: Rest, to: str) -> str:
    """Where a browser's call is made."""
    return f"{rest.base}{rest.account}/BrowserCalls.json?From=web&To={to}"


async def offered(rest: Rest, offer: str) -> Reply:
    """Make an offer by hand."""
    headers = {**basic(rest.who.sid, rest.who.token), "Content-Type": "application/sdp"}
    return await rest.post("BrowserCalls?To=conference:nobody", offer.encode(), headers=headers)


async def passed(rest: Rest, token: str, query: str) -> Reply:
    """Make an offer by hand, with a pass."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sdp"}
    offer = OFFER.format(kind="audio").encode()
    return await rest.post(f"BrowserCalls?{query}", offer, headers=headers)


async def test_a_browser_is_heard_hears_is_muted_and_hangs_up(page: Page, scene: Scene) -> None:
    scene.others["web"] = PITCH_HZ
    number = await scene.open_line("browsed")
    ann = await scene.enter("ann", number)
    ann_hz = scene.pitches_hz["ann"]
    place = await call(page, calls(scene.rest, "conference:browsed"), scene.rest.who)

    await scene.expect({"ann": {"web"}}, within_s=WITHIN_S)
    await hears(page, {ann_hz}, scene.pitches_hz.values())

    web = next(one for one in await scene.participants() if one["call_sid"] != ann.call_sid)
    record = (await scene.rest.get(f"Calls/{web['call_sid']}.json")).body
    assert (record["from"], record["to"], record["direction"]) == (
        "client:web",
        "conference:browsed",
        "inbound",
    )
    await scene.rest.made(
        f"Conferences/{scene.conference}/Participants/{web['call_sid']}.json", {"Muted": "true"}
    )
    await scene.expect({"ann": set()}, within_s=WITHIN_S)
    assert await heard(page, scene.pitches_hz.values()) == {ann_hz}

    assert (await scene.rest.delete(place)).status == 204
    async with asyncio.timeout(WITHIN_S):
        while len(await scene.participants()) > 1:  # noqa: ASYNC110 - asks again over HTTP
            await asyncio.sleep(0.1)
    assert (await scene.rest.get(f"Calls/{web['call_sid']}.json")).body["status"] == "completed"


@pytest.mark.parametrize(
    ("offer", "says"),
    [
        (OFFER.format(kind="video"), "no audio is offered"),
        ("garbage", "v=0"),
        (OFFER.format(kind="audio").replace("a=rtcp-mux\r\n", ""), "a=rtcp-mux is needed"),
        (OFFER.format(kind="audio").replace("sha-256", "sha-1"), "a=fingerprint:sha-256 is needed"),
        (OFFER.format(kind="audio").replace("UDP/TLS/RTP/SAVPF", "RTP/AVP"), "UDP/TLS/RTP/SAVPF"),
    ],
    ids=["video", "garbage", "two ports", "old hash", "plain"],
)
async def test_what_cannot_be_answered_is_refused_with_a_reason(scene: Scene, offer: str, says: str) -> None:
    reply = await offered(scene.rest, offer)
    assert reply.status == 422, reply
    assert says in reply.body["message"]


async def test_a_thousand_candidates_and_streams_of_pictures_do_not_matter(scene: Scene) -> None:
    candidates = "".join(
        f"a=candidate:{at} 1 udp 1 192.0.2.1 {1000 + at} typ host\r\n" for at in range(1_000)
    )
    pictures = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\na=rtcp-mux\r\n"
    offer = OFFER.format(kind="audio") + candidates + pictures
    reply = await offered(scene.rest, offer)
    assert reply.status == 201, reply
    lines = reply.text.splitlines()
    assert "m=video 0 UDP/TLS/RTP/SAVPF 96" in lines
    assert {"a=ice-lite", "a=setup:passive", "a=rtcp-mux", "a=group:BUNDLE 0"} <= set(lines)
    place = reply.headers["Location"]
    assert (await scene.rest.call("PATCH", place)).status == 405
    assert (await scene.rest.delete(place)).status == 204
    assert (await scene.rest.delete(place)).status == 204, "over is over"


async def test_a_page_with_a_pass_calls_whom_it_names_and_nothing_else(scene: Scene) -> None:
    made = await scene.rest.post("JoinTokens.json", {"Identity": "alice", "To": "conference:passed"})
    assert made.status == 201, made
    reply = await passed(scene.rest, made.body["token"], "To=conference:passed")
    assert reply.status == 201, reply
    record = (await scene.rest.get(f"Calls/{reply.headers['Location'].rpartition('/')[2]}.json")).body
    assert (record["from"], record["to"]) == ("client:alice", "conference:passed")
    assert (await passed(scene.rest, made.body["token"], "To=conference:other")).status == 401
    headers = {"Authorization": f"Bearer {made.body['token']}"}
    assert (await scene.rest.get("Calls.json", headers=headers)).status == 401
    assert (await scene.rest.call("DELETE", reply.headers["Location"], headers=headers)).status == 204


async def test_a_page_has_an_access_token_of_the_official_library(twilio_scene: Scene) -> None:
    rest, who = twilio_scene.rest, twilio_scene.rest.who
    document = "<Response><Dial><Conference>granted</Conference></Dial></Response>"
    voice = twilio_scene.customer.host("/granted", document)
    application = await rest.made("Applications.json", {"FriendlyName": "page", "VoiceUrl": voice})
    token = AccessToken(who.sid, who.sid, who.signing_key, identity="alice", ttl=60)
    token.add_grant(VoiceGrant(outgoing_application_sid=application["sid"]))
    reply = await passed(rest, token.to_jwt(), "From=alice")
    assert reply.status == 201, reply
    asked = await twilio_scene.customer.wait(lambda visit: visit.path == "/granted", 30)
    assert asked.parameters["From"] == "client:alice"
    forged = AccessToken(who.sid, who.sid, "guessed" * 9, identity="alice", ttl=60)
    forged.add_grant(VoiceGrant(outgoing_application_sid=application["sid"]))
    assert (await passed(rest, forged.to_jwt(), "From=alice")).status == 401
