"""The audit: who did what."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"

SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")
HEX = sa.String(32)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "audit",
        sa.Column("seq", SERIAL, primary_key=True),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("project", HEX, nullable=False),
        sa.Column("key", HEX, nullable=False),
        sa.Column("key_name", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("method", sa.Text, nullable=False),
        sa.Column("route", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("audit")
