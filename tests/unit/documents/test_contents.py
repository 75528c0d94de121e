"""What an answer is, and how its text is written."""

from __future__ import annotations

import pytest

from roomtone.documents.contents import Content, might_be_audio, sort_of, text_of


@pytest.mark.parametrize(
    ("type_", "start", "fetched", "played"),
    [
        ("text/xml", b"", Content.DOCUMENT, Content.UNFIT),
        ("application/xml", b"", Content.DOCUMENT, Content.UNFIT),
        ("application/soap+xml", b"", Content.DOCUMENT, Content.UNFIT),
        ("text/html", b"", Content.DOCUMENT, Content.UNFIT),
        ("text/plain", b"", Content.DOCUMENT, Content.UNFIT),
        ("audio/mpeg", b"", Content.AUDIO, Content.AUDIO),
        ("audio/whatever", b"", Content.AUDIO, Content.AUDIO),
        ("application/ogg", b"", Content.AUDIO, Content.AUDIO),
        ("application/octet-stream", b"RIFF", Content.UNFIT, Content.AUDIO),
        ("", b"\xef\xbb\xbf <Response/>", Content.DOCUMENT, Content.AUDIO),
        ("", b"RIFF", Content.UNFIT, Content.AUDIO),
        ("application/json", b"{}", Content.UNFIT, Content.UNFIT),
        ("image/png", b"", Content.UNFIT, Content.UNFIT),
        ("video/mp4", b"", Content.UNFIT, Content.UNFIT),
    ],
)
def test_the_content_type_decides(type_: str, start: bytes, fetched: Content, played: Content) -> None:
    assert sort_of(type_, start, audio_only=False) is fetched
    assert sort_of(type_, start, audio_only=True) is played


def test_only_what_might_be_audio_may_be_long() -> None:
    assert [type_ for type_ in ("audio/x", "", "text/xml", "application/json") if might_be_audio(type_)] == [
        "audio/x",
        "",
    ]


@pytest.mark.parametrize(
    ("body", "header", "text"),
    [
        ("<R>é</R>".encode(), "text/xml", "<R>é</R>"),
        ("<R>é</R>".encode("latin-1"), "text/xml; charset=ISO-8859-1", "<R>é</R>"),
        ("<R>é</R>".encode("latin-1"), 'text/xml; charset="iso-8859-1"; x=y', "<R>é</R>"),
        ('<?xml version="1.0" encoding="windows-1252"?><R>€</R>'.encode("cp1252"), "text/xml", '<?xml version="1.0" encoding="windows-1252"?><R>€</R>'),
        ("\ufeff<R/>".encode(), "text/xml; charset=latin-1", "<R/>"),
        ("\ufeff<R/>".encode("utf-16-le"), "text/xml", "<R/>"),
        ("\ufeff<R/>".encode("utf-16-be"), "text/xml", "<R/>"),
        (b"<R/>", "text/xml; charset=klingon", "<R/>"),
        (b"<R/>", "text/xml; charset=base64", "<R/>"),
        (b"<R>\xff</R>", "text/xml", "<R>\ufffd</R>"),
        (b"", "", ""),
    ],
)  # fmt: skip
def test_text_is_decoded_as_it_says(body: bytes, header: str, text: str) -> None:
    assert text_of(body, header) == text
