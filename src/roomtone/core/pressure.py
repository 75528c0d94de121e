"""When the house takes on no more: from figures, one look after the other, to what is refused.

New calls are refused first, then all requests; what goes on goes on. A load is believed when it has been there for
some looks in a row, so that a machine that stood still for a moment refuses nobody, and it is over when all figures have
been well below it for longer. What the engine says of its threads has been weighed by the engine already.

Source: RFC 7339 section 1 and RFC 6357 (why a server that has too much to do must refuse early and cheaply).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum

RISING_LOOKS = 4
"""Looks in a row until a load is believed."""

FALLING_LOOKS = 10
"""Looks in a row until it is over."""

RELIEF = 0.5
"""Share of a limit that a figure must fall below for its load to be over."""

RETRY_S = 5
"""Seconds that whoever is refused is told to wait."""


class Load(IntEnum):
    """What is refused."""

    EASY = 0
    """Nothing."""

    BUSY = 1
    """New calls, in and out."""

    SWAMPED = 2
    """All requests, too, before they are read."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What was seen at one look."""

    loop_late_s: float = 0.0
    """How much later than planned the event loop came to us."""

    store_late_s: float = 0.0
    """How long the oldest write has waited for its commit."""

    media_strained: bool = False
    """Whether the engine says that its threads have as much to do as they should."""

    media_late: bool = False
    """Whether they are late already: then we give way, too, if it is us who keep the processors busy."""

    own_busy: float = 0.0
    """Share of one processor that we used since the look before."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is too much."""

    loop_busy_s: float = 0.5
    loop_swamped_s: float = 2.0
    store_busy_s: float = 2.0
    """A disk, or somebody who holds the database, that keeps a write waiting for so long."""

    own_busy: float = 0.25
    """Below it, the mix would gain nothing from requests that are refused: somebody else has the processors."""


@dataclass(frozen=True, slots=True)
class Pressure:
    """How it stands."""

    load: Load = Load.EASY
    own: Load = Load.EASY
    """The load by our own figures; the engine's comes on top."""

    above: int = 0
    """Looks in a row that saw more than `own`."""

    below: int = 0
    """Looks in a row that saw less, well below the limits."""


def looked(before: Pressure, figures: Figures, limits: Limits = Limits()) -> Pressure:
    """Take in a look."""
    seen, relieved = _own(figures, limits, 1.0), _own(figures, limits, RELIEF)
    above = before.above + 1 if seen > before.own else 0
    below = before.below + 1 if relieved < before.own else 0
    own = before.own
    if above >= RISING_LOOKS:
        own, above, below = seen, 0, 0
    elif below >= FALLING_LOOKS:
        own, above, below = relieved, 0, 0
    return replace(before, load=max(own, _engines(figures, limits)), own=own, above=above, below=below)


def heard(before: Pressure, figures: Figures, limits: Limits = Limits()) -> Pressure:
    """Take in what the engine says between two looks: of ours it says nothing."""
    return replace(before, load=max(before.own, _engines(figures, limits)))


def _own(figures: Figures, limits: Limits, share: float) -> Load:
    if figures.loop_late_s >= limits.loop_swamped_s * share:
        return Load.SWAMPED
    late = figures.loop_late_s >= limits.loop_busy_s * share
    return Load.BUSY if late or figures.store_late_s >= limits.store_busy_s * share else Load.EASY


def _engines(figures: Figures, limits: Limits) -> Load:
    if not figures.media_strained:
        return Load.EASY
    return Load.SWAMPED if figures.media_late and figures.own_busy >= limits.own_busy else Load.BUSY
