"""What two sides agree on about one audio stream."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Codec(StrEnum):
    """What is inside an RTP packet (RFC 3551 names)."""

    PCMU = "PCMU"
    PCMA = "PCMA"


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
