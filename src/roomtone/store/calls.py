"""Calls and where they stand in their documents."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from roomtone.core.call.codec import call_from_json, call_to_json
from roomtone.core.call.state import Call
from roomtone.core.exchange import StaleRevision
from roomtone.core.ids import CallId
from roomtone.store.shelf import Shelf
from roomtone.store.tables import calls, running

_INSERT = insert(calls)
_UPDATE = update(calls).where(calls.c.id == bindparam("this"), calls.c.revision == bindparam("expected"))


class Calls(Shelf):
    """Calls."""

    async def call(self, call: CallId) -> Call | None:
        """Find a call, over or not, whosever it is."""
        query = select(calls.c.body).where(calls.c.id == call.hex)
        body = await self._read(lambda connection: connection.execute(query).scalar())
        return None if body is None else call_from_json(body)

    async def live_calls(self) -> Sequence[Call]:
        """All calls not over; oldest first."""
        query = select(calls.c.body).where(running).order_by(calls.c.created_ms)
        bodies = await self._read(lambda connection: connection.execute(query).scalars().all())
        return [call_from_json(body) for body in bodies]

    async def commit_call(self, call: Call) -> None:
        """Write a call's new state. It carries revision n+1; the stored one must be n (0: none is stored).

        Raises:
            StaleRevision: The stored revision is not one less.
        """
        await self._write(lambda connection: _commit(connection, call))


def _commit(connection: Connection, call: Call) -> None:
    row = {
        "project": call.project.hex,
        "status": call.status.value,
        "created_ms": call.created_ms,
        "ended_ms": call.ended_ms,
        "revision": call.revision,
        "body": call_to_json(call),
    }
    if call.revision == 1:
        try:
            connection.execute(_INSERT, {"id": call.id.hex, **row})
        except IntegrityError as there:
            raise StaleRevision(f"call {call.id} is there already") from there
        return
    mine = {"this": call.id.hex, "expected": call.revision - 1}
    if connection.execute(_UPDATE, {**mine, **row}).rowcount != 1:
        raise StaleRevision(f"call {call.id} is not at revision {call.revision - 1}")
