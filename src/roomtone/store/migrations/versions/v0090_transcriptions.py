"""Transcriptions of recordings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0090"
down_revision = "0075"

HEX = sa.String(32)
DUE = sa.text("due_ms IS NOT NULL")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "transcriptions",
        sa.Column("id", HEX, primary_key=True),
        sa.Column("project", HEX, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("removed", sa.Integer, nullable=False, server_default="0"),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("recording", HEX, nullable=False),
        sa.Column("due_ms", sa.BigInteger),
    )
    op.create_index("transcriptions_listed", "transcriptions", ["project", "created_ms", "id"])
    op.create_index("transcriptions_of_recording", "transcriptions", ["recording"])
    op.create_index(
        "transcriptions_due", "transcriptions", ["due_ms"], sqlite_where=DUE, postgresql_where=DUE
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("transcriptions")
