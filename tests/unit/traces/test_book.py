"""Spans: what they are called, what they say and what they stand under, by the table that the page is made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.types import Receive, Scope, Send

from roomtone.api.measuring import served
from roomtone.core.call.state import Call, CallStatus, HangupParty
from roomtone.core.conference import messages as happened
from roomtone.core.conference.state import Conference, EndReason, LeaveReason
from roomtone.core.ids import CallId, ConferenceId, ProjectId
from roomtone.core.values import Caller, Direction, Method
from roomtone.dialects.limits import Patience
from roomtone.net.words import Answer, FaultKind, NetFault, Question
from roomtone.telemetry import about
from roomtone.traces import SPANS, Wiring, both, wire_up
from roomtone.traces.book import WORDS, Book
from roomtone.traces.definitions import ATTRIBUTES, CALLBACK, CONFERENCE, FETCH, PARTICIPANT
from roomtone.traces.edges import Tracing, traced

CALL = Call(CallId(0xA1), ProjectId(2), Caller("+1", "+2"), 1_000, 1_000)
ROOM = Conference(ConferenceId(0xC1), ProjectId(2), "Daily", 1_000, 1_000)
QUESTION = Question(
    Method.POST, "https://user:pass@app.example/voice?token=secret#rc=1", Patience(1, 1, 1, 0)
)


@pytest.fixture
def kept() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def book(kept: InMemorySpanExporter) -> Book:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(kept))
    return Book(provider.get_tracer("test"))


@pytest.fixture(autouse=True)
def _about_nothing() -> Iterator[None]:
    yield
    about()


def spans(kept: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    found = {span.name: span for span in kept.get_finished_spans()}
    known = {one.name: one for one in SPANS}
    for name, span in found.items():
        definition = known[name.partition(" ")[0]]
        assert set(span.attributes or {}) <= set(definition.attributes), name
        assert {event.name for event in span.events} <= set(definition.events), name
        assert span.kind.name.lower() in definition.kind, name
    return found


def over(call: Call, status: CallStatus = CallStatus.COMPLETED) -> Call:
    return replace(call, status=status, ended_ms=9_000, sip_status=200, hung_up_by=HangupParty.PEER)


class Server:
    """Answers everything the same and keeps what it was asked."""

    def __init__(self, outcome: Answer | NetFault) -> None:
        self.outcome = outcome
        self.asked: list[Question] = []

    async def ask(self, question: Question) -> Answer | NetFault:
        self.asked.append(question)
        return self.outcome


def test_every_attribute_of_the_table_says_what_it_means() -> None:
    assert {name for one in SPANS for name in one.attributes} == set(ATTRIBUTES)
    assert set(WORDS.values()) == set(CONFERENCE.events) | set(PARTICIPANT.events)


def test_a_call_lasts_from_its_record_to_its_end(book: Book, kept: InMemorySpanExporter) -> None:
    up = replace(CALL, status=CallStatus.IN_PROGRESS, started_ms=2_000)
    book.call_kept(None, CALL)
    book.call_kept(CALL, up)
    book.call_kept(up, over(up))
    book.call_kept(over(up), replace(over(up), last_sequence=4))
    (span,) = spans(kept).values()
    assert span.start_time == 1_000_000_000
    assert [event.name for event in span.events] == ["answered"]
    assert dict(span.attributes or {}) == {
        "roomtone.call": CALL.id.hex, "roomtone.project": CALL.project.hex, "roomtone.direction": "inbound",
        "roomtone.status": "completed", "roomtone.sip_status": 200, "roomtone.hung_up_by": "peer",
    }  # fmt: skip


def test_a_call_of_an_earlier_server_says_so(book: Book, kept: InMemorySpanExporter) -> None:
    book.call_kept(CALL, over(CALL, CallStatus.FAILED))
    (span,) = spans(kept).values()
    assert (span.attributes or {})["roomtone.resumed"] is True
    assert not span.status.is_ok


def test_a_dialled_call_stands_under_the_one_that_dials(book: Book, kept: InMemorySpanExporter) -> None:
    book.call_kept(None, CALL)
    caller = replace(CALL.caller, direction=Direction.OUTBOUND_DIAL, parent=CALL.id.hex)
    dialled = replace(CALL, id=CallId(0xA2), caller=caller)
    book.call_kept(None, dialled)
    book.call_kept(CALL, over(CALL))
    book.call_kept(dialled, over(dialled))
    parent, child = kept.get_finished_spans()
    assert child.parent is not None
    assert child.parent.span_id == parent.context.span_id


def test_a_request_counts_once_it_is_known_what_it_was(book: Book, kept: InMemorySpanExporter) -> None:
    with book.request("POST", "/2010-04-01/Accounts/AC1/Calls.json", {}):
        book.call_kept(None, CALL)
        book.served(served("calls.create", "POST", 201, 1))
    with book.request("GET", "/healthz", {}):
        book.served(served("", "GET", 200, 1))
    book.served(served("calls.create", "POST", 201, 1))
    book.call_kept(CALL, over(CALL))
    found = spans(kept)
    assert set(found) == {"api calls.create", "call"}
    assert found["call"].parent == found["api calls.create"].context


NO_PLACE = [
    "",
    "nonsense",
    f"00-{'0' * 32}-{'0' * 16}-01",
    f"00-{'ab' * 9_000}",
    f"00-{'AB' * 16}-{'ab' * 8}-01",
]


@pytest.mark.parametrize("traceparent", NO_PLACE)
async def test_a_traceparent_that_is_none_begins_a_trace_and_is_not_worth_a_word(
    book: Book, kept: InMemorySpanExporter, caplog: pytest.LogCaptureFixture, traceparent: str
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        book.served(served("calls.create", "POST", 503, 1))

    async def nothing(*_: object) -> Any:
        raise AssertionError

    headers = [(b"traceparent", traceparent.encode()), (b"tracestate", b"x" * 9_000)]
    scope = {"type": "http", "method": "POST", "path": "/", "headers": headers}
    await traced(app, book)(scope, nothing, nothing)
    (span,) = spans(kept).values()
    assert span.parent is None
    assert (span.attributes or {})["error.type"] == "503"
    assert caplog.records == []


def test_a_conference_stands_under_who_came_first_and_links_lead_there(
    book: Book, kept: InMemorySpanExporter
) -> None:
    first, second = CallId(0xA1), CallId(0xA2)
    book.call_kept(None, CALL)
    book.conference_kept(ROOM, [happened.ParticipantJoined(first)])
    book.conference_kept(ROOM, [happened.ParticipantJoined(second), happened.ConferenceStarted()])
    book.conference_kept(ROOM, [happened.ParticipantMuted(first), happened.AnnouncementEnded("u", None)])
    left = happened.ParticipantLeft(first, LeaveReason.HUNG_UP, CallStatus.COMPLETED)
    book.conference_kept(ROOM, [left, happened.ConferenceEnded(next(iter(EndReason)), first)])
    book.call_kept(CALL, over(CALL))
    found = spans(kept)
    room, seat = found["conference"], found["participant"]
    assert room.parent == seat.parent == found["call"].context
    assert [link.context for link in seat.links] == [room.context]
    assert [event.name for event in seat.events] == ["muted"]
    assert [event.name for event in room.events] == ["started", "announcement-ended"]
    assert (seat.attributes or {})["roomtone.leave_reason"] == LeaveReason.HUNG_UP.value


async def test_what_is_asked_tells_of_itself_and_no_secret(book: Book, kept: InMemorySpanExporter) -> None:
    book.call_kept(None, CALL)
    about(call=CALL.id)
    server = Server(Answer(204, "", {}, b""))
    await Tracing(server, book, CALLBACK).ask(replace(QUESTION, headers={"Roomtone-Event-Id": "e-1"}))
    about()
    book.call_kept(CALL, over(CALL))
    found = spans(kept)
    span = found["callback"]
    assert span.parent == found["call"].context
    assert dict(span.attributes or {}) == {
        "http.request.method": "POST", "url.full": "https://app.example/voice", "http.response.status_code": 204,
        "roomtone.call": CALL.id.hex, "roomtone.event_id": "e-1",
    }  # fmt: skip
    (asked,) = server.asked
    assert asked.headers["Roomtone-Event-Id"] == "e-1"
    version, trace, above, _flags = asked.headers["traceparent"].split("-")
    assert (version, trace, above) == ("00", f"{span.context.trace_id:032x}", f"{span.context.span_id:016x}")
    assert replace(asked, headers={}) == QUESTION


@pytest.mark.parametrize(
    ("outcome", "word"),
    [
        (NetFault(FaultKind.READ_TIMED_OUT, "nothing came", ""), "read-timed-out"),
        (Answer(404, "", {}, b""), "404"),
    ],
)
async def test_what_went_wrong_is_said(
    book: Book, kept: InMemorySpanExporter, outcome: Answer | NetFault, word: str
) -> None:
    assert await Tracing(Server(outcome), book, FETCH).ask(QUESTION) is outcome
    (span,) = spans(kept).values()
    assert (span.attributes or {})["error.type"] == word
    assert not span.status.is_ok


def test_where_nothing_is_traced_everything_goes_its_way() -> None:
    wiring = wire_up("", 1.0)
    assert wiring == Wiring()
    server = Server(Answer(200, "", {}, b""))
    assert wiring.fetching(server) is server
    assert wiring.delivering(server) is server


def test_two_listeners_are_told_of_the_same() -> None:
    heard: list[int] = []
    assert both(None, None) is None
    tell = both(heard.append, heard.append)
    assert tell is not None
    tell(7)
    only = both(None, heard.append)
    assert only is not None
    only(8)
    assert heard == [7, 7, 8]
