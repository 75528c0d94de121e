"""Events of conferences are sealed, too: URLs of announcements may hold passwords."""

from __future__ import annotations

from alembic import op

revision = "0100"
down_revision = "0080"

SEALS = True
"""What it changes stood there in clear."""


def upgrade() -> None:
    """Seal what is there; the connection knows how."""
    op.execute("UPDATE events SET body = seal(body, 'events.body') WHERE typeof(body) = 'text'")


def downgrade() -> None:
    """Open it again."""
    op.execute("UPDATE events SET body = unseal(body, 'events.body') WHERE typeof(body) = 'blob'")
