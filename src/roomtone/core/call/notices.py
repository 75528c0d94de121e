"""Who is owed word of a call's life, and where.

Compares a call as it was last kept with the call as it is kept next, and makes numbered notices of the difference for
the customer's callback URL. Pure: a dialect spells a notice only when it is delivered, and the store keeps it until
then.

What happened while nothing could be kept is made up for: whoever was answered and hung up in between is told of both.

Sources: Twilio "Call resource" (StatusCallbackEvent); SignalWire "Voice status callback".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from roomtone.core.call.state import Call, CallStatus, CallTopic
from roomtone.core.ids import CallId, ProjectId
from roomtone.core.moment import Moment
from roomtone.core.values import Direction, Method


@dataclass(frozen=True, slots=True)
class CallNotice:
    """One thing a customer is to be told, complete in itself: a later change of the call does not change it."""

    call: CallId
    project: ProjectId
    state: Call
    """The call as it is in the state committed with this, without its place in its document."""

    topic: CallTopic
    sequence: int
    """From 0, gap-free within the call."""

    at_ms: int
    """Wall clock of the event."""

    url: str
    method: Method

    @property
    def lane(self) -> CallId:
        """Whose notices arrive one after the other: this call's."""
        return self.call


def notices(before: Call | None, after: Call, now: Moment) -> tuple[Call, tuple[CallNotice, ...]]:
    """Say what the customer is owed word of when a call is kept.

    Only topics the customer subscribed to become notices, and only those are numbered; nobody who gave no callback is
    owed anything.

    Args:
        before: As last kept; None: never.
        after: As it is to be kept.
        now: When it is.

    Returns:
        The call to commit (its `last_sequence` moved on past these notices), and the notices in order.
    """
    callback = after.callback
    if callback is None:
        return after, ()
    told = CallTopic.INITIATED in callback.events
    topics = [topic for topic in _passed(before, after, told=told) if topic in callback.events]
    last = after.last_sequence + len(topics)
    committed = replace(after, last_sequence=last) if topics else after
    state = replace(committed, script=None)
    return committed, tuple(
        CallNotice(
            after.id, after.project, state, topic, sequence, _at_ms(after, topic, now), callback.url, callback.method
        )
        for sequence, topic in enumerate(topics, after.last_sequence + 1)
    )  # fmt: skip


def _passed(before: Call | None, after: Call, *, told: bool) -> Iterator[CallTopic]:
    """Give what has become true of a call, in order; `told`: the customer has been told that it was initiated."""
    was = None if before is None else before.status
    if was is None and after.status is CallStatus.QUEUED and _ours(after):
        yield CallTopic.INITIATED
    if after.status is CallStatus.RINGING and was is not CallStatus.RINGING:
        yield CallTopic.RINGING
    if after.started_ms is not None and (before is None or before.started_ms is None):
        yield CallTopic.ANSWERED
    if after.over and not (before is not None and before.over) and (told or not _withdrawn(was, after)):
        yield CallTopic.COMPLETED


def _ours(call: Call) -> bool:
    return call.caller.direction is not Direction.INBOUND


def _withdrawn(was: CallStatus | None, after: Call) -> bool:
    """Whether a call of ours was canceled before anybody's phone rang: nothing is told of that to who knows of no begin.

    Source: Twilio "Call resource", canceling a call that is queued.
    """
    return _ours(after) and was in {None, CallStatus.QUEUED} and after.status is CallStatus.CANCELED


def _at_ms(call: Call, topic: CallTopic, now: Moment) -> int:
    """Say when it happened, which may be a while before it could be kept."""
    known = {CallTopic.ANSWERED: call.started_ms, CallTopic.COMPLETED: call.ended_ms}.get(topic)
    return now.wall_ms if known is None else known
