"""What a registration changes. Pure: bindings and a wish in, bindings out.

Source: RFC 3261, section 10.3 (processing REGISTER requests).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from roomtone.core.endpoint import Binding

DEFAULT_S = 3_600
"""How long a registration lasts that does not say."""

SHORTEST_S = 60
"""A registration for less is refused with 423, so that phones do not ask for ever."""

LONGEST_S = 7_200
"""A registration for more lasts so long."""

MOST = 10
"""Places of one phone; a further one takes the place of that which would end first."""


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere a phone wants to be reached, or no longer."""

    binding: Binding
    """As it would be kept; its `expires_ms` is not yet right."""

    wanted_s: int
    """For how long; 0: no longer."""


class TooBrief(Exception):  # noqa: N818 - told by its state
    """A registration was to last less than `SHORTEST_S`: 423."""


class OutOfOrder(Exception):  # noqa: N818 - same
    """A newer registration of the same phone came before this one: 500."""


def register(
    held: Sequence[Binding], places: Sequence[Place], same: Callable[[str, str], bool], now_ms: int
) -> tuple[Binding, ...]:
    """Give a phone's bindings after a registration: all of it is done or nothing.

    Args:
        held: What it had; what is over is left out.
        places: What it wants.
        same: Whether two addresses are one place.
        now_ms: Wall clock.

    Raises:
        TooBrief, OutOfOrder: Nothing is changed.
    """
    kept = [one for one in held if one.expires_ms > now_ms]
    for place in places:
        if 0 < place.wanted_s < SHORTEST_S:
            raise TooBrief
        wanted = place.binding
        before = next((one for one in kept if same(one.uri, wanted.uri)), None)
        if before is not None:
            if before.sip_call_id == wanted.sip_call_id and wanted.cseq <= before.cseq:
                raise OutOfOrder
            kept.remove(before)
        if place.wanted_s:
            lasts_ms = min(place.wanted_s, LONGEST_S) * 1_000
            kept.append(replace(wanted, expires_ms=now_ms + lasts_ms))
    return tuple(sorted(kept, key=lambda one: -one.expires_ms)[:MOST])


def clear(held: Sequence[Binding], sip_call_id: str, cseq: int, now_ms: int) -> tuple[Binding, ...]:
    """Take note that a phone wants to be reached nowhere any more.

    Raises:
        OutOfOrder: A newer registration came before.
    """
    for one in held:
        if one.expires_ms > now_ms and one.sip_call_id == sip_call_id and cseq <= one.cseq:
            raise OutOfOrder
    return ()
