"""What a transcriber has written: text, JSON as the well-known engines write it, and nonsense."""

from __future__ import annotations

import json

import pytest

from roomtone.core.transcription import Segment
from roomtone.transcripts.reading import MOST_SEGMENTS, Unreadable, read


def test_text_spans_the_whole_recording() -> None:
    heard = read("\ufeffHello  there,\nüber\n".encode(), "left", 4_000)
    assert heard.segments == (Segment(0, 4_000, "Hello there, über", "left"),)
    assert read(b" \n", "mix", 4_000).segments == ()


def test_json_has_segments_and_a_language() -> None:
    written = {
        "text": " Good morning. Fine.",
        "language": "en",
        "segments": [
            {"id": 0, "start": 0.4, "end": 2.1, "text": " Good morning.", "tokens": [1, 2]},
            {"id": 1, "start": 2.1, "end": 99.0, "text": " Fine."},
            {"id": 2, "start": 3.0, "end": 3.5, "text": "  "},
        ],
    }
    heard = read(json.dumps(written).encode(), "mix", 4_000)
    assert heard.language == "en"
    assert heard.segments == (
        Segment(400, 2_100, "Good morning.", "mix"),
        Segment(2_100, 4_000, "Fine.", "mix"),
    )


def test_a_list_of_segments_and_an_object_with_text_alone_will_do() -> None:
    assert read(b'[{"text": "a", "start": 1}]', "mix", 4_000).segments == (Segment(1_000, 4_000, "a", "mix"),)
    assert read(b'{"text": "a"}', "mix", 4_000).segments == (Segment(0, 4_000, "a", "mix"),)
    assert read(b"{}", "mix", 4_000).segments == ()


def test_times_stay_within_the_recording() -> None:
    (one,) = read(b'[{"text": "a", "start": -1, "end": -2}]', "mix", 4_000).segments
    assert (one.from_ms, one.to_ms) == (0, 0)
    (one,) = read(b'[{"text": "a", "start": 1e308, "end": 1}]', "mix", 4_000).segments
    assert (one.from_ms, one.to_ms) == (4_000, 4_000)


@pytest.mark.parametrize(
    "written",
    [
        b"\xff\xfe\x00",
        b"{",
        b'{"segments": 5}',
        b'{"segments": [{"start": 1}]}',
        b'[{"text": "a", "start": "soon"}]',
        b"[[[[",
        b"[" + b",".join([b'{"text": "a"}'] * (MOST_SEGMENTS + 1)) + b"]",
    ],
    ids=["no-utf-8", "cut", "no-list", "no-text", "no-number", "lists", "too-many"],
)
def test_nonsense_is_told_apart(written: bytes) -> None:
    with pytest.raises(Unreadable):
        read(written, "mix", 4_000)
