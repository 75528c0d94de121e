"""Which keys are ours: minted when somebody may hear us who knows nothing of our count, kept while they do."""

from __future__ import annotations

import pytest

from roomtone.sdp.agreement import Agreement, Codec, Flow
from roomtone.sdp.crypto import Crypto, Encryption, Suite
from roomtone.sdp.negotiate import NotAcceptable
from roomtone.switchboard.clock import SystemDice
from roomtone.switchboard.sealing import Sealing
from roomtone.testing.recorders import RecordingMedia
from roomtone.testing.virtual_clock import CountingDice


def sealing(wanted: Encryption = Encryption.TLS, *, secure: bool | None = True) -> Sealing:
    return Sealing(wanted, RecordingMedia(), CountingDice(), secure=secure)


def agreed(theirs: Crypto | None, port: int = 4_000) -> Agreement:
    return Agreement(Codec.PCMU, 0, 101, 20, "192.0.2.1", port, Flow.SENDRECV, theirs=theirs)


def key(number: int, suite: Suite = Suite.CM_80, tag: int = 1) -> Crypto:
    return Crypto(tag, suite, bytes([number]) * suite.key_bytes)


def test_our_key_stays_with_theirs_and_changes_with_anything_of_theirs() -> None:
    one = sealing()
    first = one.answer(agreed(key(1))).ours
    assert first is not None
    assert one.answer(agreed(key(1))).ours == first
    assert one.answer(agreed(key(1, tag=5))).ours == Crypto(5, first.suite, first.key)
    seen = {first.key}
    for later in (agreed(key(2)), agreed(key(2), 4_002), agreed(key(2, Suite.CM_32), 4_002)):
        fresh = one.answer(later).ours
        assert fresh is not None
        assert fresh.key not in seen
        assert (fresh.suite, len(fresh.key)) == (later.theirs.suite, later.theirs.suite.key_bytes)
        seen.add(fresh.key)


def test_a_call_that_was_plain_in_between_gets_a_fresh_key() -> None:
    one = sealing()
    first = one.answer(agreed(key(1))).ours
    assert one.answer(agreed(None)).ours is None
    assert one.answer(agreed(key(1))).ours != first


def test_what_we_offered_is_ours_once_they_have_chosen() -> None:
    one = sealing()
    keys = one.offer()
    assert one.offer() == keys
    chosen = keys[1]
    assert one.settle(agreed(key(9, chosen.suite, chosen.tag))).ours == chosen
    assert one.answer(agreed(key(9, chosen.suite, 4))).ours == Crypto(4, chosen.suite, chosen.key)


@pytest.mark.parametrize("wrong", [key(9, Suite.CM_32), key(9, Suite.CM_80, 77)])
def test_what_we_did_not_offer_cannot_be_chosen(wrong: Crypto) -> None:
    one = sealing()
    one.offer()
    with pytest.raises(NotAcceptable):
        one.settle(agreed(wrong))


def test_an_answer_must_be_sealed_when_we_offered_keys() -> None:
    one = sealing()
    assert not one.expected.only
    one.offer()
    assert one.expected.only
    assert one.expected.suites == {key.suite for key in one.offer()}


def test_over_udp_we_offer_no_keys() -> None:
    one = sealing(Encryption.ANYWHERE)
    one.goes(secure=False)
    assert one.offer() == ()
    assert one.demand.suites == frozenset(Suite)


def test_keys_are_random_in_all_their_bytes() -> None:
    drawn = [SystemDice().secret(44) for _ in range(64)]
    assert len(set(drawn)) == 64
    for at in range(44):
        assert len({one[at] for one in drawn}) > 16, "no byte has fixed bits"
