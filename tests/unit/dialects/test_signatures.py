from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from roomtone.core.ids import ProjectId
from roomtone.core.project import Project
from roomtone.core.values import Method
from roomtone.dialects import DIALECTS, SIGNALWIRE, TWILIO, signatures, urls

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
