"""The server is what its own OpenAPI document says: whatever is asked by it is answered by it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from doors import FORM, PROJECTS, TOKEN, Doors, Reply, StillArchive, basic, join
from roomtone.api import openapi
from roomtone.api.routes import SERVED
from roomtone.core.access import Key, Permission
from roomtone.core.call.messages import StreamFigures
from roomtone.core.call.notices import CallNotice
from roomtone.core.call.state import Call, CallStatus, CallTopic
from roomtone.core.conference.messages import ConferenceStarted
from roomtone.core.conference.notices import ConferenceNotice
from roomtone.core.delivery import Delivery, Outcome
from roomtone.core.endpoint import AccessList, CredentialList
from roomtone.core.ids import (
    AccessListId,
    CallId,
    CredentialListId,
    KeyId,
    NotificationId,
    ProjectId,
    RecordingId,
    StreamId,
)
from roomtone.core.notification import Notification
from roomtone.core.project import Project
from roomtone.core.recording.state import Recording, RecordingSource, RecordingStatus
from roomtone.core.routing import Trunk
from roomtone.core.streaming import Stream, StreamWish
from roomtone.core.values import Caller, Method
from roomtone.dialects import DIALECTS, samples

HOUSE = "https://room.example:8443"
DOCUMENT: Mapping[str, Any] = json.loads(json.dumps(openapi.document(HOUSE)))
OPERATIONS = [
    (path, method, operation["operationId"].partition(".")[0])
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
    if method != "parameters" and not path.endswith("/Changes")  # which never ends by itself
]
LEAST_SIP = {
    "DomainName": "other.example.com", "Username": "bob", "Password": "Long enough 4 it", "IpAddress": "192.0.2.7",
    "CredentialListSid": f"CL{1:032x}", "IpAccessControlListSid": f"AL{1:032x}", "Uri": "sip:sbc.example",
}  # fmt: skip
"""What the operations on SIP domains, lists and trunks must be told."""

TEXTS = {
    "FriendlyName": st.sampled_from(["Room", "support", "Zoe"]),
    "Url": st.sampled_from(["", "https://h/x", "http://h:99/é?a=b"]),
}


def fitting(name: str, schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    """Values that the document allows, and for free texts some that mean something."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema["type"]:
        case "boolean":
            return st.sampled_from(["true", "false"])
        case "integer":
            return st.integers(schema.get("minimum", 0), schema.get("maximum", 2_000))
        case "array":
            return st.lists(fitting(name, schema["items"]), max_size=2)
    if "Url" in schema.get("description", "") or "URL" in schema.get("description", ""):
        return TEXTS["Url"]
    return TEXTS.get(name, st.one_of(st.text(max_size=10), st.sampled_from(["+15551234567", "2024-02-30"])))


def wishes(operation: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """What can be asked of an operation: what it needs, and any of the rest."""
    parameters = {one["name"]: one["schema"] for one in operation.get("parameters", ())}
    body = operation.get("requestBody", {}).get("content", {}).get(FORM, {}).get("schema", {})
    known = {**parameters, **body.get("properties", {})}
    needed = set(body.get("required", ()))
    return st.fixed_dictionaries(
        {name: fitting(name, known[name]) for name in needed},
        optional={name: fitting(name, schema) for name, schema in known.items() if name not in needed},
    )


asks = st.sampled_from(OPERATIONS).flatmap(
    lambda one: st.tuples(
        st.just(one), wishes(DOCUMENT["paths"][one[0]][one[1]]), st.booleans(), st.booleans()
    )
)


RUNS = RecordingId(9)
"""A recording that goes on."""


STREAMS = {"call": StreamId(11), "conference": StreamId(12)}
"""Streams that are carried."""

CARRIED = StreamWish("wss://h/")
EVENT, EVENT_OF_ROOM = "e" * 32, "f" * 32
"""Callbacks that were told."""


async def furnished(doors: Doors, name: str) -> dict[str, str]:
    """A project with one of everything; gives what stands in paths for each."""
    speaker, show = doors.speaker(name), DIALECTS[name].sids.show
    room = await doors.open(speaker.project, "Room", 1, join(2, label="two"))
    over = Call(
        CallId(7), speaker.project.id, Caller("+1", "+2"), 1, 1, CallStatus.COMPLETED, ended_ms=9, revision=1
    )
    await doors.store.commit_call(over)
    recording = Recording(
        RecordingId(8),
        speaker.project.id,
        1,
        1,
        RecordingSource.CONFERENCE,
        RecordingStatus.COMPLETED,
        over.id,
        room.id,
    )
    await doors.store.add_recording(recording)
    live = replace(over, id=CallId(8), status=CallStatus.IN_PROGRESS, ended_ms=None)
    await doors.store.commit_call(live)
    await doors.store.add_recording(
        replace(recording, id=RUNS, status=RecordingStatus.IN_PROGRESS, revision=1)
    )
    for subject in ({"call": live.id}, {"conference": room.id}):
        id_ = STREAMS[next(iter(subject))]
        await doors.store.commit_stream(
            Stream(id_, live.project, CARRIED, 1, 1, **subject), (), doors.clock.now()
        )
    doors.switchboard.told[over.id] = StreamFigures(over.id, 1, 2, 0, 0, 0, 0, 0.5, 20.0, None)
    told = CallNotice(over.id, over.project, over, CallTopic.COMPLETED, 0, 1, "http://h/", Method.POST)
    about_room = ConferenceNotice(
        room.id, room.project, room.name, 1, 1, "http://h/", Method.POST, ConferenceStarted(), None
    )
    for event, notice in ((EVENT, told), (EVENT_OF_ROOM, about_room)):
        doors.store.owed[event] = Delivery(1, event, notice, "h", 1, 1, 1, 2, Outcome.DELIVERED)
    odd = Notification(NotificationId(6), speaker.project.id, 1, 12200, "It is odd", over.id)
    await doors.store.add_notification(odd)
    made = {
        "IncomingPhoneNumberSid": await speaker.post("IncomingPhoneNumbers", PhoneNumber="+15550001111"),
        "LamlBinSid": await speaker.post("LamlBins", Name="a"),
        "AudioFileSid": await speaker.post("AudioFiles", Content="UklGRg=="),
        "ApplicationSid": await speaker.post("Applications", FriendlyName="a"),
        "QueueSid": await speaker.post("Queues", FriendlyName="a"),
    }
    await speaker.post("SignatureKey")
    await doors.store.add_trunk(Trunk("sip:sbc.example", ("+",), name="carrier"), 1)
    own = speaker.project.id
    for number in (1, 2):
        phones = CredentialList(CredentialListId(number), own, f"phones {number}", number, number)
        await doors.store.credential_lists.add(phones)
        networks = AccessList(AccessListId(number), own, f"office {number}", number, number)
        await doors.store.access_lists.add(networks)
    made |= {
        "DomainSid": await speaker.post("SIP/Domains", DomainName="pbx.example.com"),
        "CredentialSid": await speaker.post(
            f"SIP/CredentialLists/CL{1:032x}/Credentials", Username="alice", Password="Long enough 4 it"
        ),
        "IpAddressSid": await speaker.post(
            f"SIP/IpAccessControlLists/AL{1:032x}/IpAddresses", FriendlyName="a", IpAddress="192.0.2.1"
        ),
    }
    domain = f"SIP/Domains/{made['DomainSid'].json['sid']}"
    taken = {"CredentialListSid": f"CL{2:032x}", "IpAccessControlListSid": f"AL{2:032x}"}
    for where, what in (
        ("Auth/Calls/CredentialListMappings", "CredentialListSid"),
        ("Auth/Registrations/CredentialListMappings", "CredentialListSid"),
        ("Auth/Calls/IpAccessControlListMappings", "IpAccessControlListSid"),
    ):
        assert (await speaker.post(f"{domain}/{where}", {what: taken[what]})).status == 201
    below = Project(ProjectId(0xBE), "below", name, "key", 1, parent=speaker.project.id)
    await doors.store.add_project(below, "t")
    key = Key(KeyId(9), speaker.project.id, "key", frozenset(Permission), 1, 1)
    await doors.store.add_key(key, "secret")
    return {
        "KeySid": show(key.id),
        "tokenSid": show(key.id),
        "AccountSid": speaker.sid,
        "ConferenceSid": show(room.id),
        "CallSid": show(CallId(1)),
        "BrowserCallSid": show(live.id),
        "RecordingSid": show(recording.id),
        "NotificationSid": show(odd.id),
        "CountryCode": "US",
        "TrunkName": "carrier",
        "CredentialListSid": show(CredentialListId(1)),
        "IpAccessControlListSid": show(AccessListId(1)),
        "CredentialListMappingSid": show(CredentialListId(2)),
        "IpAccessControlListMappingSid": show(AccessListId(2)),
        **{place: reply.json["sid"] for place, reply in made.items()},
    }


async def ask(
    path: str, method: str, name: str, wish: Mapping[str, Any], *, as_json: bool, there: bool
) -> Reply:
    doors = Doors(archive=StillArchive(), operator=PROJECTS[name].id)
    places = await furnished(doors, name)
    if "/Calls/" in path:
        places["CallSid"] = DIALECTS[name].sids.show(CallId(7))
    if method == "post" and path.removesuffix(".json").endswith("/{CallSid}/Recordings"):
        places["CallSid"] = DIALECTS[name].sids.show(CallId(8))
    if method == "post" and path.removesuffix(".json").endswith("/{RecordingSid}"):
        places["RecordingSid"] = DIALECTS[name].sids.show(RUNS)
    if "/Streams" in path:
        whose = "call" if "/Calls/" in path else "conference"
        show = DIALECTS[name].sids.show
        places |= {"CallSid": show(CallId(8)), "StreamSid": show(STREAMS[whose])}
    for place, value in places.items():
        known = there or place == "AccountSid"
        path = path.replace(f"{{{place}}}", quote(value if known else "nonsense", safe=""))
    headers = [basic(places["AccountSid"], TOKEN)]
    if method in {"get", "delete"}:
        return await doors.call(method.upper(), f"{path}?{urlencode(wish, doseq=True)}", b"", headers)
    content, kind = (json.dumps(wish), "application/json") if as_json else (urlencode(wish, doseq=True), FORM)
    return await doors.call(method.upper(), path, content.encode(), [*headers, ("content-type", kind)])


@settings(deadline=None)
@given(asked=asks)
def test_what_is_asked_by_the_document_is_answered_by_it(asked: Any) -> None:
    (path, method, name), wish, as_json, there = asked
    reply = asyncio.run(ask(path, method, name, wish, as_json=as_json, there=there))
    responses = DOCUMENT["paths"][path][method]["responses"]
    response = responses.get(str(reply.status), responses["default"])
    assert str(reply.status) in responses or reply.status in {400, 404, 409, 422, 501}, reply.content
    schema = response.get("content", {}).get("application/json", {}).get("schema")
    if schema is None:
        assert reply.content == b"" or openapi.SDP in response["content"]
        return
    whole = {**schema, "components": DOCUMENT["components"]}
    Draft202012Validator(whole, format_checker=FormatChecker()).validate(reply.json)
    for header in response.get("headers", {}) if reply.json.get("type") != "validation_error" else ():
        assert header.lower() in reply.headers


@pytest.mark.parametrize(("path", "method", "name"), OPERATIONS)
def test_what_is_there_is_done(path: str, method: str, name: str) -> None:
    """Each operation, asked for what is there with the least it needs, does it: none is served in the document alone."""
    least = {
        "Name": "b", "number": "+15552223333", "number_type": "longcode", "FriendlyName": "b", "Url": "http://h/",
        "From": "+15551230000", "To": "+15551230001", "PhoneNumber": "+15554443333", "name": "n", "permissions": ["calling"], "Status": "paused",
        "Contents": "<Response/>", "Content": "UklGRg==", "Sdp": "v=0\r\n", "Identity": "alice",
        **LEAST_SIP,
    }  # fmt: skip
    operation = DOCUMENT["paths"][path][method]
    schema = operation.get("requestBody", {}).get("content", {}).get(FORM, {}).get("schema", {})
    wish = {one: least[one] for one in schema.get("required", ())}
    if operation["operationId"].endswith(".recording-redactions.create"):
        wish = {"From": "0.25", "To": "0.5"}
    if "/Streams" in path:
        wish = {one: {"Url": "wss://h/", "Status": "stopped"}[one] for one in wish}
    if operation["operationId"].endswith("replays.create"):
        wish = {"EventId": EVENT_OF_ROOM if "/Conferences/" in path else EVENT}
    if operation["operationId"].endswith(".calls.create"):
        wish["Url"] = least["Url"]
    if operation["operationId"].endswith(".numbers.create"):
        wish = wish or {"PhoneNumber": least["PhoneNumber"]}
    if "PhoneNumber" in wish:
        kinds = {"TollFree": "+18005550111", "Mobile": "+447700900007"}
        wish["PhoneNumber"] = kinds.get(path.removesuffix(".json").rpartition("/")[2], wish["PhoneNumber"])
    reply = asyncio.run(ask(path, method, name, wish, as_json=False, there=True))
    empty = any(f"/{word}/" in path for word in ("Members", "Messages", "Faxes", "Transcriptions"))
    expected = {"404"} if empty else set(operation["responses"]) - {"default"}
    if operation["operationId"].endswith(".recording-transcriptions.create"):
        expected = {"501"}  # nothing here writes down what was said
    assert {str(reply.status)} == expected, reply.content


@pytest.mark.parametrize(("path", "method", "name"), OPERATIONS)
def test_what_is_said_to_be_needed_is(path: str, method: str, name: str) -> None:
    operation = DOCUMENT["paths"][path][method]
    body = operation.get("requestBody", {})
    if not body.get("required"):
        return
    reply = asyncio.run(ask(path, method, name, {}, as_json=False, there=True))
    assert reply.status in {400, 422}
    assert any(one in reply.json["message"] for one in body["content"][FORM]["schema"]["required"])


def test_every_kind_that_is_served_has_its_schema() -> None:
    kinds = {route.kind for route in SERVED if not route.partly} - {"browser-calls"}  # which are told as SDP
    without = {kind for kind in kinds - samples.EMPTY if not samples.of(kind, DIALECTS["twilio"])}
    assert without == set(), "add samples for these"


async def test_the_document_is_there_for_anybody() -> None:
    reply = await Doors().call("GET", "/openapi.json")
    assert (reply.status, reply.json) == (200, DOCUMENT)
    assert set(PROJECTS) == set(DIALECTS)
