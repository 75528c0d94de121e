"""How many wrong passwords are borne, and for how long somebody is shunned."""

from __future__ import annotations

from roomtone.core.doorkeeper import ADDRESSES, KNOWN_S, Doorkeeper, Patience
from roomtone.core.moment import Moment

NOW = Moment(wall_ms=1_700_000_000_000, mono_ns=1)


def test_a_guesser_is_shunned_longer_each_time_and_others_are_not() -> None:
    keeper = Doorkeeper(Patience(wrong=4))
    bans = [keeper.failed("192.0.2.1", NOW) for _ in range(12)]
    assert [one for one in bans if one] == [60.0, 120.0, 240.0]
    assert bans[:4] == [0.0] * 4
    assert keeper.failed("192.0.2.2", NOW) == 0.0
    assert (keeper.wrong, keeper.shunned) == (13, 3)


def test_a_typing_error_now_and_then_is_forgiven() -> None:
    keeper = Doorkeeper(Patience(wrong=2, refill_s=30))
    assert not any(keeper.failed("192.0.2.1", NOW.after(40.0 * turn)) for turn in range(50))


def test_many_phones_at_one_address_may_prove_themselves() -> None:
    keeper = Doorkeeper(Patience(asked=10))
    for _ in range(200):
        assert keeper.challenged("192.0.2.1", NOW) == 0.0
        keeper.passed("192.0.2.1", NOW)
    assert any(keeper.challenged("192.0.2.2", NOW) for _ in range(11)), "who only asks is shunned"


def test_where_something_right_came_from_is_not_shunned_for_what_others_send_in_its_name() -> None:
    keeper = Doorkeeper(Patience(asked=10))
    keeper.passed("192.0.2.1", NOW)
    assert not any(keeper.challenged("192.0.2.1", NOW) for _ in range(100))
    later = NOW.after(KNOWN_S + 1)
    assert any(keeper.challenged("192.0.2.1", later) for _ in range(12)), "not for ever"


def test_memory_is_bounded_and_bans_end() -> None:
    keeper = Doorkeeper()
    for number in range(ADDRESSES + 50):
        keeper.failed(str(number), NOW)
    assert len(keeper._records) == ADDRESSES
    longest = Doorkeeper(Patience(wrong=0))
    assert max(longest.failed("a", NOW) for _ in range(60)) == 3_600.0
