"""What the engine refuses before it changes anything. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from roomtone.link import messages
from roomtone.testing.tones import RATE_HZ

CODECS = frozenset({messages.Codec.PCMU, messages.Codec.PCMA})
"""What the reference engine can code; it stays with the plain telephone."""


class OrderDeclined(Exception):  # noqa: N818 - becomes a Refused
    """An order cannot be carried out; nothing changed."""

    def __init__(self, code: str, text: str) -> None:
        self.code, self.text = code, text
        super().__init__(text)


def check_terms(order: messages.OpenStream | messages.ChangeStream) -> None:
    """Refuse a stream that cannot be.

    Raises:
        OrderDeclined: ``bad-address``, ``bad-format``, ``unknown-codec`` or ``unknown-suite``.
    """
    try:
        ipaddress.ip_address(order.remote_host)
    except ValueError:
        raise OrderDeclined("bad-address", f"{order.remote_host!r} is not an IP address") from None
    kinds = [order.format.payload_type]
    if order.format.digit_payload_type is not None:
        kinds.append(order.format.digit_payload_type)
    # 64 to 95 cannot be told from RTCP (RFC 5761, section 4).
    if len(set(kinds)) < len(kinds) or any(kind > 127 or 64 <= kind < 96 for kind in kinds):
        raise OrderDeclined("bad-format", "payload types are 0-63 or 96-127, and differ")
    if order.format.ptime_ms not in {10, 20, 30, 40, 50, 60}:
        raise OrderDeclined("bad-format", "ptime_ms is 10, 20, 30, 40, 50 or 60")
    if order.format.codec not in CODECS:
        raise OrderDeclined("unknown-codec", f"{order.format.codec} cannot be mixed")
    if order.security is not None:
        raise OrderDeclined("unknown-suite", "packets are plain here")
    if order.door is not None:
        raise OrderDeclined("no-doors", "browsers cannot come here")


def check_seats(seats: Sequence[messages.SeatOrder]) -> None:
    """Refuse a plan that contradicts itself.

    Raises:
        OrderDeclined: ``bad-plan``.
    """
    if len({seat.call for seat in seats}) < len(seats):
        raise OrderDeclined("bad-plan", "a call is named twice")
    for seat in seats:
        if seat.talks is messages.Talks.CALL and seat.target is None:
            raise OrderDeclined("bad-plan", f"the seat of {seat.call} talks to a call and names none")
        if seat.hears is messages.Hears.SOURCE and seat.source is None:
            raise OrderDeclined("bad-plan", f"the seat of {seat.call} hears a source and names none")


def check_content(content: messages.Content) -> None:
    """Refuse what cannot be played.

    Raises:
        OrderDeclined: ``bad-content``.
    """
    if content.tone_hz is None:
        return
    if content.clip is not None:
        raise OrderDeclined("bad-content", "a source plays a clip or a tone, not both")
    if not 0 < content.tone_hz < RATE_HZ / 2:
        raise OrderDeclined("bad-content", "tone_hz lies between 0 and 4000")


def check_clip(order: messages.LoadClip) -> None:
    """Refuse what is no audio.

    Raises:
        OrderDeclined: ``bad-clip``.
    """
    if not 4_000 <= order.rate_hz <= 192_000 or len(order.pcm) % 2:
        text = "a clip has whole 16-bit samples, and a rate of 4000 to 192000 Hz"
        raise OrderDeclined("bad-clip", text)
