"""Passes for pages as JSON Web Tokens: what the official helper library makes is read, and what anybody forges is not."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import ChatGrant, VoiceGrant

from roomtone.core.ids import ApplicationId, ProjectId
from roomtone.core.passes import LONGEST_S, Pass
from roomtone.core.refusals import Reason, Refused
from roomtone.dialects import pass_forms, passes, sids
from roomtone.dialects.passes import NoPass

PROJECT, KEY, NOW = ProjectId(0xAC), "a signing key of more than 32 letters", 1_800_000_000
SID, APPLICATION = sids.prefixed(PROJECT), ApplicationId(0xA9)
PASS = Pass(PROJECT, "alice", ("conference:Daily",), NOW + 60, incoming=True, muted=True)
TOKEN = passes.write(PASS, KEY, NOW, 7)


def packed(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def signed(head: object, claims: object, key: str = KEY) -> str:
    text = f"{packed(head)}.{packed(claims)}"
    proof = hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()
    return f"{text}.{base64.urlsafe_b64encode(proof).rstrip(b'=').decode()}"


def claims(**changed: Any) -> dict[str, Any]:
    grants = {"identity": "alice", "roomtone": {"to": ["conference:Daily"]}}
    told = {"iss": SID, "sub": SID, "iat": NOW, "exp": NOW + 60, "grants": grants, **changed}
    return {name: value for name, value in told.items() if value is not None}


HEAD = {"alg": "HS256", "typ": "JWT"}


def test_what_is_written_is_read() -> None:
    assert passes.project_of(TOKEN) == PROJECT
    assert passes.read(TOKEN, [KEY], NOW) == PASS
    assert passes.read(TOKEN, ["newer", KEY], NOW + 59) == PASS
    assert passes.read(signed(HEAD, claims()), [KEY], NOW).to == ("conference:Daily",)


def test_two_passes_for_the_same_are_not_the_same_token() -> None:
    assert passes.write(PASS, KEY, NOW, 8) != TOKEN


def test_an_access_token_of_the_official_library_is_read() -> None:
    now_s = int(time.time())
    token = AccessToken(SID, SID, KEY, identity="alice", ttl=600)
    token.add_grant(VoiceGrant(incoming_allow=True, outgoing_application_sid=sids.prefixed(APPLICATION)))
    found = passes.read(token.to_jwt(), [KEY], now_s)
    assert (found.identity, found.incoming, found.muted) == ("alice", True, False)
    assert found.to == (f"application:{sids.prefixed(APPLICATION)}",)
    assert now_s + 590 <= found.expires_s <= now_s + 610


def test_whom_a_customers_own_token_names_is_spelt_as_we_do() -> None:
    told = {"to": [f"application:{sids.dashed(APPLICATION)}", " conference:Daily", "nobody", 7]}
    token = signed(HEAD, claims(grants={"identity": "alice", "roomtone": told}))
    assert passes.read(token, [KEY], NOW).to == (
        f"application:{sids.prefixed(APPLICATION)}",
        "conference:Daily",
    )


def test_an_access_token_without_voice_allows_nothing() -> None:
    token = AccessToken(SID, SID, KEY, identity="alice")
    token.add_grant(ChatGrant(service_sid="IS" + "0" * 32))
    found = passes.read(token.to_jwt(), [KEY], int(time.time()))
    assert (found.to, found.incoming) == ((), False)


FORGED = {
    "another key's": signed(HEAD, claims(), "guessed"),
    "no algorithm": f"{packed({'alg': 'none', 'typ': 'JWT'})}.{packed(claims())}.",
    "no algorithm, signed": signed({"alg": "none"}, claims()),
    "another algorithm": signed({"alg": "HS512"}, claims()),
    "no signature": TOKEN.rpartition(".")[0] + ".",
    "another's claims": ".".join((TOKEN.split(".")[0], packed(claims(exp=NOW + 999)), TOKEN.split(".")[2])),
    "an API key's": signed(HEAD, claims(iss="SK" + "0" * 32)),
    "over": signed(HEAD, claims(exp=NOW)),
    "not yet": signed(HEAD, claims(nbf=NOW + 61, exp=NOW + 99)),
    "for ever": signed(HEAD, claims(exp=None)),
    "for too long": signed(HEAD, claims(exp=NOW + LONGEST_S + 1)),
    "an end that is none": signed(HEAD, claims(exp=True)),
    "an end that is text": signed(HEAD, claims(exp="2030")),
    "nobody's": signed(HEAD, claims(grants={"roomtone": {"to": ["conference:Daily"]}})),
    "a name that is none": signed(HEAD, claims(grants={"identity": "<alice>"})),
    "grants that are none": signed(HEAD, claims(grants=["alice"])),
    "no project's": signed(HEAD, claims(sub="AC1", iss="AC1")),
    "a list": signed(HEAD, [1, 2]),
    "two parts": "a.b",
    "too long": TOKEN + "a" * 5_000,
    "deep": signed(HEAD, claims()).replace(".", f".{packed(0)}", 1),
    "not ASCII": "é.ü.ß",
}


@pytest.mark.parametrize("token", FORGED.values(), ids=FORGED)
def test_what_is_forged_opens_nothing(token: str) -> None:
    with pytest.raises(NoPass):
        passes.read(token, [KEY], NOW)


def test_without_a_key_nothing_is_opened() -> None:
    with pytest.raises(NoPass):
        passes.read(TOKEN, [], NOW)


@given(st.integers(0, len(TOKEN) - 1), st.characters(codec="utf-8"))
def test_one_character_changed_and_it_is_none(at: int, instead: str) -> None:
    changed = TOKEN[:at] + instead + TOKEN[at + 1 :]
    if changed != TOKEN:
        with pytest.raises(NoPass):
            passes.read(changed, [KEY], NOW)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    with pytest.raises(NoPass):
        passes.read(text, [KEY], NOW)


@pytest.mark.parametrize(
    ("header", "token"), [("Bearer abc", "abc"), ("bearer  a.b", "a.b"), ("Basic abc", None), (None, None)]
)
def test_a_token_stands_after_its_scheme(header: str | None, token: str | None) -> None:
    assert passes.shown(header) == token


def test_a_form_says_what_a_page_may_do() -> None:
    fields = (
        ("Identity", "alice"),
        ("To", "conference:Daily"),
        ("To", f"application:{sids.dashed(APPLICATION)}"),
        ("Ttl", "90"),
    )
    made = pass_forms.create(fields, PROJECT, NOW)
    assert made.to == ("conference:Daily", f"application:{sids.prefixed(APPLICATION)}")
    assert (made.expires_s, made.incoming, made.muted) == (NOW + 90, False, False)
    assert (
        pass_forms.create((("Identity", "bob"), ("Incoming", "true")), PROJECT, NOW).expires_s == NOW + 3_600
    )


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"To": "conference:Daily"}, Reason.PARAMETER_MISSING),
        ({"Identity": "alice"}, Reason.PARAMETER_MISSING),
        ({"Identity": "a b", "To": "conference:Daily"}, Reason.PARAMETER_INVALID),
        ({"Identity": "alice", "To": "nobody"}, Reason.PARAMETER_INVALID),
        ({"Identity": "alice", "To": "conference:" + "x" * 400}, Reason.PARAMETER_INVALID),
        ({"Identity": "alice", "To": "conference:Daily", "Ttl": "90000"}, Reason.PARAMETER_INVALID),
        ({"Identity": "alice", "To": "conference:Daily", "Muted": "perhaps"}, Reason.PARAMETER_INVALID),
    ],
)
def test_what_is_no_pass_is_refused(fields: dict[str, str], reason: Reason) -> None:
    with pytest.raises(Refused) as caught:
        pass_forms.create(tuple(fields.items()), PROJECT, NOW)
    assert caught.value.reason is reason
