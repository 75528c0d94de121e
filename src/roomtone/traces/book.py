"""Begins and ends spans. Each method is a listener that `server.py` hands to whoever does it; none waits or raises.

What a span stands under is found by names: the call or the conference that the current task is about (`telemetry.about`), or the
request that is being answered. Where a span was is remembered for a while after its end, for callbacks come later.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from urllib.parse import urlsplit, urlunsplit

from opentelemetry.context import Context
from opentelemetry.trace import (
    Link,
    Span,
    SpanContext,
    SpanKind,
    StatusCode,
    Tracer,
    set_span_in_context,
)
from opentelemetry.trace import NonRecordingSpan as Remembered
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from roomtone.api.measuring import OTHER, Served
from roomtone.core.call.state import Call, CallStatus
from roomtone.core.conference import messages as happened
from roomtone.core.conference.state import Conference, LeaveReason
from roomtone.core.ids import CallId
from roomtone.net.words import Answer, NetFault, Question
from roomtone.telemetry import subject
from roomtone.traces.definitions import API, CALL, CONFERENCE, PARTICIPANT, Definition

REMEMBERED = 20_000
"""Calls and conferences whose spans are known by name; the oldest are forgotten first."""

WORDS: Mapping[type[happened.Event], str] = MappingProxyType(
    {
        happened.ConferenceStarted: "started",
        happened.ParticipantMuted: "muted",
        happened.ParticipantUnmuted: "unmuted",
        happened.ParticipantHeld: "held",
        happened.ParticipantUnheld: "unheld",
        happened.ParticipantModified: "modified",
        happened.ParticipantSpeechStarted: "speech-started",
        happened.ParticipantSpeechStopped: "speech-stopped",
        happened.AnnouncementEnded: "announcement-ended",
        happened.AnnouncementFailed: "announcement-failed",
    }
)
"""What an event of a conference is called as an event of a span."""

_REQUEST: ContextVar[Span | None] = ContextVar("request", default=None)
_PROPAGATOR = TraceContextTextMapPropagator()


class Book:
    """All spans that are not over, and where the latest ones were."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._live: dict[str, Span] = {}
        self._places: OrderedDict[str, SpanContext] = OrderedDict()

    # Requests to us ---------------------------------------------------------------------------------------------------

    @contextmanager
    def request(self, method: str, path: str, headers: Mapping[str, str]) -> Iterator[None]:
        """Note a request for as long as it is answered; it counts once `served` knows what it was."""
        above = _PROPAGATOR.extract(headers, Context())
        told = {"http.request.method": method, "url.path": path}
        before = _REQUEST.set(self._tracer.start_span(API.name, above, SpanKind.SERVER, told))
        try:
            yield
        finally:
            _REQUEST.reset(before)

    def served(self, one: Served) -> None:
        """A request was answered: the one that the current task answers."""
        span = _REQUEST.get()
        if span is None or one.route == OTHER:
            return
        span.update_name(f"{API.name} {one.route}")
        span.set_attribute("roomtone.operation", one.route)
        _answered(span, one.status, failed=one.status >= 500)
        span.end()

    # Requests of ours -------------------------------------------------------------------------------------------------

    def asks(self, kind: Definition, question: Question) -> tuple[Span, dict[str, str]]:
        """Begin a span for what is asked of a customer's server; gives it, and the headers that tell of it."""
        call, conference = subject()
        told = {
            "http.request.method": str(question.method), "url.full": _shown(question.url), "roomtone.call": call,
            "roomtone.conference": conference, "roomtone.event_id": question.headers.get("Roomtone-Event-Id", ""),
        }  # fmt: skip
        known = {name: value for name, value in told.items() if value}
        span = self._tracer.start_span(kind.name, self._above(call, conference), SpanKind.CLIENT, known)
        headers: dict[str, str] = {}
        _PROPAGATOR.inject(headers, set_span_in_context(span, Context()))
        return span, headers

    def asked(self, span: Span, outcome: Answer | NetFault | None) -> None:
        """End it; None: nobody waited for the answer."""
        match outcome:
            case Answer(status=status):
                _answered(span, status, failed=status >= 400)
            case NetFault(kind=kind):
                span.set_attribute("error.type", kind.value)
                span.set_status(StatusCode.ERROR)
        span.end()

    # Calls and conferences --------------------------------------------------------------------------------------------

    def call_kept(self, before: Call | None, after: Call) -> None:
        """A call's record was committed."""
        span = self._live.get(after.id.hex)
        if span is None:
            if before is not None and before.over:
                return
            span = self._begin_call(after, resumed=before is not None)
        if after.started_ms is not None and (before is None or before.started_ms is None):
            span.add_event("answered", timestamp=_ns(after.started_ms))
        if after.over:
            _end_call(span, after)
            del self._live[after.id.hex]

    def conference_kept(self, after: Conference, events: Sequence[happened.Event]) -> None:
        """A conference was committed, with what has happened in it."""
        for event in events:
            call = getattr(event, "call", None)
            room = self._live.get(after.id.hex)
            if room is None:
                room = self._begin_conference(after, call)
            match event:
                case happened.ParticipantJoined():
                    self._seat(after, event.call, room)
                case happened.ParticipantLeft():
                    self._leave(after, event.call, event.reason)
                case happened.ConferenceEnded():
                    room.set_attribute("roomtone.end_reason", event.reason.value)
                    room.end()
                    del self._live[after.id.hex]
                case _:
                    span = room if call is None else self._live.get(_seat(after, call), room)
                    span.add_event(WORDS[type(event)])

    def _begin_call(self, call: Call, *, resumed: bool) -> Span:
        request = _REQUEST.get()
        above = self._above(call.caller.parent or "", "")
        if not above and not resumed and request is not None:
            above = set_span_in_context(request, Context())
        inbound = call.caller.direction.value == "inbound"
        told = {
            "roomtone.call": call.id.hex, "roomtone.project": call.project.hex,
            "roomtone.direction": call.caller.direction.value, **({"roomtone.resumed": True} if resumed else {}),
        }  # fmt: skip
        kind = SpanKind.SERVER if inbound else SpanKind.CLIENT
        span = self._tracer.start_span(CALL.name, above, kind, told, start_time=_ns(call.created_ms))
        self._keep(call.id.hex, span)
        return span

    def _begin_conference(self, conference: Conference, call: CallId | None) -> Span:
        told = {"roomtone.conference": conference.id.hex, "roomtone.project": conference.project.hex}
        above = self._above("" if call is None else call.hex, "")
        span = self._tracer.start_span(CONFERENCE.name, above, SpanKind.INTERNAL, told)
        self._keep(conference.id.hex, span)
        return span

    def _seat(self, conference: Conference, call: CallId, room: Span) -> None:
        told = {
            "roomtone.call": call.hex, "roomtone.conference": conference.id.hex,
            "roomtone.project": conference.project.hex,
        }  # fmt: skip
        self._live[_seat(conference, call)] = self._tracer.start_span(
            PARTICIPANT.name,
            self._above(call.hex, conference.id.hex),
            SpanKind.INTERNAL,
            told,
            [Link(room.get_span_context())],
        )

    def _leave(self, conference: Conference, call: CallId, reason: LeaveReason) -> None:
        span = self._live.pop(_seat(conference, call), None)
        if span is not None:
            span.set_attribute("roomtone.leave_reason", reason.value)
            span.end()

    def _keep(self, name: str, span: Span) -> None:
        self._live[name] = span
        self._places[name] = span.get_span_context()
        while len(self._places) > REMEMBERED:
            self._places.popitem(last=False)

    def _above(self, call: str, conference: str) -> Context:
        """Give the place of a call's span, else of a conference's; an empty one begins a trace."""
        place = self._places.get(call) or self._places.get(conference)
        return Context() if place is None else set_span_in_context(Remembered(place), Context())


def _end_call(span: Span, call: Call) -> None:
    span.set_attribute("roomtone.status", call.status.value)
    if call.sip_status is not None:
        span.set_attribute("roomtone.sip_status", call.sip_status)
    if call.hung_up_by is not None:
        span.set_attribute("roomtone.hung_up_by", call.hung_up_by.value)
    if call.status is CallStatus.FAILED:
        span.set_status(StatusCode.ERROR)
    span.end()


def _answered(span: Span, status: int, *, failed: bool) -> None:
    span.set_attribute("http.response.status_code", status)
    if failed:
        span.set_attribute("error.type", str(status))
        span.set_status(StatusCode.ERROR)


def _seat(conference: Conference, call: CallId) -> str:
    return f"{conference.id.hex} {call.hex}"


def _ns(wall_ms: int) -> int:
    return wall_ms * 1_000_000


def _shown(url: str) -> str:
    """Give a URL fit to be seen by whoever reads traces: many keep tokens in the query."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
