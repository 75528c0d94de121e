"""One delivery: spell, ask, record. Knows nothing of turns and queues; that is the courier's."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace

from roomtone.core.call.notices import CallNotice
from roomtone.core.delivery import Attempt, Owed
from roomtone.core.moment import Moment
from roomtone.core.project import Project
from roomtone.core.recording.notices import RecordingNotice
from roomtone.net.words import BEFORE_ASKING, Answer, FaultKind, NetFault, Question
from roomtone.webhooks.ports import Clock, Http, Outbox, Spell
from roomtone.webhooks.retry import Failure, RetryPolicy, next_attempt

log = logging.getLogger(__name__)

MARGIN_S = 5.0
"""A lease must outlast a delivery's own time-out by this much, or it is not begun."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """How soon a failed delivery is tried again; how often is the dialect's to say."""

    base_s: float = 1.0
    ceiling_s: float = 60.0


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


NextLease = Callable[[Moment], int | None]
"""Says until when the lane's next notice is to be leased, wall clock in ms; None: it is left to others."""


async def deliver(owed: Owed, project: Project | None, tools: Tools, next_lease: NextLease) -> Owed | None:
    """Try a notice once and record what came of it.

    Args:
        owed: The notice, under a lease.
        project: Whose it is; None: there is no such project any more.
        tools: What it takes.
        next_lease: Asked when this one is settled.

    Returns:
        The lane's next notice, leased; None if there is none, or this one is still owed.
    """
    if project is None:
        return await _forget(owed, tools, "there is no such project", next_lease)
    try:
        question = tools.spell(owed.notice, project)
    except ValueError as why:
        return await _forget(owed, tools, str(why), next_lease)
    began = tools.clock.now()
    if owed.leased_until_ms < began.after(question.patience.total_s + MARGIN_S).wall_ms:
        return None
    answer = await tools.http.ask(replace(question, patience=replace(question.patience, attempts=1)))
    return await _record(owed, tools, _Tried(question, answer, began, tools.clock.now()), next_lease)


def failure_of(answer: Answer | NetFault) -> Failure | None:
    """Say in what way a delivery failed; None: it arrived. What the answer's body says is not heeded."""
    match answer:
        case Answer(status=status):
            return None if 200 <= status < 300 else Failure.ANSWERED_BADLY
        case NetFault(kind=kind) if kind in BEFORE_ASKING:
            return Failure.NOT_CONNECTED
        case NetFault(kind=FaultKind.URL_INVALID | FaultKind.ADDRESS_REFUSED | FaultKind.TOO_MANY_REDIRECTS):
            return Failure.NOT_ASKABLE
        case _:
            return Failure.NOT_ANSWERED


@dataclass(frozen=True, slots=True)
class _Tried:
    question: Question
    answer: Answer | NetFault
    began: Moment
    ended: Moment


async def _record(owed: Owed, tools: Tools, tried: _Tried, next_lease: NextLease) -> Owed | None:
    attempt = _attempt(owed, tried)
    failure = failure_of(tried.answer)
    if failure is None:
        return await tools.outbox.delivered(owed, attempt, until_ms=next_lease(tried.ended))
    policy = _policy(tried.question, tools.schedule)
    again = next_attempt(policy, failure, attempt.number, now=tried.ended, jitter=tools.dice())
    if again is None:
        return await _give_up(owed, tools, attempt, next_lease(tried.ended))
    await tools.outbox.postponed(owed, attempt, due_ms=again.wall_ms)
    return None


def _policy(question: Question, schedule: Schedule) -> RetryPolicy:
    patience = question.patience
    return RetryPolicy(patience.attempts, patience.retry_answers, schedule.base_s, schedule.ceiling_s)


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
        "%s status=%s latency_ms=%d problem=%s", _named(owed), attempt.status, latency_ms, attempt.problem
    )
    return attempt


async def _forget(owed: Owed, tools: Tools, problem: str, next_lease: NextLease) -> Owed | None:
    """Give up what cannot even be put to anybody."""
    now = tools.clock.now()
    attempt = Attempt(owed.attempts + 1, now.wall_ms, 0, None, problem)
    return await _give_up(owed, tools, attempt, next_lease(now))


async def _give_up(owed: Owed, tools: Tools, attempt: Attempt, until_ms: int | None) -> Owed | None:
    log.warning("%s given up: %s", _named(owed), attempt.problem or f"status {attempt.status}")
    return await tools.outbox.given_up(owed, attempt, until_ms=until_ms)


def _named(owed: Owed) -> str:
    """Name a delivery in a log line; the URL may carry a password, so its host stands for it."""
    notice = owed.notice
    kind = "conference"
    if isinstance(notice, CallNotice):
        kind = "call"
    elif isinstance(notice, RecordingNotice):
        kind = "recording"
    return (
        f"{kind}={notice.lane} sequence={notice.sequence} event={owed.event_id} host={owed.host} "
        f"attempt={owed.attempts + 1}"
    )
