"""What holds for every request, whatever it is for."""

from __future__ import annotations

import logging

import pytest

from doors import FORM, Doors, Speaker
from roomtone.api.bodies import LARGEST_FORM
from roomtone.core.ids import CallId
from roomtone.dialects import TWILIO
from roomtone.dialects.errors import Errors

JSON = "application/json"
KEYS = ["code", "message", "more_info", "status"]


async def test_healthz(doors: Doors) -> None:
    reply = await doors.call("GET", "/healthz")
    assert (reply.status, reply.json) == (200, {"status": "ok"})
    assert (await doors.call("DELETE", "/healthz")).status == 405


@pytest.mark.parametrize("path", ["/", "/nonsense", "/api/laml", "/2010-04-01", "/favicon.ico", "/healthz/x"])
async def test_unknown_paths_are_json_404(doors: Doors, path: str) -> None:
    reply = await doors.call("GET", path)
    assert reply.status == 404
    assert list(reply.json) == KEYS
    assert path in reply.json["message"]


@pytest.mark.parametrize(
    "path", ["Nonsense", "conferences", "Conferences/", "Conferences//Participants", "Calls/a/b/c/d"]
)
async def test_unknown_resources(customer: Speaker, path: str) -> None:
    reply = await customer.get(path)
    assert (reply.status, reply.json["code"]) == (404, 20404)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "Messages"),
        ("POST", "Faxes"),
    ],
)
async def test_what_is_known_and_not_served_yet(customer: Speaker, method: str, path: str) -> None:
    whole = f"{customer.root}/{path}".rstrip("/")
    reply = await customer.ask(method, whole)
    assert (reply.status, reply.json["code"]) == (501, 20501)


@pytest.mark.parametrize("prefix", ["/api/laml", "", "/api/laml/api/laml"])
async def test_every_prefix_leads_to_the_same_answer(doors: Doors, customer: Speaker, prefix: str) -> None:
    await doors.open(customer.project, "Room", 1)
    expected = (await customer.get("Conferences")).json
    for suffix in ("", ".json"):
        path = f"{prefix}/2010-04-01/Accounts/{customer.sid}/Conferences{suffix}"
        assert (await customer.get(path)).json == expected


async def test_head_is_a_get_without_its_body(doors: Doors, customer: Speaker) -> None:
    await doors.open(customer.project, "Room", 1)
    got = await customer.get("Conferences")
    head = await customer.ask("HEAD", "Conferences")
    assert (head.status, head.content) == (200, b"")
    assert head.headers["content-length"] == got.headers["content-length"] == str(len(got.content))
    assert (await customer.ask("HEAD", "Nonsense")).content == b""


async def test_preflight_needs_no_credentials(doors: Doors, customer: Speaker) -> None:
    reply = await doors.call("OPTIONS", f"{customer.root}/Conferences")
    assert (reply.status, reply.content) == (204, b"")
    assert "POST" in reply.headers["access-control-allow-methods"]


async def test_every_answer_carries_cors_headers_and_request_ids(doors: Doors, customer: Speaker) -> None:
    replies = [
        await customer.get("Conferences"),
        await customer.get("Nonsense"),
        await doors.call("GET", "/"),
        await doors.call("OPTIONS", "/"),
    ]
    for reply in replies:
        assert reply.headers["access-control-allow-origin"] == "*"
    ids = [reply.headers["x-request-id"] for reply in replies]
    assert len(set(ids)) == len(ids)
    assert [reply.headers["twilio-request-id"] for reply in replies] == [f"RQ{one}" for one in ids]


@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_too_large(doors: Doors, customer: Speaker, announced: bool) -> None:
    room = await doors.open(customer.project, "Room", 1)
    body = b"Muted=" + b"x" * LARGEST_FORM
    headers = [("content-type", FORM)] + ([("content-length", str(len(body)))] if announced else [])
    reply = await customer.ask("POST", customer.people(room, CallId(1)), body, headers)
    assert (reply.status, reply.json["code"]) == (413, 20413)
    assert reply.headers["connection"] == "close"


async def test_a_document_may_be_larger_than_a_form(customer: Speaker) -> None:
    body = b"Name=a&Contents=" + b"%3C" * 30_000
    reply = await customer.ask("POST", "LamlBins", body, (("content-type", FORM),))
    assert reply.status != 413


@pytest.mark.parametrize(
    ("type_", "body"),
    [
        (JSON, b"{"),
        (JSON, b"[]"),
        (JSON, b'{"Muted": {"a": 1}}'),
        (JSON, b"\xff"),
        (FORM, b"Muted=%ff"),
        ("text/plain", b"Muted=true"),
        ("multipart/form-data; boundary=x", b"--x--"),
    ],
)
async def test_a_body_that_cannot_be_read(doors: Doors, customer: Speaker, type_: str, body: bytes) -> None:
    room = await doors.open(customer.project, "Room", 1)
    reply = await customer.ask("POST", customer.people(room, CallId(1)), body, (("content-type", type_),))
    assert reply.status == 400
    assert list(reply.json) == KEYS


@pytest.mark.parametrize(
    "type_", ["text/plain", "multipart/form-data; boundary=x", "application/sdp", FORM, ""]
)
async def test_an_order_without_a_body_says_nothing_by_its_address(
    doors: Doors, customer: Speaker, type_: str
) -> None:
    room = await doors.open(customer.project, "Room", 1)
    path = f"{customer.people(room, CallId(1))}?Muted=true"
    reply = await customer.ask("POST", path, b"", (("content-type", type_),))
    assert (reply.status, reply.json["muted"]) == (200, False)


async def test_a_compressed_body_is_not_taken(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", 1)
    headers = (("content-type", FORM), ("content-encoding", "gzip"))
    assert (await customer.ask("POST", customer.people(room, CallId(1)), b"\x1f\x8b", headers)).status == 400


@pytest.mark.parametrize("type_", ["", FORM, f"{FORM}; charset=utf-8", FORM.upper()])
async def test_a_form_however_it_is_announced(doors: Doors, customer: Speaker, type_: str) -> None:
    room = await doors.open(customer.project, "Room", 1)
    headers = [("content-type", type_)] if type_ else []
    reply = await customer.ask("POST", customer.people(room, CallId(1)), b"Muted=true", headers)
    assert reply.json["muted"] is True


async def test_a_question_with_a_json_type_and_no_body(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", 1)
    headers = (("content-type", JSON),)
    assert (await customer.ask("GET", customer.people(room), b"", headers)).status == 200
    assert (await customer.ask("DELETE", customer.people(room, CallId(1)), b"", headers)).status == 204


@pytest.mark.parametrize("path", ["Conferences/%ff/Participants", "Conferences/%zz", "Conferences/%"])
async def test_a_path_that_cannot_be_decoded_is_400(customer: Speaker, path: str) -> None:
    reply = await customer.get(path)
    assert reply.status == 400
    assert list(reply.json) == KEYS


async def test_a_query_that_cannot_be_decoded_is_400(customer: Speaker) -> None:
    assert (await customer.get("Conferences?FriendlyName=%ff")).status == 400


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "BREW"])
async def test_other_methods(doors: Doors, customer: Speaker, method: str) -> None:
    room = await doors.open(customer.project, "Room", 1)
    path = "IncomingPhoneNumbers" if method == "DELETE" else customer.people(room, CallId(1))
    reply = await customer.ask(method, path)
    assert (reply.status, reply.json["code"]) == (405, 20004)
    assert method in reply.json["message"]
    assert "POST" in reply.headers["allow"]


async def test_a_bug_of_ours_is_json_and_says_nothing(
    doors: Doors, customer: Speaker, caplog: pytest.LogCaptureFixture
) -> None:
    room = await doors.open(customer.project, "Room", 1)
    doors.switchboard.fault = ZeroDivisionError("secret")
    with caplog.at_level(logging.ERROR, "roomtone.api.app"):
        reply = await customer.post(customer.people(room, CallId(1)), Muted="true")
    assert (reply.status, reply.json["code"]) == (500, 20500)
    assert b"secret" not in reply.content
    assert reply.headers["x-request-id"] in caplog.text


async def test_unknown_parameters_are_noted_once_for_each_route(
    doors: Doors, customer: Speaker, caplog: pytest.LogCaptureFixture
) -> None:
    room = await doors.open(customer.project, "Room", 1)
    with caplog.at_level(logging.INFO, "roomtone.api.app"):
        for _ in range(3):
            await customer.post(customer.people(room, CallId(1)), hold="true", Muted="true")
        await customer.get("Conferences", nonsense="1")
    lines = [record.getMessage() for record in caplog.records if record.levelno == logging.INFO]
    assert len(lines) == 2
    assert "route=participants.update names='hold'" in lines[0]


async def test_a_client_that_goes_away_is_no_error(doors: Doors, customer: Speaker) -> None:
    sent: list[object] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.disconnect"}

    async def send(message: object) -> None:
        sent.append(message)

    name, value = customer.authorization
    path = f"{customer.root}/IncomingPhoneNumbers"
    scope = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"",
        "headers": [(name.encode(), value.encode())],
    }  # fmt: skip
    await doors.app(scope, receive, send)
    assert sent == []


async def test_the_servers_start_and_stop_are_answered(doors: Doors) -> None:
    said = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    heard: list[str] = []

    async def receive() -> dict[str, str]:
        return said.pop(0)

    async def send(message) -> None:
        heard.append(message["type"])

    await doors.app({"type": "lifespan"}, receive, send)
    assert heard == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


async def test_every_refusal_leads_to_its_page_and_says_what_to_do(doors: Doors, customer: Speaker) -> None:
    house = "https://room.example:8443"
    doors.switchboard.fault = ZeroDivisionError()
    room = await doors.open(customer.project, "Room", 1)
    for reply in (
        await customer.get("Nonsense"),
        await doors.call("GET", f"{customer.root}/Conferences"),
        await customer.get("Conferences", PageSize="0"),
        await customer.ask("PUT", "Conferences"),
        await customer.post(customer.people(room, CallId(1)), Muted="true"),
    ):
        assert reply.status >= 400
        assert reply.headers["hint"]
        more = reply.json["more_info"]
        assert more == f"{house}/errors/{reply.json['code']}"
        page = await doors.call("GET", more.removeprefix(house))
        assert page.status == 200
        assert page.headers["content-type"].startswith("text/html")
        assert reply.headers["hint"].partition("'")[0].encode() in page.content


async def test_pages_of_numbers(doors: Doors) -> None:
    assert b"/errors/20404" in (await doors.call("GET", "/errors")).content
    for path in ("/errors/1", "/errors/99999", "/errors/", "/errorsx", "/errors/20404/x"):
        assert (await doors.call("GET", path)).status == 404
    assert (await doors.call("POST", "/errors/20404")).status == 405


async def test_what_is_known_already_is_not_sent_again(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", 1)
    path = customer.people(room, CallId(1))
    stamp = (await customer.get(path)).headers["etag"]
    assert stamp.startswith('W/"')
    for given in (stamp, stamp.removeprefix("W/"), f'"x", {stamp}', "*"):
        for method in ("GET", "HEAD"):
            reply = await customer.ask(method, path, b"", (("if-none-match", given),))
            assert (reply.status, reply.content, reply.headers["etag"]) == (304, b"", stamp)
    await customer.post(path, Muted="true")
    news = await customer.ask("GET", path, b"", (("if-none-match", stamp),))
    assert (news.status, news.json["muted"]) == (200, True)
    assert "etag" not in (await customer.post(path, Muted="true")).headers
    assert "etag" not in (await customer.get("Nonsense")).headers


async def test_a_name_in_any_script_comes_back(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Zoë 会議 🎉", 1)
    reply = await customer.get(f"Conferences/{customer.show(room.id)}")
    assert reply.json["friendly_name"] == "Zoë 会議 🎉"
    assert "Zoë".encode() in reply.content


def test_errors_are_a_dialects_own() -> None:
    assert isinstance(TWILIO.errors, Errors)


async def test_only_http_is_spoken(doors: Doors) -> None:
    heard: list[object] = []

    async def send(message: object) -> None:
        heard.append(message)

    await doors.app({"type": "websocket"}, None, send)
    assert heard == [{"type": "websocket.close", "code": 1000}]
