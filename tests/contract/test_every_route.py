"""Every route × dialect × suffix × kind of body, there and not there: answered, and as the vendor's specification says.

A success of a route that the vendor has must be documented, and look so. A refusal must look as the dialect's errors do,
and if the specification has its status, as that says. The specifications are not ours to ship: without them the shapes of
successes are not held against anything.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode
from xml.etree import ElementTree as ET

import pytest
from jsonschema import ValidationError

from contract.test_dialects_openapi import FILES, ROOT, document, validate
from doors import FORM, PROJECTS, Doors, Reply, Speaker
from property.test_openapi import LEAST_SIP, furnished
from roomtone.api import openapi
from roomtone.api.routes import OPEN, ROUTES, Route
from roomtone.core.ids import CallId
from roomtone.dialects import DIALECTS

SUFFIXES = ("", ".json", ".xml", ".csv")
BODIES = ("none", "form", "json", "odd")
REFUSED = {400, 404, 405, 409, 422, 501}
LEAST = {
    "Name": "b", "number": "+15552223333", "number_type": "longcode", "FriendlyName": "b", "Url": "http://h/",
    "From": "+15551", "To": "+15556", "PhoneNumber": "+15554443333", "name": "n", "permissions": "calling",
    "Status": "completed", "Sdp": "v=0\r\n", "EventId": "e" * 32, "Contents": "<Response/>", "Content": "UklGRg==",
    "Identity": "alice",
    **LEAST_SIP,
}  # fmt: skip
NUMBERS = {"toll-free-numbers": "+18005550111", "mobile-numbers": "+447700900007"}
THERE = all(file.exists() for file in FILES.values())


@cache
def templates(dialect: str) -> dict[tuple[str, ...], str]:
    """The specification's paths by their segments, an open place as `OPEN`."""
    root = f"{ROOT}/Accounts" if dialect == "twilio" else "/Accounts"
    found = {}
    for path in document(dialect)["paths"]:
        if path.startswith(root):
            rest = path.removeprefix(root).removesuffix(".json").strip("/").split("/")
            found[tuple(OPEN if "{" in part else part for part in rest if part)] = path
    return found


def documented(route: Route, dialect: str) -> str | None:
    """The specification's path of a route; None: it has none, or is not there."""
    if not THERE or route.vendors not in {"both", dialect}:
        return None
    return templates(dialect).get((OPEN, *route.pattern) if route.of_account else ())


def least(route: Route, speaker: Speaker) -> dict[str, str]:
    """What a request must bring."""
    wish = {name: LEAST[name] for name in openapi.required(route, speaker.dialect)}
    if route.kind.endswith("replays"):
        wish["EventId"] = LEAST["EventId"]
    if route.name.endswith("numbers.create") and "number" not in wish:
        wish["PhoneNumber"] = NUMBERS.get(route.kind, LEAST["PhoneNumber"])
    return wish


def asked(route: Route, speaker: Speaker, kind: str) -> tuple[bytes, str, str]:
    """A body of a kind, its type, and the query."""
    if route.method in {"GET", "DELETE"}:
        return b"", "", {"form": "?PageSize=1", "odd": "?PageSize=x&Muted=perhaps&Status=odd"}.get(kind, "")
    match kind:
        case "form":
            return urlencode(least(route, speaker)).encode(), FORM, ""
        case "json":
            return json.dumps(least(route, speaker)).encode(), "application/json", ""
        case "odd":
            return b"Muted=perhaps&MaxSize=x&Url=nowhere&Status=odd&VoiceUrl=x&permissions=odd", FORM, ""
    return b"", "", ""


def problems(route: Route, speaker: Speaker, suffix: str, reply: Reply) -> Iterator[str]:  # noqa: C901 - a list of conditions
    """What is wrong with an answer."""
    if not (reply.status < 300 or reply.status in REFUSED):
        yield f"status {reply.status}"
    if reply.status == 204:
        return
    kind = reply.headers["content-type"].partition(";")[0]
    if kind == openapi.SDP:
        return  # which has one face
    if route.kind == "tokens" and reply.status == 422 and route.method != "GET":
        suffix = ".json"  # SignalWire's flat object, which has no other face
    if suffix == ".xml":
        root = ET.fromstring(reply.content)
        if (root.tag, root[0].tag == "RestException") != ("TwilioResponse", reply.status >= 400):
            yield f"XML of {reply.status}: {root.tag}/{root[0].tag}"
        return
    if suffix == ".csv" and reply.status < 300:
        if kind != "text/csv":
            yield kind
        return
    if kind != "application/json":
        yield f"{reply.status} {kind} {reply.content[:60]!r}"
        return
    if reply.status >= 400:
        keys = list(reply.json)
        if keys != ["code", "message", "more_info", "status"] and route.kind != "tokens":
            yield f"keys {keys}"
    yield from against_the_specification(route, speaker, reply)


def against_the_specification(route: Route, speaker: Speaker, reply: Reply) -> Iterator[str]:
    """What the vendor's document says against an answer in JSON."""
    path = documented(route, speaker.project.dialect)
    if path is None:
        return
    responses = document(speaker.project.dialect)["paths"][path][route.method.lower()]["responses"]
    if str(reply.status) not in responses:
        if reply.status < 300:
            yield f"{reply.status} is not documented"
        return
    if reply.status == 422 and "errors" in json.dumps(responses["422"]) and reply.status >= 400:
        return  # the arrays of texts that SDKs cannot read: decision 0006
    try:
        validate(speaker, route.method.lower(), path, reply)
    except ValidationError as why:
        yield f"{why.json_path}: {why.message[:200]}"


async def walk(route: Route, dialect: str) -> list[str]:
    """Ask one route in every way; what goes wrong, told with the way."""
    found = []
    for there in (False, True):
        speaker, whole = await _place(route, dialect, there=there)
        for suffix in SUFFIXES:
            for body in BODIES:
                if there and route.method != "GET":  # what was deleted or made is so no more
                    speaker, whole = await _place(route, dialect, there=there)
                content, type_, query = asked(route, speaker, body)
                headers = (("content-type", type_),) if type_ else ()
                reply = await speaker.ask(route.method, f"{whole}{suffix}{query}", content, headers)
                found += [
                    f"{route.name} {suffix or 'bare'} {body} {'there' if there else 'not there'}: {one}"
                    for one in problems(route, speaker, suffix, reply)
                ]
    return found


async def _place(route: Route, dialect: str, *, there: bool) -> tuple[Speaker, str]:
    doors = Doors(operator=PROJECTS[dialect].id)
    speaker = doors.speaker(dialect)
    places: dict[str, Any] = await furnished(doors, dialect)
    if route.pattern[:1] == ("Calls",):
        places["CallSid"] = speaker.show(CallId(7))
    parts = [
        quote(places.get(name, "x") if there else "x", safe="") if part == OPEN else part
        for part, name in zip(route.pattern, openapi.names(route.pattern), strict=True)
    ]
    root = speaker.root if route.of_account else speaker.root.rpartition("/")[0]
    return speaker, "/".join((root, *parts))


@pytest.mark.parametrize("dialect", list(DIALECTS))
def test_every_route_in_every_way(dialect: str) -> None:
    async def all_() -> list[str]:
        return [one for route in ROUTES for one in await walk(route, dialect)]

    found = asyncio.run(all_())
    assert not found, "\n".join(found)


@pytest.mark.parametrize("dialect", list(DIALECTS))
async def test_head_options_and_every_other_method_on_every_route(dialect: str) -> None:
    for pattern in {(route.of_account, route.pattern): route for route in ROUTES}.values():
        speaker, whole = await _place(pattern, dialect, there=False)
        known = {
            one.method
            for one in ROUTES
            if (one.of_account, one.pattern) == (pattern.of_account, pattern.pattern)
        }
        allowed = await speaker.ask("OPTIONS", whole)
        assert (allowed.status, allowed.content) == (204, b"")
        assert "access-control-allow-methods" in allowed.headers
        for method in ("PUT", "BREW"):
            reply = await speaker.ask(method, whole)
            assert (reply.status, reply.json["code"]) == (405, 20004)
            assert set(reply.headers["allow"].split(", ")) >= known
        head = await speaker.ask("HEAD", whole)
        get = await speaker.ask("GET", whole)
        assert (head.status, head.content) == (get.status, b""), pattern.name
        for name in ("content-type", "content-length", "etag"):
            assert head.headers.get(name) == get.headers.get(name) or head.status >= 400, (pattern.name, name)
