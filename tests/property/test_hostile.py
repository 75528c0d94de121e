"""Requests made to hurt: bombs, floods of fields, doubled keys, headers in names, tokens of other lists, others' sids."""

from __future__ import annotations

import gzip
import zlib

import pytest

from doors import FORM, Doors, Reply, Speaker, join
from roomtone.core.ids import CallId
from roomtone.dialects import DIALECTS

JSON = "application/json"


@pytest.fixture
def doors() -> Doors:
    return Doors()


@pytest.fixture(params=list(DIALECTS))
def customer(request: pytest.FixtureRequest, doors: Doors) -> Speaker:
    return doors.speaker(request.param)


def refused(reply: Reply, *statuses: int) -> None:
    assert reply.status in statuses, reply
    assert list(reply.json) == ["code", "message", "more_info", "status"]
    assert reply.headers["hint"]


async def send(customer: Speaker, body: bytes, type_: str = FORM, **headers: str) -> Reply:
    found = await customer.doors.store.live_conference(customer.project.id, "Room")
    room = found or await customer.doors.open(customer.project, "Room", 1)
    lines = [("content-type", type_), *((name.replace("_", "-"), text) for name, text in headers.items())]
    return await customer.ask("POST", customer.people(room, CallId(1)), body, lines)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "gzip, gzip", "identity, gzip", "GZIP"])
async def test_a_bomb_is_not_unpacked(customer: Speaker, coding: str) -> None:
    bomb = gzip.compress(b"Muted=true&" * 1_000_000) if "g" in coding else zlib.compress(b"a" * 10_000_000)
    refused(await send(customer, bomb[:60_000], content_encoding=coding), 400)


async def test_ten_thousand_parameters_are_refused(customer: Speaker) -> None:
    refused(await send(customer, b"&".join(b"a%d=" % one for one in range(8_000))), 400)
    flood = b"{" + b",".join(b'"a%d":1' % one for one in range(5_000)) + b"}"
    refused(await send(customer, flood, JSON), 400)
    refused(await customer.get("Calls?" + "&".join(f"a{one}=1" for one in range(10_000))), 400)
    refused(await send(customer, b"&".join(b"abcdef%d=1" % one for one in range(10_000))), 413)


async def test_of_doubled_keys_the_last_counts(customer: Speaker) -> None:
    assert (await send(customer, b"Muted=true&Muted=false&Muted=true")).json["muted"] is True
    assert (await send(customer, b'{"Muted":true,"Muted":false}', JSON)).json["muted"] is False


@pytest.mark.parametrize("body", [b"Muted=%ff", b"\xff\xfe=1", b"%c3%28=1", b"Muted=%ed%a0%80", b"a=%00"])
async def test_what_is_no_utf_8_is_refused(customer: Speaker, body: bytes) -> None:
    refused(await send(customer, body), 400)


@pytest.mark.parametrize(
    "body", [b'{"Muted":"\\ud800"}', b"[" * 60_000, b'{"a":' * 9_000, b"\xef\xbb\xbf{}", b"nul"]
)
async def test_odd_json_is_refused(customer: Speaker, body: bytes) -> None:
    refused(await send(customer, body, JSON), 400)


@pytest.mark.parametrize("text", ["a\r\nSet-Cookie: b", "a\nb", "\r\n\r\n<html>", "\x0b\x85\u2028"])
async def test_no_name_becomes_a_header(customer: Speaker, text: str) -> None:
    made = await customer.post("Applications", FriendlyName=text)
    assert made.status == 201
    assert made.json["friendly_name"] == text
    room = await customer.doors.open(customer.project, text, join(1, label="x"))
    for reply in (
        made,
        await customer.get(f"Conferences/{customer.show(room.id)}"),
        await customer.get("Conferences", FriendlyName=text),
        await customer.get(customer.people(room, "a%0D%0ASet-Cookie:%20b")),
        await customer.ask("BREW", f"{customer.root}/Calls%0D%0AX-A:b"),
        await customer.get("Applications.xml"),
    ):
        assert "set-cookie" not in reply.headers
        assert not any(one in value for value in reply.headers.values() for one in "\r\n\x00")


async def test_a_token_of_another_list_is_refused(customer: Speaker) -> None:
    rooms = [await customer.doors.open(customer.project, f"r{one}", one, one + 50, id_=one) for one in (1, 2)]
    people = [customer.people(room) for room in rooms]
    tokens = {
        path: (await customer.get(path, PageSize="1")).json["next_page_uri"].partition("PageToken=")[2]
        for path in ("Conferences", *people)
    }
    assert all(tokens.values())
    for path in tokens:
        for home, token in tokens.items():
            reply = await customer.get(path, Page="1", PageToken=token)
            if home == path:
                assert reply.status == 200
            else:
                refused(reply, 400, 422)


async def test_another_projects_sids_look_like_none(doors: Doors) -> None:
    """What is somebody else's is told in the very words of what is nowhere."""
    owner, stranger = doors.speaker("signalwire"), doors.speaker("twilio")
    room = await doors.open(owner.project, "Secret", 1)
    made = [
        (await owner.post(kind, fields)).json["sid"]
        for kind, fields in (
            ("Applications", {"FriendlyName": "Secret"}),
            ("Queues", {"FriendlyName": "Secret"}),
            ("LamlBins", {"Name": "Secret"}),
            ("IncomingPhoneNumbers", {"PhoneNumber": "+15550001111"}),
        )
    ]
    kinds = (
        "Applications",
        "Queues",
        "LamlBins",
        "IncomingPhoneNumbers",
        "Conferences",
        "Calls",
        "Recordings",
        "Keys",
    )
    for kind in kinds:
        for sid in (*made, owner.show(room.id), owner.show(CallId(1))):
            for method in ("GET", "POST", "DELETE"):
                theirs = await stranger.ask(method, f"{kind}/{sid}")
                nobodys = await stranger.ask(method, f"{kind}/{sid[:-12]}{'9' * 12}")
                assert theirs.status == nobodys.status
                if theirs.status == 404:
                    told = theirs.json["message"].replace(sid, "")
                    assert told == nobodys.json["message"].replace(f"{sid[:-12]}{'9' * 12}", "")
                assert b"Secret" not in theirs.content
