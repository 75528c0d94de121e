"""What counts as arrived, and what as which failure."""

from __future__ import annotations

import pytest

from roomtone.net.words import Answer, FaultKind, NetFault
from roomtone.webhooks.delivery import failure_of, fraction, nobody_there
from roomtone.webhooks.retry import Failure

FAILURES = {
    FaultKind.URL_INVALID: Failure.NOT_ASKABLE,
    FaultKind.ADDRESS_REFUSED: Failure.NOT_ASKABLE,
    FaultKind.TOO_MANY_REDIRECTS: Failure.NOT_ASKABLE,
    FaultKind.NAME_NOT_FOUND: Failure.NOT_CONNECTED,
    FaultKind.CONNECTION_FAILED: Failure.NOT_CONNECTED,
    FaultKind.CONNECTION_TIMED_OUT: Failure.NOT_CONNECTED,
    FaultKind.TLS_FAILED: Failure.NOT_ANSWERED,
    FaultKind.READ_TIMED_OUT: Failure.NOT_ANSWERED,
    FaultKind.TOTAL_TIMED_OUT: Failure.NOT_ANSWERED,
    FaultKind.TOO_LARGE: Failure.NOT_ANSWERED,
    FaultKind.PROTOCOL_VIOLATED: Failure.NOT_ANSWERED,
}


@pytest.mark.parametrize("kind", FaultKind)
def test_each_fault_is_one_kind_of_failure(kind: FaultKind):
    assert failure_of(NetFault(kind, "what happened", "http://a/")) is FAILURES[kind]


@pytest.mark.parametrize(
    ("status", "failure"),
    [(200, None), (204, None), (299, None), (300, Failure.ANSWERED_BADLY), (304, Failure.ANSWERED_BADLY),
     (404, Failure.ANSWERED_BADLY), (500, Failure.ANSWERED_BROKEN)],
)  # fmt: skip
def test_a_notice_arrived_if_the_status_is_2xx(status: int, failure: Failure | None):
    assert failure_of(Answer(status, "http://a/", {}, b"<Response/>")) is failure


@pytest.mark.parametrize(
    ("status", "gone"), [(200, False), (404, False), (500, False), (502, True), (503, True), (504, True)]
)
def test_a_gateway_says_that_nobody_is_there(status: int, gone: bool):
    assert nobody_there(Answer(status, "http://a/", {}, b"")) is gone


@pytest.mark.parametrize("kind", FaultKind)
def test_nobody_is_there_who_cannot_be_reached_or_does_not_answer(kind: FaultKind):
    fault = NetFault(kind, "what happened", "http://a/")
    assert nobody_there(fault) is (FAILURES[kind] is not Failure.NOT_ASKABLE)


def test_a_fraction_is_below_one():
    assert all(0 <= fraction() < 1 for _ in range(1000))
