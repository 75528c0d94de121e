"""What was told, or given up: listed, put back to be told again, and forgotten in the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    CompoundSelect,
    Connection,
    Row,
    Select,
    and_,
    case,
    delete,
    literal,
    or_,
    select,
    true,
    union_all,
    update,
)

from roomtone.core.delivery import Delivery, Outcome
from roomtone.core.ids import CallId, ConferenceId, ProjectId
from roomtone.core.notices import notice_from_json
from roomtone.store.outbox import CHANGE, HEAD, NO_LEASE, UNLEASED, hand_on
from roomtone.store.shelf import Shelf
from roomtone.store.tables import (
    attempts,
    dead,
    exchanges,
    outbox,
    pending,
    ready,
    recordings,
    settled,
    streams,
    transcriptions,
)

AHEAD_MS = 1_000
"""What is owed so far in the future is owed by a clock that was set back since; a clock that is kept right moves less."""

AT_ONCE = 500
"""Rows changed in one transaction: whoever else writes waits so long at most."""


class Settled(Shelf):
    """The part of the outbox that is over. All times are wall clock, ms since 1970 UTC."""

    async def dead(
        self, project: ProjectId | None = None, limit: int = 50, before: int | None = None
    ) -> Sequence[Delivery]:
        """List what was given up, the latest first.

        Args:
            project: Whose; None: everybody's.
            limit: At most so many.
            before: Only rows before this one: the last of the page before.
        """
        query = select(outbox).where(dead).order_by(outbox.c.row.desc()).limit(limit)
        if project is not None:
            query = query.where(outbox.c.project == project.hex)
        if before is not None:
            query = query.where(outbox.c.row < before)
        return await self._deliveries(query)

    async def delivery(self, event_id: str, project: ProjectId | None = None) -> Delivery | None:
        """Find a notice by its name, told or not; None: there is none, it is another's, or it is forgotten."""
        query = select(outbox).where(outbox.c.event_id == event_id)
        if project is not None:
            query = query.where(outbox.c.project == project.hex)
        return next(iter(await self._deliveries(query)), None)

    async def rows(
        self,
        project: ProjectId | None = None,
        of: CallId | ConferenceId | None = None,
        since_ms: int | None = None,
        until_ms: int | None = None,
        limit: int | None = None,
    ) -> Sequence[int]:
        """Find the places of notices, told or not, of a project, call or conference, that were owed or tried in a span.

        What is about a call or conference are its own notices, those of its recordings, their transcriptions and its
        streams, and whatever the delivery log says is.
        """
        owed, tried = [*_span(outbox.c.owed_ms, since_ms, until_ms)], [exchanges.c.event_id != ""]
        tried += _span(exchanges.c.at_ms, since_ms, until_ms)
        if of is not None:
            name = "call" if isinstance(of, CallId) else "conference"
            owed.append(outbox.c.lane.in_(_lanes(recordings.c[name] == of.hex, of)))
            tried.append(exchanges.c[name] == of.hex)
        logged = outbox.c.event_id.in_(select(exchanges.c.event_id).where(*tried))
        query = (
            select(outbox.c.row).where(or_(and_(true(), *owed), logged)).order_by(outbox.c.row).limit(limit)
        )
        if project is not None:
            query = query.where(outbox.c.project == project.hex)
        return await self._read(lambda connection: connection.execute(query).scalars().all())

    async def replay(self, rows: Sequence[int], now_ms: int, project: ProjectId | None = None) -> int:
        """Put settled notices back, due at once, each under the event id it always had.

        They have all their attempts again, and are told in order of their numbers: after what is under way for their
        conference or call, before what waits there. What is still owed is left as it is.

        Args:
            rows: Their places in the outbox.
            now_ms: The time.
            project: Whose; None: whosever.

        Returns:
            How many were put back. Wake the courier, if it is in this process.
        """
        own = [] if project is None else [outbox.c.project == project.hex]
        query = select(outbox).where(outbox.c.row.in_(rows), settled, *own)
        ordered = query.order_by(outbox.c.lane, outbox.c.sequence)
        return await self._write(lambda connection: _put_back(connection, ordered, now_ms))

    async def expire(self, owed_before_ms: int, now_ms: int) -> int:
        """Give up what is owed since before a moment and nobody is delivering; gives how many, at most `AT_ONCE`."""
        late = (pending, outbox.c.owed_ms < owed_before_ms, outbox.c.leased_until_ms <= now_ms)
        query = select(outbox.c.row, outbox.c.lane).where(*late).limit(AT_ONCE)
        if not await self._read(lambda connection: connection.execute(query).first()):
            return 0
        return await self._write(lambda connection: _expire(connection, query, now_ms))

    async def set_back(self, now_ms: int) -> int:
        """Have what seems to be owed in the future owed now: the clock was set back; gives how many, at most `AT_ONCE`.

        What is being delivered is left alone, and so is what was owed before the moment to which the clock was set: it is
        tried again when it would have been, by the clock.
        """
        ahead = (pending, outbox.c.owed_ms > now_ms + AHEAD_MS, outbox.c.leased_until_ms == UNLEASED)
        query = select(outbox.c.row).where(*ahead).limit(AT_ONCE)
        if not await self._read(lambda connection: connection.execute(query).first()):
            return 0
        changed = update(outbox).where(outbox.c.row.in_(query))
        values = {"owed_ms": now_ms, "due_ms": now_ms, "ready_ms": case((ready, now_ms), else_=None)}
        return await self._write(lambda connection: connection.execute(changed.values(values)).rowcount)

    async def forget(self, settled_before_ms: int) -> int:
        """Delete what was settled before a moment, with its attempts; gives how many, at most `AT_ONCE`."""
        query = select(outbox.c.row).where(settled, outbox.c.settled_ms < settled_before_ms).limit(AT_ONCE)
        rows = await self._read(lambda connection: connection.execute(query).scalars().all())
        if rows:
            await self._write(lambda connection: _forget(connection, rows))
        return len(rows)

    async def _deliveries(self, query: Select[Any]) -> Sequence[Delivery]:
        rows = await self._read(lambda connection: connection.execute(query).all())
        return [delivery_of(one) for one in rows]


def _span(column: Column[int], since_ms: int | None, until_ms: int | None) -> Iterator[ColumnElement[bool]]:
    if since_ms is not None:
        yield column >= since_ms
    if until_ms is not None:
        yield column <= until_ms


def _lanes(own: ColumnElement[bool], of: CallId | ConferenceId) -> CompoundSelect[Any]:
    """Ask for the lanes of a call or conference and of what belongs to it, by its recordings."""
    recorded = select(recordings.c.id).where(own)
    return union_all(
        select(literal(of.hex)),
        recorded,
        select(transcriptions.c.id).where(transcriptions.c.recording.in_(recorded)),
        select(streams.c.id).where(streams.c.subject == of.hex),
    )


def delivery_of(one: Row[Any]) -> Delivery:
    """Read a row of the outbox."""
    return Delivery(
        one.row,
        one.event_id,
        notice_from_json(one.body),
        one.host,
        one.attempts,
        one.owed_ms,
        one.due_ms,
        one.settled_ms,
        None if one.outcome is None else Outcome(one.outcome),
    )


def _put_back(connection: Connection, query: Select[Any], now_ms: int) -> int:
    found = connection.execute(query).all()
    for one in found:
        leads = not HEAD.rows(connection, {"of_lane": one.lane})
        again = {
            "settled_ms": None,
            "outcome": None,
            "uncounted": one.attempts,
            "owed_ms": now_ms,
            "due_ms": now_ms,
            "ready_ms": now_ms if leads else None,
        }
        CHANGE.run(connection, {"this": one.row, **again, **NO_LEASE})
    return len(found)


def _expire(connection: Connection, query: Select[Any], now_ms: int) -> int:
    found = connection.execute(query).all()
    over = {"settled_ms": now_ms, "outcome": Outcome.EXPIRED.value, "ready_ms": None, **NO_LEASE}
    for one in found:
        CHANGE.run(connection, {"this": one.row, **over})
    for lane in dict.fromkeys(one.lane for one in found):
        hand_on(connection, lane, now_ms)
    return len(found)


def _forget(connection: Connection, rows: Sequence[int]) -> None:
    connection.execute(delete(attempts).where(attempts.c.row.in_(rows)))
    connection.execute(delete(outbox).where(outbox.c.row.in_(rows), settled))
