"""Answers to digest challenges: RFC 7616's own example, and what our own challenger thinks of ours."""

from __future__ import annotations

import pytest

from roomtone.sip import digest
from roomtone.sip.digest import Algorithm
from roomtone.sip.proving import Challenge, Proof, challenge, proof

GIVEN = Proof("alice", "wonder\\land", "REGISTER", "sip:example.com", "0a4f113b")


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_our_own_challenge_takes_our_own_proof(algorithm: Algorithm) -> None:
    value = digest.challenges("nonce" * 6, [algorithm], stale=False)[0]
    asked = challenge([("Via", "x"), ("WWW-Authenticate", value)])
    assert asked is not None
    name, said = proof(asked, GIVEN)
    claim = digest.read(said)
    assert name == "Authorization"
    assert claim is not None
    assert claim.proves(digest.ha1(algorithm, "alice", GIVEN.password), "REGISTER")
    assert not claim.proves(digest.ha1(algorithm, "alice", "other"), "REGISTER")


def test_the_example_of_rfc_7616() -> None:
    """Section 3.9.1."""
    nonce, opaque = (
        "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
        "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS",
    )
    for algorithm, response in (
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ):
        given = f'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={algorithm}'
        asked = challenge([("Proxy-Authenticate", f'{given}, nonce="{nonce}", opaque="{opaque}"')])
        assert asked is not None
        cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
        name, said = proof(asked, Proof("Mufasa", "Circle of Life", "GET", "/dir/index.html", cnonce))
        assert name == "Proxy-Authorization"
        assert f'response="{response}"' in said
        assert f'opaque="{opaque}"' in said


def test_the_first_challenge_that_is_understood_is_answered() -> None:
    asked = challenge(
        [
            ("WWW-Authenticate", "Basic realm=x"),
            ("WWW-Authenticate", 'Digest realm="r", nonce="1", algorithm=SHA-512-256'),
            ("WWW-Authenticate", 'Digest realm="r", nonce="2", qop="auth-int"'),
            ("WWW-Authenticate", 'Digest realm="r", nonce="3"'),
            ("WWW-Authenticate", 'Digest realm="r", nonce="4"'),
        ]
    )
    assert asked == Challenge("Authorization", "r", "3", Algorithm.MD5, counted=False)


def test_no_challenge_that_can_be_answered_is_none() -> None:
    assert challenge([("WWW-Authenticate", "Digest realm=only"), ("To", "x")]) is None


def test_a_name_with_a_quote_stays_one_value() -> None:
    asked = Challenge("Authorization", digest.REALM, "n", Algorithm.MD5, counted=False)
    claim = digest.read(proof(asked, Proof('a"b\\c', "p", "INVITE", "sip:x", "c"))[1])
    assert claim is not None
    assert claim.username == 'a"b\\c'
