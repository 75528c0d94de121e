"""Our own OpenAPI document, made from the tables that serve: routes, parameters, resources, refusals.

SignalWire's prefix describes SignalWire's shapes, Twilio's prefix Twilio's; a project is served its own shapes under
either. Source: OpenAPI 3.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType

from roomtone import __version__
from roomtone.api.frontdesk import Answer, json_answer
from roomtone.api.routes import OPEN, SERVED, Route
from roomtone.dialects import DIALECTS, Dialect, samples, schemas
from roomtone.dialects.dialect import Json, Resource
from roomtone.dialects.faces import pascal, singular

PATH = b"/openapi.json"

SDP = "application/sdp"
"""What a browser's call is answered with, whatever the suffix of its path (RFC 9725, section 4.1)."""

REQUIRED: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "audio-files.create": frozenset({"Content"}),
        "bins.create": frozenset({"Name"}),
        "browser-calls.create": frozenset({"Sdp", "To"}),
        "bins.update": frozenset({"Name"}),
        "join-tokens.create": frozenset({"Identity", "To"}),
        **dict.fromkeys(("call-streams.create", "conference-streams.create"), frozenset({"Url"})),
        **dict.fromkeys(("call-streams.update", "conference-streams.update"), frozenset({"Status"})),
        "call-recordings.update": frozenset({"Status"}),
        "conference-recordings.update": frozenset({"Status"}),
        "imported-numbers.create": frozenset({"number", "number_type"}),
        **dict.fromkeys(
            ("local-numbers.create", "mobile-numbers.create", "toll-free-numbers.create"),
            frozenset({"PhoneNumber"}),
        ),
        **dict.fromkeys(("calls.create", "participants.create"), frozenset({"From", "To"})),
        "document-checks.create": frozenset({"Contents"}),
        "queue-members.update": frozenset({"Url"}),
        "queues.create": frozenset({"FriendlyName"}),
        "recording-redactions.create": frozenset({"From", "To"}),
        **dict.fromkeys(
            (
                "sip-access-lists.create",
                "sip-access-lists.update",
                "sip-credential-lists.create",
                "sip-credential-lists.update",
            ),
            frozenset({"FriendlyName"}),
        ),
        **dict.fromkeys(
            (
                "sip-call-credential-mappings.create",
                "sip-credential-mappings.create",
                "sip-registration-mappings.create",
            ),
            frozenset({"CredentialListSid"}),
        ),
        **dict.fromkeys(
            ("sip-access-mappings.create", "sip-call-access-mappings.create"),
            frozenset({"IpAccessControlListSid"}),
        ),
        "sip-addresses.create": frozenset({"FriendlyName", "IpAddress"}),
        "sip-credentials.create": frozenset({"Password", "Username"}),
        "sip-domains.create": frozenset({"DomainName"}),
        "tokens.create": frozenset({"name", "permissions"}),
        "trunks.create": frozenset({"Name", "Uri"}),
    }
)
"""Parameters that a request of either dialect must bring."""

REQUIRED_AT_SIGNALWIRE: Mapping[str, frozenset[str]] = MappingProxyType(
    dict.fromkeys(
        ("accounts.create", "accounts.update", "applications.create", "queues.update"),
        frozenset({"FriendlyName"}),
    )
)

SOUND = ("Recordings", OPEN)
"""The pattern whose path without a suffix is sound, and no resource."""

_NAMES = {
    "AvailablePhoneNumbers": "CountryCode",
    "Faxes": "FaxSid",
    "SigningKeys": "KeySid",
    "IpAddresses": "IpAddressSid",
    "Members": "CallSid",
    "Participants": "CallSid",
    "Trunks": "TrunkName",
}
_STATUS = {"create": 201, "delete": 204}
_ERROR: Resource = {
    "type": "object",
    "properties": {
        "code": {"type": "integer", "minimum": 10_000, "maximum": 99_999},
        "message": {"type": "string"},
        "more_info": {"type": "string", "format": "uri"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
    },
    "required": ["code", "message", "more_info", "status"],
    "additionalProperties": False,
}

_FLAT_ERROR: Resource = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in ("type", "code", "message", "attribute", "url")},
    "required": ["type", "code", "message", "attribute", "url"],
    "additionalProperties": False,
}
"""How the operations on tokens tell that a parameter is wrong."""


@cache
def serve(public_url: str) -> Answer:
    """Give the document to anybody."""
    return json_answer(200, document(public_url))


@cache
def document(public_url: str) -> Resource:
    """Make the document of a house at this address."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Roomtone",
            "version": __version__,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": public_url}],
        "security": [{"account": []}],
        "paths": {
            path(routes[0], dialect): _path_item(routes, dialect)
            for dialect in DIALECTS.values()
            for routes in _by_pattern().values()
        }
        | {changes_path(dialect): _changes_item(dialect) for dialect in DIALECTS.values()},
        "components": {
            "securitySchemes": {"account": {"type": "http", "scheme": "basic"}},
            "schemas": {"Error": _ERROR, "ParameterError": _FLAT_ERROR, **_schemas()},
        },
    }


def path(route: Route, dialect: Dialect) -> str:
    """Write a route's path as the document has it."""
    pattern = route.pattern
    if not route.of_account:
        return f"{dialect.paths.prefix}/Accounts{dialect.paths.list_suffix}"
    parts = [
        f"{{{name}}}" if part == OPEN else part for part, name in zip(pattern, names(pattern), strict=True)
    ]
    suffix = ".json" if pattern == SOUND else dialect.paths.list_suffix
    return "/".join((f"{dialect.paths.prefix}/Accounts/{{AccountSid}}", *parts)) + suffix


def changes_path(dialect: Dialect) -> str:
    """Write the path of what changes in an account, which has no suffix."""
    return f"{dialect.paths.prefix}/Accounts/{{AccountSid}}/Changes"


def names(pattern: tuple[str, ...]) -> tuple[str, ...]:
    """Name the places of a pattern: an open one after the word before it."""
    return tuple(
        _NAMES.get(pattern[at - 1], f"{singular(pattern[at - 1])}Sid") if part == OPEN else part
        for at, part in enumerate(pattern)
    )


def success(route: Route, dialect: Dialect) -> int:
    """Give the status of a request that is done."""
    if route.name in {
        "calls.create",
        "call-recordings.create",
        "call-streams.create",
        "conference-streams.create",
    }:
        return dialect.call_made
    return (
        200
        if route.name in {"tokens.create", "document-checks.create"}
        else _STATUS.get(route.name.partition(".")[2], 200)
    )


def schema_name(route: Route, dialect: Dialect) -> str | None:
    """Name the schema of what a route answers; None: nothing, or nothing that is known."""
    known = samples.pages_of if route.name.endswith(".list") else samples.of
    if route.partly or success(route, dialect) == 204 or not known(route.kind, dialect):
        return None
    form = "List" if route.name.endswith(".list") else ""
    return f"{pascal(dialect.name)}{pascal(samples.LIKE.get(route.kind, route.kind))}{form}"


def required(route: Route, dialect: Dialect) -> frozenset[str]:
    """Give the parameters that a request must bring."""
    more = REQUIRED_AT_SIGNALWIRE if dialect.forms.rules.names_required else {}
    return REQUIRED.get(route.name, frozenset()) | more.get(route.name, frozenset())


def _by_pattern() -> Mapping[object, list[Route]]:
    found: dict[object, list[Route]] = {}
    for route in SERVED:
        found.setdefault((route.of_account, route.pattern), []).append(route)
    return found


def _schemas() -> Resource:
    found: dict[str, Json] = {}
    for dialect in DIALECTS.values():
        for route in SERVED:
            name = schema_name(route, dialect)
            if name is None or name in found:
                continue
            make = samples.pages_of if route.name.endswith(".list") else samples.of
            found[name] = schemas.of_samples(list(make(route.kind, dialect)))
    return found


def _path_item(routes: Iterable[Route], dialect: Dialect) -> Resource:
    routes = list(routes)
    pattern = routes[0].pattern
    places = [
        "AccountSid",
        *(name for part, name in zip(pattern, names(pattern), strict=True) if part == OPEN),
    ]
    parameters: list[Json] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in places
    ]
    return {"parameters": parameters, **{one.method.lower(): _operation(one, dialect) for one in routes}}


def _changes_item(dialect: Dialect) -> Resource:
    """Describe the stream of server-sent events, which no table of routes holds: it never ends by itself."""
    events: Resource = {
        "description": "Events `change` with the sid of what has changed, and `reset` if some were missed",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
    account: Resource = {"name": "AccountSid", "in": "path", "required": True, "schema": {"type": "string"}}
    last_id: Resource = {"name": "Last-Event-ID", "in": "header", "schema": {"type": "string"}}
    return {
        "parameters": [account],
        "get": {
            "operationId": f"{dialect.name}.changes.fetch",
            "tags": ["changes"],
            "parameters": [last_id],
            "responses": {"200": events, "default": _refused({"$ref": "#/components/schemas/Error"})},
        },
    }


def _operation(route: Route, dialect: Dialect) -> Resource:
    operation: dict[str, Json] = {
        "operationId": f"{dialect.name}.{route.name}",
        "tags": [route.kind],
        "responses": _responses(route, dialect),
    }
    if route.method in {"POST", "PATCH"}:
        operation["requestBody"] = _body(route, dialect)
    elif route.parameters:
        operation["parameters"] = [
            {"name": name, "in": "query", "schema": schemas.of_parameter(route.name, name)}
            for name in sorted(route.parameters)
        ]
    return operation


def _body(route: Route, dialect: Dialect) -> Resource:
    needed = required(route, dialect)
    schema: Resource = {
        "type": "object",
        "properties": {name: schemas.of_parameter(route.name, name) for name in sorted(route.parameters)},
        **({"required": sorted(needed)} if needed else {}),
    }
    types = ("application/x-www-form-urlencoded", "application/json")
    content: dict[str, Json] = {one: {"schema": schema} for one in types}
    if route.raw:  # its other parameters stand in the query then
        content["audio/*"] = {"schema": {"type": "string", "format": "binary"}}
    return {"required": bool(needed), "content": content}


def _responses(route: Route, dialect: Dialect) -> Resource:
    name = schema_name(route, dialect)
    done: Resource = {"description": "Done" if name is None else "The resource as it is now"}
    if name is not None:
        done = {**done, "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}}
    if route.name == "browser-calls.create":
        done = {"description": "The answer", "content": {SDP: {"schema": {"type": "string"}}}}
    refused = _refused(_refusal(route))
    return {**({} if route.partly else {str(success(route, dialect)): done}), "default": refused}


def _refused(schema: Resource) -> Resource:
    return {
        "description": "Refused: what to do is in the header Hint",
        "headers": {"Hint": {"schema": {"type": "string"}}},
        "content": {"application/json": {"schema": schema}},
    }


def _refusal(route: Route) -> Resource:
    schemas_ = ("Error", "ParameterError") if route.kind == "tokens" else ("Error",)
    references: list[Json] = [{"$ref": f"#/components/schemas/{one}"} for one in schemas_]
    return {"anyOf": references} if len(references) > 1 else {"$ref": f"#/components/schemas/{schemas_[0]}"}
