"""Who calls whom, read from SIP URIs."""

from __future__ import annotations

import pytest

from roomtone.core.call.messages import IncomingCall
from roomtone.core.call.parties import caller_of, number_called
from roomtone.core.ids import CallId


def incoming(from_uri: str, request_uri: str = "sip:+15550100@h") -> IncomingCall:
    """An INVITE between these two."""
    return IncomingCall(CallId(1), from_uri, "", request_uri, request_uri, "id", None, (), "udp", "h", 5060)


@pytest.mark.parametrize(
    ("uri", "number"),
    [
        ("sip:+15550100@h", "+15550100"),
        ("sip:15550100@h;user=phone", "+15550100"),
        ("tel:+1-555-0100", "+15550100"),
        ("sip:+15550100;phone-context=x@h", "+15550100"),
        ("sip:alice@h", None),
        ("sip:h", None),
    ],
)
def test_a_number_is_read_from_what_was_called(uri: str, number: str | None) -> None:
    assert number_called(uri) == number


@pytest.mark.parametrize(
    ("uri", "party"),
    [
        ("sip:+15550199@h;tag=1", "+15550199"),
        ("sip:alice@h:5070;transport=udp", "sip:alice@h:5070"),
        ("sip:alice;x=1@h;transport=udp", "sip:alice;x=1@h"),
        ("sip:h;lr", "sip:h"),
        ("", "anonymous"),
    ],
)
def test_a_caller_is_told_as_a_number_or_by_the_whole_uri(uri: str, party: str) -> None:
    assert caller_of(incoming(uri)).from_ == party
