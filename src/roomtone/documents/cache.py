"""A bounded store of decoded audio, by where it came from.

Pure but for its own memory: it is told the time. Keeps what a server allows to be kept (RFC 9111), for as long as it
says; afterwards the server is asked whether it has changed.

Source: RFC 9111, sections 4.2 (freshness), 4.3 (validation), 5.2 (Cache-Control).
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from roomtone.core.exchange import FetchedAudio

_LONGEST_S = 86_400
_MAX_AGE = re.compile(r"max-age\s*=\s*\"?(\d{1,10})", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Kept:
    """One piece of audio, and what its server said about keeping it."""

    audio: FetchedAudio
    fresh_until_s: float
    """Monotonic time until which the server need not be asked."""

    etag: str = ""
    last_modified: str = ""

    @property
    def conditions(self) -> Mapping[str, str]:
        """The headers that ask whether it has changed."""
        said = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in said.items() if value}


def keepable(audio: FetchedAudio, headers: Mapping[str, str], now_s: float) -> Kept | None:
    """Say how audio may be kept; None if not at all.

    Args:
        audio: What was fetched.
        headers: Of the answer, names in lower case.
        now_s: Monotonic time.
    """
    control = headers.get("cache-control", "").lower()
    if "no-store" in control:
        return None
    age = _MAX_AGE.search(control)
    lifetime_s = 0 if age is None or "no-cache" in control else min(int(age[1]), _LONGEST_S)
    kept = Kept(audio, now_s + lifetime_s, headers.get("etag", ""), headers.get("last-modified", ""))
    return kept if lifetime_s or kept.conditions else None


class Cache:
    """Keeps what was used last, up to a number of bytes.

    Args:
        max_bytes: PCM kept at most; one piece larger than that is not kept at all.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._kept: OrderedDict[tuple[str, str], Kept] = OrderedDict()

    def find(self, key: tuple[str, str]) -> Kept | None:
        """Find what is kept under a key, fresh or not."""
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
        return kept

    def keep(self, key: tuple[str, str], kept: Kept) -> None:
        """Keep something, in place of what was there and of what was used longest ago."""
        self.drop(key)
        self._kept[key] = kept
        self._bytes += len(kept.audio.clip.pcm)
        while self._bytes > self._max_bytes:
            self.drop(next(iter(self._kept)))

    def drop(self, key: tuple[str, str]) -> None:
        """Forget what is kept under a key, if anything is."""
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._bytes -= len(kept.audio.clip.pcm)


def renewed(kept: Kept, headers: Mapping[str, str], now_s: float) -> Kept:
    """Take over what a server says anew with its "not modified"."""
    anew = keepable(kept.audio, headers, now_s)
    if anew is None:
        return replace(kept, fresh_until_s=now_s)
    return replace(anew, etag=anew.etag or kept.etag, last_modified=anew.last_modified or kept.last_modified)
