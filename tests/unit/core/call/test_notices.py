"""Who is told of a call's life: each change of status against each subscription, numbered from 0 without gaps."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain, combinations

import pytest

from rooms import LATER, NOW, PROJECT, A
from roomtone.core.call.notices import notices
from roomtone.core.call.state import Call, CallCallback, CallStatus, CallTopic
from roomtone.core.values import Caller, Direction, Method

INITIATED, RINGING, ANSWERED, COMPLETED = CallTopic
URL = "https://app.example/call"
UNANSWERED = (CallStatus.BUSY, CallStatus.FAILED, CallStatus.NO_ANSWER, CallStatus.CANCELED)
FINAL = (CallStatus.COMPLETED, *UNANSWERED)
SUBSCRIPTIONS = list(
    map(frozenset, chain.from_iterable(combinations(CallTopic, size) for size in range(len(CallTopic) + 1)))
)
INBOUND, OUTBOUND, DIALED = Direction

CHANGES = [
    (OUTBOUND, None, CallStatus.QUEUED, [INITIATED]),
    (DIALED, None, CallStatus.QUEUED, [INITIATED]),
    (OUTBOUND, CallStatus.QUEUED, CallStatus.QUEUED, []),
    (OUTBOUND, CallStatus.QUEUED, CallStatus.RINGING, [RINGING]),
    (OUTBOUND, CallStatus.RINGING, CallStatus.RINGING, []),
    (OUTBOUND, CallStatus.QUEUED, CallStatus.IN_PROGRESS, [ANSWERED]),
    (OUTBOUND, CallStatus.RINGING, CallStatus.IN_PROGRESS, [ANSWERED]),
    (OUTBOUND, CallStatus.IN_PROGRESS, CallStatus.IN_PROGRESS, []),
    (OUTBOUND, CallStatus.IN_PROGRESS, CallStatus.COMPLETED, [COMPLETED]),
    (OUTBOUND, CallStatus.RINGING, CallStatus.COMPLETED, [ANSWERED, COMPLETED]),
    *((OUTBOUND, CallStatus.RINGING, status, [COMPLETED]) for status in UNANSWERED),
    *(
        (OUTBOUND, CallStatus.QUEUED, status, [COMPLETED])
        for status in (CallStatus.BUSY, CallStatus.FAILED, CallStatus.NO_ANSWER)
    ),
    (OUTBOUND, CallStatus.QUEUED, CallStatus.CANCELED, []),
    (OUTBOUND, None, CallStatus.CANCELED, []),
    (OUTBOUND, None, CallStatus.FAILED, [COMPLETED]),
    (INBOUND, None, CallStatus.QUEUED, []),
    (INBOUND, None, CallStatus.RINGING, [RINGING]),
    (INBOUND, None, CallStatus.FAILED, [COMPLETED]),
    (INBOUND, CallStatus.RINGING, CallStatus.CANCELED, [COMPLETED]),
    (INBOUND, CallStatus.IN_PROGRESS, CallStatus.COMPLETED, [COMPLETED]),
    *((OUTBOUND, status, status, []) for status in FINAL),
]


def a_call(status: CallStatus, direction: Direction = OUTBOUND, *events: CallTopic, last: int = -1) -> Call:
    talked = status in {CallStatus.IN_PROGRESS, CallStatus.COMPLETED}
    return Call(
        A, PROJECT, Caller("+1", "+2", direction), NOW.wall_ms, NOW.wall_ms, status,
        started_ms=NOW.wall_ms + 200 if talked else None, ended_ms=NOW.wall_ms + 900 if status in FINAL else None,
        script='{"v":1}', callback=CallCallback(URL, Method.GET, frozenset(events)), last_sequence=last,
    )  # fmt: skip


@pytest.mark.parametrize("events", SUBSCRIPTIONS, ids=lambda events: "+".join(sorted(events)) or "none")
@pytest.mark.parametrize(("direction", "before", "after", "expected"), CHANGES)
def test_each_change_against_each_subscription(direction, before, after, expected, events):
    was = None if before is None else a_call(before, direction, *events, last=4)
    last = -1 if was is None else 4
    call, told = notices(was, a_call(after, direction, *events, last=last), LATER)
    if (
        after is CallStatus.CANCELED
        and CallTopic.INITIATED in events
        and (direction, expected) == (OUTBOUND, [])
    ):
        expected = [] if before in FINAL else [COMPLETED]  # who was told of a begin is told of its end
    assert [one.topic for one in told] == [topic for topic in expected if topic in events]
    assert [one.sequence for one in told] == list(range(last + 1, last + 1 + len(told)))
    assert call.last_sequence == last + len(told)


def test_nobody_is_told_without_a_callback():
    before = replace(a_call(CallStatus.RINGING), callback=None)
    after = replace(a_call(CallStatus.COMPLETED), callback=None)
    assert notices(before, after, LATER) == (after, ())


def test_the_end_alone_is_told_unless_more_is_asked_for():
    assert CallCallback(URL) == CallCallback(URL, Method.POST, frozenset({COMPLETED}))


def test_a_whole_life_is_told_in_order():
    stored, told = None, []
    for status in (CallStatus.QUEUED, CallStatus.RINGING, CallStatus.IN_PROGRESS, CallStatus.COMPLETED):
        last = -1 if stored is None else stored.last_sequence
        stored, more = notices(stored, a_call(status, OUTBOUND, *CallTopic, last=last), LATER)
        told += more
    assert [(one.topic, one.sequence) for one in told] == list(zip(CallTopic, range(4), strict=True))


def test_a_notice_is_complete_in_itself_and_leaves_out_the_script():
    before = a_call(CallStatus.IN_PROGRESS, OUTBOUND, *CallTopic, last=2)
    call, (notice,) = notices(before, a_call(CallStatus.COMPLETED, OUTBOUND, *CallTopic, last=2), LATER)
    assert notice.state == replace(call, script=None)
    assert (notice.call, notice.lane, notice.project) == (A, A, PROJECT)
    assert (notice.url, notice.method, notice.sequence) == (URL, Method.GET, 3)


def test_what_is_kept_late_is_told_with_the_time_it_happened():
    before = a_call(CallStatus.RINGING, OUTBOUND, *CallTopic)
    answered, over = notices(before, a_call(CallStatus.COMPLETED, OUTBOUND, *CallTopic), LATER)[1]
    assert (answered.at_ms, over.at_ms) == (NOW.wall_ms + 200, NOW.wall_ms + 900)
    (ringing,) = notices(None, a_call(CallStatus.RINGING, OUTBOUND, *CallTopic), LATER)[1]
    assert ringing.at_ms == LATER.wall_ms
