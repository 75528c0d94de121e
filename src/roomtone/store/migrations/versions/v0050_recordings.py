"""Recordings that run, and what happens in them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0041"

SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")
RUNNING = sa.text("running")


def upgrade() -> None:
    """Add the columns and the table; nothing runs."""
    op.add_column("recordings", sa.Column("revision", sa.Integer, nullable=False, server_default="0"))
    op.add_column("recordings", sa.Column("running", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_index(
        "recordings_running", "recordings", ["id"], sqlite_where=RUNNING, postgresql_where=RUNNING
    )
    op.create_table(
        "happenings",
        sa.Column("seq", SERIAL, primary_key=True),
        sa.Column("recording", sa.String(32), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("happenings_of_recording", "happenings", ["recording", "seq"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("happenings")
    op.drop_index("recordings_running", "recordings")
    op.drop_column("recordings", "running")
    op.drop_column("recordings", "revision")
