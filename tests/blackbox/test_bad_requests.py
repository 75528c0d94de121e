"""Bad input at the REST door: each a documented answer in JSON, and the conference goes on.

Numbers: SignalWire "Error codes" and Twilio "Error dictionary"; where they are silent, `dialects/*/errors.py`.
"""

from __future__ import annotations

import io
import uuid
from collections.abc import AsyncIterator

import pytest

from stage.rest import Reply, Rest, basic
from stage.scene import Scene
from stage.server import Server


@pytest.fixture
async def room(scene: Scene) -> AsyncIterator[Scene]:
    """Two callers in a conference, who still hear each other when the test is over."""
    await scene.gather(2, "bad requests")
    yield scene
    await scene.expect({"ann": {"bob"}, "bob": {"ann"}})


def check(reply: Reply, status: int, code: int) -> None:
    """Every error has the four keys, whatever went wrong."""
    assert (reply.status, reply.body["code"]) == (status, code), reply
    assert set(reply.body) >= {"code", "message", "more_info", "status"}
    assert reply.body["status"] == status
    assert reply.headers["Content-Type"].startswith("application/json")


async def test_an_unknown_parameter_is_ignored(room: Scene) -> None:
    after = await room.update(room.callers["ann"], Beep="false", NoSuchThing="1")
    assert after["call_sid"] == room.callers["ann"].call_sid


async def test_an_empty_update_changes_nothing(room: Scene) -> None:
    ann = room.callers["ann"]
    before = (await room.rest.get(room.path(ann))).body
    assert await room.rest.made(room.path(ann), {}) == before


WRONG_VALUES: list[tuple[dict[str, str], int, int]] = [
    ({"Muted": "maybe"}, 422, 10000),
    ({"Hold": "2"}, 422, 10000),
    ({"Hold": "true", "HoldUrl": "not a url"}, 422, 21402),
    ({"Hold": "true", "HoldUrl": "ftp://example.com/a.wav"}, 422, 21402),
    ({"Hold": "true", "HoldUrl": "http://example.com/", "HoldMethod": "PUT"}, 422, 21209),
    ({"Coaching": "true"}, 422, 16002),
    ({"Coaching": "true", "CallSidToCoach": str(uuid.UUID(int=7, version=4))}, 400, 16002),
]


async def test_a_wrong_value_is_refused_and_changes_nothing(room: Scene, subtests: pytest.Subtests) -> None:
    ann = room.callers["ann"]
    before = (await room.rest.get(room.path(ann))).body
    for form, status, code in WRONG_VALUES:
        with subtests.test(form=form):
            check(await room.try_update(ann, **{"Muted": "true", **form}), status, code)
            assert (await room.rest.get(room.path(ann))).body == before


async def test_nobody_coaches_themselves(room: Scene) -> None:
    ann = room.callers["ann"]
    check(await room.try_update(ann, Coaching="true", CallSidToCoach=ann.call_sid), 422, 16002)


async def test_hold_and_coaching_in_one_request_are_refused(room: Scene) -> None:
    form = {"Hold": "true", "Coaching": "true", "CallSidToCoach": room.callers["bob"].call_sid}
    check(await room.try_update(room.callers["ann"], **form), 422, 16002)


WRONG_QUERIES = {
    "PageSize=0": 54454, "PageSize=abc": 54454, "PageSize=-1": 54454, "Page=1": 54453,
    "Page=1&PageToken=rubbish": 21481, "Muted=perhaps": 10000,
}  # fmt: skip


async def test_a_wrong_query_is_refused(room: Scene, subtests: pytest.Subtests) -> None:
    for query, code in WRONG_QUERIES.items():
        with subtests.test(query=query):
            check(await room.rest.get(f"{room.path()}?{query}"), 422, code)


async def test_an_id_of_the_wrong_shape_is_not_found(room: Scene, subtests: pytest.Subtests) -> None:
    for sid in ("nonsense", "CA123", "%20", "1234-5678", "é", "a%2Fb", "0" * 200):
        with subtests.test(sid=sid):
            participant = f"Conferences/{room.conference}/Participants/{sid}.json"
            check(await room.rest.get(f"Conferences/{sid}.json"), 404, 20404)
            check(await room.rest.get(participant), 404, 20404)
            check(await room.rest.delete(participant), 404, 20404)


async def test_another_projects_ids_are_not_found(room: Scene, server: Server) -> None:
    """Neither through the stranger's own account nor through ours; and nothing is changed."""
    stranger = Rest(room.rest._session, room.rest.base, server.create_project())
    ann = room.callers["ann"]
    check(await stranger.get(f"Conferences/{room.conference}.json"), 404, 20404)
    check(await stranger.post(room.path(ann), {"Muted": "true"}), 404, 20404)
    check(await stranger.delete(room.path(ann)), 404, 20404)
    theirs = await stranger.get(f"{room.rest.account}/{room.path(ann)}")
    assert theirs.status in {401, 404}
    assert theirs.body["code"] in {20003, 20404}
    listed = (await stranger.get("Conferences.json")).body["conferences"]
    assert listed == []


async def test_bad_credentials_are_refused(room: Scene) -> None:
    for headers in (
        {},
        basic(room.rest.who.sid, "wrong"),
        basic("nobody", "x"),
        {"Authorization": "Basic !"},
    ):
        reply = await room.rest.get(room.path(), headers=headers)
        check(reply, 401, 20003)
        assert reply.headers["WWW-Authenticate"].startswith("Basic")


async def test_an_oversize_body_is_refused(room: Scene) -> None:
    body = io.BytesIO(b"HoldUrl=" + b"x" * 2_000_000)
    check(await room.rest.post(room.path(room.callers["ann"]), body), 413, 20413)


async def test_a_body_that_is_no_json_is_refused(room: Scene) -> None:
    path = room.path(room.callers["ann"])
    headers = basic(room.rest.who.sid, room.rest.who.token) | {"Content-Type": "application/json"}
    check(await room.rest.post(path, b"{no json", headers=headers), 400, 90000)


async def test_a_json_body_of_the_wrong_kind_is_refused(room: Scene) -> None:
    reply = await room.rest.post(room.path(room.callers["ann"]), as_json={"Muted": {"deep": [1]}})
    assert reply.status in {400, 422}
    assert reply.body["status"] == reply.status


async def test_a_method_that_is_not_allowed_is_refused(room: Scene) -> None:
    for method in ("PUT", "PATCH"):
        check(await room.rest.call(method, room.path(room.callers["ann"])), 405, 20004)


async def test_an_unknown_path_is_json_too(room: Scene) -> None:
    check(await room.rest.get("NoSuchThings.json"), 404, 20404)
    check(await room.rest.get("/nowhere/at/all"), 404, 20404)


async def test_a_status_that_cannot_be_set_is_refused(room: Scene) -> None:
    reply = await room.rest.post(f"Conferences/{room.conference}.json", {"Status": "init"})
    check(reply, 422, 21475)


async def test_a_number_of_the_wrong_shape_is_refused(room: Scene, subtests: pytest.Subtests) -> None:
    for number in ("", "abc", "15551234", "+1", "+123456789012345678901"):
        with subtests.test(number=number):
            reply = await room.rest.post("IncomingPhoneNumbers.json", {"PhoneNumber": number})
            assert reply.status == 422
            assert reply.body["code"] in {21421, 10000}


async def test_a_number_is_claimed_once(room: Scene) -> None:
    form = {"PhoneNumber": "+15559990001"}
    assert (await room.rest.post("IncomingPhoneNumbers.json", form)).status == 201
    check(await room.rest.post("IncomingPhoneNumbers.json", form), 422, 21422)


async def test_a_bin_that_is_no_document_is_refused(room: Scene, subtests: pytest.Subtests) -> None:
    for contents in ("<Response>", "no xml at all", "<Response><Dial></Response>"):
        with subtests.test(contents=contents):
            reply = await room.rest.post("LamlBins.json", {"Name": "bad", "Contents": contents})
            check(reply, 422, 20422)
