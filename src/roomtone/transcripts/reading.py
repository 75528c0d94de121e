"""What a transcriber has written, read: JSON with segments, or plain text. Pure.

JSON is an object with ``segments`` (each ``start`` and ``end`` in seconds, and ``text``), ``text`` and ``language``, all
of them optional; or a list of such segments. What is neither that nor begins with ``{`` or ``[`` is text.

Source: none; it is what openai-whisper's and faster-whisper's JSON has.
"""

from __future__ import annotations

import math

import msgspec

from roomtone.core.transcription import Heard, Segment

MOST_SEGMENTS = 100_000
MOST_CHARACTERS = 2_000_000


class Unreadable(ValueError):  # noqa: N818 - it is the world's
    """A program has written something else; the text says what is wrong."""


class _Said(msgspec.Struct):
    text: str
    start: float = 0.0
    end: float | None = None


class _Written(msgspec.Struct):
    segments: list[_Said] | None = None
    text: str = ""
    language: str | None = None


def read(written: bytes, voice: str, duration_ms: int) -> Heard:
    """Read what one voice has said; text without times spans the whole recording.

    Raises:
        Unreadable: It is no UTF-8, or JSON of another shape.
    """
    try:
        text = written.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise Unreadable("the program wrote no UTF-8") from None
    found = _json(text) if text.startswith(("{", "[")) else _Written(text=text)
    segments = found.segments
    if segments is None:
        segments = [_Said(found.text, 0.0, None)]
    if len(segments) > MOST_SEGMENTS or sum(len(one.text) for one in segments) > MOST_CHARACTERS:
        raise Unreadable("the program wrote too much")
    heard = tuple(_segment(one, voice, duration_ms) for one in segments if one.text.strip())
    return Heard(heard, found.language)


def _json(text: str) -> _Written:
    try:
        if text.startswith("["):
            return _Written(segments=msgspec.json.decode(text, type=list[_Said], strict=False))
        return msgspec.json.decode(text, type=_Written, strict=False)
    except msgspec.DecodeError as fault:
        raise Unreadable(f"the program wrote JSON of another shape: {fault}") from None


def _segment(one: _Said, voice: str, duration_ms: int) -> Segment:
    start = _ms(one.start, 0, duration_ms)
    end = duration_ms if one.end is None else _ms(one.end, duration_ms, duration_ms)
    return Segment(start, max(start, end), " ".join(one.text.split()), voice)


def _ms(seconds: float, otherwise: int, duration_ms: int) -> int:
    if not math.isfinite(seconds):
        return otherwise
    return round(min(max(0.0, seconds * 1_000), float(duration_ms)))
