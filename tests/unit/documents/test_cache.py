"""What is kept, for how long, and how much of it."""

from __future__ import annotations

import pytest

from roomtone.core.exchange import Clip, FetchedAudio
from roomtone.documents.cache import Cache, Kept, keepable, renewed

AUDIO = FetchedAudio(Clip("x", 8_000, bytes(100)), "http://a/")


def kept_for(headers: dict[str, str]) -> float | None:
    kept = keepable(AUDIO, headers, 1_000.0)
    return None if kept is None else kept.fresh_until_s - 1_000


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"cache-control": "max-age=60"}, 60),
        ({"cache-control": "public, Max-Age=60"}, 60),
        ({"cache-control": 'max-age="60"'}, 60),
        ({"cache-control": "max-age=9999999999"}, 86_400),
        ({"cache-control": "max-age=0"}, None),
        ({"cache-control": "no-store, max-age=60", "etag": "a"}, None),
        ({"cache-control": "no-cache, max-age=60", "etag": "a"}, 0),
        ({"cache-control": "max-age=-1", "etag": "a"}, 0),
        ({"etag": "a"}, 0),
        ({"last-modified": "Mon, 24 Sep 2018 21:00:00 GMT"}, 0),
    ],
)
def test_it_is_kept_as_long_as_its_server_says(headers: dict[str, str], seconds: float | None) -> None:
    assert kept_for(headers) == seconds


def test_what_is_stale_is_asked_for_by_what_its_server_called_it() -> None:
    kept = Kept(AUDIO, 0.0, etag='"v1"', last_modified="Mon")
    assert kept.conditions == {"If-None-Match": '"v1"', "If-Modified-Since": "Mon"}
    assert Kept(AUDIO, 0.0).conditions == {}


def test_not_modified_may_say_anew_how_long() -> None:
    kept = Kept(AUDIO, 0.0, etag='"v1"')
    assert renewed(kept, {"cache-control": "max-age=5"}, 10.0) == Kept(AUDIO, 15.0, etag='"v1"')
    assert renewed(kept, {"etag": '"v2"'}, 10.0) == Kept(AUDIO, 10.0, etag='"v2"')
    assert renewed(kept, {}, 10.0) == Kept(AUDIO, 10.0, etag='"v1"')


def test_what_was_used_longest_ago_makes_room() -> None:
    cache, kept = Cache(max_bytes=250), Kept(AUDIO, 0.0)
    for name in "ab":
        cache.keep(("p", name), kept)
    assert cache.find(("p", "a")) is kept
    cache.keep(("p", "c"), kept)
    assert [name for name in "abc" if cache.find(("p", name))] == ["a", "c"]


def test_what_is_too_large_is_not_kept_and_the_same_is_kept_once() -> None:
    cache = Cache(max_bytes=100)
    for _ in range(3):
        cache.keep(("p", "a"), Kept(AUDIO, 0.0))
    assert cache.find(("p", "a")) is not None
    large = FetchedAudio(Clip("y", 8_000, bytes(101)), "http://a/")
    cache.keep(("p", "b"), Kept(large, 0.0))
    assert cache.find(("p", "b")) is None
    cache.drop(("p", "b"))
