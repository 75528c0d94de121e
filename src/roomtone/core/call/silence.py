"""How long a phone may send nothing before its call is ended. Pure.

A phone that lost its network says no BYE. The engine tells after some seconds that nothing comes; whether that ends the
call is the operator's choice, since a phone that suppresses silence is silent, too.
"""

from __future__ import annotations

from dataclasses import dataclass

from roomtone.core.call.messages import StreamWentSilent
from roomtone.core.ids import CallId


@dataclass(frozen=True, slots=True)
class SilenceOver:
    """A phone was silent for as long as it may be."""

    call: CallId


def patience_s(signal: StreamWentSilent, limit_s: float) -> float | None:
    """Say how much longer to wait for a phone that is silent.

    Args:
        signal: The engine's word of it, which comes after some seconds of silence already.
        limit_s: Seconds of silence that end a call, from the last packet; 0: none do.

    Returns:
        Seconds from now; None: for ever.
    """
    return max(0.0, limit_s - signal.silent_ms / 1_000) if limit_s else None
