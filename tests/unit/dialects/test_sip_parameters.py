"""What an incoming SIP call brings along."""

from __future__ import annotations

import pytest

from roomtone.core.call.messages import IncomingCall
from roomtone.core.call.state import Call, CallTopic
from roomtone.core.ids import CallId, ProjectId
from roomtone.core.project import Project
from roomtone.core.values import Caller
from roomtone.dialects import DIALECTS, SIGNALWIRE, TWILIO
from roomtone.dialects.sip_parameters import brought_along

from .test_call_callbacks import told


def brought(*headers: tuple[str, str]) -> dict[str, str]:
    signal = IncomingCall(
        CallId(1), "sip:a@h", "", "sip:b@h", "sip:b@house.example;user=phone", "id", None, headers, "udp", "192.0.2.7", 5060
    )  # fmt: skip
    return dict(brought_along(signal))


def test_where_a_call_came_from_and_its_own_headers_are_told() -> None:
    assert brought(("X-One", "1"), ("x-one", "2"), ("User-Agent", "phone")) == {
        "SipCallId": "id",
        "SipDomain": "house.example",
        "SipSourceIp": "192.0.2.7",
        "SipHeader_X-One": "1",
        "SipHeader_x-one": "2",
    }


@pytest.mark.parametrize(
    ("diversion", "party"),
    [
        ("<sip:+15550100@gw.example>;reason=unconditional", "+15550100"),
        ('"The Desk" <sips:desk@gw.example:5061;user=phone>;counter=1', "desk"),
        ("<tel:+15550100>;reason=no-answer", "+15550100"),
        ("sip:%2B15550100@gw.example, <sip:+15550101@gw.example>", "+15550100"),
        ("sip:user:pass@gw.example;reason=unknown", "user"),
        ("<sip:user:p%40ss@gw.example>", "user"),
        ("<sip:user;phone-context=+1@gw.example>", "user"),
        ('"sip:+1555000" <sip:real@gw.example>', "real"),
        ('"say \\"sip:no@h\\" <sip:no@h>" <sip:real@gw.example>', "real"),
        ('"sip:no@h', None),
        ("The Desk <sip:desk@gw.example>", "desk"),
        ("anonymous, <sip:second@gw.example>", None),
        ("<sip:gw.example>", None),
        ("sip:gw.example:5060;user=phone", None),
        ("<sip:gw.example?subject=a%40b>", None),
        ("<sip:gw.example>;note=a@b", None),
        ("<sip:@gw.example>", None),
        ("<sip::secret@gw.example>", None),
        ("<sip:a%0D%0Ab@gw.example>", None),
        ("<sip:a%00@gw.example>", None),
        ("<sip:%E2%80%AEb@gw.example>", None),
        ("<sip:%FF@gw.example>", "\ufffd"),
        ("<sip:%s@gw.example>" % ("a" * 129), None),
        ("<sip:" * 3_000, None),
        ('"\\' * 3_000, None),
        ("anonymous", None),
        ("", None),
    ],
)
def test_who_forwarded_it_is_told(diversion: str, party: str | None) -> None:
    found = brought(("Diversion", diversion), ("Diversion", "<sip:first@gw.example>"))
    assert found.get("ForwardedFrom") == party


def test_each_vendor_tells_it_where_it_does() -> None:
    call = Call(CallId(1), ProjectId(2), Caller("a", "b"), 0, 0, parameters=(("ForwardedFrom", "+15550100"),))
    project = Project(ProjectId(2), "p", "twilio", "key", 0)
    asked = {name: dict(one.requests.voice_parameters(project, call)) for name, one in DIALECTS.items()}
    assert asked["twilio"]["ForwardedFrom"] == "+15550100"
    assert "ForwardedFrom" not in asked["signalwire"]
    for dialect in DIALECTS.values():
        assert told(dialect, CallTopic.RINGING, call)["ForwardedFrom"] == "+15550100"
    assert TWILIO.resources.call(call)["forwarded_from"] == "+15550100"
    assert SIGNALWIRE.resources.call(call)["forwarded_from"] is None
