"""Conferences as they were: a row for whatever changed of who hears whom."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0115"
down_revision = "0100"

HEX = sa.String(32)


def upgrade() -> None:
    """Make the table. Of what was before nothing is known but its events."""
    op.create_table(
        "past",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
        sa.Column("conference", HEX, sa.ForeignKey("conferences.id"), nullable=False),
        sa.Column("participant", HEX),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text),
        sqlite_autoincrement=True,
    )
    op.create_index("past_of_conference", "past", ["conference", "seq"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("past")
