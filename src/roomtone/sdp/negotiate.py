"""Offer and answer: what we can do with what somebody offers. Pure.

Over RTP, encrypted where that may be agreed on, with digits by telephone-event. Takes the first audio stream that fits, and in it the first codec that we
are able to do, in the offer's own order of preference: the caller knows its phone and its network, and an answerer is
asked to keep that order (RFC 3264, section 6.1). An encrypted stream goes before a plain one, wherever it stands. Knows nothing of sockets or conferences.

Exceptions: `NotAcceptable` and no other.

Sources: RFC 3264 (offer and answer); RFC 4568 (keys); RFC 3551 (static payload types); RFC 4733 (telephone-event);
RFC 7587 (opus); RFC 3389, section 5 (comfort noise, at the clock of the codec).
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from roomtone.sdp import doors
from roomtone.sdp.agreement import Agreement, Codec, Flow
from roomtone.sdp.codecs import ABILITIES, STATIC, codec_of, packet_times_ms
from roomtone.sdp.crypto import PLAIN, SECURE_RTP, Crypto, Demand
from roomtone.sdp.opus import read_wishes
from roomtone.sdp.session import Address, Malformed, Media, RtpMap, Session, address_of, read_session

PLAIN_RTP = frozenset({"RTP/AVP", "RTP/AVPF"})
"""Profiles we speak. AVPF only adds feedback packets, which an answerer need not send (RFC 4585, section 4)."""

_NOWHERE = address_of("0.0.0.0")  # noqa: S104 - nobody binds to it

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


@dataclass(frozen=True, slots=True)
class _Choice:
    """A codec of theirs that we are able to do."""

    payload_type: int
    codec: Codec
    clock_rate_hz: int
    ptime_ms: int


def negotiate(offer: str, abilities: AbstractSet[Codec] = ABILITIES, encryption: Demand = PLAIN) -> Agreement:
    """Say how an offer can be met; also reads the answer to an offer of ours.

    Args:
        offer: The text of their session description.
        abilities: The codecs we can do.
        encryption: What may be agreed on. An encrypted agreement has `theirs` set; `ours` is for the caller to add.

    Raises:
        NotAcceptable: It cannot be met.
    """
    try:
        return _negotiate(read_session(offer), abilities, encryption)
    except Malformed as why:
        raise NotAcceptable(400, str(why)) from None


def _negotiate(session: Session, abilities: AbstractSet[Codec], encryption: Demand) -> Agreement:
    audio = [
        (index, media) for index, media in enumerate(session.media) if media.kind == "audio" and media.port
    ]
    if not audio:
        raise NotAcceptable(488, "no audio is offered")
    found = _browser(session, audio, abilities) if encryption.doors else None
    if isinstance(found, Agreement):
        return found
    possible = [(index, media, _theirs(media, encryption)) for index, media in audio]
    # Some phones have keys in a line of plain RTP: as you like it. Taken, they are as good as any.
    usable = [one for one in possible if one[2] is not None]
    if not encryption.only:
        usable += [
            (index, media, None)
            for index, media, theirs in possible
            if theirs is None and media.protocol.upper() in PLAIN_RTP
        ]
    if not usable and found is not None:
        raise NotAcceptable(488, found)
    if not usable:
        raise NotAcceptable(
            488, f"audio is offered over {audio[0][1].protocol} only; {_needed(encryption)} is needed"
        )
    for index, media, theirs in usable:
        if (chosen := _choose(media, abilities)) is not None:
            return replace(_agreement(session, index, media, chosen), theirs=theirs)
    wanted = " or ".join(codec for codec in Codec if codec in abilities)
    raise NotAcceptable(488, f"no codec in common: {wanted} is needed")


def _browser(
    session: Session, audio: list[tuple[int, Media]], abilities: AbstractSet[Codec]
) -> Agreement | str | None:
    """Take the first stream that a browser offers, if one does and nothing is missing; else say what is."""
    missing = None
    for index, media in audio:
        if media.protocol.upper() not in doors.PROFILES:
            continue
        told = doors.read(session.told, media.told)
        if isinstance(told, str):
            missing = missing or f"audio is offered over {media.protocol}, but {told}"
            continue
        chosen = _choose(media, abilities)
        if chosen is not None:
            return replace(_agreement(session, index, media, chosen), browser=told)
    return missing


def _theirs(media: Media, encryption: Demand) -> Crypto | None:
    """Choose the first of their keys that we may agree to; None: this stream is not encrypted, or not for us."""
    if media.protocol.upper() not in PLAIN_RTP | SECURE_RTP:
        return None
    return next((crypto for crypto in media.cryptos if crypto.suite in encryption.suites), None)


def _needed(encryption: Demand) -> str:
    plain = [] if encryption.only else ["plain RTP/AVP"]
    return " or ".join([*plain, *sorted(f"RTP/SAVP with {suite}" for suite in encryption.suites)])


def _agreement(session: Session, index: int, media: Media, chosen: _Choice) -> Agreement:
    at_door = media.protocol.upper() in doors.PROFILES  # where nobody means the address that is written
    address = _NOWHERE if at_door else _address(session, media)
    flow = _MIRROR[media.flow or session.flow]
    digits, digit_clock_hz = _digits(media, chosen.clock_rate_hz)
    noise = _numbers(media, "CN").get(chosen.clock_rate_hz)
    wishes = read_wishes(media.parameters.get(chosen.payload_type, ""))
    return Agreement(
        codec=chosen.codec,
        payload_type=chosen.payload_type,
        digit_payload_type=digits,
        ptime_ms=chosen.ptime_ms,
        remote_host=str(address),
        remote_port=media.port,
        flow=_without_sending(flow) if address.is_unspecified and not at_door else flow,
        media_index=index,
        clock_rate_hz=chosen.clock_rate_hz,
        digit_clock_rate_hz=digit_clock_hz,
        noise_payload_type=noise,
        opus=wishes if chosen.codec is Codec.OPUS else None,
    )


def _payload_types(media: Media) -> list[tuple[int, RtpMap]]:
    """List the payload types we can tell the meaning of, in order; an rtpmap line overrules a static number."""
    numbers = [int(text) for text in media.formats if text.isascii() and text.isdigit() and len(text) <= 3]
    meanings = {**STATIC, **media.maps}
    return [(number, meanings[number]) for number in numbers if number in meanings]


def _choose(media: Media, abilities: AbstractSet[Codec]) -> _Choice | None:
    for number, meaning in _payload_types(media):
        codec = codec_of(meaning)
        if codec is None or codec not in abilities:
            continue
        times_ms = packet_times_ms(codec, meaning.rate_hz)
        # Opus shorter than our frames cannot be sent: where it is asked for, another codec is taken.
        if codec is Codec.OPUS and media.max_ptime_ms and media.max_ptime_ms < times_ms[0]:
            continue
        return _Choice(number, codec, meaning.rate_hz, _ptime_ms(media, times_ms))
    return None


def _digits(media: Media, clock_rate_hz: int) -> tuple[int | None, int | None]:
    """Find telephone-event at the audio's own clock, else, as some phones have it, at 8,000 beside a faster codec.

    Source: RFC 4733, section 2.1 (its clock is that of its rtpmap); RFC 7587 has no clock but 48,000 to choose.
    """
    offered = _numbers(media, "TELEPHONE-EVENT")
    if clock_rate_hz in offered:
        return offered[clock_rate_hz], None
    return (offered[8_000], 8_000) if 8_000 in offered else (None, None)


def _numbers(media: Media, name: str) -> dict[int, int]:
    """Find the payload type of this name at each clock, in Hz, at which it is offered."""
    return {
        meaning.rate_hz: number
        for number, meaning in reversed(_payload_types(media))
        if (meaning.name, meaning.channels) == (name, 1)
    }


def _ptime_ms(media: Media, times_ms: tuple[int, ...]) -> int:
    """Choose how much we put into a packet: 20 ms unless something else is wished for; the next that we can, below."""
    wished = media.ptime_ms or 20
    if media.max_ptime_ms:
        wished = min(wished, media.max_ptime_ms)
    return max((ms for ms in times_ms if ms <= wished), default=times_ms[0])


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
