"""Windows on lists: newest first, by creation time and then by id, hung on a place (`core.listing`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol, TypeVar

from sqlalchemy import ColumnElement, Connection, FromClause, Row, Select, and_, or_, select

from roomtone.core.ids import Id
from roomtone.core.listing import Place, Span, Window


def run(connection: Connection, query: Select[Any], table: FromClause, window: Window) -> Sequence[Row[Any]]:
    """Give the rows of a query that lie in the window, newest first.

    The query says what is listed, filtered but neither ordered nor limited; the table is the one whose `created_ms`
    and `id` make the order.
    """
    created, id_ = table.c.created_ms, table.c.id
    if window.before is not None:
        nearest = query.where(_newer(created, id_, window.before)).order_by(created, id_).limit(window.limit)
        return list(reversed(connection.execute(nearest).all()))
    if window.after is not None:
        query = query.where(_older(created, id_, window.after))
    return connection.execute(query.order_by(created.desc(), id_.desc()).limit(window.limit)).all()


def within(column: ColumnElement[int], span: Span) -> list[ColumnElement[bool]]:
    """Give the conditions that keep a time inside a span."""
    bounds: list[ColumnElement[bool]] = []
    if span.from_ms is not None:
        bounds.append(column >= span.from_ms)
    if span.until_ms is not None:
        bounds.append(column < span.until_ms)
    return bounds


def place(
    connection: Connection, table: FromClause, item: Id, *conditions: ColumnElement[bool]
) -> Place | None:
    """Give an item's place in the order of its list; None: there never was one that meets the conditions."""
    query = select(table.c.created_ms).where(table.c.id == item.hex, *conditions)
    created = connection.execute(query).scalar()
    return None if created is None else Place(created, item)


def _older(created: ColumnElement[int], id_: ColumnElement[str], at: Place) -> ColumnElement[bool]:
    return or_(created < at.created_ms, and_(created == at.created_ms, id_ < at.id.hex))


def _newer(created: ColumnElement[int], id_: ColumnElement[str], at: Place) -> ColumnElement[bool]:
    return or_(created > at.created_ms, and_(created == at.created_ms, id_ > at.id.hex))


class Listed(Protocol):
    """Something that has a place in a list."""

    @property
    def id(self) -> Id:
        """Its own id."""

    @property
    def created_ms(self) -> int:
        """When it was made."""


Item = TypeVar("Item", bound=Listed)


def through(window: Window, items: Iterable[Item]) -> Sequence[Item]:
    """Give what lies in the window, newest first: `run`, for things that are at hand."""
    ordered = sorted(items, key=_order, reverse=True)
    if window.before is not None:
        edge = (window.before.created_ms, window.before.id.value)
        return [one for one in ordered if _order(one) > edge][-window.limit :]
    if window.after is not None:
        edge = (window.after.created_ms, window.after.id.value)
        ordered = [one for one in ordered if _order(one) < edge]
    return ordered[: window.limit]


def _order(item: Listed) -> tuple[int, int]:
    return item.created_ms, item.id.value
