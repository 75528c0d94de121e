"""What projects used that one of the vendors lacks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "uses",
        sa.Column("project", sa.String(32), primary_key=True),
        sa.Column("feature", sa.Text, primary_key=True),
        sa.Column("lacking", sa.Text, nullable=False),
        sa.Column("first_ms", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("uses")
