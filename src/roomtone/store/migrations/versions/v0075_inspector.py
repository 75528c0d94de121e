"""What was said to customers' servers, and signing keys that are being exchanged for others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0075"
down_revision = "0070"

HEX = sa.String(32)
SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the table and the columns; of what was before nothing is known."""
    op.create_table(
        "exchanges",
        sa.Column("seq", SERIAL, primary_key=True),
        sa.Column("project", HEX, nullable=False),
        sa.Column("call", HEX),
        sa.Column("conference", HEX),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("event_id", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("latency_ms", sa.Integer, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("problem", sa.Text),
        sa.Column("said", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    for column in ("call", "conference"):
        there = sa.text(f"{column} IS NOT NULL")
        op.create_index(f"exchanges_of_{column}", "exchanges", [column], sqlite_where=there)
    op.create_index("exchanges_of_event", "exchanges", ["event_id"], sqlite_where=sa.text("event_id != ''"))
    op.add_column("projects", sa.Column("previous_key", sa.Text))
    op.add_column(
        "projects", sa.Column("previous_until_ms", sa.BigInteger, nullable=False, server_default="0")
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_column("projects", "previous_until_ms")
    op.drop_column("projects", "previous_key")
    op.drop_table("exchanges")
