"""Every event of a call, in both spellings, as a customer's server gets it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from twilio.request_validator import RequestValidator

from roomtone.core.call.notices import CallNotice
from roomtone.core.call.state import Call, CallStatus, CallTopic, HangupParty
from roomtone.core.ids import CallId, ProjectId
from roomtone.core.project import Project
from roomtone.core.values import Caller, Direction, Method
from roomtone.dialects import DIALECTS, SIGNALWIRE, TWILIO, Dialect, call_events, urls
from roomtone.webhooks import spell

AT = 1_537_822_800_000
PROJECT = Project(ProjectId(0xAC), "p", "twilio", "12345", 0)
CALLER = Caller("+1555", "+1666", Direction.OUTBOUND_API)
CALL = Call(CallId(0xCA), PROJECT.id, CALLER, AT, AT)
TALKING = replace(CALL, status=CallStatus.IN_PROGRESS, started_ms=AT)
OVER = replace(
    TALKING, status=CallStatus.COMPLETED, ended_ms=AT + 61_900, hung_up_by=HangupParty.PEER, sip_status=200
)
EVENTS = [
    (CallTopic.INITIATED, CALL, "initiated"),
    (CallTopic.RINGING, replace(CALL, status=CallStatus.RINGING), "ringing"),
    (CallTopic.ANSWERED, TALKING, "in-progress"),
    (CallTopic.ANSWERED, OVER, "in-progress"),
    (CallTopic.COMPLETED, OVER, "completed"),
    *((CallTopic.COMPLETED, replace(CALL, status=status, ended_ms=AT), status.value)
      for status in (CallStatus.BUSY, CallStatus.FAILED, CallStatus.NO_ANSWER, CallStatus.CANCELED)),
]  # fmt: skip
LAST_ONLY = {
    "CallDuration", "Duration", "SipResponseCode", "SipResultCode", "SipInviteResultPhrase", "HangupBy", "HangupDirection",
}  # fmt: skip


def notice(topic: CallTopic, call: Call, url: str = "https://h/") -> CallNotice:
    return CallNotice(call.id, call.project, call, topic, 3, AT, url, Method.POST)


def told(dialect: Dialect, topic: CallTopic, call: Call) -> dict[str, str]:
    parameters = dialect.callbacks.call_parameters(notice(topic, call))
    assert len(dict(parameters)) == len(parameters), "no name twice"
    return dict(parameters)


@pytest.mark.parametrize(("topic", "call", "status"), EVENTS)
def test_what_twilio_sends_on_every_event(topic: CallTopic, call: Call, status: str) -> None:
    assert {name: value for name, value in told(TWILIO, topic, call).items() if name not in LAST_ONLY} == {
        "CallSid": f"CA{0xCA:032x}",
        "AccountSid": f"AC{0xAC:032x}",
        "CallStatus": status,
        "ApiVersion": "2010-04-01",
        "Direction": "outbound-api",
        "From": "+1555",
        "To": "+1666",
        "Caller": "+1555",
        "Called": "+1666",
        "Timestamp": "Mon, 24 Sep 2018 21:00:00 +0000",
        "CallbackSource": "call-progress-events",
        "SequenceNumber": "3",
    }


@pytest.mark.parametrize(("topic", "call", "status"), EVENTS)
def test_what_signalwire_sends_on_every_event(topic: CallTopic, call: Call, status: str) -> None:
    assert {
        name: value for name, value in told(SIGNALWIRE, topic, call).items() if name not in LAST_ONLY
    } == {
        "CallSid": "00000000-0000-0000-0000-0000000000ca",
        "AccountSid": "00000000-0000-0000-0000-0000000000ac",
        "ApiVersion": "2010-04-01",
        "CallStatus": status,
        "Direction": "outbound-api",
        "From": "+1555",
        "To": "+1666",
        "Timestamp": "Mon, 24 Sep 2018 21:00:00 +0000",
        "CallbackSource": "call-progress-events",
        "SequenceNumber": "3",
    }


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
@pytest.mark.parametrize("call", [CALL, TALKING, OVER], ids=["queued", "talking", "over"])
def test_how_it_ended_is_told_at_the_end_alone(dialect: Dialect, call: Call) -> None:
    for topic in (CallTopic.INITIATED, CallTopic.RINGING, CallTopic.ANSWERED):
        assert not LAST_ONLY & set(told(dialect, topic, call))


def test_what_twilio_says_of_the_end() -> None:
    last = told(TWILIO, CallTopic.COMPLETED, OVER)
    assert {name: last[name] for name in LAST_ONLY & set(last)} == {
        "CallDuration": "61", "Duration": "2", "SipResponseCode": "200",
    }  # fmt: skip


def test_what_signalwire_says_of_the_end() -> None:
    last = told(SIGNALWIRE, CallTopic.COMPLETED, OVER)
    assert {name: last[name] for name in LAST_ONLY & set(last)} == {
        "CallDuration": "61", "Duration": "2", "SipResultCode": "200", "SipInviteResultPhrase": "OK", "HangupBy": "callee",
        "HangupDirection": "inbound",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("direction", "party", "expected"),
    [
        (Direction.INBOUND, HangupParty.PEER, ("caller", "inbound")),
        (Direction.INBOUND, HangupParty.ROOMTONE, ("callee", "outbound")),
        (Direction.OUTBOUND_DIAL, HangupParty.PEER, ("callee", "inbound")),
        (Direction.OUTBOUND_DIAL, HangupParty.ROOMTONE, ("caller", "outbound")),
    ],
)
def test_who_hung_up(direction: Direction, party: HangupParty, expected: tuple[str, str]) -> None:
    call = replace(OVER, caller=replace(CALLER, direction=direction), hung_up_by=party)
    last = told(SIGNALWIRE, CallTopic.COMPLETED, call)
    assert (last["HangupBy"], last["HangupDirection"]) == expected


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_an_unanswered_call_lasted_no_time_and_says_what_was_answered(dialect: Dialect) -> None:
    busy = replace(CALL, status=CallStatus.BUSY, ended_ms=AT + 5_000, sip_status=486)
    last = told(dialect, CallTopic.COMPLETED, busy)
    assert (last["CallDuration"], last["Duration"]) == ("0", "0")
    assert "486" in {last.get("SipResponseCode"), last.get("SipResultCode")}
    assert last.get("SipInviteResultPhrase") == ("Busy Here" if "SipResultCode" in last else None)


def test_a_response_that_nobody_has_named_has_no_phrase() -> None:
    odd = told(
        SIGNALWIRE, CallTopic.COMPLETED, replace(CALL, status=CallStatus.FAILED, ended_ms=AT, sip_status=499)
    )
    assert odd["SipResultCode"] == "499"
    assert "SipInviteResultPhrase" not in odd


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_a_dialed_call_names_its_parent(dialect: Dialect) -> None:
    child = replace(CALL, caller=Caller("a", "b", Direction.OUTBOUND_DIAL, f"{9:032x}"))
    assert told(dialect, CallTopic.RINGING, child)["ParentCallSid"] == dialect.sids.show(CallId(9))


def test_a_strict_project_is_told_the_number_of_its_call_events() -> None:
    """SequenceNumber of a call is SignalWire's own; that of a conference is not."""
    strict = replace(PROJECT, dialect="signalwire", strict=True)
    assert ("SequenceNumber", "3") in spell(notice(CallTopic.RINGING, CALL), strict).form


@pytest.mark.parametrize("topic", CallTopic)
@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("url", ["https://h:8443/x?a=b%20c", "http://h/x#rc=3"])
def test_the_official_validator_agrees(topic: CallTopic, dialect: str, url: str) -> None:
    question = spell(notice(topic, OVER, url), replace(PROJECT, dialect=dialect))
    assert question.sign is not None
    signed = question.sign(url, question.form, Method.POST)
    assert signed["X-Twilio-Signature"] == signed["X-SignalWire-Signature"]
    requested = urls.to_request(url, question.form, Method.POST)
    assert RequestValidator("12345").validate(requested, dict(question.form), signed["X-Twilio-Signature"])


def test_a_subscription_is_read_in_any_case_and_what_is_never_told_is_left_out() -> None:
    words = ["Initiated", " ringing", "ringing_forwarded", "ringing_queued", "answered", "completed", "x"]
    assert call_events.topics(words) == frozenset(CallTopic)
    assert call_events.topics(call_events.NEVER_TOLD) == frozenset()
