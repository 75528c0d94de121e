"""Streams of sound to customers' WebSockets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0050"

HEX = sa.String(32)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "streams",
        sa.Column("id", HEX, primary_key=True),
        sa.Column("project", HEX, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("removed", sa.Integer, nullable=False, server_default="0"),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("subject", HEX, nullable=False),
        sa.Column("over", sa.Boolean, nullable=False),
    )
    op.create_index("streams_listed", "streams", ["project", "created_ms", "id"])
    op.create_index("streams_of_subject", "streams", ["subject"])
    op.create_index("streams_running", "streams", ["id"], sqlite_where=sa.text("over = 0"))


def downgrade() -> None:
    """Drop it."""
    op.drop_table("streams")
