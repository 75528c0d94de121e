"""What is owed to customers' servers, in one lane per conference and per call.

Only a lane's *head*, its oldest unsettled notice, can be leased: that keeps notices in order without a lock or a
schedule. Which row is the head is derived from what is unsettled, never written down, so no crash can leave it wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, case, func, insert, select, update

from roomtone.core.delivery import Attempt, Claim, Owed, event_id, host_of
from roomtone.core.notices import Notice, notice_from_json, notice_to_json
from roomtone.store.prepared import Prepared
from roomtone.store.shelf import Shelf
from roomtone.store.tables import attempts, outbox, pending

UNLEASED = 0
"""End of a lease that nobody has, in ms: long ago."""


_NO_LEASE: dict[str, object] = {"holder": None, "leased_until_ms": UNLEASED}

# Made once: the making of a statement costs more than its run.
_INSERT = Prepared(insert(outbox))
_RECORD = insert(attempts)
_CHANGE = update(outbox).where(outbox.c.row == bindparam("this"))
_CHANGE_PENDING = _CHANGE.where(pending)
_CHANGE_HELD = _CHANGE_PENDING.where(
    outbox.c.holder == bindparam("held_by"), outbox.c.leased_until_ms == bindparam("held_until_ms")
)
_HEAD = (
    select(outbox)
    .where(outbox.c.lane == bindparam("of_lane"), pending)
    .order_by(outbox.c.sequence)
    .limit(1)
    .with_for_update()
)


class Outbox(Shelf):
    """Notices that are owed, committed together with what they tell. All times are wall clock, ms since 1970 UTC."""

    async def claim(self, claim: Claim) -> Sequence[Owed]:
        """Lease the heads of some lanes, those due first coming first; see `core.delivery.Claim`."""
        return await self._write(lambda connection: _claim(connection, claim))

    async def delivered(self, owed: Owed, attempt: Attempt, *, until_ms: int | None) -> Owed | None:
        """Record that it arrived, and lease the lane's next notice until `until_ms`, if there is one.

        None is leased if the lease of `owed` had run out and somebody else took it. If `until_ms` is None the lane's
        next notice goes to the back of the queue of all that is due.
        """
        return await self._write(lambda connection: _settle(connection, owed, attempt, "delivered", until_ms))

    async def given_up(self, owed: Owed, attempt: Attempt, *, until_ms: int | None) -> Owed | None:
        """Record that it will not be tried again, and lease the lane's next notice likewise."""
        return await self._write(lambda connection: _settle(connection, owed, attempt, "given up", until_ms))

    async def postponed(self, owed: Owed, attempt: Attempt, *, due_ms: int) -> None:
        """Record that it did not arrive, return the lease, and have it due at `due_ms`."""
        await self._write(lambda connection: _postpone(connection, owed, attempt, due_ms))

    async def next_due(self) -> int | None:
        """Say when a claim can give something: the earliest due time, or end of a lease, of any lane's head."""
        later = case(
            (outbox.c.due_ms > outbox.c.leased_until_ms, outbox.c.due_ms), else_=outbox.c.leased_until_ms
        )
        query = _heads(func.min(later))
        return await self._read(lambda connection: connection.execute(query).scalar())

    async def release(self, holder: str) -> None:
        """Return every lease of this holder: an earlier life of it has crashed."""
        returned = update(outbox).where(pending, outbox.c.holder == holder)
        await self._write(lambda connection: connection.execute(returned.values(_NO_LEASE)))

    async def attempts(self, row: int) -> Sequence[Attempt]:
        """List what came of each try to deliver a notice, oldest first."""
        query = select(attempts).where(attempts.c.row == row).order_by(attempts.c.id)
        rows = await self._read(lambda connection: connection.execute(query).all())
        return [Attempt(one.number, one.at_ms, one.latency_ms, one.status, one.problem) for one in rows]


def owe(connection: Connection, notices: Iterable[Notice], now_ms: int) -> None:
    """Put notices into the outbox, due at once; part of the transaction that commits what they tell."""
    rows = [
        {
            "event_id": event_id(notice.lane, notice.sequence),
            "lane": notice.lane.hex,
            "sequence": notice.sequence,
            "host": host_of(notice.url),
            "body": notice_to_json(notice),
            "attempts": 0,
            "due_ms": now_ms,
            "leased_until_ms": UNLEASED,
        }
        for notice in notices
    ]
    _INSERT.run_all(connection, rows)


def _heads(*columns: Any) -> Select[Any]:
    """Ask something of the lanes' heads."""
    oldest = (
        select(outbox.c.lane, func.min(outbox.c.sequence).label("sequence"))
        .where(pending)
        .group_by(outbox.c.lane)
        .subquery()
    )
    head = and_(outbox.c.lane == oldest.c.lane, outbox.c.sequence == oldest.c.sequence)
    return select(*columns).select_from(outbox).join(oldest, head).where(pending)


def _claim(connection: Connection, claim: Claim) -> list[Owed]:
    free = and_(outbox.c.due_ms <= claim.now_ms, outbox.c.leased_until_ms <= claim.now_ms)
    turn = func.row_number().over(partition_by=outbox.c.host, order_by=(outbox.c.due_ms, outbox.c.row))
    wanted = _heads(outbox.c.row, turn.label("turn")).where(free, outbox.c.host.not_in(claim.busy)).subquery()
    rows = select(outbox).join(wanted, outbox.c.row == wanted.c.row).where(wanted.c.turn <= claim.each)
    first = rows.order_by(outbox.c.due_ms, outbox.c.row).limit(claim.limit)
    found = connection.execute(first.with_for_update(of=outbox, skip_locked=True)).all()
    return _lease(connection, found, claim.holder, claim.until_ms)


def _lease(connection: Connection, rows: Sequence[Row[Any]], holder: str, until_ms: int) -> list[Owed]:
    if rows:
        lease = {"holder": holder, "leased_until_ms": until_ms}
        connection.execute(_CHANGE, [{"this": one.row, **lease} for one in rows])
    return [
        Owed(one.row, one.event_id, notice_from_json(one.body), one.host, one.attempts, holder, until_ms)
        for one in rows
    ]


def _settle(
    connection: Connection, owed: Owed, attempt: Attempt, outcome: str, until_ms: int | None
) -> Owed | None:
    _record(connection, owed, attempt)
    ended_ms = attempt.at_ms + attempt.latency_ms
    settled = {"settled_ms": ended_ms, "outcome": outcome, "attempts": attempt.number, **_NO_LEASE}
    if not _change_held(connection, owed, settled):
        connection.execute(_CHANGE_PENDING, {"this": owed.row, **settled})
        return None
    following = connection.execute(_HEAD, {"of_lane": owed.notice.lane.hex}).all()
    if until_ms is not None:
        return next(iter(_lease(connection, following, owed.holder, until_ms)), None)
    for one in following:  # to the back of the queue of all that is due
        connection.execute(_CHANGE, {"this": one.row, "due_ms": ended_ms})
    return None


def _postpone(connection: Connection, owed: Owed, attempt: Attempt, due_ms: int) -> None:
    _record(connection, owed, attempt)
    _change_held(connection, owed, {"attempts": attempt.number, "due_ms": due_ms, **_NO_LEASE})


def _change_held(connection: Connection, owed: Owed, values: dict[str, object]) -> bool:
    """Change a notice if the lease is still this one: nobody took it over after the lease ran out."""
    lease = {"this": owed.row, "held_by": owed.holder, "held_until_ms": owed.leased_until_ms}
    return connection.execute(_CHANGE_HELD, {**lease, **values}).rowcount == 1


def _record(connection: Connection, owed: Owed, attempt: Attempt) -> None:
    row = {
        "row": owed.row,
        "number": attempt.number,
        "at_ms": attempt.at_ms,
        "latency_ms": attempt.latency_ms,
        "status": attempt.status,
        "problem": attempt.problem,
    }
    connection.execute(_RECORD, row)
