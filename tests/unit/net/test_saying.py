"""What is told afterwards of a request: all that helps, and nothing that opens anything."""

from __future__ import annotations

from roomtone.core.ids import ProjectId
from roomtone.core.inspection import SHOWN_BYTES, said_from_json, said_to_json
from roomtone.core.project import Project
from roomtone.core.values import Method
from roomtone.dialects import signer
from roomtone.dialects.limits import Patience
from roomtone.net.saying import said
from roomtone.net.words import Answer, FaultKind, NetFault, Question

PROJECT = Project(
    ProjectId(1), "p", "twilio", "the new key", 0, previous_key="the former key", previous_until_ms=1
)
URL = "https://user:secret@app.example.com/told?a=b#rc=2"
FORM = (("CallSid", "CA1"),)


def question() -> Question:
    signs = signer()
    return Question(
        Method.POST, URL, Patience(1, 1, 1, 0), FORM, {"Roomtone-Event-Id": "e"},
        sign=lambda *what: signs.sign(PROJECT, *what), sign_again=lambda *what: signs.sign_again(PROJECT, *what),
        signed=signs.text(URL, FORM, Method.POST),
    )  # fmt: skip


def test_no_password_no_key_and_no_cookie_is_told() -> None:
    headers = {"set-cookie": "session=1", "www-authenticate": "Basic", "server": "x" * 1_000}
    told = said(question(), Answer(200, "u", headers, b"ok"))
    text = said_to_json(told)
    for secret in ("secret", "user:", "the new key", "the former key", "session=1", "Authorization"):
        assert secret not in text
    assert (told.url, told.form) == ("https://app.example.com/told?a=b", FORM)
    assert told.answered == (("server", "x" * 300),)


def test_what_was_signed_is_told_to_the_byte() -> None:
    told = said(question(), NetFault(FaultKind.CONNECTION_FAILED, "no", "u"))
    assert told.signed == "https://app.example.com/told?a=bCallSidCA1"
    assert dict(told.headers)["Roomtone-Event-Id"] == "e"
    assert dict(told.headers)["X-Twilio-Signature"] != dict(told.headers)["X-Twilio-Signature-Previous"]
    assert (told.body, told.answered, told.signed_again) == ("", (), False)


def test_which_signature_was_let_in_is_told() -> None:
    told = said(question(), Answer(204, "u", {}, b"", signed_again=True))
    assert told.signed_again
    assert dict(told.headers)["X-Twilio-Signature"] == dict(told.headers)["X-Twilio-Signature-Previous"]


def test_the_beginning_of_an_answer_is_kept_whatever_it_is() -> None:
    told = said(question(), Answer(200, "u", {}, b"\xff\x00" * SHOWN_BYTES))
    assert len(told.body) <= SHOWN_BYTES
    assert "\x00" not in told.body
    assert said_from_json(said_to_json(told)) == told


def test_what_was_said_in_a_recording_is_not_told() -> None:
    form = (("TranscriptionText", "in confidence"),)
    signed = signer().text(URL, form, Method.POST)
    told = said(
        Question(Method.POST, URL, Patience(1, 1, 1, 0), form, signed=signed), Answer(200, "u", {}, b"")
    )
    assert "in confidence" in signed
    assert "in confidence" not in said_to_json(told)
