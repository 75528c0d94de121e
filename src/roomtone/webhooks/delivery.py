"""One delivery: spell, ask, record. Knows nothing of turns and queues; that is the courier's."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Protocol

from roomtone import telemetry
from roomtone.core.call.notices import CallNotice
from roomtone.core.delivery import Attempt, Owed
from roomtone.core.inspection import Logged, about, what
from roomtone.core.moment import Moment
from roomtone.core.project import Project
from roomtone.core.recording.notices import RecordingNotice
from roomtone.core.streaming import StreamNotice
from roomtone.dialects.limits import Trouble
from roomtone.net.saying import said
from roomtone.net.words import BEFORE_ASKING, Answer, FaultKind, NetFault, Question
from roomtone.webhooks.insisting import Pause, T, insist
from roomtone.webhooks.ports import Clock, Http, Outbox, Settle, Spell
from roomtone.webhooks.retry import WHATEVER, Failure, RetryPolicy, asked_wait_s, next_attempt, not_before

log = logging.getLogger(__name__)

MARGIN_S = 5.0
"""A lease must outlast a delivery's own time-out by this much, or it is not begun."""


_GATEWAYS = frozenset({502, 503, 504})
"""What a proxy answers for a server that is not there (RFC 9110, 15.6)."""

_TROUBLES: Mapping[Trouble, Failure] = MappingProxyType(
    {
        Trouble.CONNECTION: Failure.NOT_CONNECTED,
        Trouble.READING: Failure.NOT_ANSWERED,
        Trouble.CLIENT_ERROR: Failure.ANSWERED_BADLY,
        Trouble.SERVER_ERROR: Failure.ANSWERED_BROKEN,
    }
)


@dataclass(frozen=True, slots=True)
class Schedule:
    """How often and how soon a failed delivery is tried again."""

    base_s: float = 1.0
    """Wait after the first attempt, in seconds; doubled each time."""

    ceiling_s: float = 3_600.0
    """Longest wait, in seconds."""

    attempts: int = 0
    """Deliveries at most, whatever fails, if the URL does not say itself; 0: as the dialect's vendor does."""

    give_up_s: float = 86_400.0
    """How long after it was owed a notice is not tried any more, in seconds."""


def fraction() -> float:
    """Draw a fraction in [0, 1)."""
    return secrets.randbits(53) / (1 << 53)


@dataclass(frozen=True, slots=True)
class Tools:
    """What every delivery is given."""

    outbox: Outbox
    http: Http
    spell: Spell
    clock: Clock
    dice: Callable[[], float] = fraction
    """Spreads retries."""

    schedule: Schedule = Schedule()
    note: Callable[[Logged], None] | None = None
    """Takes a line for the delivery log and never waits; None: there is none."""

    tried: Callable[[str, int], None] = lambda _outcome, _latency_ms: None
    """Told of each attempt: ``delivered``, ``postponed`` or ``given_up``, and how long it took, in ms."""

    pause: Pause = asyncio.sleep
    """Waits until a store that does not answer is asked again; the courier puts its own here."""


class Turn(Protocol):
    """A lane's turn, and what is learnt in it of whom it is for."""

    @property
    def probing(self) -> bool:
        """Whether its addressee is taken to be away, and this delivery asks whether they are back."""

    def arrived(self, latency_s: float) -> None:
        """Somebody was there and answered after so long."""

    def missed(self, now: Moment) -> None:
        """Nobody seemed to be there."""

    def next_lease(self, now: Moment) -> int | None:
        """Say until when the lane's next notice is to be leased, wall clock in ms; None: it is left to others."""


async def deliver(owed: Owed, project: Project | None, tools: Tools, turn: Turn) -> Owed | None:
    """Try a notice once and record what came of it.

    Args:
        owed: The notice, under a lease.
        project: Whose it is; None: there is no such project any more.
        tools: What it takes.
        turn: Told how it went, and asked for the next lease when this one is settled.

    Returns:
        The lane's next notice, leased; None if there is none, or this one is still owed.
    """
    subject = about(owed.notice)
    telemetry.about(call=subject.call or "", conference=subject.conference or "")
    if project is None:
        return await _forget(owed, tools, "there is no such project", turn)
    try:
        question = tools.spell(owed.notice, project)
    except ValueError as why:
        return await _forget(owed, tools, str(why), turn)
    began = tools.clock.now()
    if owed.leased_until_ms < began.after(question.patience.total_s + MARGIN_S).wall_ms:
        return None
    probing = turn.probing
    answer = await tools.http.ask(replace(question, patience=replace(question.patience, attempts=1)))
    return await _record(owed, tools, _Tried(question, answer, began, tools.clock.now(), probing), turn)


def failure_of(answer: Answer | NetFault) -> Failure | None:
    """Say in what way a delivery failed; None: it arrived. What the answer's body says is not heeded."""
    match answer:
        case Answer(status=status) if 200 <= status < 300:
            return None
        case Answer(status=status):
            return Failure.ANSWERED_BROKEN if status >= 500 else Failure.ANSWERED_BADLY
        case NetFault(kind=kind) if kind in BEFORE_ASKING:
            return Failure.NOT_CONNECTED
        case NetFault(kind=FaultKind.URL_INVALID | FaultKind.ADDRESS_REFUSED | FaultKind.TOO_MANY_REDIRECTS):
            return Failure.NOT_ASKABLE
        case _:
            return Failure.NOT_ANSWERED


def nobody_there(answer: Answer | NetFault) -> bool:
    """Whether it looks as if there were no server: no connection, no answer, or a gateway's word that there is none."""
    if isinstance(answer, Answer):
        return answer.status in _GATEWAYS
    return failure_of(answer) in {Failure.NOT_CONNECTED, Failure.NOT_ANSWERED}


@dataclass(frozen=True, slots=True)
class _Tried:
    question: Question
    answer: Answer | NetFault
    began: Moment
    ended: Moment
    probing: bool


async def _record(owed: Owed, tools: Tools, tried: _Tried, turn: Turn) -> Owed | None:
    attempt = _attempt(owed, tried)
    _note(owed, tools, tried, attempt)
    failure = failure_of(tried.answer)
    if nobody_there(tried.answer):
        turn.missed(tried.ended)
    elif failure is not Failure.NOT_ASKABLE:
        turn.arrived(attempt.latency_ms / 1_000)
    if failure is None:
        tools.tried("delivered", attempt.latency_ms)
        return await _settle(tools.outbox.delivered, owed, tools, attempt, turn)
    counts = not (tried.probing and failure is Failure.NOT_CONNECTED)
    again = _again(owed, tools, tried, failure if counts else None)
    if again is None:
        return await _give_up(owed, tools, attempt, turn)
    tools.tried("postponed", attempt.latency_ms)
    due_ms = again.wall_ms
    await _insist(owed, tools, lambda: tools.outbox.postponed(owed, attempt, due_ms=due_ms, counts=counts))
    return None


def _again(owed: Owed, tools: Tools, tried: _Tried, failure: Failure | None) -> Moment | None:
    """Say when to try again, if at all. No failure: nobody was asked but whether they are back, which does not count."""
    policy, jitter = policy_of(tried.question, tools.schedule), tools.dice()
    if failure is None:
        again: Moment | None = tried.ended.after(policy.base_s * (0.5 + jitter))
    else:
        counted = owed.attempts + 1 - owed.uncounted
        again = next_attempt(policy, failure, counted, now=tried.ended, jitter=jitter)
    latest_ms = owed.owed_ms + tools.schedule.give_up_s * 1_000
    if again is None or again.wall_ms > latest_ms:
        return None
    asked = not_before(again, _asked_s(tried), policy, tried.ended, jitter)
    return asked if asked.wall_ms <= latest_ms else again


def _asked_s(tried: _Tried) -> float | None:
    answer = tried.answer
    return asked_wait_s(answer.status, answer.headers, tried.ended) if isinstance(answer, Answer) else None


def policy_of(question: Question, schedule: Schedule) -> RetryPolicy:
    """Give how often and how soon: as the URL says, else as the house is set, else as the vendor does."""
    patience = question.patience
    if schedule.attempts and not patience.chosen:
        return RetryPolicy(schedule.attempts, WHATEVER, schedule.base_s, schedule.ceiling_s)
    after = frozenset(_TROUBLES[one] for one in patience.retry_after)
    return RetryPolicy(patience.attempts, after, schedule.base_s, schedule.ceiling_s)


def _attempt(owed: Owed, tried: _Tried) -> Attempt:
    latency_ms = (tried.ended.mono_ns - tried.began.mono_ns) // 1_000_000
    attempt = Attempt(
        number=owed.attempts + 1,
        at_ms=tried.began.wall_ms,
        latency_ms=latency_ms,
        status=tried.answer.status if isinstance(tried.answer, Answer) else None,
        problem=None if isinstance(tried.answer, Answer) else tried.answer.problem,
    )
    log.debug(
        "%s=%s sequence=%d event_id=%s host=%s try=%d told status=%s latency_ms=%d problem=%s",
        *_named(owed),
        attempt.status,
        latency_ms,
        attempt.problem,
    )
    return attempt


def _note(owed: Owed, tools: Tools, tried: _Tried, attempt: Attempt) -> None:
    """Write a line into the delivery log; none if there was no URL that could be signed, hence nothing was said."""
    if tools.note is None:
        return
    with suppress(ValueError):
        told = said(tried.question, tried.answer)
        tools.note(
            Logged(
                about(owed.notice),
                what(owed.notice),
                owed.event_id,
                attempt.number,
                attempt.at_ms,
                attempt.latency_ms,
                attempt.status,
                attempt.problem,
                told,
            )
        )


async def _forget(owed: Owed, tools: Tools, problem: str, turn: Turn) -> Owed | None:
    """Give up what cannot even be put to anybody."""
    now = tools.clock.now()
    attempt = Attempt(owed.attempts + 1, now.wall_ms, 0, None, problem)
    return await _give_up(owed, tools, attempt, turn)


async def _give_up(owed: Owed, tools: Tools, attempt: Attempt, turn: Turn) -> Owed | None:
    tools.tried("given_up", attempt.latency_ms)
    log.warning(
        "%s=%s sequence=%d event_id=%s host=%s try=%d given up: %s",
        *_named(owed),
        attempt.problem or f"status {attempt.status}",
    )
    return await _settle(tools.outbox.given_up, owed, tools, attempt, turn)


async def _settle(settled: Settle, owed: Owed, tools: Tools, attempt: Attempt, turn: Turn) -> Owed | None:
    """Record what became of a notice in the end; the lane's next has all of its lease, however late that is written."""
    return await _insist(
        owed, tools, lambda: settled(owed, attempt, until_ms=turn.next_lease(tools.clock.now()))
    )


async def _insist(owed: Owed, tools: Tools, write: Callable[[], Awaitable[T]]) -> T:
    return await insist(write, owed.leased_until_ms, tools.clock, tools.pause)


def _named(owed: Owed) -> tuple[object, ...]:
    """Name a delivery in a log line; the URL may carry a password, so its host stands for it."""
    notice = owed.notice
    match notice:
        case CallNotice():
            kind = "call"
        case RecordingNotice():
            kind = "recording"
        case StreamNotice():
            kind = "stream"
        case _:
            kind = "conference"
    return kind, notice.lane, notice.sequence, owed.event_id, owed.host, owed.attempts + 1
