"""Sounds that the operator keeps in files."""

from __future__ import annotations

from pathlib import Path

import pytest

from roomtone.documents.own_sounds import sound_in

from .audio import tone_file


def test_a_sound_is_decoded(tmp_path: Path) -> None:
    file = tmp_path / "ding.wav"
    file.write_bytes(tone_file(seconds=0.2))
    clip = sound_in(file)
    assert (clip.rate_hz, len(clip.pcm)) == (8_000, 3_200)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no audio file"),
        (b"<html/>", "no audio file"),
        (tone_file(seconds=11), "long"),
        (None, "No such file"),
    ],
    ids=["empty", "a page", "too long", "missing"],
)
def test_what_is_no_sound_is_said_with_its_file(tmp_path: Path, content: bytes | None, told: str) -> None:
    file = tmp_path / "ding.wav"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ValueError, match=f"ding.wav.*{told}"):
        sound_in(file)
