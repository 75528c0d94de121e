"""When a notice is tried again: the vendors' rules as tables."""

from __future__ import annotations

import pytest

from rooms import NOW
from roomtone.dialects import SIGNALWIRE, TWILIO
from roomtone.dialects.limits import Patience
from roomtone.webhooks.retry import Failure, RetryPolicy, next_attempt

NO, BADLY, LATE, NEVER = (
    Failure.NOT_CONNECTED,
    Failure.ANSWERED_BADLY,
    Failure.NOT_ANSWERED,
    Failure.NOT_ASKABLE,
)
THRICE = RetryPolicy(attempts=3, whatever=True)
TWICE_IF_AWAY = RetryPolicy(attempts=2, whatever=False)
OFTEN = RetryPolicy(attempts=99, whatever=True, base_s=1.0, ceiling_s=60.0)


@pytest.mark.parametrize(
    ("policy", "failure", "attempt", "wait_s"),
    [
        (THRICE, NO, 1, 1), (THRICE, NO, 2, 2), (THRICE, NO, 3, None),
        (THRICE, LATE, 1, 1), (THRICE, LATE, 2, 2), (THRICE, LATE, 3, None),
        (THRICE, BADLY, 1, 1), (THRICE, BADLY, 2, 2), (THRICE, BADLY, 3, None),
        (THRICE, NEVER, 1, None),
        (TWICE_IF_AWAY, NO, 1, 1), (TWICE_IF_AWAY, NO, 2, None),
        (TWICE_IF_AWAY, LATE, 1, None), (TWICE_IF_AWAY, BADLY, 1, None), (TWICE_IF_AWAY, NEVER, 1, None),
        (OFTEN, BADLY, 3, 4), (OFTEN, BADLY, 6, 32), (OFTEN, BADLY, 7, 60), (OFTEN, BADLY, 98, 60),
        (OFTEN, BADLY, 99, None),
    ],
)  # fmt: skip
def test_the_wait_doubles_up_to_its_ceiling(
    policy: RetryPolicy, failure: Failure, attempt: int, wait_s: float | None
):
    due = next_attempt(policy, failure, attempt, now=NOW, jitter=0.5)
    assert due == (None if wait_s is None else NOW.after(wait_s))


@pytest.mark.parametrize(("jitter", "wait_s"), [(0.0, 0.5), (0.25, 0.75), (0.5, 1.0), (0.999, 1.499)])
def test_the_wait_is_spread_from_half_to_one_and_a_half(jitter: float, wait_s: float):
    assert next_attempt(THRICE, BADLY, 1, now=NOW, jitter=jitter) == NOW.after(wait_s)


def policy_of(patience: Patience) -> RetryPolicy:
    return RetryPolicy(patience.attempts, patience.retry_answers)


def test_the_vendors_rules():
    """SignalWire: up to three attempts. Twilio: one retry after a failed connection, more or none if the URL says so."""
    assert policy_of(SIGNALWIRE.limits.callbacks_at("http://a/")) == THRICE
    assert policy_of(TWILIO.limits.callbacks_at("http://a/")) == TWICE_IF_AWAY
    assert policy_of(TWILIO.limits.callbacks_at("http://a/#rc=0")).attempts == 1
    assert policy_of(TWILIO.limits.callbacks_at("http://a/#rc=5")).attempts == 6
