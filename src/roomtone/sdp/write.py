"""Writing session descriptions: the answer to an offer, and an offer of our own when the caller brings none.

Sources: RFC 3264, sections 5 and 6 (every m= line is answered; unwanted ones with port 0; t= as in the offer);
RFC 8866; RFC 4733, section 2.4 (fmtp of telephone-event).
"""

from __future__ import annotations

from collections.abc import Iterable

from roomtone.sdp.agreement import Agreement, Flow
from roomtone.sdp.session import Media, address_of, read_session

OFFERED_DIGIT_PAYLOAD_TYPE = 101
"""What nearly everybody uses for telephone-event."""


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
    for index, media in enumerate(asked.media):
        if index == agreement.media_index:
            lines += _audio(agreement, port, media)
        else:
            lines.append(f"m={media.kind} 0 {media.protocol} {' '.join(media.formats)}")
    return _text(lines)


def offer(*, host: str, port: int, session: int, version: int) -> str:
    """Write our own offer: PCMU, PCMA and telephone-event, both ways, 20 ms.

    Args:
        host: Our IP address, version 4 or 6.
        port: Our RTP port.
        session: Number of this session, the same for all descriptions of one call.
        version: Goes up by one with each description of the session that differs.

    Raises:
        ValueError: `host` is no IP address.
    """
    lines = _head(host, session, version, ("0 0",))
    lines += [
        f"m=audio {port} RTP/AVP 0 8 {OFFERED_DIGIT_PAYLOAD_TYPE}",
        "a=rtpmap:0 PCMU/8000",
        "a=rtpmap:8 PCMA/8000",
        *_digits(OFFERED_DIGIT_PAYLOAD_TYPE),
        "a=ptime:20",
        f"a={Flow.SENDRECV}",
    ]
    return _text(lines)


def _head(host: str, session: int, version: int, times: Iterable[str]) -> list[str]:
    address = address_of(host)
    where = f"IN IP{address.version} {address}"
    return ["v=0", f"o=- {session} {version} {where}", "s=-", f"c={where}", *(f"t={time}" for time in times)]


def _audio(agreement: Agreement, port: int, media: Media) -> list[str]:
    digits = agreement.digit_payload_type
    formats = [agreement.payload_type] if digits is None else [agreement.payload_type, digits]
    return [
        f"m=audio {port} {media.protocol} {' '.join(str(number) for number in formats)}",
        f"a=rtpmap:{agreement.payload_type} {agreement.codec}/8000",
        *([] if digits is None else _digits(digits)),
        f"a=ptime:{agreement.ptime_ms}",
        f"a={agreement.flow}",
    ]


def _digits(payload_type: int) -> list[str]:
    return [f"a=rtpmap:{payload_type} telephone-event/8000", f"a=fmtp:{payload_type} 0-15"]


def _text(lines: Iterable[str]) -> str:
    return "".join(f"{line}\r\n" for line in lines)
