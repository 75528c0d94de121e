"""Calls and where they stand in their documents. A deleted one leaves its row, so that a list still knows its place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Select, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from roomtone.core.call.codec import call_from_json, call_to_json
from roomtone.core.call.notices import CallNotice
from roomtone.core.call.state import Call
from roomtone.core.exchange import StaleRevision
from roomtone.core.ids import CallId, ProjectId
from roomtone.core.listing import CallFilter, Place, Window
from roomtone.core.moment import Moment
from roomtone.core.refusals import Reason, Refused
from roomtone.store import windows
from roomtone.store.outbox import owe
from roomtone.store.prepared import Prepared
from roomtone.store.shelf import Shelf
from roomtone.store.tables import calls, on_record, running

_INSERT = Prepared(insert(calls))
_UPDATE = Prepared(
    update(calls).where(calls.c.id == bindparam("this"), calls.c.revision == bindparam("expected"))
)


class Calls(Shelf):
    """Calls."""

    async def call(self, call: CallId) -> Call | None:
        """Find a call, over or not, whosever it is."""
        query = select(calls.c.body).where(calls.c.id == call.hex)
        body = await self._read(lambda connection: connection.execute(query).scalar())
        return None if body is None else call_from_json(body)

    async def own_call(self, project: ProjectId, call: CallId) -> Call | None:
        """Find a project's call, over or not; None also if it was deleted."""
        query = _own(project).where(calls.c.id == call.hex)
        body = await self._read(lambda connection: connection.execute(query).scalar())
        return None if body is None else call_from_json(body)

    async def own_calls(self, project: ProjectId, wanted: CallFilter, window: Window) -> Sequence[Call]:
        """List a project's calls, over or not."""
        query = _listed(project, wanted)
        rows = await self._read(lambda connection: windows.run(connection, query, calls, window))
        return [call_from_json(row.body) for row in rows]

    async def call_place(self, project: ProjectId, call: CallId) -> Place | None:
        """Give a call's place in that list, also after it was deleted; None: never was this project's."""
        own = calls.c.project == project.hex
        return await self._read(lambda connection: windows.place(connection, calls, call, own))

    async def remove_call(self, project: ProjectId, call: CallId) -> bool:
        """Delete the record of a call; False: there is no such call. Its place stays known.

        Raises:
            Refused: CALL_NOT_OVER.
        """
        return await self._write(lambda connection: _remove(connection, project, call))

    async def live_calls(self) -> Sequence[Call]:
        """All calls not over; oldest first."""
        query = select(calls.c.body).where(running).order_by(calls.c.created_ms)
        bodies = await self._read(lambda connection: connection.execute(query).scalars().all())
        return [call_from_json(body) for body in bodies]

    async def commit_call(
        self, call: Call, notices: Iterable[CallNotice] = (), now: Moment | None = None
    ) -> None:
        """Write a call's new state and its notices in one transaction.

        The state carries revision n+1; the stored one must be n (0: none is stored).

        Args:
            call: As it is to be kept.
            notices: What is owed for it.
            now: When they are due; None: when what they tell of happened.

        Raises:
            StaleRevision: The stored revision is not one less.
        """
        owed = tuple(notices)
        due_ms = max((one.at_ms for one in owed), default=0) if now is None else now.wall_ms

        def work(connection: Connection) -> None:
            _commit(connection, call)
            owe(connection, owed, due_ms)

        await self._write_of(call.project, call.id, work)


def _commit(connection: Connection, call: Call) -> None:
    row = {
        "project": call.project.hex,
        "status": call.status.value,
        "created_ms": call.created_ms,
        "ended_ms": call.ended_ms,
        "revision": call.revision,
        "body": call_to_json(call),
        "caller": call.caller.from_,
        "called": call.caller.to,
        "parent": call.caller.parent,
        "began_ms": call.began_ms,
    }
    if call.revision == 1:
        try:
            _INSERT.run(connection, {"id": call.id.hex, "removed": 0, **row})
        except IntegrityError as there:
            raise StaleRevision(f"call {call.id} is there already") from there
        return
    mine = {"this": call.id.hex, "expected": call.revision - 1}
    if _UPDATE.run(connection, {**mine, **row}) != 1:
        raise StaleRevision(f"call {call.id} is not at revision {call.revision - 1}")


def _own(project: ProjectId) -> Select[Any]:
    return select(calls.c.body, calls.c.created_ms).where(calls.c.project == project.hex, on_record)


def _listed(project: ProjectId, wanted: CallFilter) -> Select[Any]:
    query = _own(project)
    if wanted.to is not None:
        query = query.where(calls.c.called == wanted.to)
    if wanted.from_ is not None:
        query = query.where(calls.c.caller == wanted.from_)
    if wanted.status is not None:
        query = query.where(calls.c.status == wanted.status.value)
    if wanted.parent is not None:
        query = query.where(calls.c.parent == wanted.parent.hex)
    began = windows.within(calls.c.began_ms, wanted.began)
    return query.where(*began, *windows.within(calls.c.ended_ms, wanted.ended))


def _remove(connection: Connection, project: ProjectId, call: CallId) -> bool:
    mine = (calls.c.project == project.hex, calls.c.id == call.hex, on_record)
    row = connection.execute(select(calls.c.ended_ms).where(*mine)).first()
    if row is None:
        return False
    if row.ended_ms is None:
        raise Refused(Reason.CALL_NOT_OVER, call=call.hex)
    connection.execute(update(calls).where(*mine).values(removed=1))
    return True
