"""When a notice is tried again: the vendors' rules as tables."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest

from rooms import NOW
from roomtone.core.values import Method
from roomtone.dialects import SIGNALWIRE, TWILIO
from roomtone.dialects.dialect import Dialect
from roomtone.net.words import Question
from roomtone.webhooks.delivery import Schedule, policy_of
from roomtone.webhooks.retry import WHATEVER, Failure, RetryPolicy, asked_wait_s, next_attempt, not_before

NO, BADLY, BROKEN, LATE, NEVER = (
    Failure.NOT_CONNECTED,
    Failure.ANSWERED_BADLY,
    Failure.ANSWERED_BROKEN,
    Failure.NOT_ANSWERED,
    Failure.NOT_ASKABLE,
)
VENDORS = Schedule()
THRICE = RetryPolicy(3, WHATEVER)
TWICE_IF_AWAY = RetryPolicy(2, frozenset({NO}))
OFTEN = RetryPolicy(99, WHATEVER, base_s=1.0, ceiling_s=60.0)


@pytest.mark.parametrize(
    ("policy", "failure", "attempt", "wait_s"),
    [
        (THRICE, NO, 1, 1), (THRICE, NO, 2, 2), (THRICE, NO, 3, None),
        (THRICE, LATE, 1, 1), (THRICE, LATE, 2, 2), (THRICE, LATE, 3, None),
        (THRICE, BADLY, 1, 1), (THRICE, BROKEN, 2, 2), (THRICE, BADLY, 3, None),
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


def policy(dialect: Dialect, url: str, schedule: Schedule = VENDORS) -> RetryPolicy:
    return policy_of(Question(Method.POST, url, dialect.limits.callbacks_at(url)), schedule)


def test_the_vendors_rules():
    """SignalWire: up to three attempts. Twilio: one retry after a failed connection."""
    assert policy(SIGNALWIRE, "http://a/") == THRICE
    assert policy(TWILIO, "http://a/") == TWICE_IF_AWAY


def test_a_url_says_how_often_and_after_what():
    assert policy(TWILIO, "http://a/#rc=0").attempts == 1
    assert policy(TWILIO, "http://a/#rc=5").attempts == 6
    assert policy(TWILIO, "http://a/#rc=5&rp=5xx,rt") == RetryPolicy(6, frozenset({BROKEN, LATE}))
    assert policy(TWILIO, "http://a/#rp=all").after == WHATEVER


def test_the_house_says_how_often_unless_the_url_does():
    """Whatever fails is tried again then; what the URL says of it comes first."""
    patient = Schedule(attempts=20, base_s=2.0)
    for dialect in (SIGNALWIRE, TWILIO):
        assert policy(dialect, "http://a/#rt=900", patient) == RetryPolicy(20, WHATEVER, base_s=2.0)
    assert policy(TWILIO, "http://a/#rc=1", patient) == RetryPolicy(2, frozenset({NO}), base_s=2.0)


@pytest.mark.parametrize(
    ("status", "text", "wait_s"),
    [
        (503, "120", 120.0), (429, " 7 ", 7.0), (503, "0", 0.0), (500, "120", None), (200, "120", None),
        (503, "", None), (503, "-1", None), (503, "1.5", None), (503, "٣", None), (503, "9" * 400, 999_999_999.0),
        (503, format_datetime(datetime.fromtimestamp(NOW.wall_ms // 1_000 + 90, UTC), usegmt=True), 90.0),
        (503, "Thu, 01 Jan 1970 00:00:00 GMT", 0.0), (503, "Thu, 32 Jan 1970 00:00:00 GMT", None),
        (503, "Thu, 01 Jan 1970 00:00:00 +9999999999999999999", None), (503, "tomorrow", None),
    ],
)  # fmt: skip
def test_how_long_a_server_wants_to_be_left_alone(status: int, text: str, wait_s: float | None):
    read = asked_wait_s(status, {"retry-after": text}, NOW)
    assert read == (wait_s if wait_s is None else pytest.approx(wait_s, abs=1))


def test_no_server_is_asked_sooner_than_planned_nor_later_than_the_ceiling():
    planned = NOW.after(10)
    assert not_before(planned, None, OFTEN, NOW, 0.9) == planned
    assert not_before(planned, 5, OFTEN, NOW, 0.9) == planned
    assert not_before(planned, 20, OFTEN, NOW, 0.0) == NOW.after(20)
    assert not_before(planned, 20, OFTEN, NOW, 0.5) == NOW.after(21)
    assert not_before(planned, 1e9, OFTEN, NOW, 0.5) == NOW.after(60)
