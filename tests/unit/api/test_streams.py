"""Streams by REST: of calls and of conferences, begun and stopped by sid and by name, in both dialects' shapes."""

from __future__ import annotations

import pytest

from doors import Doors, Speaker
from roomtone.core.call.state import Call, CallStatus
from roomtone.core.ids import CallId, ConferenceId
from roomtone.core.values import Caller

CALL, ROOM = CallId(7), ConferenceId(0xC0)
URL = "wss://ear.example/x"


@pytest.fixture(params=["signalwire", "twilio"])
async def customer(request: pytest.FixtureRequest) -> Speaker:
    one = Doors().speaker(request.param)
    up = Call(CALL, one.project.id, Caller("+1", "+2"), 1, 1, CallStatus.IN_PROGRESS, started_ms=1)
    one.doors.store.calls[CALL] = up
    await one.doors.open(one.project, "Room", 1, 2)
    return one


def paths(customer: Speaker) -> tuple[str, str]:
    return f"Calls/{customer.show(CALL)}/Streams", f"Conferences/{customer.show(ROOM)}/Streams"


async def test_one_is_begun_and_stopped_by_its_sid(customer: Speaker) -> None:
    for path, key in zip(paths(customer), ("call_sid", "conference_sid"), strict=True):
        made = await customer.post(f"{path}.json", Url=URL)
        assert made.status == (200 if customer.dialect.name == "signalwire" else 201)
        assert (made.json["account_sid"], key in made.json) == (customer.sid, True)
        assert made.json["name"] == made.json["sid"], "who has no name is called by its sid"
        over = await customer.post(f"{path}/{made.json['sid']}.json", Status="stopped")
        assert (over.status, over.json["status"]) == (200, "stopped")
        assert over.json["sid"] == made.json["sid"]


async def test_of_several_with_a_name_the_one_that_runs_is_stopped(customer: Speaker) -> None:
    path, _ = paths(customer)
    first = (await customer.post(path, Url=URL, Name="scribe")).json
    assert (await customer.post(f"{path}/scribe", Status="stopped")).json["sid"] == first["sid"]
    customer.doors.clock.advance(1)
    second = (await customer.post(path, Url=URL, Name="scribe")).json
    assert (await customer.post(f"{path}/scribe", Status="stopped")).json["sid"] == second["sid"]
    again = await customer.post(f"{path}/scribe", Status="stopped")
    assert (again.status, again.json["status"]) == (200, "stopped"), "one that is over stays as it is"


async def test_no_answer_shows_the_token(customer: Speaker) -> None:
    path, _ = paths(customer)
    made = await customer.post(path, Url=f"{URL}?key=s3cret", Name="a", AuthorizationBearerToken="s3cret")
    assert made.status < 300
    assert b"s3cret" not in made.content


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"Url": "https://ear.example/"},
        {"Url": "ws://ear.example/"},
        {"Url": "wss://user@ear.example/"},
        {"Url": "/here"},
        {"Url": URL, "Track": "sideways"},
        {"Url": URL, "StreamCodec": "MP3"},
        {"Url": URL, "StatusCallback": "nowhere"},
        {"Url": URL, "AuthorizationBearerToken": "a b"},
    ],
    ids=str,
)
async def test_what_is_wrong_is_refused(customer: Speaker, form: dict[str, str]) -> None:
    for path in paths(customer):
        reply = await customer.post(path, form)
        assert reply.status in {400, 422}, reply.json


async def test_only_stopping_can_be_wished_and_only_of_ones_own(customer: Speaker) -> None:
    path, room = paths(customer)
    sid = (await customer.post(path, Url=URL)).json["sid"]
    for form in ({}, {"Status": "paused"}):
        assert (await customer.post(f"{path}/{sid}", form)).status in {400, 422}
    for other in (f"{room}/{sid}", f"{path}/nobody", f"Calls/{customer.show(CallId(8))}/Streams/{sid}"):
        assert (await customer.post(other, Status="stopped")).status == 404
