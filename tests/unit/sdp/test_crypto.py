"""Keys in descriptions: what is read, what is left out, and that an offer and its answer agree on one."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roomtone.sdp.crypto import (
    MAX_ATTRIBUTES,
    OFFERED,
    Crypto,
    Demand,
    Encryption,
    Suite,
    demand,
    read_crypto,
)
from roomtone.sdp.negotiate import NotAcceptable, negotiate
from roomtone.sdp.session import read_session
from roomtone.sdp.write import answer, offer

KEY = bytes(range(30))
INLINE = base64.b64encode(KEY).decode()
ALL = Demand(frozenset(Suite))
ONLY = replace(ALL, only=True)

cryptos = st.builds(
    lambda tag, suite, key: Crypto(tag, suite, key[: suite.key_bytes]),
    st.integers(0, 999_999_999),
    st.sampled_from(Suite),
    st.binary(min_size=44, max_size=44),
)


def offered(*streams: tuple[str, tuple[str, ...]]) -> str:
    lines = ["v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=-", "c=IN IP4 192.0.2.1", "t=0 0"]
    for at, (profile, attributes) in enumerate(streams):
        lines += [f"m=audio {4_000 + at} {profile} 0", *(f"a=crypto:{value}" for value in attributes)]
    return "\r\n".join((*lines, ""))


@pytest.mark.parametrize(
    "value",
    [
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{INLINE}",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{INLINE}|2^20",
        f"1  AES_CM_128_HMAC_SHA1_80\tinline:{INLINE}|4294967296 KDR=0 WSH=128 -X=1",
        f" 1 AES_CM_128_HMAC_SHA1_80 inline:{INLINE.rstrip('=')} ",
    ],
)
def test_what_we_can_honour_is_read(value: str) -> None:
    assert read_crypto(value) == Crypto(1, Suite.CM_80, KEY)


@pytest.mark.parametrize(
    "value",
    [
        "",
        f"x AES_CM_128_HMAC_SHA1_80 inline:{INLINE}",
        f"1 AES_192_CM_HMAC_SHA1_80 inline:{INLINE}",
        f"1 AEAD_AES_256_GCM inline:{INLINE}",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{INLINE}|2^20|1:4",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{INLINE}|1:4",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{INLINE}|2^20|1:4;inline:{INLINE}|2^20|2:4",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{INLINE} UNENCRYPTED_SRTP",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{INLINE} UNENCRYPTED_SRTCP",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{INLINE} UNAUTHENTICATED_SRTP",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{INLINE} KDR=5",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{INLINE[:-4]}",
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{INLINE}A",
        "1 AES_CM_128_HMAC_SHA1_80 inline:====",
        f"1 AES_CM_128_HMAC_SHA1_80 uri:{INLINE}",
    ],
)
def test_what_we_could_not_honour_is_left_out(value: str) -> None:
    assert read_crypto(value) is None


@given(cryptos)
def test_what_is_written_is_read_back_and_shows_no_key(crypto: Crypto) -> None:
    assert read_crypto(str(crypto)) == crypto
    assert str(crypto.key) not in repr(crypto)


@given(st.text(max_size=200))
def test_any_text_is_read_or_left_out(text: str) -> None:
    crypto = read_crypto(text)
    assert crypto is None or len(crypto.key) == crypto.suite.key_bytes


def test_no_stream_is_read_with_keys_without_end() -> None:
    many = tuple(f"{tag} AES_CM_128_HMAC_SHA1_80 inline:{INLINE}" for tag in range(600))
    assert len(read_session(offered(("RTP/SAVP", many))).media[0].cryptos) <= MAX_ATTRIBUTES


SEALED = f"7 AES_CM_128_HMAC_SHA1_80 inline:{INLINE}"
TABLE = [
    # profile, keys, demand: agreed how; None: refused
    ("RTP/AVP", (), Demand(), "plain"),
    ("RTP/AVP", (), ALL, "plain"),
    ("RTP/AVP", (), ONLY, None),
    ("RTP/AVP", (SEALED,), Demand(), "plain"),
    ("RTP/AVP", (SEALED,), ALL, "sealed"),
    ("RTP/SAVP", (SEALED,), Demand(), None),
    ("RTP/SAVP", (SEALED,), ALL, "sealed"),
    ("RTP/SAVPF", (SEALED,), ONLY, "sealed"),
    ("RTP/SAVP", (), ALL, None),
    ("RTP/SAVP", ("1 F8_128_HMAC_SHA1_80 inline:xx", SEALED), ONLY, "sealed"),
    ("RTP/SAVP", (SEALED,), Demand(frozenset({Suite.GCM_256})), None),
    ("UDP/TLS/RTP/SAVP", (SEALED,), ALL, None),
]


@pytest.mark.parametrize(("profile", "keys", "wanted", "agreed"), TABLE)
def test_who_may_be_heard_how(
    profile: str, keys: tuple[str, ...], wanted: Demand, agreed: str | None
) -> None:
    text = offered((profile, keys))
    if agreed is None:
        with pytest.raises(NotAcceptable) as refused:
            negotiate(text, encryption=wanted)
        assert refused.value.status == 488
        return
    theirs = negotiate(text, encryption=wanted).theirs
    assert (theirs is not None) == (agreed == "sealed")
    assert theirs in {None, Crypto(7, Suite.CM_80, KEY)}


def test_an_encrypted_stream_goes_before_a_plain_one_wherever_it_stands() -> None:
    text = offered(("RTP/AVP", ()), ("RTP/SAVP", (SEALED,)))
    assert negotiate(text, encryption=ALL).media_index == 1
    assert negotiate(text).media_index == 0


def test_their_order_decides_which_suite_it_is() -> None:
    other = f"2 AES_CM_128_HMAC_SHA1_32 inline:{INLINE}"
    for keys in ((SEALED, other), (other, SEALED)):
        theirs = negotiate(offered(("RTP/SAVP", keys)), encryption=ALL).theirs
        assert str(theirs) == keys[0]


@pytest.mark.parametrize(
    ("wanted", "secure", "agrees", "only", "offers"),
    [
        (Encryption.OFF, True, False, False, False),
        (Encryption.TLS, True, True, False, True),
        (Encryption.TLS, False, False, False, False),
        (Encryption.TLS, None, True, False, False),
        (Encryption.REQUIRED, True, True, True, True),
        (Encryption.REQUIRED, False, False, False, False),
        (Encryption.ANYWHERE, True, True, False, True),
        (Encryption.ANYWHERE, False, True, False, False),
    ],
)
def test_what_an_operator_wants(
    wanted: Encryption, secure: bool | None, agrees: bool, only: bool, offers: bool
) -> None:
    found = demand(wanted, frozenset(Suite), secure=secure)
    assert (bool(found.suites), found.only, bool(found.offers)) == (agrees, only, offers)
    assert set(found.offers) <= found.suites


def test_an_engine_that_cannot_seal_agrees_to_nothing() -> None:
    assert demand(Encryption.TLS, frozenset(), secure=True) == Demand()
    assert demand(Encryption.REQUIRED, frozenset(), secure=True).only


@given(
    st.lists(cryptos, min_size=1, max_size=5, unique_by=lambda one: one.tag),
    st.frozensets(st.sampled_from(Suite), min_size=1),
    st.binary(min_size=44, max_size=44),
)
@settings(max_examples=200)
def test_offer_and_answer_agree_on_one_of_the_keys(
    keys: list[Crypto], able: frozenset[Suite], ours: bytes
) -> None:
    text = offer(host="192.0.2.1", port=4_000, session=1, version=1, keys=keys)
    if not any(key.suite in able for key in keys):
        with pytest.raises(NotAcceptable):
            negotiate(text, encryption=Demand(able))
        return
    agreement = negotiate(text, encryption=Demand(able))
    assert agreement.theirs in keys
    suite = agreement.theirs.suite
    sealed = replace(agreement, ours=Crypto(agreement.theirs.tag, suite, ours[: suite.key_bytes]))
    back = answer(sealed, host="192.0.2.2", port=5_000, session=2, version=1, offer=text)
    assert negotiate(back, encryption=Demand(frozenset({suite}), only=True)).theirs == sealed.ours


def test_our_offer_names_the_best_first_and_is_plain_without_keys() -> None:
    keys = [Crypto(tag, suite, bytes(suite.key_bytes)) for tag, suite in enumerate(OFFERED, 1)]
    sealed = offer(host="192.0.2.1", port=4_000, session=1, version=1, keys=keys)
    assert "m=audio 4000 RTP/SAVP" in sealed
    assert [line.split()[1] for line in sealed.splitlines() if line.startswith("a=crypto:")] == list(OFFERED)
    assert "crypto" not in offer(host="192.0.2.1", port=4_000, session=1, version=1)
