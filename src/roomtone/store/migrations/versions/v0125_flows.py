"""Over which connection a phone has registered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0125"
down_revision = "0115"


def upgrade() -> None:
    """Add the column; what is there was kept without it, and is told again within two hours."""
    op.add_column("bindings", sa.Column("flow", sa.Text))
    op.create_index("bindings_of_flow", "bindings", ["flow"])


def downgrade() -> None:
    """Drop it."""
    op.drop_index("bindings_of_flow", "bindings")
    op.drop_column("bindings", "flow")
