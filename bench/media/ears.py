"""What was heard, judged from captured packets: who hears whom, and how late."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from bench.media.coding import Coding, Sound
from bench.media.play import Act, Captured
from bench.media.score import Load
from bench.media.voices import BURST_AMPLITUDE, BURST_EVERY_PACKETS, PITCHES_HZ, TONE_AMPLITUDE

EXAMINED_PACKETS = 25
"""The last half second: what came before may still be of the act before."""
HEARD_DB = -12.0
"""A speaker counts as heard within so much of their own level: some packets may be lost,"""
UNHEARD_DB = -20.0
"""and as not heard below so much of it."""
ONSET = BURST_AMPLITUDE / 3
QUIET_S = 0.15
"""So long a quiet comes before each burst."""
BELIEVABLE_S = 0.9
"""A burst that comes later is taken for the one after: less than the time between two."""


@dataclass(frozen=True)
class Hearing:
    """How many listeners heard just what they should."""

    listeners: int
    right: int
    first_wrong: str = ""

    def __str__(self) -> str:
        return f"{self.right}/{self.listeners}"


def judge(load: Load, act: Act) -> Hearing:
    """Hold what each listener heard against who spoke in their conference, less themselves."""
    streams = _by_listener(act)
    right, first_wrong = 0, ""
    for listener in act.listeners:
        wrong = _what_is_wrong(load, listener, streams.get(listener, []))
        right += not wrong
        first_wrong = first_wrong or wrong
    return Hearing(len(act.listeners), right, first_wrong)


def _what_is_wrong(load: Load, listener: int, stream: list[Captured]) -> str:
    if len(stream) < 2 * EXAMINED_PACKETS:
        return f"endpoint {listener} got {len(stream)} packets"
    sound = np.concatenate(load.coding.decode([one.payload for one in stream])[-EXAMINED_PACKETS:])
    conference, place = divmod(listener, load.size)
    wanted = [pitch for speaker, pitch in enumerate(load.pitches_of(conference)) if speaker != place]
    for pitch in PITCHES_HZ:
        level_db = _level_db(sound, pitch / load.coding.rate_hz)
        if pitch in wanted and level_db < HEARD_DB:
            return f"endpoint {listener} does not hear {pitch} Hz ({level_db:.0f} dB)"
        if pitch not in wanted and level_db > UNHEARD_DB:
            return f"endpoint {listener} hears {pitch} Hz ({level_db:.0f} dB)"
    return ""


def _level_db(sound: Sound, cycles_per_sample: float) -> float:
    """Level of one pitch, in dB against what a speaker says."""
    window = np.hanning(len(sound))
    wave = np.exp(-2j * np.pi * cycles_per_sample * np.arange(len(sound)))
    amplitude = 2 * abs(np.sum(sound * window * wave)) / window.sum()
    return float(20 * np.log10(max(amplitude, 1e-9) / TONE_AMPLITUDE))


def delays_ms(load: Load, act: Act) -> list[float]:
    """Measure from the sending of each burst's first sample to that sample's turn in what a listener of it got."""
    said: dict[int, list[float]] = defaultdict(list)
    for one in act.said:
        if one.position % BURST_EVERY_PACKETS == 0:
            said[one.endpoint // load.size].append(one.sent_ns / 1e9)
    found = []
    for listener, stream in _by_listener(act).items():
        for onset in _onsets(load.coding, stream):
            before = [sent for sent in said[listener // load.size] if 0 <= onset - sent < BELIEVABLE_S]
            found += [1_000 * (onset - max(before))] if before else []
    return found


def _onsets(coding: Coding, stream: list[Captured]) -> Iterable[float]:
    """Say when, in seconds of Unix time, sound breaks out of silence. What sounds at the beginning is not counted."""
    quiet_s = 0.0
    for one, sound in zip(stream, coding.decode([one.payload for one in stream]), strict=True):
        loud = np.flatnonzero(np.abs(sound) > ONSET)
        if len(loud) == 0:
            quiet_s += len(sound) / coding.rate_hz
            continue
        if quiet_s + loud[0] / coding.rate_hz > QUIET_S:
            yield one.arrived_ns / 1e9 + loud[0] / coding.rate_hz
        quiet_s = (len(sound) - 1 - loud[-1]) / coding.rate_hz


def _by_listener(act: Act) -> dict[int, list[Captured]]:
    streams: dict[int, list[Captured]] = defaultdict(list)
    for one in act.captured:
        streams[one.endpoint].append(one)
    for stream in streams.values():
        stream.sort(key=lambda one: one.arrived_ns)
    return streams
