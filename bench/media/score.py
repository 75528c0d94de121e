"""Who plays what when: the score that the load generator reads (`engine/loadgen/src/score.rs` defines it)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import msgspec
from bench.media.coding import PACKETS_PER_S, Coding
from bench.media.voices import PITCHES_HZ, Takes, takes

LISTENERS = 100
"""So many endpoints are listened to for content at most; whole conferences of them."""
PAIRS = 60
"""So many conferences are measured for delay at most."""
WINDOW = "window"
DELAY = "delay"
CONTENT = "content"


@dataclass(frozen=True)
class Load:
    """One way to load a server."""

    coding: Coding
    endpoints: int
    size: int
    """Members of a conference."""
    speakers: int
    """Of them, those who speak; the others send their line's noise."""

    @property
    def conferences(self) -> list[range]:
        starts = range(0, self.endpoints, self.size)
        return [range(start, min(start + self.size, self.endpoints)) for start in starts]

    def pitches_of(self, conference: int) -> list[int]:
        """Give the pitches of a conference's speakers: other ones than its neighbours have."""
        first = conference * self.speakers
        return [PITCHES_HZ[(first + speaker) % len(PITCHES_HZ)] for speaker in range(self.speakers)]


@dataclass(frozen=True)
class Length:
    """How long the parts take, in seconds. The engine has tied its sockets to their peers after 3.2."""

    warm_up: float = 4.0
    window: float = 4.0
    windows: int = 3
    delay: float = 0.0
    content: float = 0.0


@dataclass
class Act:
    """A part accounted for by itself."""

    name: str
    frames: int
    cast: list[int]
    offsets: list[int]
    listeners: list[int] = field(default_factory=list)
    callers: list[int] = field(default_factory=list)


def write(path: Path, load: Load, length: Length) -> None:
    """Write the score of a load."""
    sounds = takes(load.coding.name)
    acts = [_talk(load, sounds, "warm-up", length.warm_up)]
    acts += [_talk(load, sounds, WINDOW, length.window) for _ in range(length.windows)]
    if length.delay:
        acts.append(_delay(load, sounds, length.delay))
    if length.content:
        acts.append(_content(load, sounds, length.content))
    score = {
        "codec": load.coding.name,
        "payload_type": load.coding.payload_type,
        "timestamp_step": load.coding.timestamp_step,
        "conference_size": load.size,
        "takes": sounds.payloads,
        "acts": [asdict(act) for act in acts],
    }
    path.write_bytes(msgspec.msgpack.encode(score))


def _cast(load: Load, choose: Callable[[int, int, int], int]) -> list[int]:
    """Cast by (conference, place in it, endpoint)."""
    return [
        choose(number, place, endpoint)
        for number, members in enumerate(load.conferences)
        for place, endpoint in enumerate(members)
    ]


def _talk(load: Load, sounds: Takes, name: str, seconds: float) -> Act:
    def choose(_conference: int, place: int, endpoint: int) -> int:
        kind = sounds.speech if place < load.speakers else sounds.noise
        return kind[endpoint % len(kind)]

    offsets = [endpoint * 37 % 300 for endpoint in range(load.endpoints)]
    return Act(name, _frames(seconds), _cast(load, choose), offsets)


def _delay(load: Load, sounds: Takes, seconds: float) -> Act:
    """One speaker of each conference bursts out of everybody's silence."""

    def choose(_conference: int, place: int, _endpoint: int) -> int:
        return sounds.burst if place == 0 else sounds.silence

    measured = load.conferences[:: max(1, len(load.conferences) // PAIRS)][:PAIRS]
    # Conferences begin at different times, so that a server that sends all at once gains nothing by it.
    offsets = _cast(load, lambda conference, _place, _endpoint: conference * 7)
    act = Act(DELAY, _frames(seconds), _cast(load, choose), offsets)
    act.callers = [members[0] for members in measured]
    act.listeners = [members[-1] for members in measured if len(members) > 1]
    return act


def _content(load: Load, sounds: Takes, seconds: float) -> Act:
    def choose(conference: int, place: int, _endpoint: int) -> int:
        if place >= load.speakers:
            return sounds.silence
        return sounds.tones[PITCHES_HZ.index(load.pitches_of(conference)[place])]

    act = Act(CONTENT, _frames(seconds), _cast(load, choose), [0] * load.endpoints)
    act.listeners = [endpoint for members in listened_to(load) for endpoint in members][:LISTENERS]
    return act


def listened_to(load: Load) -> list[range]:
    """Choose the conferences whose members' ears are examined."""
    count = max(1, LISTENERS // load.size)
    return load.conferences[:: max(1, len(load.conferences) // count)][:count]


def _frames(seconds: float) -> int:
    return round(seconds * PACKETS_PER_S)
