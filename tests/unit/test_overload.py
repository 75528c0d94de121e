from __future__ import annotations

from dataclasses import dataclass

from roomtone.core.pressure import Figures, Load, Pressure
from roomtone.link import messages
from roomtone.overload import BELIEVED_S, Watch


@dataclass
class Hand:
    """A clock that is moved by hand."""

    now_s: float = 100.0

    def __call__(self) -> float:
        return self.now_s


def strained(*, yes: bool = True, skipped: int = 0) -> messages.Strained:
    return messages.Strained(strained=yes, busy_permille=900, skipped_permille=skipped)


def watch(clock: Hand, used: Hand | None = None) -> Watch:
    return Watch(lambda: 0.0, clock_s=clock, used_s=used or Hand())


async def test_the_engines_word_counts_at_once_and_until_it_takes_it_back() -> None:
    clock, used = Hand(), Hand()
    one = watch(clock, used)
    clock.now_s, used.now_s = clock.now_s + 0.5, used.now_s + 0.25
    one._look(0.0)
    one.fact(strained())
    assert (one.load, one.is_busy, one.is_swamped, await one.at_ease()) == (Load.BUSY, True, False, False)
    one.fact(strained(skipped=400))
    assert one.is_swamped
    one.fact(strained(yes=False))
    assert await one.at_ease()


def test_requests_go_on_while_somebody_else_takes_the_machine() -> None:
    clock = Hand()
    one = watch(clock)
    clock.now_s += 0.5
    one._look(0.0)
    one.fact(strained(skipped=900))
    assert one.is_busy
    assert not one.is_swamped


def test_an_engine_that_is_gone_is_not_strained() -> None:
    one = watch(Hand())
    one.fact(strained())
    one.engine_lost()
    one.fact(messages.FactsDropped(count=1))
    one._look(0.0)
    assert not one.is_busy


def test_a_word_that_is_not_repeated_is_forgotten() -> None:
    clock = Hand()
    one = watch(clock)
    one.fact(strained())
    clock.now_s += BELIEVED_S + 1
    one._look(0.0)
    assert not one.is_busy


def test_every_look_is_told() -> None:
    told: list[tuple[Pressure, Figures]] = []
    one = Watch(
        lambda: 7.0, lambda pressure, figures: told.append((pressure, figures)), clock_s=Hand(), used_s=Hand()
    )
    one._look(0.25)
    assert told == [(Pressure(above=1), Figures(0.25, 7.0))]


def test_what_the_engine_says_between_two_looks_hides_nothing_of_ours() -> None:
    one = watch(Hand())
    for _ in range(4):
        one._look(3.0)
        one.fact(strained())
    assert one.is_swamped
