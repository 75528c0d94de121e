"""What two sides agree on about one audio stream."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from roomtone.sdp.crypto import Crypto
from roomtone.sdp.doors import Ours, Theirs
from roomtone.sdp.opus import OpusWishes


class Codec(StrEnum):
    """What is inside an RTP packet (RFC 3551 names)."""

    PCMU = "PCMU"
    PCMA = "PCMA"
    G722 = "G722"
    L16 = "L16"
    OPUS = "OPUS"


class Flow(StrEnum):
    """Direction of media, seen from our side (RFC 8866, section 6.7)."""

    SENDRECV = "sendrecv"
    SENDONLY = "sendonly"
    RECVONLY = "recvonly"
    INACTIVE = "inactive"


@dataclass(frozen=True, slots=True)
class Agreement:
    """One audio stream as both sides will run it."""

    codec: Codec
    payload_type: int
    """RTP payload type of the codec, 0-127, as the offer numbers it."""

    digit_payload_type: int | None
    """RTP payload type of telephone-event (RFC 4733), None if not offered."""

    ptime_ms: int
    """What we send: 20 unless the offer asks otherwise."""

    remote_host: str
    """IP address in text."""

    remote_port: int
    flow: Flow
    media_index: int = 0
    """Which m= line of the offer is ours; the others are answered with port 0."""

    clock_rate_hz: int = 8_000
    """Of the RTP timestamps; not always the rate of the sound (G722: 16 kHz at a clock of 8,000)."""

    digit_clock_rate_hz: int | None = None
    """Clock of telephone-event; None when it is that of the codec, or there is no telephone-event."""

    noise_payload_type: int | None = None
    """RTP payload type of comfort noise (RFC 3389) at the codec's clock, None if not offered."""

    theirs: Crypto | None = None
    """What they seal their sound with; None: it is plain."""

    ours: Crypto | None = None
    """What we seal with; set beside `theirs` by whoever has our keys."""

    browser: Theirs | None = None
    """How they come by ICE and DTLS; None: they do not, but by plain RTP or with keys in their description."""

    door: Ours | None = None
    """What we tell a browser; set beside `browser` by whoever has our names."""

    opus: OpusWishes | None = None
    """What they wish of our Opus; None for other codecs."""
