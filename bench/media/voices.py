"""What endpoints say: speech-like sound, a line's noise, tones to know each other by, and bursts to measure delay with.

All is synthesised here from fixed seeds, so that every run hears the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from bench.media.coding import CODINGS, PACKETS_PER_S, Coding, Sound

SPEECH_S = 6
VOICES = 6
NOISES = 4
NOISE_RMS_DB = -66.0
"""An ordinary line; above what an engine may take for digital silence."""
SPEECH_RMS_DB = -22.0
TONE_AMPLITUDE = 0.08
PITCHES_HZ = tuple(range(400, 2_800, 100))
"""Whole periods in 20 ms, so that a tone's packets join without a click."""
BURST_PACKETS = 3
BURST_EVERY_PACKETS = 50
BURST_AMPLITUDE = 0.3


@dataclass(frozen=True)
class Takes:
    """All payloads of a score, and which are what."""

    payloads: list[list[bytes]]
    speech: range
    noise: range
    tones: range
    burst: int
    silence: int


@cache
def takes(name: str) -> Takes:
    """Code everything once for a codec."""
    coding = next(one for one in CODINGS if one.name == name)
    rate = coding.rate_hz
    sounds = [speech(rate, seed) for seed in range(VOICES)]
    sounds += [noise(rate, seed) for seed in range(NOISES)]
    sounds += [tone(rate, pitch) for pitch in PITCHES_HZ]
    sounds += [bursts(rate), np.zeros(rate)]
    payloads = [_going_round(coding, sound) for sound in sounds]
    tones_at = VOICES + NOISES
    end = tones_at + len(PITCHES_HZ)
    return Takes(
        payloads,
        speech=range(VOICES),
        noise=range(VOICES, tones_at),
        tones=range(tones_at, end),
        burst=end,
        silence=end + 1,
    )


def _going_round(coding: Coding, sound: Sound) -> list[bytes]:
    """Code a sound so that it can go round: its second time, which a decoder has come to from its end.

    A codec that remembers would crack at each beginning otherwise. As many payloads as the sound has packets.
    """
    count = len(sound) // coding.packet_samples
    return coding.encode(np.tile(sound, 2))[count : 2 * count]


def speech(rate_hz: int, seed: int) -> Sound:
    """Make syllables of a voice with formants, in spurts of a second or two with pauses between."""
    dice = np.random.default_rng(seed)
    seconds = np.arange(SPEECH_S * rate_hz) / rate_hz
    pitch_hz = 105 + 25 * seed + 12 * np.sin(2 * np.pi * 0.7 * seconds + seed)
    phase = 2 * np.pi * np.cumsum(pitch_hz) / rate_hz
    formants = ((500 + 60 * seed, 120), (1_400 + 90 * seed, 200), (2_500, 300))
    sound = np.zeros_like(seconds)
    for harmonic in range(1, int(min(3_600, rate_hz * 0.45) / 130)):
        at_hz = harmonic * pitch_hz.mean()
        weight = sum(1 / (1 + ((at_hz - centre) / width) ** 2) for centre, width in formants)
        sound += weight * np.sin(harmonic * phase)
    syllables = np.clip(np.sin(2 * np.pi * 3.7 * seconds + seed) + 0.4, 0, None)
    sound = sound * syllables * _spurts(dice, rate_hz)
    loud = sound[np.abs(sound) > 0]
    return sound * 10 ** (SPEECH_RMS_DB / 20) / np.sqrt(np.mean(loud**2)) + noise(rate_hz, seed, SPEECH_S)


def _spurts(dice: np.random.Generator, rate_hz: int) -> Sound:
    mask = np.zeros(SPEECH_S * rate_hz)
    at = 0.0
    while at < SPEECH_S:
        spurt, pause = dice.uniform(0.9, 2.2), dice.uniform(0.3, 0.8)
        mask[int(at * rate_hz) : int((at + spurt) * rate_hz)] = 1
        at += spurt + pause
    return mask


def noise(rate_hz: int, seed: int, seconds: int = 2) -> Sound:
    dice = np.random.default_rng(1_000 + seed)
    return np.asarray(dice.normal(0, 10 ** (NOISE_RMS_DB / 20), seconds * rate_hz))


def tone(rate_hz: int, pitch_hz: int) -> Sound:
    return TONE_AMPLITUDE * np.sin(2 * np.pi * pitch_hz * np.arange(rate_hz) / rate_hz)


def bursts(rate_hz: int) -> Sound:
    """Make four seconds of short bursts out of complete silence; the first sample of each is loud already."""
    packet = rate_hz // PACKETS_PER_S
    once = np.zeros(BURST_EVERY_PACKETS * packet)
    at = np.arange(BURST_PACKETS * packet)
    once[: len(at)] = BURST_AMPLITUDE * np.cos(2 * np.pi * 1_000 * at / rate_hz)
    return np.tile(once, 4)
