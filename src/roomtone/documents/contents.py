"""What an answer is: document, audio, or neither; and in which encoding its text is written. Pure.

Sources: both vendors' content type rules for voice documents and for Play; RFC 9110, 8.3; XML 1.0, appendix F.
"""

from __future__ import annotations

import codecs
import re
from enum import Enum, auto

from roomtone.net.words import content_type

_DOCUMENTS = frozenset({"text/xml", "application/xml", "text/html", "text/plain"})
_AUDIO = frozenset({"application/ogg"})
_UNSAID = frozenset({"", "application/octet-stream", "binary/octet-stream", "application/binary"})
"""What servers say of files whose type they do not know."""

_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([\w.:-]{1,40})", re.ASCII | re.IGNORECASE)
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class Content(Enum):
    """What an answer is."""

    DOCUMENT = auto()
    AUDIO = auto()
    UNFIT = auto()


def sort_of(type_: str, body_start: bytes, *, audio_only: bool) -> Content:
    """Say what an answer is.

    A type that says nothing is taken for audio where audio was asked for (web servers know few audio files by
    name), and for a document where the body begins like one; else what the server says is believed.

    Args:
        type_: Bare content type, see `content_type`.
        body_start: The first bytes of the body.
        audio_only: Whether nothing but audio is wanted.
    """
    if type_.startswith("audio/") or type_ in _AUDIO:
        return Content.AUDIO
    if audio_only:
        return Content.AUDIO if type_ in _UNSAID else Content.UNFIT
    if type_ in _DOCUMENTS or type_.endswith("+xml"):
        return Content.DOCUMENT
    looks_like_one = body_start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    return Content.DOCUMENT if not type_ and looks_like_one else Content.UNFIT


def might_be_audio(type_: str) -> bool:
    """Whether a body of this type may be as long as audio is, before it is read."""
    return type_.startswith("audio/") or type_ in _AUDIO or type_ in _UNSAID


def text_of(body: bytes, type_header: str) -> str:
    """Decode a document: by its byte order mark, the header's charset, the XML declaration, or as UTF-8.

    Bytes that fit nothing become U+FFFD, and the parser says what it thinks of them.
    """
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body.decode(encoding, "replace")
    said = _CHARSET.search(type_header)
    declared = _DECLARED.match(body.lstrip()[:400])
    name = said[1] if said is not None else declared[1].decode("ascii") if declared is not None else "utf-8"
    try:
        return body.decode(name, "replace")
    except (LookupError, ValueError):  # no such encoding, or a codec that is none for text
        return body.decode("utf-8", "replace")


__all__ = ["Content", "content_type", "might_be_audio", "sort_of", "text_of"]
