"""Secrets are sealed (`roomtone.store.sealing`), those that are there already, too."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0080"
down_revision = "0090"

SEALS = True
"""What it changes stood there in clear."""

BODIES = (
    "access_lists",
    "applications",
    "calls",
    "conferences",
    "credential_lists",
    "domains",
    "endpoints",
    "ip_addresses",
    "notifications",
    "numbers",
    "outbox",
    "participants",
    "queues",
    "recordings",
    "streams",
    "transcriptions",
    "trunks",
)
COLUMNS = (
    ("projects", "signing_key"),
    ("projects", "previous_key"),
    ("exchanges", "said"),
    ("bins", "contents"),
    *((table, "body") for table in BODIES),
)


def upgrade() -> None:
    """Seal what is there; the connection knows how."""
    op.create_table(
        "seals",
        sa.Column("name", sa.String(16), primary_key=True),
        sa.Column("sealed", sa.Text, nullable=False),
    )
    op.execute("INSERT INTO seals VALUES ('check', seal('roomtone', 'seals.sealed'))")
    for table, column in COLUMNS:
        op.execute(
            f"UPDATE {table} SET {column} = seal({column}, '{table}.{column}') WHERE typeof({column}) = 'text'"  # noqa: S608 - names of ours
        )


def downgrade() -> None:
    """Open everything again."""
    for table, column in COLUMNS:
        op.execute(
            f"UPDATE {table} SET {column} = unseal({column}, '{table}.{column}') WHERE typeof({column}) = 'blob'"  # noqa: S608 - names of ours
        )
    op.drop_table("seals")
