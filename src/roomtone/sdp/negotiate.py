"""Offer and answer: what we can do with what somebody offers. Pure.

We speak PCMU and PCMA at 8 kHz over plain RTP, with digits by telephone-event. Takes the first audio stream that
fits, in the offer's own order of preference; knows nothing of sockets or conferences.

Exceptions: `NotAcceptable` and no other.

Sources: RFC 3264 (offer and answer); RFC 3551 (static payload types 0 and 8); RFC 4733 (telephone-event).
"""

from __future__ import annotations

from roomtone.sdp.agreement import Agreement, Codec, Flow
from roomtone.sdp.session import Address, Malformed, Media, RtpMap, Session, address_of, read_session

PLAIN_RTP = frozenset({"RTP/AVP", "RTP/AVPF"})
"""Profiles we speak. AVPF only adds feedback packets, which an answerer need not send (RFC 4585, section 4)."""

_STATIC = {0: RtpMap("PCMU", 8_000), 8: RtpMap("PCMA", 8_000)}
_MIRROR = {
    Flow.SENDRECV: Flow.SENDRECV,
    Flow.SENDONLY: Flow.RECVONLY,
    Flow.RECVONLY: Flow.SENDONLY,
    Flow.INACTIVE: Flow.INACTIVE,
}


class NotAcceptable(Exception):  # noqa: N818 - a refusal, told by its state
    """We cannot do what is offered.

    Attributes:
        status: The SIP status to refuse with: 400 if the text is no SDP, 488 if it asks for what we have not got.
        why: One sentence for people.
    """

    def __init__(self, status: int, why: str) -> None:
        self.status = status
        self.why = why
        super().__init__(f"{status}: {why}")


def negotiate(offer: str) -> Agreement:
    """Say how an offer can be met; also reads the answer to an offer of ours.

    Args:
        offer: The text of their session description.

    Raises:
        NotAcceptable: It cannot be met.
    """
    try:
        return _negotiate(read_session(offer))
    except Malformed as why:
        raise NotAcceptable(400, str(why)) from None


def _negotiate(session: Session) -> Agreement:
    audio = [
        (index, media) for index, media in enumerate(session.media) if media.kind == "audio" and media.port
    ]
    if not audio:
        raise NotAcceptable(488, "no audio is offered")
    plain = [(index, media) for index, media in audio if media.protocol.upper() in PLAIN_RTP]
    if not plain:
        raise NotAcceptable(
            488, f"audio is offered over {audio[0][1].protocol} only; plain RTP/AVP is needed"
        )
    for index, media in plain:
        if (chosen := _codec(media)) is not None:
            return _agreement(session, index, media, chosen)
    raise NotAcceptable(488, "no codec in common: PCMU or PCMA at 8000 Hz is needed")


def _agreement(session: Session, index: int, media: Media, chosen: tuple[int, Codec]) -> Agreement:
    address = _address(session, media)
    flow = _MIRROR[media.flow or session.flow]
    return Agreement(
        codec=chosen[1],
        payload_type=chosen[0],
        digit_payload_type=_digits(media),
        ptime_ms=_ptime_ms(media),
        remote_host=str(address),
        remote_port=media.port,
        flow=_without_sending(flow) if address.is_unspecified else flow,
        media_index=index,
    )


def _payload_types(media: Media) -> list[tuple[int, RtpMap]]:
    """List the payload types we can tell the meaning of, in order; an rtpmap line overrules a static number."""
    numbers = [int(text) for text in media.formats if text.isascii() and text.isdigit() and len(text) <= 3]
    meanings = {**_STATIC, **media.maps}
    return [(number, meanings[number]) for number in numbers if number in meanings]


def _codec(media: Media) -> tuple[int, Codec] | None:
    for number, meaning in _payload_types(media):
        if meaning.name in set(Codec) and (meaning.rate_hz, meaning.channels) == (8_000, 1):
            return number, Codec(meaning.name)
    return None


def _digits(media: Media) -> int | None:
    """Find telephone-event at the audio's own clock; one at 48 kHz belongs to another codec."""
    wanted = RtpMap("TELEPHONE-EVENT", 8_000)
    return next((number for number, meaning in _payload_types(media) if meaning == wanted), None)


def _ptime_ms(media: Media) -> int:
    """Choose how much we put into a packet: 20 ms unless another multiple of 10, from 10 to 60, is wished for."""
    wished = media.ptime_ms or 20
    if media.max_ptime_ms:
        wished = min(wished, media.max_ptime_ms)
    return min(max(int(wished) // 10 * 10, 10), 60)


def _address(session: Session, media: Media) -> Address:
    written = media.connection or session.connection
    if written is None:
        raise Malformed("the audio stream has no c= line")
    address = address_of(written)
    if address.is_multicast:
        raise NotAcceptable(488, f"audio is wanted at the multicast address {address}")
    return address


def _without_sending(flow: Flow) -> Flow:
    """Read an address of zeros as what it meant before there were direction attributes: do not send to me.

    Source: RFC 3264, section 8.4 (the older form of hold, RFC 2543).
    """
    return Flow.RECVONLY if flow in {Flow.SENDRECV, Flow.RECVONLY} else Flow.INACTIVE
