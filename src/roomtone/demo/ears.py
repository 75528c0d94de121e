"""Who hears whom: measured from the RTP that each caller received."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from roomtone.demo.processes import Caller

HOLD, ANNOUNCEMENT = "hold music", "announcement"
"""What can be heard besides callers."""

PLAYED_HZ = {HOLD: 2111.0, ANNOUNCEMENT: 2333.0}
"""Their pitches."""

WINDOW_MS = 400
"""How much audio one measurement takes in."""

PATIENCE_S = 4.0
"""How long a step may take to be heard: a customer's file must be fetched, too."""

Hearing = Mapping[str, frozenset[str] | None]
"""For each listener the names heard; None: the call is over."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was heard beside what should have been."""

    expected: Hearing
    measured: Hearing

    @property
    def cells(self) -> int:
        """How many answers there are: one for each listener and each thing to be heard."""
        return sum(len(_audible(listener, self.expected)) for listener in self.expected)

    @property
    def wrong(self) -> int:
        """How many of them are not as expected."""
        return sum(
            not self.agrees(listener, sound)
            for listener in self.expected
            for sound in _audible(listener, self.expected)
        )

    def agrees(self, listener: str, sound: str) -> bool:
        """Whether this listener heard this sound, or did not, as expected."""
        expected, measured = self.expected[listener], self.measured[listener]
        if expected is None or measured is None:
            return expected is measured
        return (sound in expected) == (sound in measured)


def _audible(listener: str, hearing: Hearing) -> list[str]:
    return [*(name for name in hearing if name != listener), *PLAYED_HZ]


def listen(callers: list[Caller]) -> Hearing:
    """Measure the last `WINDOW_MS` at every caller at once."""
    pitches = {caller.name: caller.pitch_hz for caller in callers} | PLAYED_HZ
    asked = {
        caller: caller.ask(do="measure", ms=WINDOW_MS, pitches=list(pitches.values()))
        for caller in callers
        if not caller.gone
    }
    measured: dict[str, frozenset[str] | None] = {caller.name: None for caller in callers}
    for caller, ticket in asked.items():
        heard = set(caller.answer(ticket)["heard"])
        measured[caller.name] = frozenset(name for name, hz in pitches.items() if hz in heard)
    return measured


def judge(callers: list[Caller], expected: Hearing) -> Verdict:
    """Listen until it sounds as expected (or patience ends), then once more: the second, fresh window is what counts."""
    deadline = time.monotonic() + PATIENCE_S
    while listen(callers) != expected and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(WINDOW_MS / 1_000)
    return Verdict(expected, listen(callers))
