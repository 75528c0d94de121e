"""When to try again. Pure.

How often, and after which failures, is the vendors' to say (`dialects.limits`); how long to wait between is ours: the
wait doubles, and is spread so that a server that was away is not met by everybody at once when it is back.

A server that says when it can be asked again (``Retry-After``) is not asked sooner, if it is to be asked again at all.

Sources: RFC 9110, 10.2.3, and RFC 6585, 4 (``Retry-After``); SignalWire "Webhook timeouts" (three attempts); Twilio "Webhooks: connection overrides" (one retry, after a
failed connection only).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import Enum, auto

from roomtone.core.moment import Moment


class Failure(Enum):
    """Why a notice did not arrive."""

    NOT_CONNECTED = auto()
    """Nobody was asked: no name, no connection."""

    NOT_ANSWERED = auto()
    """Somebody was asked, and there was no whole answer in time."""

    ANSWERED_BADLY = auto()
    """The answer's status was neither 2xx nor 5xx."""

    ANSWERED_BROKEN = auto()
    """The answer's status was 5xx."""

    NOT_ASKABLE = auto()
    """The URL is none, or leads where we do not go: another try would be no different."""


_TIRED = frozenset({429, 503})
"""Statuses by which a server says that it has too much to do, and may say for how long."""

_SPREAD = 0.1
"""How much later than asked for a delivery comes at most, as a share of that wait: not all at the same moment."""

WHATEVER = frozenset(Failure) - {Failure.NOT_ASKABLE}
"""All failures of which another try may do better."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how soon."""

    attempts: int
    """Deliveries at most, the first included."""

    after: frozenset[Failure]
    """Which failures are tried again."""

    base_s: float = 1.0
    """Wait after the first delivery, in seconds; each further wait is twice as long."""

    ceiling_s: float = 3_600.0
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
    if attempt >= policy.attempts or failure not in policy.after:
        return None
    wait_s = min(policy.base_s * 2.0 ** (attempt - 1), policy.ceiling_s)
    return now.after(wait_s * (0.5 + jitter))


def asked_wait_s(status: int, headers: Mapping[str, str], now: Moment) -> float | None:
    """Read how long a server wants to be left alone, in seconds; None: it does not say, or not intelligibly.

    Args:
        status: Of its answer; only 429 and 503 are heeded.
        headers: Of its answer, names in lower case.
        now: When the answer came; a date is compared with this wall clock.
    """
    text = headers.get("retry-after", "").strip()
    if status not in _TIRED or not text:
        return None
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return max(parsedate_to_datetime(text).timestamp() - now.wall_ms / 1_000, 0.0)
    except (ValueError, OverflowError):
        return None


def not_before(
    again: Moment, asked_s: float | None, policy: RetryPolicy, now: Moment, jitter: float
) -> Moment:
    """Give when to try again if the server has asked for so many seconds: then or later, never later than the ceiling."""
    if asked_s is None:
        return again
    asked = now.after(min(asked_s * (1 + _SPREAD * jitter), policy.ceiling_s))
    return max(again, asked, key=lambda one: one.mono_ns)
