"""Notifications: what was odd about customers' documents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0023"

HEX = sa.String(32)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "notifications",
        sa.Column("id", HEX, primary_key=True),
        sa.Column("project", HEX, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("removed", sa.Integer, nullable=False, server_default="0"),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("call", HEX),
        sa.Column("failed", sa.Boolean, nullable=False),
    )
    op.create_index("notifications_listed", "notifications", ["project", "created_ms", "id"])
    op.create_index("notifications_of_call", "notifications", ["call"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("notifications")
