"""When to try again. Pure.

How often, and after which failures, is the vendors' to say (`dialects.limits`); how long to wait between is ours: the
wait doubles, and is spread so that a server that was away is not met by everybody at once when it is back.

Sources: SignalWire "Webhook timeouts" (three attempts); Twilio "Webhooks: connection overrides" (one retry, after a
failed connection only).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from roomtone.core.moment import Moment


class Failure(Enum):
    """Why a notice did not arrive."""

    NOT_CONNECTED = auto()
    """Nobody was asked: no name, no connection."""

    NOT_ANSWERED = auto()
    """Somebody was asked, and there was no whole answer in time."""

    ANSWERED_BADLY = auto()
    """The answer's status was not 2xx."""

    NOT_ASKABLE = auto()
    """The URL is none, or leads where we do not go: another try would be no different."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how soon."""

    attempts: int
    """Deliveries at most, the first included."""

    whatever: bool
    """Whether any failure is tried again; if not, only `NOT_CONNECTED` is."""

    base_s: float = 1.0
    """Wait after the first delivery, in seconds; each further wait is twice as long."""

    ceiling_s: float = 60.0
    """Longest wait, in seconds, before it is spread."""


def next_attempt(
    policy: RetryPolicy, failure: Failure, attempt: int, *, now: Moment, jitter: float
) -> Moment | None:
    """Say when to try a notice again, or None to give up.

    Args:
        policy: How often and how soon.
        failure: What came of the last delivery.
        attempt: Deliveries already made, from 1.
        now: When the last one ended.
        jitter: Fraction in [0, 1), drawn by the caller so that this stays repeatable.

    Returns:
        The earliest moment of the next delivery: half to one and a half times the wait from now.
    """
    if attempt >= policy.attempts or failure is Failure.NOT_ASKABLE:
        return None
    if failure is not Failure.NOT_CONNECTED and not policy.whatever:
        return None
    wait_s = min(policy.base_s * 2 ** (attempt - 1), policy.ceiling_s)
    return now.after(wait_s * (0.5 + jitter))
