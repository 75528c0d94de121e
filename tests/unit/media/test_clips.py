"""Which clips the engine has."""

from __future__ import annotations

from roomtone.core.exchange import Clip
from roomtone.media.clips import LoadedClips


def clip(name: str, size: int = 100) -> Clip:
    return Clip(name, 8_000, bytes(size))


def test_a_clip_is_there_once_it_was_used() -> None:
    clips = LoadedClips(1_000)
    assert "a" not in clips
    assert clips.use(clip("a")) == []
    assert "a" in clips


def test_the_longest_unused_go_until_the_rest_fits() -> None:
    clips = LoadedClips(300)
    for name in "abc":
        assert clips.use(clip(name)) == []
    clips.use(clip("a"))
    assert clips.use(clip("d", 200)) == ["b", "c"]
    assert [name for name in "abcd" if name in clips] == ["a", "d"]


def test_the_one_in_use_stays_however_large_it_is() -> None:
    clips = LoadedClips(100)
    clips.use(clip("small", 50))
    assert clips.use(clip("large", 5_000)) == ["small"]
    assert "large" in clips


def test_what_the_engine_does_not_have_is_forgotten() -> None:
    clips = LoadedClips(1_000)
    for name in "abc":
        clips.use(clip(name))
    clips.forget("a")
    clips.forget("never there")
    clips.keep_only(frozenset("bx"))
    assert [name for name in "abcx" if name in clips] == ["b"]
    clips.clear()
    assert "b" not in clips
