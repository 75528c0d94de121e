"""Who gets how much of the courier, and who is left alone because nobody is there."""

from __future__ import annotations

from rooms import NOW
from roomtone.core.delivery import Addressee, Waiting
from roomtone.core.ids import ProjectId
from roomtone.webhooks.shares import Shares, Sharing

ANN, BOB = ProjectId(1), ProjectId(2)
SERVER = Addressee(ANN, "app.example")


def waiting(*addressees: Addressee, ready_ms: int = NOW.wall_ms) -> list[Waiting]:
    return [Waiting(one, ready_ms) for one in addressees]


def chosen(shares: Shares, *addressees: Addressee, now=NOW) -> dict[Addressee, int]:
    """What is wanted, begun at once."""
    wants = {one.addressee: one.most for one in shares.choose(waiting(*addressees), now)}
    for addressee, most in wants.items():
        for _ in range(most):
            shares.begin(addressee)
    return wants


def fail(shares: Shares, times: int, now=NOW, addressee: Addressee = SERVER) -> None:
    for _ in range(times):
        shares.missed(addressee, now)


def test_an_addressee_begins_with_a_few_and_gets_more_as_things_arrive() -> None:
    shares = Shares(Sharing(at_first=2, per_addressee=4))
    assert chosen(shares, SERVER) == {SERVER: 2}
    assert chosen(shares, SERVER) == {}
    shares.arrived(SERVER, 0.1)
    assert chosen(shares, SERVER) == {SERVER: 1}
    for _ in range(9):
        shares.arrived(SERVER, 0.1)
    assert chosen(shares, SERVER) == {SERVER: 1}


def test_everybody_has_one_before_anybody_has_a_second() -> None:
    shares = Shares(Sharing(parallel=5))
    many = [Addressee(ProjectId(number), f"{number}.example") for number in range(1, 5)]
    assert chosen(shares, *many) == {many[0]: 2, many[1]: 1, many[2]: 1, many[3]: 1}


def test_choosing_takes_nothing() -> None:
    shares = Shares(Sharing(parallel=4, at_first=4))
    for _ in range(3):
        assert [one.most for one in shares.choose(waiting(SERVER), NOW)] == [4]


def test_what_is_not_due_is_not_chosen_and_is_waited_for() -> None:
    shares = Shares(Sharing())
    later = waiting(SERVER, ready_ms=NOW.wall_ms + 700)
    assert shares.choose(later, NOW) == ()
    assert shares.next_ms(later, NOW) == NOW.wall_ms + 700
    assert shares.next_ms([], NOW) is None


def test_a_project_with_many_dead_servers_leaves_room_for_others() -> None:
    shares = Shares(Sharing(parallel=100, unproven=100, per_project=10))
    dead = [Addressee(ANN, f"{number}.example") for number in range(50)]
    assert sum(chosen(shares, *dead).values()) == 10
    assert chosen(shares, Addressee(BOB, "bob.example"))


def test_those_known_to_be_quick_keep_half_for_themselves() -> None:
    shares = Shares(Sharing(parallel=20, unproven=10))
    shares.arrived(SERVER, 0.2)
    strangers = [Addressee(ProjectId(number), f"{number}.example") for number in range(3, 90)]
    assert sum(chosen(shares, *strangers).values()) == 10
    assert chosen(shares, SERVER) == {SERVER: 5}


def test_one_that_has_become_slow_is_no_longer_counted_among_the_quick() -> None:
    shares = Shares(Sharing(unproven=3, at_first=1, quick_s=1))
    shares.arrived(SERVER, 0.2)
    chosen(shares, SERVER)
    shares.arrived(SERVER, 5.0)
    assert chosen(shares, Addressee(BOB, "bob.example")) == {Addressee(BOB, "bob.example"): 1}
    assert chosen(shares, Addressee(BOB, "bobby.example")) == {}


def test_a_host_is_shared_by_projects() -> None:
    shares = Shares(Sharing(per_host=6))
    assert chosen(shares, SERVER, Addressee(BOB, SERVER.host)) == {SERVER: 3, Addressee(BOB, SERVER.host): 3}


def test_after_some_failures_in_a_row_one_at_a_time_asks_after_growing_waits() -> None:
    shares = Shares(Sharing(trip=3, first_wait_s=1, longest_wait_s=5))
    fail(shares, 2)
    assert not shares.of(SERVER).away
    assert shares.missed(SERVER, NOW), "it is away from now on"
    now = NOW
    for wait_s in (1, 2, 4, 5, 5):
        assert shares.choose(waiting(SERVER), now.after(wait_s - 0.001)) == ()
        assert shares.next_ms(waiting(SERVER), now) == now.after(wait_s).wall_ms
        now = now.after(wait_s)
        assert chosen(shares, SERVER, now=now) == {SERVER: 1}
        assert chosen(shares, SERVER, now=now) == {}, "one at a time"
        assert not shares.missed(SERVER, now), "it was away before"
        shares.end(SERVER)


def test_what_arrives_ends_it() -> None:
    shares = Shares(Sharing(trip=3, at_first=4))
    fail(shares, 3)
    now = NOW.after(1)
    chosen(shares, SERVER, now=now)
    assert shares.arrived(SERVER, 0.1)
    assert not shares.of(SERVER).away
    assert chosen(shares, SERVER, now=now) == {SERVER: 4}
    fail(shares, 2, now)
    assert not shares.of(SERVER).away, "it is counted from the beginning"


def test_failures_of_what_was_under_way_already_do_not_make_the_wait_longer() -> None:
    shares = Shares(Sharing(trip=3, first_wait_s=1))
    fail(shares, 8)
    assert shares.of(SERVER).wait_s == 1


def test_another_project_at_the_same_host_is_not_taken_to_be_away() -> None:
    shares = Shares(Sharing(trip=3))
    fail(shares, 3)
    assert chosen(shares, SERVER, Addressee(BOB, SERVER.host)) == {Addressee(BOB, SERVER.host): 4}


def test_those_not_heard_of_for_long_are_forgotten() -> None:
    shares = Shares(Sharing())
    for number in range(10_002):
        one = Addressee(ANN, f"{number}.example")
        shares.begin(one)
        shares.end(one)
    assert len(shares._records) < 10_000
