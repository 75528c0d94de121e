"""RTP packets as values. Pure.

Source: RFC 3550, section 5.1 (header), 5.3.1 (extension); RFC 4733, section 2.3 (telephone events).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

DIGITS = "0123456789*#ABCD"
"""Keys in the order of their event codes (RFC 4733, table 3)."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One RTP packet; padding, contributing sources and extension already taken off."""

    payload_type: int
    seq: int
    ts: int
    ssrc: int
    payload: bytes
    marker: bool = False

    def pack(self) -> bytes:
        """Spell it as a datagram."""
        second = (0x80 if self.marker else 0) | self.payload_type
        header = struct.pack("!BBHII", 0x80, second, self.seq & 0xFFFF, self.ts & 0xFFFFFFFF, self.ssrc)
        return header + self.payload


def parse(datagram: bytes) -> Packet | None:
    """Read a datagram, or None if it is no RTP packet of version 2 that is whole."""
    if len(datagram) < 12:
        return None
    first, second, seq, ts, ssrc = struct.unpack_from("!BBHII", datagram)
    start = 12 + 4 * (first & 0x0F)
    if first & 0x10 and len(datagram) >= start + 4:
        start += 4 + 4 * int.from_bytes(datagram[start + 2 : start + 4], "big")
    end = len(datagram) - (datagram[-1] if first & 0x20 else 0)
    if first >> 6 != 2 or start > end:
        return None
    return Packet(second & 0x7F, seq, ts, ssrc, datagram[start:end], bool(second & 0x80))


@dataclass(frozen=True, slots=True)
class DigitEvent:
    """The payload of a telephone-event packet."""

    digit: str
    duration_ts: int
    """How long the key is down so far, in samples (1/8,000 s)."""

    end: bool

    def pack(self) -> bytes:
        """Spell it as a payload, at a volume of −10 dBm0."""
        flags = (0x80 if self.end else 0) | 10
        return struct.pack("!BBH", DIGITS.index(self.digit), flags, self.duration_ts)


def parse_digit(payload: bytes) -> DigitEvent | None:
    """Read a telephone-event payload, or None if it is none or no key of a telephone."""
    if len(payload) < 4:
        return None
    event, flags, duration_ts = struct.unpack_from("!BBH", payload)
    return DigitEvent(DIGITS[event], duration_ts, bool(flags & 0x80)) if event < len(DIGITS) else None


def seq_distance(earlier: int, later: int) -> int:
    """How far `later` is ahead of `earlier`, −32,768 to 32,767, across the wrap of 16 bits."""
    return (later - earlier + 0x8000) % 0x10000 - 0x8000


def ts_distance(earlier: int, later: int) -> int:
    """How far `later` is ahead of `earlier` in samples, across the wrap of 32 bits."""
    return (later - earlier + 0x80000000) % 0x100000000 - 0x80000000
