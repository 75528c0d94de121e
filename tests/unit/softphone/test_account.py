"""What somebody types is made into an address, or refused with a reason."""

from __future__ import annotations

import pytest

from roomtone.softphone.account import Account, PhoneProblem, target


@pytest.mark.parametrize(
    ("asked", "uri"),
    [
        ("+15550100", "sip:+15550100@pbx.test:5070"),
        (" alice ", "sip:alice@pbx.test:5070"),
        ("bob@other.test", "sip:bob@other.test"),
        ("sip:bob@10.0.0.1:5062", "sip:bob@10.0.0.1:5062"),
        ("sip:bob@[::1]:5062", "sip:bob@[::1]:5062"),
    ],
)
def test_numbers_are_at_the_server_addresses_are_themselves(asked: str, uri: str) -> None:
    assert target(asked, "pbx.test:5070") == uri


@pytest.mark.parametrize("asked", ["sip:a b@host", "sip:@host", "sip:a@", "a@b@c", "sip:x@y>\r\nX: 1"])
def test_what_is_no_address_is_refused(asked: str) -> None:
    with pytest.raises(PhoneProblem, match="no SIP address"):
        target(asked, "pbx.test")


def test_other_transports_and_numbers_of_nowhere_are_refused_by_name() -> None:
    with pytest.raises(PhoneProblem, match="UDP only"):
        target("sips:a@b", None)
    with pytest.raises(PhoneProblem, match="UDP only"):
        target("sip:a@b;transport=tcp", None)
    with pytest.raises(PhoneProblem, match="--server"):
        target("100", None)


def test_an_account_has_an_address_with_or_without_a_server() -> None:
    assert Account("alice", server="pbx.test").uri == "sip:alice@pbx.test"
    assert Account("alice").uri == "sip:alice@127.0.0.1"
