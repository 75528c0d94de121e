from __future__ import annotations

import pytest

from roomtone.core.call.state import Call
from roomtone.core.conference.messages import CallStatus
from roomtone.core.conference.state import Conference, Participant
from roomtone.core.ids import CallId, ConferenceId, ParticipantId, ProjectId
from roomtone.core.project import Project
from roomtone.core.values import Caller, Document, Method
from roomtone.cxml.messages import DocumentArrived, FetchDocument, Resumed, Started
from roomtone.cxml.script import begin, step
from roomtone.dialects import DIALECTS, SIGNALWIRE, TWILIO

PROJECT = Project(ProjectId(0xAC), "p", "twilio", "key", 0)
CALLER = Caller("+1555", "+1666", parent=f"{9:032x}")
CALL = Call(
    CallId(0xCA), PROJECT.id, CALLER, 0, 0, CallStatus.RINGING,
    parameters=(("SipCallId", "abc"), ("SipDomain", "h"), ("SipSourceIp", "::1"), ("SipHeader_X-Foo", "bar")),
)  # fmt: skip
ROOM = Conference(ConferenceId(0xCF), PROJECT.id, "Room", 0, 0)
WHO = Participant(ParticipantId(1), CALL.id, CALLER, 0, 0)


def test_signalwire_asks_for_a_calls_document() -> None:
    assert dict(SIGNALWIRE.requests.voice_parameters(PROJECT, CALL)) == {
        "CallSid": "00000000-0000-0000-0000-0000000000ca",
        "AccountSid": "00000000-0000-0000-0000-0000000000ac",
        "ApiVersion": "2010-04-01",
        "CallStatus": "ringing",
        "Direction": "inbound",
        "From": "+1555",
        "To": "+1666",
        "ParentCallSid": "00000000-0000-0000-0000-000000000009",
        "SipCallId": "abc",
        "SipHeader_X-Foo": "bar",
    }


def test_twilio_asks_for_a_calls_document() -> None:
    assert dict(TWILIO.requests.voice_parameters(PROJECT, CALL)) == {
        "CallSid": f"CA{0xCA:032x}",
        "AccountSid": f"AC{0xAC:032x}",
        "CallStatus": "ringing",
        "ApiVersion": "2010-04-01",
        "Direction": "inbound",
        "From": "+1555",
        "To": "+1666",
        "ParentCallSid": f"CA{9:032x}",
        "Caller": "+1555",
        "Called": "+1666",
        "SipCallId": "abc",
        "SipDomain": "h",
        "SipSourceIp": "::1",
        "SipHeader_X-Foo": "bar",
    }


def test_no_name_is_sent_twice_and_the_standard_one_stays() -> None:
    for dialect in DIALECTS.values():
        parameters = dialect.requests.voice_parameters(
            PROJECT, CALL, (("From", "x"), ("Digits", "1"), ("Digits", "2"))
        )
        assert len(dict(parameters)) == len(parameters)
        assert (dict(parameters)["From"], dict(parameters)["Digits"]) == ("+1555", "1")


def test_a_dial_that_led_to_nobody_says_so_at_twilio() -> None:
    failed = (("DialCallStatus", "failed"),)
    assert dict(TWILIO.requests.voice_parameters(PROJECT, CALL, failed))["DialBridged"] == "false"
    assert "DialBridged" not in dict(SIGNALWIRE.requests.voice_parameters(PROJECT, CALL, failed))
    assert "DialBridged" not in dict(TWILIO.requests.voice_parameters(PROJECT, CALL, (("Digits", "1"),)))
    for status, bridged in (("failed", "true"), ("completed", "false")):
        said = (("DialCallStatus", status), ("DialBridged", bridged))
        assert dict(TWILIO.requests.voice_parameters(PROJECT, CALL, said))["DialBridged"] == bridged


@pytest.mark.parametrize(
    ("was_connected", "status", "bridged"), [(True, "completed", "true"), (False, "failed", "false")]
)
def test_a_dial_that_a_restart_ended_says_whether_anybody_was_connected(
    was_connected: bool,
    status: str,
    bridged: str,
) -> None:
    script = begin(Document("https://h/x", Method.POST))
    document = DocumentArrived("<Response><Dial action='d'>+1555</Dial></Response>", "https://h/x")
    for message in (Started(), document, Resumed(was_connected=was_connected)):
        done = step(script, message)
        script = done.script
    asked = next(order for order in done.orders if isinstance(order, FetchDocument))
    told = dict(TWILIO.requests.voice_parameters(PROJECT, CALL, asked.parameters))
    assert (told["DialCallStatus"], told["DialBridged"]) == (status, bridged)


def test_music_is_asked_for_somebody_in_a_conference() -> None:
    for dialect in DIALECTS.values():
        parameters = dict(dialect.requests.soundtrack_parameters(ROOM, WHO))
        assert parameters["CallSid"] == dialect.sids.show(CALL.id)
        assert parameters["ConferenceSid"] == dialect.sids.show(ROOM.id)
        assert parameters["AccountSid"] == dialect.sids.show(PROJECT.id)
        assert (parameters["FriendlyName"], parameters["CallStatus"]) == ("Room", "in-progress")


def test_an_announcement_to_everybody_names_nobody() -> None:
    for dialect in DIALECTS.values():
        parameters = dict(dialect.requests.soundtrack_parameters(ROOM, None))
        assert "CallSid" not in parameters
        assert parameters["ConferenceSid"] == dialect.sids.show(ROOM.id)


def test_each_vendor_adds_its_own_after_a_conference_and_numbers_a_bad_status_its_way() -> None:
    assert TWILIO.requests.dial_extras(bridged=True) == (("DialBridged", "true"),)
    assert SIGNALWIRE.requests.dial_extras(bridged=False) == ()
    assert (TWILIO.requests.unfit_status(), SIGNALWIRE.requests.unfit_status()) == (11200, 11217)
