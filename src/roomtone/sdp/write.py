"""Writing session descriptions: the answer to an offer, and an offer of our own when the caller brings none.

Sources: RFC 3264, sections 5 and 6 (every m= line is answered; unwanted ones with port 0; t= as in the offer);
RFC 8866; RFC 4568, section 7.1 (keys); RFC 4733, section 2.4 (fmtp of telephone-event); RFC 7587, section 7 (fmtp of opus).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from roomtone.sdp import doors, opus
from roomtone.sdp.agreement import Agreement, Codec, Flow
from roomtone.sdp.codecs import ABILITIES, OFFERED, rtpmap_of
from roomtone.sdp.crypto import Crypto
from roomtone.sdp.doors import Ours
from roomtone.sdp.session import Media, address_of, read_session

OFFERED_DIGIT_PAYLOAD_TYPE = 101
"""What nearly everybody uses for telephone-event."""

NOISE_PAYLOAD_TYPE = 13
"""Comfort noise beside codecs with a clock of 8,000 Hz (RFC 3551, table 4)."""

_NUMBERS = {Codec.OPUS: (96, 48_000), Codec.G722: (9, 8_000), Codec.PCMU: (0, 8_000), Codec.PCMA: (8, 8_000)}
"""Payload type and clock of each codec that we offer."""

_LONGEST_MS = 60
"""The most sound in one packet that the engine reads."""


def answer(agreement: Agreement, *, host: str, port: int, session: int, version: int, offer: str) -> str:
    """Write the answer to an offer that was negotiated.

    Args:
        agreement: What `negotiate` made of the offer.
        host: Our IP address, version 4 or 6.
        port: Our RTP port.
        session: Number of this session, the same for all descriptions of one call.
        version: Goes up by one with each description of the session that differs.
        offer: The offer's text: every stream in it is answered.

    Raises:
        ValueError: The offer cannot be read (it was not negotiated), or `host` is no IP address.
    """
    asked = read_session(offer)
    lines = _head(host, session, version, asked.times or ("0 0",))
    browser = agreement.browser
    if browser is not None:
        lines += [*doors.HEAD, *([f"a=group:BUNDLE {browser.mid}"] if browser.bundled else [])]
    for index, media in enumerate(asked.media):
        if index == agreement.media_index:
            lines += _audio(agreement, port, media)
        else:
            lines.append(f"m={media.kind} 0 {media.protocol} {' '.join(media.formats)}")
            lines += _mid(media.told.mid)
    return _text(lines)


def offer(
    *,
    host: str,
    port: int,
    session: int,
    version: int,
    abilities: AbstractSet[Codec] = ABILITIES,
    keys: Sequence[Crypto] | Ours = (),
) -> str:
    """Write our own offer: what we are able to do, best sound first, comfort noise and telephone-event; both ways, 20 ms.

    Args:
        host: Our IP address, version 4 or 6.
        port: Our RTP port.
        session: Number of this session, the same for all descriptions of one call.
        version: Goes up by one with each description of the session that differs.
        abilities: The codecs we can do.
        keys: What we would seal with, one of which is to be chosen; none: plain RTP. Or what a browser is told of us.

    Raises:
        ValueError: `host` is no IP address.
    """
    codecs = {codec: _NUMBERS[codec] for codec in OFFERED if codec in abilities}
    clocks = sorted({clock_rate_hz for _, clock_rate_hz in codecs.values()})
    digits = {OFFERED_DIGIT_PAYLOAD_TYPE + at: clock_rate_hz for at, clock_rate_hz in enumerate(clocks)}
    noise = [NOISE_PAYLOAD_TYPE] if any(clock_hz == 8_000 for _, clock_hz in codecs.values()) else []
    numbers = [*(number for number, _ in codecs.values()), *noise, *digits]
    lines = _head(host, session, version, ("0 0",))
    if isinstance(keys, Ours):
        profile, secrets = "UDP/TLS/RTP/SAVPF", [*_mid("0"), *keys.lines(port)]
        lines += [*doors.HEAD, "a=group:BUNDLE 0"]
    else:
        profile, secrets = "RTP/SAVP" if keys else "RTP/AVP", [f"a=crypto:{key}" for key in keys]
    lines.append(f"m=audio {port} {profile} {' '.join(map(str, numbers))}")
    lines += secrets
    for codec, (number, clock_rate_hz) in codecs.items():
        lines += _codec(codec, number, clock_rate_hz)
    lines += [f"a=rtpmap:{number} CN/8000" for number in noise]
    for number, clock_rate_hz in digits.items():
        lines += _digits(number, clock_rate_hz)
    lines += ["a=ptime:20", *_longest(codecs), f"a={Flow.SENDRECV}"]
    return _text(lines)


def _head(host: str, session: int, version: int, times: Iterable[str]) -> list[str]:
    address = address_of(host)
    where = f"IN IP{address.version} {address}"
    return ["v=0", f"o=- {session} {version} {where}", "s=-", f"c={where}", *(f"t={time}" for time in times)]


def _audio(agreement: Agreement, port: int, media: Media) -> list[str]:
    digits = agreement.digit_payload_type
    noise = agreement.noise_payload_type
    formats = [number for number in (agreement.payload_type, noise, digits) if number is not None]
    digit_clock_hz = agreement.digit_clock_rate_hz or agreement.clock_rate_hz
    return [
        f"m=audio {port} {media.protocol} {' '.join(str(number) for number in formats)}",
        *([] if agreement.ours is None else [f"a=crypto:{agreement.ours}"]),
        *([] if agreement.door is None else [*_mid(media.told.mid), *agreement.door.lines(port)]),
        *_codec(agreement.codec, agreement.payload_type, agreement.clock_rate_hz),
        *([] if noise is None else [f"a=rtpmap:{noise} CN/{agreement.clock_rate_hz}"]),
        *([] if digits is None else _digits(digits, digit_clock_hz)),
        f"a=ptime:{agreement.ptime_ms}",
        *_longest([agreement.codec]),
        f"a={agreement.flow}",
    ]


def _mid(mid: str | None) -> list[str]:
    return [] if mid is None else [f"a=mid:{mid}"]


def _codec(codec: Codec, number: int, clock_rate_hz: int) -> list[str]:
    meaning = f"a=rtpmap:{number} {rtpmap_of(codec, clock_rate_hz)}"
    return [meaning, f"a=fmtp:{number} {opus.OURS}"] if codec is Codec.OPUS else [meaning]


def _digits(payload_type: int, clock_rate_hz: int) -> list[str]:
    return [f"a=rtpmap:{payload_type} telephone-event/{clock_rate_hz}", f"a=fmtp:{payload_type} 0-15"]


def _longest(codecs: Iterable[Codec]) -> list[str]:
    """Say how much a packet may hold, where phones would otherwise send up to 120 ms (RFC 7587, section 7)."""
    return [f"a=maxptime:{_LONGEST_MS}"] if Codec.OPUS in codecs else []


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line}\r\n" for line in lines)
