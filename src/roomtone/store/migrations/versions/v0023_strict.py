"""Projects that are served as their vendor would."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Add the mark; nobody has it."""
    op.add_column("projects", sa.Column("strict", sa.Boolean, nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("projects", "strict")
