"""Calls that can be searched and deleted; applications, queues, recordings."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0001"

HEX = sa.String(32)
KEPT = sa.text("removed = 0")
CALL_COLUMNS = ("caller", "called", "parent", "began_ms", "removed")


def upgrade() -> None:
    """Widen the calls and make the tables."""
    op.add_column("calls", sa.Column("caller", sa.Text, nullable=False, server_default=""))
    op.add_column("calls", sa.Column("called", sa.Text, nullable=False, server_default=""))
    op.add_column("calls", sa.Column("parent", HEX))
    op.add_column("calls", sa.Column("began_ms", sa.BigInteger))
    op.add_column("calls", sa.Column("removed", sa.Integer, nullable=False, server_default="0"))
    _fill_in()
    _drawer("applications", sa.Column("name", sa.Text, nullable=False))
    _drawer("queues", sa.Column("name", sa.Text, nullable=False))
    op.create_index(
        "one_queue_of_a_name",
        "queues",
        ["project", "name"],
        unique=True,
        sqlite_where=KEPT,
        postgresql_where=KEPT,
    )
    _drawer("recordings", sa.Column("call", HEX), sa.Column("conference", HEX))
    op.create_index("recordings_of_call", "recordings", ["call"])
    op.create_index("recordings_of_conference", "recordings", ["conference"])


def downgrade() -> None:
    """Drop what was made; a deleted call is gone for good."""
    for table in ("recordings", "queues", "applications"):
        op.drop_table(table)
    op.execute("DELETE FROM calls WHERE removed = 1")
    for column in CALL_COLUMNS:
        op.drop_column("calls", column)


def _drawer(name: str, *columns: sa.Column[object]) -> None:
    op.create_table(
        name,
        sa.Column("id", HEX, primary_key=True),
        sa.Column("project", HEX, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("removed", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        *columns,
    )
    op.create_index(f"{name}_listed", name, ["project", "created_ms", "id"])


def _fill_in() -> None:
    """Take out of each call's own text, spelled as version 1 spells it, what queries now ask for."""
    connection = op.get_bind()
    rows = connection.execute(sa.text("SELECT id, created_ms, ended_ms, body FROM calls")).all()
    change = sa.text(
        "UPDATE calls SET caller = :caller, called = :called, parent = :parent, began_ms = :began WHERE id = :id"
    )
    for row in rows:
        body = json.loads(row.body)
        caller, started = body.get("caller", {}), body.get("started_ms")
        unanswered = row.created_ms if row.ended_ms is not None else None
        connection.execute(
            change,
            {
                "id": row.id,
                "caller": caller.get("from_", ""),
                "called": caller.get("to", ""),
                "parent": caller.get("parent"),
                "began": started if started is not None else unanswered,
            },
        )
