"""Digests: RFC 7616's own figures, and what is not believed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.sip.digest import (
    NONCE_S,
    REALM,
    Algorithm,
    Claim,
    Freshness,
    Nonces,
    challenges,
    claims,
    digest,
    ha1,
    read,
)

NOW_MS = 1_700_000_000_000


def claim(
    nonces: Nonces, *, count: int = 1, at_ms: int = NOW_MS, algorithm: Algorithm = Algorithm.MD5
) -> Claim:
    """Answer a fresh challenge, rightly."""
    nonce = nonces.make(at_ms, 7, "h")
    qop, nc, cnonce, uri = "auth", f"{count:08x}", "mine", "sip:h"
    secret, ha2 = ha1(algorithm, "alice", "pw"), digest(algorithm, f"REGISTER:{uri}")
    response = digest(algorithm, f"{secret}:{nonce}:{nc}:{cnonce}:{qop}:{ha2}")
    text = (
        f'Digest username="alice", realm="{REALM}", nonce="{nonce}", uri="{uri}", response="{response}", '
        f'algorithm={algorithm}, qop={qop}, nc={nc}, cnonce="{cnonce}"'
    )
    found = read(text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        (Algorithm.MD5, "8ca523f5e9506fed4657c9700eebdbec"),
        (Algorithm.SHA256, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_figures_of_the_standard(algorithm: Algorithm, response: str) -> None:
    """RFC 7616, section 3.9.1."""
    secret = digest(algorithm, "Mufasa:http-auth@example.org:Circle of Life")
    made = Claim(
        "Mufasa",
        "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
        "/dir/index.html",
        response,
        algorithm,
        "auth",
        "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
        "00000001",
    )
    assert made.proves(secret, "GET")
    assert not made.proves(secret, "POST")


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_a_right_answer_is_right_once(algorithm: Algorithm) -> None:
    nonces = Nonces(b"secret")
    one = claim(nonces, algorithm=algorithm)
    assert one.proves(ha1(algorithm, "alice", "pw"), "REGISTER")
    assert not one.proves(ha1(algorithm, "alice", "other"), "REGISTER")
    assert nonces.judge(one, NOW_MS, "h") is Freshness.FRESH
    nonces.used(one)
    assert nonces.judge(one, NOW_MS, "h") is Freshness.STALE, "the same again is a replay"
    assert nonces.judge(claim(nonces, count=2), NOW_MS, "h") is Freshness.FRESH


def test_a_nonce_grows_old_and_another_houses_is_none() -> None:
    nonces = Nonces(b"secret")
    one = claim(nonces)
    assert nonces.judge(one, NOW_MS + NONCE_S * 1_000, "h") is Freshness.FRESH
    assert nonces.judge(one, NOW_MS + NONCE_S * 1_000 + 1, "h") is Freshness.STALE
    assert Nonces(b"other").judge(one, NOW_MS, "h") is Freshness.FOREIGN


def test_what_is_remembered_of_nonces_is_bounded() -> None:
    nonces = Nonces(b"secret")
    for moment in range(Nonces.REMEMBERED + 10):
        nonces.used(Claim("a", nonces.make(NOW_MS + moment, 0, "h"), "u", "r", Algorithm.MD5, None, "", ""))
    assert len(nonces._counts) <= Nonces.REMEMBERED


def test_what_is_forgotten_of_nonces_is_not_taken_again() -> None:
    nonces = Nonces(b"secret")
    first = claim(nonces)
    nonces.used(first)
    for moment in range(1, Nonces.REMEMBERED + 1):
        nonces.used(Claim("a", nonces.make(NOW_MS + moment, 0, "h"), "u", "r", Algorithm.MD5, None, "", ""))
    assert first.nonce not in nonces._counts
    assert nonces.judge(first, NOW_MS, "h") is Freshness.STALE, "else it would be a replay"
    assert nonces.judge(claim(nonces, at_ms=NOW_MS + 30_000), NOW_MS + 30_000, "h") is Freshness.FRESH


def test_a_nonce_is_good_where_it_was_given_to_alone() -> None:
    nonces = Nonces(b"secret")
    assert nonces.judge(claim(nonces), NOW_MS, "192.0.2.9") is Freshness.FOREIGN


@pytest.mark.parametrize(
    ("uri", "fits"),
    [
        ("sip:+15551234567@pbx.example", True),
        ("sip:%2B15551234567@10.0.0.1:5060;transport=tcp", True),
        ("sip:+19005551234@pbx.example", False),
        ("sip:pbx.example", False),
    ],
)
def test_an_answer_is_for_one_number(uri: str, fits: bool) -> None:
    made = Claim("a", "n", uri, "r", Algorithm.MD5, None, "", "")
    assert made.is_for("sip:+15551234567@192.0.2.1") is fits


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic YTpi",
        "Digest",
        f'Digest username="a", realm="{REALM}", nonce="n", uri="u"',
        'Digest username="a", realm="elsewhere", nonce="n", uri="u", response="r"',
        f'Digest username="a", realm="{REALM}", nonce="n", uri="u", response="r", algorithm=SHA-1',
        f'Digest username="a", realm="{REALM}", nonce="n", uri="u", response="r", qop=auth-int, nc=1, cnonce="c"',
        f'Digest username="a", realm="{REALM}", nonce="n", uri="u", response="r", qop=auth, nc=zz, cnonce="c"',
        f'Digest username="a", realm="{REALM}", nonce="n", uri="u", response="{"r" * 3_000}"',
    ],
)
def test_what_is_no_answer_to_us_is_not_read(header: str) -> None:
    assert read(header) is None
    assert claims([("Authorization", header)]) == ()


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    found = read(f"Digest {text}")
    assert found is None or not found.proves("secret", "REGISTER")
    nonces = Nonces(b"secret")
    made = Claim("a", text, "u", "r", Algorithm.MD5, None, "", "")
    assert nonces.judge(made, NOW_MS, "h") is Freshness.FOREIGN


def test_a_challenge_names_every_algorithm_the_best_first() -> None:
    written = challenges("n", (Algorithm.SHA256, Algorithm.MD5), stale=True)
    assert [text.count("stale=true") for text in written] == [1, 1]
    assert "SHA-256" in written[0]
