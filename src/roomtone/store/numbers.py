"""Claimed phone numbers. A released one leaves its row behind, so that a list still knows its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    false,
    func,
    insert,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from roomtone.core.ids import ApplicationId, NumberId, ProjectId
from roomtone.core.listing import NumberFilter, Place, Window
from roomtone.core.pool import KindRange
from roomtone.core.project import Number
from roomtone.core.refusals import Reason, Refused
from roomtone.core.values import Document, Method
from roomtone.store import windows
from roomtone.store.prepared import Found, Look
from roomtone.store.shelf import Shelf
from roomtone.store.tables import claimed, numbers

_CALLED = Look(select(numbers).where(numbers.c.phone_number == bindparam("phone_number"), claimed))


@dataclass(frozen=True, slots=True)
class Body:
    """What no query asks for."""

    voice: Document | None = None
    voice_fallback: Document | None = None
    voice_method: Method = Method.POST
    voice_fallback_method: Method = Method.POST
    application: str | None = None
    """Neutral hex."""

    status_callback: Document | None = None
    status_callback_method: Method = Method.POST


class Numbers(Shelf):
    """Claimed phone numbers."""

    async def number_called(self, phone_number: str) -> Number | None:
        """Find the claimed number with this E.164 spelling, whosever it is."""
        row = await self._look_one(_CALLED, phone_number=phone_number)
        return None if row is None else _number(row)

    async def number(self, project: ProjectId, number: NumberId) -> Number | None:
        """Find a project's number."""
        return await self._read(lambda connection: _first(connection, _one(project, number)))

    async def numbers(self, project: ProjectId, wanted: NumberFilter, window: Window) -> Sequence[Number]:
        """List a project's numbers."""
        query = _listed(project, wanted)
        rows = await self._read(lambda connection: windows.run(connection, query, numbers, window))
        return [_number(row) for row in rows]

    async def number_place(self, project: ProjectId, number: NumberId) -> Place | None:
        """Give a number's place in that list, also after it was released; None: never was this project's."""
        own = numbers.c.project == project.hex
        return await self._read(lambda connection: windows.place(connection, numbers, number, own))

    async def claimed_among(self, phone_numbers: Sequence[str]) -> frozenset[str]:
        """Give those of some numbers that are claimed, by anybody. At most some hundreds are asked for at once."""
        query = select(numbers.c.phone_number).where(numbers.c.phone_number.in_(phone_numbers), claimed)
        return await self._read(lambda connection: frozenset(connection.execute(query).scalars()))

    async def add_number(self, number: Number) -> None:
        """Claim a number.

        Raises:
            Refused: NUMBER_TAKEN: it is claimed already, by anybody.
        """
        await self._write(lambda connection: _add(connection, number))

    async def change_number(
        self, project: ProjectId, number: NumberId, change: Callable[[Number], Number]
    ) -> Number | None:
        """Write ``change(stored)`` in one transaction and give it; None: there is no such number."""
        return await self._write(lambda connection: _change(connection, project, number, change))

    async def remove_number(self, project: ProjectId, number: NumberId) -> bool:
        """Release a number; False: there is no such number. Its place stays known."""
        gone = update(numbers).where(numbers.c.project == project.hex, numbers.c.id == number.hex, claimed)
        return await self._write(lambda connection: connection.execute(gone.values(removed=1)).rowcount == 1)


def _one(project: ProjectId, number: NumberId) -> Select[Any]:
    return select(numbers).where(numbers.c.project == project.hex, numbers.c.id == number.hex, claimed)


def _listed(project: ProjectId, wanted: NumberFilter) -> Select[Any]:
    query = select(numbers).where(numbers.c.project == project.hex, claimed)
    if wanted.phone_number is not None:
        query = query.where(numbers.c.phone_number.like(_pattern(wanted.phone_number), escape="\\"))
    if wanted.friendly_name is not None:
        query = query.where(numbers.c.friendly_name == wanted.friendly_name)
    if wanted.of is not None:
        query = query.where(_of_kind(wanted.of))
    return query


def _of_kind(kind: KindRange) -> ColumnElement[bool]:
    runs = (
        and_(
            func.length(numbers.c.phone_number) == len(run.first),
            numbers.c.phone_number.between(run.first, run.last),
        )
        for run in kind.among
    )
    found = or_(false(), *runs)
    return found if kind.inside else not_(found)


def _pattern(run: str) -> str:
    """Spell a run of characters for LIKE: ``*`` stands for any one, all others for themselves."""
    literal = re.sub(r"([\\%_])", r"\\\1", run)
    return f"%{literal.replace('*', '_')}%"


def _first(connection: Connection, query: Select[Any]) -> Number | None:
    row = connection.execute(query).first()
    return None if row is None else _number(row)


def _add(connection: Connection, number: Number) -> None:
    try:
        connection.execute(insert(numbers).values(_row(number)))
    except IntegrityError as taken:
        raise Refused(Reason.NUMBER_TAKEN, phone_number=number.phone_number) from taken


def _change(
    connection: Connection, project: ProjectId, number: NumberId, change: Callable[[Number], Number]
) -> Number | None:
    stored = _first(connection, _one(project, number).with_for_update())
    if stored is None:
        return None
    changed = change(stored)
    connection.execute(update(numbers).where(numbers.c.id == number.hex).values(_row(changed)))
    return changed


def _row(number: Number) -> dict[str, object]:
    body = Body(
        number.voice,
        number.voice_fallback,
        number.voice_method,
        number.voice_fallback_method,
        None if number.application is None else number.application.hex,
        number.status_callback,
        number.status_callback_method,
    )
    return {
        "id": number.id.hex,
        "project": number.project.hex,
        "phone_number": number.phone_number,
        "friendly_name": number.friendly_name,
        "created_ms": number.created_ms,
        "updated_ms": number.updated_ms,
        "body": msgspec.json.encode(body).decode(),
    }


def _number(row: Row[Any] | Found) -> Number:
    body = msgspec.json.decode(row.body, type=Body)
    return Number(
        id=NumberId.from_hex(row.id),
        project=ProjectId.from_hex(row.project),
        phone_number=row.phone_number,
        friendly_name=row.friendly_name,
        created_ms=row.created_ms,
        updated_ms=row.updated_ms,
        voice=body.voice,
        voice_fallback=body.voice_fallback,
        voice_method=body.voice_method,
        voice_fallback_method=body.voice_fallback_method,
        application=None if body.application is None else ApplicationId.from_hex(body.application),
        status_callback=body.status_callback,
        status_callback_method=body.status_callback_method,
    )
