"""What is fit for a trunk: one home for the command line, the file and the API."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from roomtone.core.routing import Trunk, without_password
from roomtone.core.trunking import TrunkWanted, UnfitTrunk, fit, wish_of

CODECS = ("PCMU", "OPUS")
BARE = TrunkWanted(name="carrier", uris=("sip:a.example",), prefixes=("+",))
FULL = replace(
    BARE, uris=("sip:a.example", "sips:b.example:5061"), prefixes=("+1", "+44"), username="acme", password="s3cret",
    codecs=("pcmu", "opus"), calls=30, calls_per_s=2.5, allow=("198.51.100.0/24", "2001:db8::/32"), options_s=30.0,
)  # fmt: skip


def test_a_trunk_is_as_it_is_wanted() -> None:
    made = fit(FULL, CODECS)
    assert made == Trunk(
        "sip:a.example", ("+1", "+44"), "acme", "s3cret", "carrier", ("sips:b.example:5061",), ("PCMU", "OPUS"), 30, 2.5,
        ("198.51.100.0/24", "2001:db8::/32"), 30.0,
    )  # fmt: skip
    assert fit(wish_of(made), CODECS) == made
    assert fit(BARE, CODECS) == Trunk("sip:a.example", ("+",), name="carrier")


@pytest.mark.parametrize(
    ("what", "unfit"),
    [
        ("name", {"name": ""}),
        ("name", {"name": "a b"}),
        ("name", {"name": "a/b"}),
        ("name", {"name": ".."}),
        ("name", {"name": "n" * 65}),
        ("uri", {"uris": ()}),
        ("uri", {"uris": ("http://a",)}),
        ("uri", {"uris": ("sip:a.example:65536",)}),
        ("uri", {"uris": ("sip:a.example", "")}),
        ("uri", {"uris": ("sip:a.example +1=sip:b.example",)}),
        ("uri", {"uris": ("sip:acme:s3cret@a.example",)}),
        ("prefix", {"prefixes": ("49",)}),
        ("prefix", {"prefixes": ("+1,+2",)}),
        ("prefix", {"prefixes": ("+٤",)}),
        ("codec", {"codecs": ("mp3",)}),
        ("username", {"username": "a\r\nb"}),
        ("password", {"password": "p" * 256}),
        ("calls", {"calls": -1}),
        ("calls-per-s", {"calls_per_s": float("nan")}),
        ("options-s", {"options_s": float("inf")}),
        ("allow", {"allow": ("198.51.100.1/24",)}),
    ],
)
def test_what_is_unfit_is_named_and_no_secret_is_told(what: str, unfit: dict[str, Any]) -> None:
    with pytest.raises(UnfitTrunk) as told:
        fit(replace(BARE, **unfit), CODECS)
    assert told.value.what == what
    assert str(told.value).startswith(f"{what}: takes ")
    assert "s3cret" not in str(told.value)


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("sip:acme:s3cret@a.example:5060;transport=tcp", "sip:acme@a.example:5060;transport=tcp"),
        ("sip:acme@a.example", "sip:acme@a.example"),
        ("sips:[2001:db8::1]:5061", "sips:[2001:db8::1]:5061"),
        ("carrier", "carrier"),
    ],
)
def test_a_password_in_an_address_is_not_shown(uri: str, shown: str) -> None:
    assert without_password(uri) == shown
