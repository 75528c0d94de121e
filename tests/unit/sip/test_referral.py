"""Referrals: whom a REFER means, and what NOTIFY says of it."""

from __future__ import annotations

import pytest

from roomtone.sip.referral import Referral, authority, fragment, is_over, read, status_of


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("<sip:bob@h>", Referral("sip:bob@h", "sip:bob@h")),
        ('"Bob" <sips:bob@h:5061;transport=tls>', Referral("sips:bob@h:5061;transport=tls", "sips:bob@h:5061;transport=tls")),
        ("sip:bob@h;x=1", Referral("sip:bob@h", "sip:bob@h")),
        ("<tel:+15550001>", Referral("tel:+15550001", "tel:+15550001")),
        ("<sip:bob@h?X-A=1>", Referral("sip:bob@h", "sip:bob@h?X-A=1")),
        ("<sip:bob@h;method=INVITE>", Referral("sip:bob@h", "sip:bob@h;method=INVITE")),
        ("<sip:bob@h?Replaces=a%3Bto-tag%3Db>", Referral("sip:bob@h", "sip:bob@h?Replaces=a%3Bto-tag%3Db", replaces="a")),
    ],
)  # fmt: skip
def test_whom_a_refer_means(value: str, wanted: Referral) -> None:
    assert read([("Refer-To", value)]) == wanted


@pytest.mark.parametrize(
    "values",
    [
        [],
        ["<sip:a@h>", "<sip:b@h>"],
        ["<http://h/>"],
        ["<sip:a@h;method=BYE>"],
        ["<sip:>"],
        ["<sip:a b@h>"],
        [""],
    ],
)
def test_what_names_nobody_who_can_be_called_is_refused(values: list[str]) -> None:
    assert read([("refer-to", value) for value in values]) is None


def test_where_a_uri_leads() -> None:
    assert authority("sip:bob@Host.example:5070;a=b") == "host.example:5070"
    assert authority("<sips:[::1]:5061>") == "[::1]:5061"
    assert authority("tel:+1") == ""


def test_fragments() -> None:
    assert status_of(fragment(486, "Busy Here")) == 486
    assert status_of("SIP/2.0 100 Trying") == 100
    assert [status_of(text) for text in ("", "SIP/2.0 900 x", "HTTP/1.1 200 OK", "SIP/2.0 2000")] == [
        None
    ] * 4
    assert is_over("terminated;reason=noresource")
    assert not is_over("active;expires=60")
    assert not is_over(None)
