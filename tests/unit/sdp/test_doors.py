"""Browsers' descriptions: what has to be in an offer, and what our answer and our own offer say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.sdp.agreement import Agreement, Codec, Flow
from roomtone.sdp.crypto import Demand, Encryption, Suite, demand
from roomtone.sdp.doors import Ours, Setup
from roomtone.sdp.negotiate import NotAcceptable, negotiate
from roomtone.sdp.session import Malformed, read_session
from roomtone.sdp.write import answer, offer

FINGERPRINT = ":".join(["AB"] * 32)
BROWSERS = Demand(doors=True)
OURS = Ours("ours", "our-password-of-22-characters", FINGERPRINT, ("192.0.2.9", "198.51.100.9"))
HEAD = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE snd pic\r\n"
PROOF = f"a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\na=fingerprint:SHA-256 {FINGERPRINT.lower()}\r\n"
SOUND = (
    "m=audio 9 UDP/TLS/RTP/SAVPF 111 63 0 126\r\nc=IN IP4 0.0.0.0\r\na=mid:snd\r\na=rtcp-mux\r\na=setup:actpass\r\n"
    "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\na=rtpmap:111 opus/48000/2\r\n"
    "a=rtpmap:126 telephone-event/8000\r\na=sendrecv\r\n"
)
PICTURES = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:pic\r\na=rtcp-mux\r\n"
OFFER = HEAD + SOUND + PROOF + PICTURES


def agreed(text: str = OFFER, wanted: Demand = BROWSERS) -> Agreement:
    return negotiate(text, frozenset(Codec), wanted)


def test_a_browsers_offer_is_met_wherever_it_says_it_is() -> None:
    agreement = agreed()
    assert agreement.browser is not None
    assert (agreement.codec, agreement.payload_type, agreement.digit_payload_type) == (Codec.OPUS, 111, 126)
    assert (agreement.flow, agreement.media_index) == (Flow.SENDRECV, 0)
    assert agreement.browser.fingerprint == FINGERPRINT
    assert (agreement.browser.mid, agreement.browser.bundled, agreement.browser.begins) == ("snd", True, True)


def test_the_answer_has_one_stream_and_refuses_the_others() -> None:
    agreement = replace(agreed(), door=OURS)
    text = answer(agreement, host="192.0.2.9", port=20_000, session=1, version=1, offer=OFFER)
    lines = text.splitlines()
    at = lines.index("m=video 0 UDP/TLS/RTP/SAVPF 96")
    assert lines[at + 1] == "a=mid:pic"
    assert {"a=ice-lite", "a=group:BUNDLE snd"} <= set(lines[:8])
    assert "a=candidate:2 1 udp 2130705919 198.51.100.9 20000 typ host" in lines
    wanted = {
        "m=audio 20000 UDP/TLS/RTP/SAVPF 111 126",
        "a=mid:snd",
        "a=rtcp-mux",
        "a=setup:passive",
        "a=ice-ufrag:ours",
        f"a=fingerprint:sha-256 {FINGERPRINT}",
        "a=sendrecv",
    }
    assert wanted <= set(lines)
    assert "extmap" not in text, "levels are not asked for, and skipped where they come"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (OFFER.replace("a=ice-pwd", "a=x"), "a=ice-ufrag and a=ice-pwd"),
        (OFFER.replace("SHA-256", "sha-1"), "a=fingerprint:sha-256"),
        (OFFER.replace("a=rtcp-mux", "a=x", 1), "a=rtcp-mux"),
        (OFFER.replace("a=group", "a=ice-lite\r\na=group"), "ICE-lite"),
        (HEAD + PROOF + PICTURES, "no audio"),
        (HEAD + PROOF + SOUND.replace("111 63 0 126", "63 126"), "UDP/TLS/RTP/SAVPF only"),
    ],
    ids=["no password", "old hash", "two ports", "both lite", "no audio", "no codec"],
)
def test_what_is_missing_is_named(text: str, says: str) -> None:
    with pytest.raises(NotAcceptable, match=says) as refused:
        agreed(text)
    assert refused.value.status == 488


def test_without_doors_browsers_are_refused_as_before() -> None:
    with pytest.raises(NotAcceptable, match="UDP/TLS/RTP/SAVPF only"):
        agreed(wanted=Demand())


@pytest.mark.parametrize("wanted", list(Encryption))
@pytest.mark.parametrize("secure", [True, False, None])
def test_nobodys_wish_forbids_browsers_their_keys(wanted: Encryption, secure: bool | None) -> None:
    told = demand(wanted, frozenset(Suite), secure=secure, doors=True)
    assert agreed(wanted=told).browser is not None


def test_a_thousand_candidates_change_nothing_and_more_are_too_many() -> None:
    candidates = "".join(
        f"a=candidate:{at} 1 udp 1 192.0.2.1 {1_000 + at} typ host\r\n" for at in range(2_000)
    )
    half = candidates[: len(candidates) // 2]
    assert agreed(OFFER + half[: half.rindex("a=")]) == agreed()
    with pytest.raises(NotAcceptable, match="too many") as refused:
        agreed(OFFER + candidates)
    assert refused.value.status == 400


def test_our_own_offer_is_read_as_it_is_meant() -> None:
    ours = replace(OURS, setup=Setup.ACTPASS)
    text = offer(host="192.0.2.9", port=20_000, session=1, version=1, keys=ours)
    assert "m=audio 20000 UDP/TLS/RTP/SAVPF 96 " in text
    assert "a=crypto" not in text
    told = read_session(text)
    assert told.told.lite
    assert told.told.bundle == ("0",)
    assert (told.media[0].told.mid, told.media[0].told.setup) == ("0", Setup.ACTPASS)
    assert (told.media[0].told.username, told.media[0].told.password) == ("ours", None), (
        "a dash is no ice-char"
    )


@given(st.text(alphabet="v=0amcu:/9 SAVPFTLS\r\nice-pwdufrag.,", max_size=300))
def test_rubbish_is_refused_and_breaks_nothing(rubbish: str) -> None:
    try:
        read_session(OFFER + rubbish)
    except Malformed:
        return


def test_who_offers_plain_sound_beside_what_is_no_door_is_answered_with_that() -> None:
    half = "\r\n".join(line for line in OFFER.splitlines() if "ice-" not in line) + "\r\n"
    with pytest.raises(NotAcceptable, match="UDP/TLS"):
        agreed(half)
    taken = agreed(half + "m=audio 30000 RTP/AVP 0\r\nc=IN IP4 192.0.2.7\r\n")
    assert (taken.browser, taken.media_index, taken.remote_port) == (None, 2, 30_000)
