"""Every span, by name: what `book` makes, what `docs/reference/traces.md` lists."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Definition:
    """One kind of span."""

    name: str
    kind: str
    """As OpenTelemetry has it: server, client or internal."""

    parent: str
    """What it stands under, for people."""

    text: str
    attributes: tuple[str, ...] = ()
    events: tuple[str, ...] = ()


API = Definition(
    "api",
    "server",
    "what the request's `traceparent` says; else nothing: it begins a trace",
    "A request to the API, from its head to its answer's. Its name has the operation: `api participants.update`. Requests of strangers and of "
    "probes have none.",
    ("http.request.method", "url.path", "http.response.status_code", "error.type", "roomtone.operation"),
)
CALL = Definition(
    "call",
    "server or client",
    "the `call` whose document dialled it; else the `api` request that made it; else nothing: a call that comes in begins a trace",
    "A call's whole life, from its record's beginning to its end; `server` if it came in, `client` if it is ours.",
    (
        "roomtone.call", "roomtone.project", "roomtone.direction", "roomtone.status", "roomtone.sip_status",
        "roomtone.hung_up_by", "roomtone.resumed",
    ),
    ("answered",),
)  # fmt: skip
CONFERENCE = Definition(
    "conference",
    "internal",
    "the `call` that came first",
    "A conference's life, from the first participant to its end.",
    ("roomtone.conference", "roomtone.project", "roomtone.end_reason"),
    ("started", "announcement-ended", "announcement-failed"),
)
PARTICIPANT = Definition(
    "participant",
    "internal",
    "its `call`; a link leads to the `conference`",
    "A call's presence in a conference.",
    ("roomtone.call", "roomtone.conference", "roomtone.project", "roomtone.leave_reason"),
    ("muted", "unmuted", "held", "unheld", "modified", "speech-started", "speech-stopped", "announcement-ended", "announcement-failed"),
)  # fmt: skip

_ASKED = ("http.request.method", "url.full", "http.response.status_code", "error.type")
FETCH = Definition(
    "fetch",
    "client",
    "the `call` it is for; else the `conference`",
    "A request to a customer's server for a document or for audio, redirects and second attempts included.",
    ("roomtone.call", "roomtone.conference", *_ASKED),
)
CALLBACK = Definition(
    "callback",
    "client",
    "the `call` it tells of; else the `conference`",
    "One attempt to deliver a callback.",
    ("roomtone.call", "roomtone.conference", "roomtone.event_id", *_ASKED),
)

SPANS: tuple[Definition, ...] = (API, CALL, FETCH, CALLBACK, CONFERENCE, PARTICIPANT)
"""All of them, in the order of the page."""

ATTRIBUTES = MappingProxyType(
    {
        "roomtone.call": "The call, as in the log: 32 hex digits, the sid without `CA` or without its dashes.",
        "roomtone.conference": "The conference, in the same spelling.",
        "roomtone.project": "The project, in the same spelling.",
        "roomtone.operation": "The operation, as in [`/openapi.json`](api.md): `participants.update`.",
        "roomtone.direction": "`inbound`, or one of the outbound ones, as in the call's record.",
        "roomtone.status": "How the call ended: `completed`, `busy`, `no-answer`, `failed`, `canceled`.",
        "roomtone.sip_status": "The final SIP response to the INVITE, where there was one.",
        "roomtone.hung_up_by": "Who ended it: `peer` or `roomtone`.",
        "roomtone.resumed": "`true` if it is older than this server's start: what it stood under before is not known any more.",
        "roomtone.end_reason": "Why the conference ended.",
        "roomtone.leave_reason": "Why the participant left.",
        "roomtone.event_id": "The event's id, the same at every attempt and in the header `Roomtone-Event-Id`.",
        "http.request.method": "The method.",
        "http.response.status_code": "The answer's status.",
        "url.path": "The path that was asked for, without the query.",
        "url.full": "The URL that was asked, without user, password, query and fragment.",
        "error.type": "Why there was no answer (`connection-failed`, `read-timed-out` …), or the status, if it is 400 or more.",
    }
)
"""What each attribute says."""
