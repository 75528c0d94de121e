"""Our answers against the vendors' published specifications: every resource, list and error that we serve.

The documents are not ours to ship: they are looked for beside the repository, and the suite is skipped without them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker

from doors import Doors, Reply, Speaker, join
from roomtone.api.routes import OPEN, ROUTES, SERVED
from roomtone.core.call.state import Call, CallStatus
from roomtone.core.conference.messages import End
from roomtone.core.ids import CallId, NumberId, QueueId, RecordingId
from roomtone.core.queueing import Member, Queue
from roomtone.core.recording.state import Recording, RecordingSource, RecordingStatus
from roomtone.core.values import Caller, Direction
from roomtone.dialects import application_forms, portability

SPECS = Path(__file__).parents[3] / "shared" / "specs"
FILES = {
    "signalwire": SPECS / "signalwire-compatibility-openapi.yaml",
    "twilio": SPECS / "twilio-api-v2010-openapi.yaml",
}
ROOT = "/2010-04-01"
RFC_2822 = r"^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} \+0000$"
NULL_UNTIL_IT_ENDS = {"reason_conference_ended"}
"""Twilio's schema forgets that a conference which has not ended has no reason; its own examples do not."""

pytestmark = pytest.mark.skipif(
    not all(file.exists() for file in FILES.values()), reason="the vendors' specifications are not there"
)


@cache
def document(name: str) -> dict[str, Any]:
    """Read a specification and make its schemas plain JSON Schema."""
    loaded: dict[str, Any] = yaml.load(FILES[name].read_text(), Loader=yaml.CSafeLoader)
    if name == "twilio":
        _modernise(loaded)
    return loaded


def _modernise(node: Any) -> None:
    """Turn OpenAPI 3.0's ``nullable`` into 2020-12, close objects, and state the date format the name implies."""
    if isinstance(node, list):
        for one in node:
            _modernise(one)
    if not isinstance(node, dict):
        return
    for one in list(node.values()):
        _modernise(one)
    if node.get("format") == "date-time-rfc-2822":
        node["pattern"] = RFC_2822
    if node.get("nullable") is True and "type" in node:
        node["type"] = [node["type"], "null"]
        if "enum" in node:
            node["enum"] = [*node["enum"], None]
    properties = node.get("properties")
    if node.get("type") in ("object", ["object", "null"]) and isinstance(properties, dict):
        node.setdefault("additionalProperties", False)
        node.setdefault("required", list(properties))
        for name in NULL_UNTIL_IT_ENDS & set(properties):
            properties[name] = {"anyOf": [properties[name], {"type": "null"}]}


def validate(customer: Speaker, method: str, path: str, reply: Reply) -> None:
    """Hold an answer against what its operation may answer with this status."""
    spec = document(customer.project.dialect)
    operation = spec["paths"][path][method]
    response = operation["responses"][str(reply.status)]
    content = response.get("content")
    if content is None:
        assert reply.content == b""
        return
    schema = content["application/json"]["schema"]
    whole = {**schema, "components": spec["components"]}
    Draft202012Validator(whole, format_checker=FormatChecker()).validate(reply.json)
    if customer.project.dialect == "signalwire":
        return
    for name in (one for one in reply.headers if one.startswith("access-control")):
        assert name in {header.lower() for header in response["headers"]}


def operation_path(customer: Speaker, *segments: str) -> str:
    path = "/".join(("/Accounts/{AccountSid}", *segments))
    return f"{ROOT}{path}.json" if customer.project.dialect == "twilio" else path


@pytest.fixture(params=list(FILES))
def customer(request: pytest.FixtureRequest) -> Speaker:
    return Doors().speaker(request.param)


PARTICIPANTS = ("Conferences", "{ConferenceSid}", "Participants")


async def test_participants(customer: Speaker) -> None:
    room = await customer.doors.open(
        customer.project, "Room", 1, join(2, muted=True), 3, join(4, coached=CallId(1))
    )
    people, one = customer.people(room), customer.people(room, CallId(1))
    listing, item = (
        operation_path(customer, *PARTICIPANTS),
        operation_path(customer, *PARTICIPANTS, "{CallSid}"),
    )
    first = await customer.get(people, PageSize="2")
    validate(customer, "get", listing, first)
    validate(customer, "get", listing, await customer.get(first.json["next_page_uri"]))
    validate(customer, "get", item, await customer.get(one))
    validate(customer, "get", item, await customer.get(customer.people(room, CallId(4))))
    for form in (
        {},
        {"Muted": "true"},
        {"Hold": "true", "HoldUrl": "http://h/hold"},
        {"Hold": "false"},
        {"Coaching": "true", "CallSidToCoach": customer.show(CallId(3))},
        {"Coaching": "false", "CallSidToCoach": ""},
        {"AnnounceUrl": "http://h/a"},
    ):
        reply = await customer.post(one, form)
        assert reply.status == 200
        validate(customer, "post", item, reply)
    validate(customer, "delete", item, await customer.delete(one))


async def test_conferences(customer: Speaker) -> None:
    room = await customer.doors.open(customer.project, "Room", 1, 2)
    path = f"Conferences/{customer.show(room.id)}"
    listing, item = operation_path(customer, "Conferences"), operation_path(customer, "Conferences", "{Sid}")
    validate(customer, "get", item, await customer.get(path))
    validate(customer, "get", listing, await customer.get("Conferences", FriendlyName="Room"))
    validate(customer, "get", listing, await customer.get("Conferences", FriendlyName="nobody's"))
    validate(customer, "post", item, await customer.post(path, AnnounceUrl="http://h/a"))
    validate(customer, "post", item, await customer.post(path, Status="completed"))
    validate(customer, "get", listing, await customer.get("Conferences", Status="completed"))


async def test_numbers(customer: Speaker) -> None:
    listing = operation_path(customer, "IncomingPhoneNumbers")
    item = operation_path(customer, "IncomingPhoneNumbers", "{Sid}")
    made = await customer.post("IncomingPhoneNumbers", PhoneNumber="+15551234567", VoiceUrl="http://h/voice")
    validate(customer, "post", listing, made)
    validate(customer, "get", listing, await customer.get("IncomingPhoneNumbers"))
    validate(customer, "get", item, await customer.get(made.json["uri"]))
    validate(customer, "post", item, await customer.post(made.json["uri"], VoiceUrl=""))
    validate(customer, "delete", item, await customer.delete(made.json["uri"]))


async def test_hosted_documents() -> None:
    customer = Doors().speaker("signalwire")
    listing, item = operation_path(customer, "LamlBins"), operation_path(customer, "LamlBins", "{Sid}")
    made = await customer.post("LamlBins", Name="hello")
    validate(customer, "post", listing, made)
    await customer.doors.call("GET", made.json["request_url"].removeprefix("https://room.example:8443"))
    validate(customer, "get", listing, await customer.get("LamlBins"))
    validate(customer, "get", item, await customer.get(made.json["uri"]))
    validate(customer, "post", item, await customer.post(made.json["uri"], Name="bye"))
    validate(customer, "delete", item, await customer.delete(made.json["uri"]))


async def test_calls(customer: Speaker) -> None:
    listing, item = operation_path(customer, "Calls"), operation_path(customer, "Calls", "{Sid}")
    for id_, more in (
        (0xA1, {}),
        (0xA2, {"status": CallStatus.IN_PROGRESS, "started_ms": 2_000}),
        (0xA3, {"status": CallStatus.COMPLETED, "started_ms": 2_000, "ended_ms": 9_000}),
        (0xA4, {"status": CallStatus.BUSY, "ended_ms": 9_000, "number": NumberId(3)}),
    ):
        caller = Caller("+15551230000", "sip:bob@h", Direction.OUTBOUND_DIAL, f"{7:032x}")
        made = Call(CallId(id_), customer.project.id, caller, 1_000, 1_000, revision=1, **more)
        await customer.doors.store.commit_call(made)
        path = f"Calls/{customer.show(made.id)}"
        validate(customer, "get", item, await customer.get(path))
    validate(customer, "get", listing, await customer.get("Calls", PageSize="2"))
    validate(customer, "get", listing, await customer.get("Calls", Status="failed"))
    validate(customer, "delete", item, await customer.delete(path))


async def test_recordings(customer: Speaker) -> None:
    room = await customer.doors.open(customer.project, "Room", 1)
    call = Call(CallId(1), customer.project.id, Caller("+1", "+2"), 1, 1, revision=1)
    await customer.doors.store.commit_call(call)
    own = customer.project.id
    of_room = Recording(
        RecordingId(8), own, 1, 1, RecordingSource.CONFERENCE, call=call.id, conference=room.id
    )
    of_call = Recording(
        RecordingId(9), own, 2, 2, RecordingSource.CALL_STARTED, RecordingStatus.COMPLETED, call.id, channels=2,
        started_ms=1_000, ended_ms=5_500,
    )  # fmt: skip
    for one in (of_room, of_call):
        await customer.doors.store.add_recording(one)
    sid = customer.dialect.sids.show
    for parent, path, one in (
        ((), "Recordings", of_call),
        (("Conferences", "{ConferenceSid}"), f"Conferences/{sid(room.id)}/Recordings", of_room),
        (("Calls", "{CallSid}"), f"Calls/{sid(call.id)}/Recordings", of_call),
    ):
        listing = operation_path(customer, *parent, "Recordings")
        item = operation_path(customer, *parent, "Recordings", "{Sid}")
        if "get" not in document(customer.project.dialect)["paths"][listing]:
            continue  # a call's recordings cannot be listed at SignalWire
        validate(customer, "get", listing, await customer.get(path))
        validate(customer, "get", item, await customer.get(f"{path}/{sid(one.id)}"))
    validate(
        customer,
        "delete",
        operation_path(customer, "Recordings", "{Sid}"),
        await customer.delete(f"Recordings/{sid(of_call.id)}"),
    )


async def test_applications(customer: Speaker) -> None:
    listing, item = (
        operation_path(customer, "Applications"),
        operation_path(customer, "Applications", "{Sid}"),
    )
    bare = await customer.post("Applications", FriendlyName="bare")
    validate(customer, "post", listing, bare)
    full = {"FriendlyName": "full", "VoiceCallerIdLookup": "true", "PublicApplicationConnectEnabled": "true"}
    urls = {name: "https://h/a" for name in application_forms.NAMES if name.endswith(("Url", "Callback"))}
    methods = {name: "GET" for name in application_forms.NAMES if name.endswith("Method")}
    made = await customer.post("Applications", {**full, **urls, **methods})
    validate(customer, "post", listing, made)
    validate(customer, "get", listing, await customer.get("Applications"))
    validate(customer, "get", item, await customer.get(made.json["uri"]))
    validate(customer, "post", item, await customer.post(made.json["uri"], FriendlyName="again"))
    validate(customer, "delete", item, await customer.delete(made.json["uri"]))


async def test_queues(customer: Speaker) -> None:
    listing, item = operation_path(customer, "Queues"), operation_path(customer, "Queues", "{Sid}")
    made = await customer.post("Queues", FriendlyName="support")
    validate(customer, "post", listing, made)
    validate(customer, "get", listing, await customer.get("Queues"))
    validate(customer, "get", item, await customer.get(made.json["uri"]))
    changed = await customer.post(made.json["uri"], FriendlyName="sales", MaxSize="3")
    validate(customer, "post", item, changed)
    members = operation_path(customer, "Queues", "{QueueSid}", "Members")
    validate(customer, "get", members, await customer.get(f"Queues/{made.json['sid']}/Members"))
    validate(customer, "delete", item, await customer.delete(made.json["uri"]))


def test_one_who_waits_in_a_queue(customer: Speaker) -> None:
    """No call can be put into a queue yet; what one will look like is held against the schema all the same."""
    queue = Queue(QueueId(4), customer.project.id, "support", 1_000, 1_000)
    member = customer.dialect.resources.member(Member(CallId(5), queue, 2_000, 1, 30))
    names = {"signalwire": "QueueMember", "twilio": "api.v2010.account.queue.member"}
    spec = document(customer.project.dialect)
    schema = spec["components"]["schemas"][names[customer.project.dialect]]
    Draft202012Validator({**schema, "components": spec["components"]}).validate(member)


async def test_numbers_to_be_claimed(customer: Speaker) -> None:
    place = "{CountryCode}" if customer.project.dialect == "twilio" else "{IsoCountry}"
    root = "AvailablePhoneNumbers"
    validate(customer, "get", operation_path(customer, root), await customer.get(root))
    validate(customer, "get", operation_path(customer, root, place), await customer.get(f"{root}/US"))
    for kind in ("Local", "TollFree"):
        path = operation_path(customer, root, place, kind)
        validate(customer, "get", path, await customer.get(f"{root}/US/{kind}", PageSize="3"))


async def test_refusals_have_a_documented_status_and_the_documented_shape() -> None:
    customer = Doors().speaker("signalwire")
    room = await customer.doors.open(customer.project, "Room", 1, 2)
    over = await customer.doors.open(customer.project, "Over", 3, id_=0xC1)
    await customer.doors.switchboard.take(over, End())
    people, one = customer.people(room), customer.people(room, CallId(1))
    listing, item = (
        operation_path(customer, *PARTICIPANTS),
        operation_path(customer, *PARTICIPANTS, "{CallSid}"),
    )
    bare = await customer.doors.call("GET", f"{customer.root}/{people}")
    for method, path, reply, status in [
        ("get", listing, bare, 401),
        ("get", listing, await customer.get(people, PageSize="0"), 422),
        ("get", listing, await customer.get(people, Page="1"), 422),
        ("get", listing, await customer.get("Conferences/x/Participants"), 404),
        ("get", item, await customer.get(customer.people(room, CallId(9))), 404),
        ("post", item, await customer.post(one, Coaching="true"), 422),
        ("post", item, await customer.post(one, Coaching="true", CallSidToCoach="X"), 400),
        ("post", item, await customer.post(one, HoldUrl="x"), 422),
        ("post", item, await customer.post(customer.people(over, CallId(3)), Muted="true"), 400),
        ("delete", item, await customer.delete(customer.people(over, CallId(3))), 400),
        ("delete", item, await customer.delete(customer.people(room, CallId(9))), 404),
    ]:
        assert reply.status == status
        validate(customer, method, path, reply)


def test_every_route_is_in_the_specification_it_is_said_to_be_in() -> None:
    """Also the routes that are not served yet: what the page of compatibility says of them is read from this table."""
    for name in FILES:
        paths = {
            tuple(OPEN if part.startswith("{") else part for part in _segments(path)): set(methods)
            for path, methods in document(name)["paths"].items()
            if "/Accounts/{" in path
        }
        for route in (one for one in ROUTES if one.vendors in (name, "both")):
            assert route.method.lower() in paths.get(route.pattern, set()), (
                f"{name}: {route.name} {route.pattern}"
            )
        for route in (one for one in ROUTES if one.vendors not in (name, "both")):
            assert route.method.lower() not in paths.get(route.pattern, set()), (
                f"{name} has {route.name}, too"
            )


def test_what_a_vendor_lacks_is_what_its_specification_lacks() -> None:
    """The table that `lint-compat` reads, made again from the specifications."""
    theirs = {name: _parameters(name) for name in FILES}
    made: dict[str, dict[str, str]] = {}
    for route in (one for one in SERVED if one.vendors == "both"):
        place = (route.of_account, route.pattern, route.method)
        for parameter in sorted(route.parameters):
            # SignalWire's specification spells the first two of 99 alike ones.
            first = re.sub(r"^Parameter[0-9]+", "Parameter1", parameter)
            lacking = [name for name in FILES if first not in theirs[name].get(place, ())]
            if lacking:
                made.setdefault(route.name, {})[parameter] = " ".join(lacking)
    told = {route: dict(names) for route, names in portability.LACKING.items()}
    own = {route.name: route for route in SERVED if route.vendors in FILES and route.name in told}
    assert made == {route: names for route, names in told.items() if route not in own}
    for name, route in own.items():  # what only we add to an operation of one vendor
        known = theirs[route.vendors][(route.of_account, route.pattern, route.method)]
        assert not known & set(told[name])
        assert set(told[name].values()) == {"signalwire twilio"}


def _parameters(name: str) -> dict[tuple[bool, tuple[str, ...], str], set[str]]:
    """The names that a specification's operations take, by where they are."""
    spec = document(name)
    found = {}
    for path, methods in spec["paths"].items():
        rest = _segments(path) if "/Accounts/{" in path else []
        place = ("/Accounts/{" in path, tuple(OPEN if part.startswith("{") else part for part in rest))
        for method, operation in methods.items():
            if "/Accounts" in path and method in {"get", "post", "delete", "patch"}:
                found[(*place, method.upper())] = set(_names(spec, operation))
    return found


def _names(spec: dict[str, Any], operation: dict[str, Any]) -> Iterator[str]:
    for parameter in operation.get("parameters", ()):
        yield _resolved(spec, parameter)["name"]
    for content in _resolved(spec, operation.get("requestBody", {})).get("content", {}).values():
        yield from _resolved(spec, content["schema"]).get("properties", {})


def _resolved(spec: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    for part in node.get("$ref", "").removeprefix("#/").split("/"):
        node = spec if part == "components" else node
        node = node[part] if part else node
    return node


def _segments(path: str) -> list[str]:
    """What follows the account; of the one operation on the account itself, nothing does."""
    rest = re.sub(r"^.*/Accounts/\{(AccountSid|Sid)\}", "", path.removesuffix(".json"))
    return [part for part in rest.split("/") if part]
