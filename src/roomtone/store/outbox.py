"""What is owed to customers' servers, in one lane per conference, call, recording and stream.

Only a lane's *head*, its oldest unsettled notice, can be leased: that keeps notices in order without a lock or a
schedule. The head alone has a `ready_ms`, the later of when it is due and when its lease ends. It is handed on in the
transaction that settles the head, so no crash can leave it wrong, and what waits is found without looking at what waits
behind it.

What is settled is read, put back and forgotten in `store.settled`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from roomtone.core.delivery import Addressee, Attempt, Claim, Outcome, Owed, Waiting, Want, event_id, host_of
from roomtone.core.ids import ProjectId
from roomtone.core.notices import Notice, notice_from_json, notice_to_json
from roomtone.store.prepared import Look, Prepared
from roomtone.store.shelf import Shelf
from roomtone.store.tables import attempts, outbox, pending, ready

UNLEASED = 0
"""End of a lease that nobody has, in ms: long ago."""

NO_LEASE: dict[str, object] = {"holder": None, "leased_until_ms": UNLEASED}

# Made once: the making of a statement costs more than its run.
_INSERT = Prepared(insert(outbox))
_RECORD = Prepared(insert(attempts))
CHANGE = Prepared(update(outbox).where(outbox.c.row == bindparam("this")))
_CHANGE_PENDING = Prepared(update(outbox).where(outbox.c.row == bindparam("this"), pending))
_CHANGE_HELD = Prepared(
    update(outbox).where(
        outbox.c.row == bindparam("this"),
        pending,
        outbox.c.holder == bindparam("held_by"),
        outbox.c.leased_until_ms == bindparam("held_until_ms"),
    )
)
HEAD = Look(
    select(outbox)
    .where(outbox.c.lane == bindparam("of_lane"), pending)
    .order_by(outbox.c.sequence, outbox.c.row)
    .limit(1)
)
"""The oldest unsettled notice of a lane."""

_DUE = Look(
    select(outbox)
    .where(
        outbox.c.host == bindparam("at_host"),
        outbox.c.project == bindparam("of_project"),
        ready,
        outbox.c.ready_ms <= bindparam("now_ms"),
    )
    .order_by(outbox.c.ready_ms, outbox.c.row)
    .limit(bindparam("most"))
)


def _first_of_each() -> Look:
    """Give each addressee's first head: a leap from one to the next, whatever waits in between."""
    of_each = (outbox.c.host, outbox.c.project, outbox.c.ready_ms)
    first = select(outbox.c.row).where(ready).order_by(*of_each).limit(1).scalar_subquery()
    found = select(first.label("row")).cte("found", recursive=True)
    here, later = outbox.alias("here"), outbox.alias("later")
    some = select(later.c.row).where(later.c.ready_ms.is_not(None)).limit(1).correlate(here)
    same_host = some.where(later.c.host == here.c.host, later.c.project > here.c.project)
    next_host = some.where(later.c.host > here.c.host)
    following = func.coalesce(
        same_host.order_by(later.c.project, later.c.ready_ms).scalar_subquery(),
        next_host.order_by(later.c.host, later.c.project, later.c.ready_ms).scalar_subquery(),
    )  # two seeks: a comparison of both columns at once would walk through all that is equal
    found = found.union_all(select(following).select_from(found.join(here, here.c.row == found.c.row)))
    return Look(select(*of_each).select_from(found.join(outbox, outbox.c.row == found.c.row)))


_WAITING = _first_of_each()


class Outbox(Shelf):
    """Notices that are owed, committed together with what they tell. All times are wall clock, ms since 1970 UTC."""

    async def waiting(self) -> Sequence[Waiting]:
        """List who is owed something, each with when the first of it can be given out."""
        rows = await self._read(
            lambda connection: _WAITING.all(connection, {})
        )  # too long for the event loop
        return [Waiting(Addressee(ProjectId.from_hex(one.project), one.host), one.ready_ms) for one in rows]

    async def owed(self) -> int:
        """Count all that is owed, due or not."""
        query = select(func.count()).select_from(outbox).where(pending)
        return await self._read(lambda connection: connection.execute(query).scalar_one())

    async def claim(self, claim: Claim) -> Sequence[Owed]:
        """Lease the heads of some lanes, of each addressee those first that are due first."""
        return await self._write(lambda connection: _claim(connection, claim))

    async def delivered(self, owed: Owed, attempt: Attempt, *, until_ms: int | None) -> Owed | None:
        """Record that it arrived, and lease the lane's next notice until `until_ms`; if there is none, one of another
        lane of the same addressee that is due.

        None is leased if the lease of `owed` had run out and somebody else took it. If `until_ms` is None the lane's
        next notice goes to the back of the queue of all that is due.
        """
        return await self._write(
            lambda connection: _settle(connection, owed, attempt, Outcome.DELIVERED, until_ms)
        )

    async def given_up(self, owed: Owed, attempt: Attempt, *, until_ms: int | None) -> Owed | None:
        """Record that it will not be tried again, and lease the lane's next notice likewise."""
        return await self._write(
            lambda connection: _settle(connection, owed, attempt, Outcome.GIVEN_UP, until_ms)
        )

    async def postponed(self, owed: Owed, attempt: Attempt, *, due_ms: int, counts: bool = True) -> None:
        """Record that it did not arrive, return the lease, and have it due at `due_ms`.

        Args:
            owed: The notice, under its lease.
            attempt: What came of it.
            due_ms: When it is tried again.
            counts: Whether this attempt is one of those that it may have.
        """
        uncounted = owed.uncounted + (not counts)
        await self._write(lambda connection: _postpone(connection, owed, attempt, due_ms, uncounted))

    async def release(self, holder: str) -> None:
        """Return every lease of this holder: an earlier life of it has crashed."""
        returned = update(outbox).where(pending, outbox.c.holder == holder)
        values = {**NO_LEASE, "ready_ms": outbox.c.due_ms}
        await self._write(lambda connection: connection.execute(returned.values(values)))

    async def attempts(self, row: int) -> Sequence[Attempt]:
        """List what came of each try to deliver a notice, oldest first."""
        query = select(attempts).where(attempts.c.row == row).order_by(attempts.c.id)
        rows = await self._read(lambda connection: connection.execute(query).all())
        return [Attempt(one.number, one.at_ms, one.latency_ms, one.status, one.problem) for one in rows]


def owe(connection: Connection, notices: Iterable[Notice], now_ms: int) -> None:
    """Put notices into the outbox, due at once; part of the transaction that commits what they tell."""
    begun: set[str] = set()
    for notice in notices:
        lane = notice.lane.hex
        leads = lane not in begun and not HEAD.rows(connection, {"of_lane": lane})
        begun.add(lane)
        row = {
            "event_id": event_id(notice.lane, notice.sequence),
            "lane": lane,
            "sequence": notice.sequence,
            "host": host_of(notice.url),
            "project": notice.project.hex,
            "body": notice_to_json(notice),
            "attempts": 0,
            "uncounted": 0,
            "owed_ms": now_ms,
            "due_ms": now_ms,
            "ready_ms": now_ms if leads else None,
            "leased_until_ms": UNLEASED,
        }
        _INSERT.run(connection, row)


def hand_on(connection: Connection, lane: str, now_ms: int) -> None:
    """Make the oldest unsettled notice of a lane its head, due now at the earliest; one that leads stays as it is."""
    for one in HEAD.rows(connection, {"of_lane": lane}):
        if one.ready_ms is None:
            ready_ms = max(one.due_ms, now_ms)
            CHANGE.run(connection, {"this": one.row, "due_ms": ready_ms, "ready_ms": ready_ms})


def _claim(connection: Connection, claim: Claim) -> list[Owed]:
    return [
        _lease(connection, row, claim.holder, claim.until_ms)
        for want in claim.wants
        for row in _due(connection, want, claim.now_ms)
    ]


def _due(connection: Connection, want: Want, now_ms: int) -> Sequence[Row[Any]]:
    project, host = want.addressee
    asked = {"at_host": host, "of_project": project.hex, "now_ms": now_ms, "most": want.most}
    return _DUE.rows(connection, asked)


def _lease(connection: Connection, one: Row[Any], holder: str, until_ms: int) -> Owed:
    lease = {"holder": holder, "leased_until_ms": until_ms, "ready_ms": until_ms}
    CHANGE.run(connection, {"this": one.row, **lease})
    return Owed(
        one.row, one.event_id, notice_from_json(one.body), one.host, one.attempts, holder, until_ms,
        one.owed_ms, one.uncounted,
    )  # fmt: skip


def _settle(
    connection: Connection, owed: Owed, attempt: Attempt, outcome: Outcome, until_ms: int | None
) -> Owed | None:
    _record(connection, owed, attempt)
    ended_ms, lane = attempt.at_ms + attempt.latency_ms, owed.notice.lane.hex
    changed = {"settled_ms": ended_ms, "outcome": outcome.value, "attempts": attempt.number, "ready_ms": None}
    if not _change_held(connection, owed, changed):
        if _CHANGE_PENDING.run(connection, {"this": owed.row, **changed, **NO_LEASE}):
            hand_on(connection, lane, UNLEASED)
        return None
    if until_ms is None:
        hand_on(connection, lane, ended_ms)  # to the back of the queue of all that is due
        return None
    following = HEAD.rows(connection, {"of_lane": lane}) or _due(
        connection, Want(owed.addressee, 1), ended_ms
    )
    return _lease(connection, following[0], owed.holder, until_ms) if following else None


def _postpone(connection: Connection, owed: Owed, attempt: Attempt, due_ms: int, uncounted: int) -> None:
    _record(connection, owed, attempt)
    changed = {"attempts": attempt.number, "uncounted": uncounted, "due_ms": due_ms, "ready_ms": due_ms}
    _change_held(connection, owed, changed)


def _change_held(connection: Connection, owed: Owed, values: Mapping[str, object]) -> bool:
    """Change a notice and return its lease, if that is still this one: nobody took it over after it ran out."""
    lease = {"this": owed.row, "held_by": owed.holder, "held_until_ms": owed.leased_until_ms}
    return _CHANGE_HELD.run(connection, {**lease, **values, **NO_LEASE}) == 1


def _record(connection: Connection, owed: Owed, attempt: Attempt) -> None:
    row = {
        "row": owed.row,
        "number": attempt.number,
        "at_ms": attempt.at_ms,
        "latency_ms": attempt.latency_ms,
        "status": attempt.status,
        "problem": attempt.problem,
    }
    _RECORD.run(connection, row)
