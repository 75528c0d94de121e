"""Who called whom, as both vendors' requests say it, and how parameters are put together."""

from __future__ import annotations

from collections.abc import Callable

from roomtone.core.exchange import Parameters
from roomtone.core.ids import CallId, Id
from roomtone.core.values import Caller


def standing(caller: Caller, show: Callable[[Id], str]) -> Parameters:
    """Give the parameters that stay the same throughout a call."""
    known: Parameters = (("Direction", caller.direction.value), ("From", caller.from_), ("To", caller.to))
    if caller.parent is None:
        return known
    return (*known, ("ParentCallSid", show(CallId.from_hex(caller.parent))))


def legacy(caller: Caller) -> Parameters:
    """Give From and To once more under their names of 2008, which Twilio still sends."""
    return (("Caller", caller.from_), ("Called", caller.to))


def joined(*groups: Parameters) -> Parameters:
    """Put parameters together; of a name given twice the first stays, since no receiver agrees on repeated names."""
    kept: dict[str, str] = {}
    for group in groups:
        for name, value in group:
            kept.setdefault(name, value)
    return tuple(kept.items())
