"""Addresses that applications take themselves for."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.core.values import Method
from roomtone.dialects import signatures
from roomtone.dialects.public_urls import PublicUrls, read_public_urls

RULES = read_public_urls(
    "http://127.0.0.1:3000=https://app.example.com, http://127.0.0.1:3000/eu=https://eu.example.com/v1/ "
    "http://plain:80/=https://tls:8443 https://[::1]:8443=https://v6.example.com"
)


@pytest.mark.parametrize(
    ("asked", "seen"),
    [
        ("http://127.0.0.1:3000/", "https://app.example.com/"),
        ("http://127.0.0.1:3000/voice?a=b&c=%20", "https://app.example.com/voice?a=b&c=%20"),
        ("http://127.0.0.1:3000/eu/status", "https://eu.example.com/v1/status"),
        ("http://127.0.0.1:3000/eu?x", "https://eu.example.com/v1?x"),
        ("http://127.0.0.1:3000/europe", "https://app.example.com/europe"),
        ("http://plain/x", "https://tls:8443/x"),
        ("http://plain:80/x", "https://tls:8443/x"),
        ("https://[::1]:8443/x", "https://v6.example.com/x"),
        ("http://127.0.0.1:30001/", "http://127.0.0.1:30001/"),
        ("https://127.0.0.1:3000/", "https://127.0.0.1:3000/"),
        ("http://elsewhere/", "http://elsewhere/"),
    ],
)
def test_what_an_application_takes_an_address_for(asked: str, seen: str) -> None:
    assert RULES.seen(asked) == seen


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("http://a", "ASKED=SEEN"),
        ("a=https://b", "no http or https"),
        ("http://a?x=https://b", "no http or https"),
        ("http://a=https://u@b", "no http or https"),
        ("http://a=https://b,http://A:80/=https://c", "twice"),
    ],
)
def test_what_is_no_pair_is_refused(text: str, rule: str) -> None:
    with pytest.raises(ValueError, match=re.escape(rule)):
        read_public_urls(text)


def test_nothing_said_changes_nothing() -> None:
    assert read_public_urls(" ") == PublicUrls()
    assert PublicUrls().seen("http://h:80/x") == "http://h:80/x"


@given(st.text(st.sampled_from("abc/%41?=&;:@~"), max_size=20))
def test_what_follows_stays(rest: str) -> None:
    signed = signatures.text(f"http://127.0.0.1:3000/{rest}", (), Method.POST)
    seen = signatures.text(f"http://127.0.0.1:3000/{rest}", (), Method.POST, RULES)
    if not signed.startswith("http://127.0.0.1:3000/eu"):
        assert seen == signed.replace("http://127.0.0.1:3000", "https://app.example.com", 1)
