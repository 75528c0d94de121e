"""The real clock and dice."""

from __future__ import annotations

from uuid import RFC_4122, UUID

from roomtone.switchboard.clock import SystemClock, SystemDice


def test_time_does_not_go_back() -> None:
    clock = SystemClock()
    first, second = clock.now(), clock.now()
    assert first.mono_ns <= second.mono_ns


def test_new_identities_are_random_uuids() -> None:
    dice = SystemDice()
    made = {UUID(int=dice.bits128()) for _ in range(50)}
    assert len(made) == 50
    assert {(one.version, one.variant) for one in made} == {(4, RFC_4122)}
