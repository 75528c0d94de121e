"""Statements compiled once and run with bare values.

A statement of SQLAlchemy is compiled once anyhow; what its execution adds at every run (contexts, processors, results)
costs several times what the database takes. Where a commit runs a few of them per request, that is most of its cost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, Insert, Row, Select, Update
from sqlalchemy.engine.interfaces import Dialect

_Plan = tuple[str, tuple[str, ...]]
"""The statement in the database's words, and the names of its values in their order."""


Found = SimpleNamespace
"""A row, its columns by name."""


class Look:
    """A SELECT by a key that is run often; for columns whose values come from the database as they are."""

    def __init__(self, statement: Select[Any]) -> None:
        self.statement = statement
        self._plans: dict[str, tuple[_Plan, Mapping[str, object]]] = {}

    def plan(self, dialect: Dialect, values: Mapping[str, object]) -> tuple[str, tuple[object, ...]]:
        """Give the database's words, and the values of this run and those that are always the same, in their order."""
        plan = self._plans.get(dialect.name)
        if plan is None:
            compiled = self.statement.compile(dialect=dialect)
            assert compiled.positiontup is not None, f"{dialect.name} names its parameters"
            plan = self._plans[dialect.name] = ((str(compiled), tuple(compiled.positiontup)), compiled.params)
        (text, order), fixed = plan
        return text, tuple(values[name] if name in values else fixed[name] for name in order)

    def all(self, connection: Connection, values: Mapping[str, object]) -> list[Found]:
        """Give all rows, in a reader's thread."""
        return [Found(**row) for row in connection.execute(self.statement, dict(values)).mappings()]

    def rows(self, connection: Connection, values: Mapping[str, object]) -> Sequence[Row[Any]]:
        """Give all rows inside a transaction, without what SQLAlchemy adds to a run."""
        return connection.exec_driver_sql(*self.plan(connection.dialect, values)).all()


class Prepared:
    """An INSERT or UPDATE that is run often; for columns whose values go to the database as they are."""

    def __init__(self, statement: Insert | Update) -> None:
        self._statement = statement
        self._plans: dict[tuple[str, tuple[str, ...]], _Plan] = {}

    def run(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """Run it, and give how many rows it wrote; the keys of `values` are columns and parameters of the statement."""
        text, order = self._plan(connection.dialect, tuple(values))
        return connection.exec_driver_sql(text, tuple(values[name] for name in order)).rowcount

    def run_all(self, connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
        """Run it for each of these; they have the same keys."""
        for row in rows:
            self.run(connection, row)

    def _plan(self, dialect: Dialect, names: tuple[str, ...]) -> _Plan:
        key = (dialect.name, names)
        plan = self._plans.get(key)
        if plan is None:
            compiled = self._statement.compile(dialect=dialect, column_keys=list(names))
            assert compiled.positiontup is not None, f"{dialect.name} names its parameters"
            plan = self._plans[key] = (str(compiled), tuple(compiled.positiontup))
        return plan
