"""What the delivery log shows of answers."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from roomtone.core.inspection import SHOWN_BYTES, beginning, fit


@pytest.mark.parametrize("quote", ['"', "'"])
def test_tokens_for_others_servers_are_left_out(quote: str) -> None:
    text = f"<Stream url='wss://a/' authBearerToken = {quote}s3cret{quote} name='x'/>"
    shown = beginning(text.encode())
    assert "s3cret" not in shown
    assert shown == text.replace("s3cret", "redacted")


def test_a_token_that_is_cut_off_is_left_out_too() -> None:
    assert beginning(b'<Stream authBearerToken="s3cr') == '<Stream authBearerToken="redacted'


def test_passwords_of_documents_are_left_out() -> None:
    text = """<Sip username="u" password="it's s3cret">sip:a@b</Sip><Play>https://u:s3cret@h/a.mp3</Play>"""
    wanted = """<Sip username="u" password="redacted">sip:a@b</Sip><Play>https://redacted@h/a.mp3</Play>"""
    assert beginning(text.encode()) == wanted
    assert beginning(b"http://app.example:8080") == "http://app.example:8080"


def test_a_login_that_is_cut_off_is_left_out_too() -> None:
    start = b"https://user:s3cret"
    assert "s3c" not in beginning(b" " * (SHOWN_BYTES - len(start)) + start + b"@h/")
    assert "s3c" not in beginning(b" " * (SHOWN_BYTES - len(start) + 3) + start + b"@h/")


FORM = (("AnnounceUrl", "https://u:s3cret@h/a"), ("From", "sip:a@b"), ("TranscriptionText", "in confidence"))


@pytest.mark.parametrize(
    "signed",
    [
        "https://app.example/" + "".join(name + value for name, value in FORM),
        "https://app.example/?" + urlencode(FORM),
    ],
)
def test_speech_and_logins_are_in_neither_form_nor_signed_text(signed: str) -> None:
    form, text = fit(FORM, signed)
    assert form == (
        ("AnnounceUrl", "https://redacted@h/a"),
        ("From", "sip:a@b"),
        ("TranscriptionText", "redacted"),
    )
    assert not any(secret in text for secret in ("s3cret", "confidence"))
    assert len(text.split("redacted")) == 3
    assert fit((("TranscriptionText", ""),), "uTranscriptionText") == (
        (("TranscriptionText", ""),),
        "uTranscriptionText",
    )
