"""The REST API as it is served: every address, every encoding, exact keys, both schemes, credentials of either kind.

Sources: SignalWire Compatibility API and Twilio 2010-04-01, Participants and Conferences; the SDKs' own requests.
"""

from __future__ import annotations

import asyncio
import ssl

import aiohttp
import pytest

from stage.rest import basic
from stage.scene import Scene, everybody_hears_the_others

SIGNALWIRE_KEYS = [
    "account_sid", "call_sid", "call_sid_to_coach", "coaching", "conference_sid", "date_created", "status",
    "date_updated", "end_conference_on_exit", "muted", "hold", "start_conference_on_enter", "uri",
]  # fmt: skip
TWILIO_KEYS = [*SIGNALWIRE_KEYS, "label", "queue_time"]


async def check_keys(scene: Scene, keys: list[str], status: str) -> None:
    ann, _ = await scene.gather(2, "keys")
    found = (await scene.rest.get(scene.path(ann))).body
    assert sorted(found) == sorted(keys)
    assert found["status"] == status
    assert [sorted(each) for each in await scene.participants()] == [sorted(keys)] * 2


async def test_a_signalwire_participant_has_its_thirteen_keys(scene: Scene) -> None:
    await check_keys(scene, SIGNALWIRE_KEYS, "in-progress")


async def test_a_twilio_participant_has_its_fifteen_keys(twilio_scene: Scene) -> None:
    await check_keys(twilio_scene, TWILIO_KEYS, "connected")


@pytest.mark.parametrize("prefix", ["/2010-04-01", "/api/laml/2010-04-01"])
@pytest.mark.parametrize("suffix", ["", ".json"])
async def test_every_address_of_a_resource_is_served(scene: Scene, prefix: str, suffix: str) -> None:
    ann, bob = await scene.gather(2, "addresses")
    account = f"{prefix}/Accounts/{scene.rest.who.sid}"
    path = f"{account}/Conferences/{scene.conference}/Participants"
    one = f"{path}/{ann.call_sid}{suffix}"
    assert (await scene.rest.get(one)).body["call_sid"] == ann.call_sid
    listed = (await scene.rest.get(path + suffix)).body["participants"]
    assert [each["call_sid"] for each in listed] == [bob.call_sid, ann.call_sid]
    assert (await scene.rest.post(one, {"Muted": "true"})).body["muted"] is True
    assert (await scene.rest.get(f"{account}/Conferences/{scene.conference}{suffix}")).status == 200


async def test_every_encoding_of_an_update_is_read(scene: Scene) -> None:
    ann, _ = await scene.gather(2, "encodings")
    path = scene.path(ann)
    muted = []
    for value in (True, False, "true", "False", 1, "0"):
        reply = await scene.rest.post(path, as_json={"Muted": value})
        muted.append((reply.status, reply.body["muted"]))
    assert [found for _, found in muted] == [True, False, True, False, True, False]
    assert {status for status, _ in muted} == {200}
    for value in ("True", "FALSE"):
        assert (await scene.rest.post(path, {"Muted": value})).body["muted"] is (value == "True")
    nothing = basic(scene.rest.who.sid, scene.rest.who.token)
    for content_type in ("application/json", "application/x-www-form-urlencoded"):
        assert (await scene.rest.post(path, headers=nothing | {"Content-Type": content_type})).status == 200
    assert (await scene.rest.post(path)).status == 200


async def test_pages_lead_to_each_participant_once_whoever_comes_meanwhile(scene: Scene) -> None:
    await scene.gather(3, "pages")
    number = await scene.open_line("pages")
    uri, seen = f"{scene.rest.account}/{scene.path()}?PageSize=1", []
    while uri:
        page = (await scene.rest.get(uri)).body
        assert (page["page"], page["page_size"]) == (len(seen), 1)
        seen += [one["call_sid"] for one in page["participants"]]
        uri = page["next_page_uri"]
        if len(seen) == 1:
            await scene.enter("dan", number)
    expected = [scene.callers[name].call_sid for name in ("cat", "bob", "ann")]
    assert seen == expected


async def test_https_by_the_local_ca(scene: Scene, session: aiohttp.ClientSession) -> None:
    ann, _ = await scene.gather(2, "tls")
    trusting = ssl.create_default_context(cafile=str(scene.server.ca))
    url = f"{scene.server.ready['https'].rstrip('/')}{scene.rest.account}/{scene.path(ann)}"
    headers = basic(scene.rest.who.sid, scene.rest.who.token)
    async with session.get(url, ssl=trusting, headers=headers) as reply:
        assert (reply.status, (await reply.json())["call_sid"]) == (200, ann.call_sid)
    with pytest.raises(aiohttp.ClientConnectorCertificateError):
        await session.get(url, headers=headers)


async def test_a_connection_asked_to_close_says_so(scene: Scene) -> None:
    headers = basic(scene.rest.who.sid, scene.rest.who.token) | {"Connection": "close"}
    reply = await scene.rest.get("Conferences.json", headers=headers)
    assert reply.headers["Connection"].lower() == "close"


async def test_a_participant_is_found_by_its_label(twilio_scene: Scene) -> None:
    scene = twilio_scene
    number = await scene.open_line("labels", participantLabel="the boss & co")
    await scene.enter("ann", number)
    path = f"Conferences/{scene.conference}/Participants/the%20boss%20%26%20co.json"
    found = (await scene.rest.get(path)).body
    assert (found["label"], found["call_sid"]) == ("the boss & co", scene.callers["ann"].call_sid)
    assert (await scene.rest.post(path, {"Muted": "true"})).body["muted"] is True


async def test_updates_at_once_are_all_done_and_the_last_answer_is_what_is(scene: Scene) -> None:
    callers = await scene.gather(3, "at once")
    await asyncio.gather(
        *(scene.update(caller, Muted=value) for value in ("true", "false") * 5 for caller in callers)
    )
    for caller in callers:
        assert (await scene.update(caller, Muted="false"))["muted"] is False
    await scene.expect(everybody_hears_the_others(["ann", "bob", "cat"]))


async def test_a_hosted_document_is_rendered_for_each_call(scene: Scene) -> None:
    """Mustache placeholders take the call's parameters and those of the URL; the bin counts its requests."""
    contents = scene.dial_conference("bin of {{From}} {{Tenant}}")
    made = await scene.rest.made("LamlBins.json", {"Name": "rendered", "Contents": contents})
    number = await scene.claim(f"{made['request_url']}?Tenant=seven")
    await scene.dial("ann", number)
    joined = await scene.customer.wait_for_event("participant-join")
    assert "seven" in joined.parameters["FriendlyName"]
    assert "ann" in joined.parameters["FriendlyName"]
    after = (await scene.rest.get(f"LamlBins/{made['sid']}.json")).body
    assert after["num_requests"] == 1
    assert after["date_last_accessed"]


async def test_a_number_lives_from_claim_to_release(scene: Scene) -> None:
    number = await scene.open_line("number")
    listed = (await scene.rest.get(f"IncomingPhoneNumbers.json?PhoneNumber=%2B{number[1:]}")).body
    [found] = listed["incoming_phone_numbers"]
    path = f"IncomingPhoneNumbers/{found['sid']}.json"
    elsewhere = scene.customer.host("/voice/elsewhere", scene.dial_conference("elsewhere"))
    changed = await scene.rest.made(path, {"VoiceUrl": elsewhere, "FriendlyName": "front door"})
    assert (changed["voice_url"], changed["friendly_name"]) == (elsewhere, "front door")
    await scene.enter("ann", number)
    assert scene.room == "elsewhere"
    assert (await scene.rest.delete(path)).status == 204
    assert (await scene.rest.get(path)).status == 404
    caller = await scene.try_to_dial("bob", number)
    assert await caller.wait_for("refused") == "refused 404"
