"""Measures who heard whom: now, and frame by frame over all that a phone received."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from roomtone.testing.g711 import PAYLOAD_TYPE, Pcm, decode
from roomtone.testing.rtp import ts_distance
from roomtone.testing.rtp_phone import RtpPhone
from roomtone.testing.tones import HEARD_DB, RATE_HZ, level_db

SETTLE_FRAMES = 10
"""200 ms: what a plan needs to be in force and what the jitter buffers still hold."""

WINDOW_FRAMES = 20
"""400 ms: what a measurement listens to."""

MARGIN_S = 0.15
"""How long after an answer an old picture may still be heard: one tick, the jitter buffer, half an analysis window."""

WINDOW_S = 0.04
HOP_S = 0.02


class Speaker(Protocol):
    """Somebody with a phone."""

    phone: RtpPhone


async def settle(phones: Sequence[RtpPhone], frames: int = SETTLE_FRAMES) -> None:
    """Wait until every phone has received this many more packets."""
    await asyncio.gather(*(phone.wait_for_packets(frames) for phone in phones))


async def matrix(
    phones: Mapping[str, RtpPhone],
    pitches_hz: Mapping[str, float],
    frames: int = WINDOW_FRAMES,
    settling: int = SETTLE_FRAMES,
) -> dict[str, set[str]]:
    """Listen on all phones at once, after things have settled.

    Args:
        phones: By the name of whose ears they are.
        pitches_hz: What can be heard, by name; may hold more than the phones (music, announcements).
        frames: How many frames of 20 ms to listen to.
        settling: How many to let pass before.

    Returns:
        For each listener the names that were heard.
    """
    await settle(list(phones.values()), settling + frames)
    candidates = tuple(pitches_hz.values())
    heard = {}
    for name, phone in phones.items():
        heard[name] = phone.heard(candidates, frames * 20)
        await asyncio.sleep(0)  # the phones go on speaking
    return {name: {who for who, hz in pitches_hz.items() if hz in found} for name, found in heard.items()}


@dataclass(frozen=True)
class Recording:
    """All that a phone received, in order, with the time of its first sample."""

    pcm: Pcm
    began_s: float
    """Wall clock of the first sample's arrival."""

    def frames_with(
        self, hz: float, since_s: float, until_s: float, threshold_db: float = HEARD_DB
    ) -> list[float]:
        """Give the moments, in seconds after `since_s`, at which this pitch was to be heard, every 20 ms."""
        window, hop = round(WINDOW_S * RATE_HZ), round(HOP_S * RATE_HZ)
        first = max(0, round((since_s - self.began_s) * RATE_HZ))
        last = min(len(self.pcm), round((until_s - self.began_s) * RATE_HZ)) - window
        assert last > first, "nothing was recorded in this time"
        return [
            (at - first) / RATE_HZ
            for at in range(first, last, hop)
            if level_db(self.pcm[at : at + window], hz) >= threshold_db
        ]


def recording(phone: RtpPhone) -> Recording:
    """Put all packets of a phone where their timestamps say, whatever the order they came in."""
    packets = list(phone.received)
    assert packets, "the phone heard nothing at all"
    codecs = {number: codec for codec, number in PAYLOAD_TYPE.items()}
    first = packets[0].packet.ts
    spoken = [one.packet for one in packets if one.packet.payload_type in codecs]
    length = max(ts_distance(first, packet.ts) + len(packet.payload) for packet in spoken)
    pcm = np.zeros(length, np.int16)
    for packet in spoken:
        at = ts_distance(first, packet.ts)
        if at >= 0:
            pcm[at : at + len(packet.payload)] = decode(codecs[packet.payload_type], packet.payload)
    return Recording(pcm, packets[0].at_s - HOP_S)
