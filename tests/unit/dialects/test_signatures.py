from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from roomtone import dialects
from roomtone.core.ids import ProjectId
from roomtone.core.project import Project
from roomtone.core.values import Method
from roomtone.dialects import DIALECTS, SIGNALWIRE, TWILIO, signatures, urls
from roomtone.dialects.public_urls import read_public_urls

PROJECT = Project(ProjectId(1), "p", "twilio", "12345", 0)
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
PARAMETERS = (
    ("CallSid", "CA1234567890ABCDE"),
    ("Caller", "+14158675309"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
)
EXPECTED = "RSOYDt4T1cUTdK1PDd93/VVr8B8="


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_the_vendors_own_vector(dialect) -> None:
    signed = dialect.signatures.sign(PROJECT, URL, tuple(reversed(PARAMETERS)), Method.POST)
    assert signed == {"X-Twilio-Signature": EXPECTED, "X-SignalWire-Signature": EXPECTED}


def test_the_dialects_own_header_comes_first() -> None:
    assert SIGNALWIRE.signatures.headers[0] == "X-SignalWire-Signature"
    assert TWILIO.signatures.headers[0] == "X-Twilio-Signature"


@pytest.mark.parametrize(
    "url", ["https://h", "https://H:8443/x?a=b", "http://u:p@h/x#rt=1", "http://h/x?", "http://[::1]:80/é"]
)
def test_the_official_validator_agrees_on_any_url(url: str) -> None:
    requested = urls.to_request(url, PARAMETERS, Method.POST)
    signed = TWILIO.signatures.sign(PROJECT, url, PARAMETERS, Method.POST)["X-Twilio-Signature"]
    assert RequestValidator("12345").validate(requested, dict(PARAMETERS), signed)


def test_a_get_is_signed_with_its_query_and_nothing_appended() -> None:
    requested = urls.to_request(URL, PARAMETERS, Method.GET)
    signed = TWILIO.signatures.sign(PROJECT, URL, PARAMETERS, Method.GET)["X-Twilio-Signature"]
    assert RequestValidator("12345").validate(requested, {}, signed)


def test_a_json_body_is_named_by_its_digest() -> None:
    body = b'{"event":"x"}'
    requested = signatures.with_digest(URL, body)
    signed = TWILIO.signatures.sign_json(PROJECT, requested)["X-Twilio-Signature"]
    assert requested.startswith(URL + "&bodySHA256=")
    assert RequestValidator("12345").validate(requested, body.decode(), signed)
    assert not RequestValidator("12345").validate(requested, '{"event":"y"}', signed)


@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8"), min_size=1), st.text(st.characters(codec="utf-8")), max_size=6
    )
)
def test_the_official_validator_agrees_on_any_parameters(parameters: dict[str, str]) -> None:
    given_order = tuple(parameters.items())
    signed = TWILIO.signatures.sign(PROJECT, "https://h/p", given_order, Method.POST)["X-Twilio-Signature"]
    assert RequestValidator("12345").validate("https://h/p", parameters, signed)


# While a key is exchanged for another ---------------------------------------------------------------------------------

EXCHANGED = replace(PROJECT, signing_key="new", previous_key="12345", previous_until_ms=1_000)


def signer(now_ms: int = 0, public: str = "") -> signatures.Signer:
    return dialects.signer(read_public_urls(public), lambda: now_ms)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_both_keys_sign_while_one_is_exchanged_for_the_other(dialect: str) -> None:
    project = replace(EXCHANGED, dialect=dialect)
    signed = signer(999).sign(project, URL, PARAMETERS, Method.POST)
    assert set(signed) == {
        "X-Twilio-Signature", "X-SignalWire-Signature", "X-Twilio-Signature-Previous", "X-SignalWire-Signature-Previous",
    }  # fmt: skip
    assert signed["X-Twilio-Signature-Previous"] == signed["X-SignalWire-Signature-Previous"] == EXPECTED
    assert signed["X-Twilio-Signature"] == signed["X-SignalWire-Signature"] != EXPECTED
    assert RequestValidator("new").validate(URL, dict(PARAMETERS), signed["X-Twilio-Signature"])


def test_whoever_refuses_the_new_one_is_given_the_former_in_front() -> None:
    again = signer(999).sign_again(EXCHANGED, URL, PARAMETERS, Method.POST)
    assert again is not None
    assert again["X-Twilio-Signature"] == again["X-SignalWire-Signature"] == EXPECTED


def test_the_former_key_ends() -> None:
    assert set(signer(1_000).sign(EXCHANGED, URL, PARAMETERS, Method.POST)) == {
        "X-Twilio-Signature", "X-SignalWire-Signature",
    }  # fmt: skip
    assert signer(1_000).sign_again(EXCHANGED, URL, PARAMETERS, Method.POST) is None
    assert signer(0).sign_again(PROJECT, URL, PARAMETERS, Method.POST) is None


def test_no_key_shows_in_a_project() -> None:
    assert "12345" not in repr(EXCHANGED)


@pytest.mark.parametrize("method", Method)
def test_what_an_application_takes_itself_for_is_signed(method: Method) -> None:
    behind = signer(public="http://10.0.0.5:3000=https://app.example.com")
    signed = behind.sign(PROJECT, "http://10.0.0.5:3000/v?a=b", PARAMETERS, method)["X-Twilio-Signature"]
    seen = urls.to_request("https://app.example.com/v?a=b", PARAMETERS, method)
    posted = dict(PARAMETERS) if method is Method.POST else {}
    assert RequestValidator("12345").validate(seen, posted, signed)


def test_the_text_is_what_is_signed() -> None:
    text = signer().text(URL, PARAMETERS, Method.POST)
    assert text.startswith(URL + "CallSidCA1234567890ABCDECaller+14158675309")
    assert signatures.digest("12345", text) == EXPECTED
