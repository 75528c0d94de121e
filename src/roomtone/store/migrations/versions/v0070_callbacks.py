"""Callbacks: whose they are, which is its lane's turn, since when they are owed; found by who waits, and when settled."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0060"

INDEXES = ("outbox_ready", "outbox_of_lane", "outbox_settled", "outbox_dead")

TURNS = """
UPDATE outbox SET ready_ms = max(due_ms, leased_until_ms) WHERE settled_ms IS NULL AND "row" = (
  SELECT one."row" FROM outbox AS one WHERE one.lane = outbox.lane AND one.settled_ms IS NULL
  ORDER BY one.sequence, one."row" LIMIT 1)
"""


def upgrade() -> None:
    """Add the columns, fill them from what is known, and index them."""
    op.add_column("outbox", sa.Column("project", sa.String(32), nullable=False, server_default=""))
    op.add_column("outbox", sa.Column("owed_ms", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("outbox", sa.Column("uncounted", sa.Integer, nullable=False, server_default="0"))
    op.add_column("outbox", sa.Column("ready_ms", sa.BigInteger))
    op.execute("UPDATE outbox SET owed_ms = due_ms, project = coalesce(json_extract(body, '$.project'), '')")
    op.execute(TURNS)
    op.create_index(
        "outbox_ready",
        "outbox",
        ["host", "project", "ready_ms"],
        sqlite_where=sa.text("ready_ms IS NOT NULL"),
    )
    op.create_index("outbox_of_lane", "outbox", ["lane", "sequence"])
    op.create_index(
        "outbox_settled", "outbox", ["settled_ms"], sqlite_where=sa.text("settled_ms IS NOT NULL")
    )
    op.create_index(
        "outbox_dead", "outbox", ["project", "row"], sqlite_where=sa.text("outcome != 'delivered'")
    )


def downgrade() -> None:
    """Drop them."""
    for index in INDEXES:
        op.drop_index(index, "outbox")
    for column in ("project", "owed_ms", "uncounted", "ready_ms"):
        op.drop_column("outbox", column)
