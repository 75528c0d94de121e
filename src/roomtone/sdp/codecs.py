"""What codecs are called in a session description, and which of them we can do. Pure.

Sources: RFC 3551, sections 4.5 and 6 (names, clocks, static payload types); RFC 7587, section 7 (opus).
"""

from __future__ import annotations

from roomtone.sdp.agreement import Codec
from roomtone.sdp.session import RtpMap

ABILITIES = frozenset(Codec)
"""What the engine's mixer can do, and so what is offered and agreed to."""

PLAIN = frozenset({Codec.PCMU, Codec.PCMA})
"""What every engine can do, also one that does not say."""

OFFERED = (Codec.OPUS, Codec.G722, Codec.PCMU, Codec.PCMA)
"""What our own offers name, best sound first, as far as we are able. L16 is agreed to when others offer it, but not
offered: it takes four times the network for what G.722 says as well."""

STATIC = {
    0: RtpMap("PCMU", 8_000),
    8: RtpMap("PCMA", 8_000),
    9: RtpMap("G722", 8_000),
    13: RtpMap("CN", 8_000),
}
"""Payload types that need no rtpmap line (RFC 3551, table 4), of what is known here."""

_MEANT = {
    RtpMap("PCMU", 8_000): Codec.PCMU,
    RtpMap("PCMA", 8_000): Codec.PCMA,
    RtpMap("G722", 8_000): Codec.G722,
    RtpMap("L16", 8_000): Codec.L16,
    RtpMap("L16", 16_000): Codec.L16,
    RtpMap("OPUS", 48_000, 2): Codec.OPUS,
}
"""G722 is written with 8000 though it sounds at 16 kHz (RFC 3551, 4.5.2), opus always with 48000/2 (RFC 7587, 7)."""

_LARGEST_PAYLOAD_BYTES = 1_400
"""More than fits a packet on an ordinary network, once the headers and a tunnel's have their share."""


def codec_of(meaning: RtpMap) -> Codec | None:
    """Say which codec an rtpmap line means, able or not."""
    return _MEANT.get(meaning)


def rtpmap_of(codec: Codec, clock_rate_hz: int) -> str:
    """Write what follows the payload type in an rtpmap line."""
    return "opus/48000/2" if codec is Codec.OPUS else f"{codec}/{clock_rate_hz}"


def packet_times_ms(codec: Codec, clock_rate_hz: int) -> tuple[int, ...]:
    """List how much sound we can put into a packet, in ms, shortest first.

    Opus is coded in frames of 20 ms, up to three of which share a packet, so that all its listeners can share an encoder.
    """
    match codec:
        case Codec.OPUS:
            return (20, 40, 60)
        case Codec.L16:
            longest = _LARGEST_PAYLOAD_BYTES * 1_000 // (2 * clock_rate_hz)
            return tuple(ms for ms in range(10, 70, 10) if ms <= longest)
        case _:
            return (10, 20, 30, 40, 50, 60)
