"""Keys with names and permissions in place of bare credentials; projects below projects."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0010"

SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")
HEX = sa.String(32)
EVERYTHING = "calling chat datasphere fax management messaging numbers pubsub storage tasking video"


def upgrade() -> None:
    """Turn each credential into a project's main key."""
    for column in (
        sa.Column("updated_ms", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("parent", HEX),
        sa.Column("standing", sa.String(16), nullable=False, server_default="active"),
    ):
        op.add_column("projects", column)
    op.create_index("projects_below", "projects", ["parent", "created_ms", "id"])
    keys = op.create_table(
        "keys",
        sa.Column("id", HEX, primary_key=True),
        sa.Column("project", HEX, sa.ForeignKey("projects.id"), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("permissions", sa.Text, nullable=False),
        sa.Column("main", sa.Boolean, nullable=False),
        sa.Column("hint", sa.String(16)),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("updated_ms", sa.BigInteger, nullable=False),
        sa.Column("revoked_ms", sa.BigInteger),
    )
    op.create_index("keys_listed", "keys", ["project", "created_ms", "id"])
    old = sa.text("SELECT project, salt, digest, created_ms, revoked_ms FROM credentials")
    made = [_main_key(row) for row in op.get_bind().execute(old)]
    if made:
        op.bulk_insert(keys, made)
    op.drop_table("credentials")


def downgrade() -> None:
    """Keep of each key what a credential was."""
    credentials = op.create_table(
        "credentials",
        sa.Column("id", SERIAL, primary_key=True),
        sa.Column("project", HEX, sa.ForeignKey("projects.id"), nullable=False),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("revoked_ms", sa.BigInteger),
    )
    op.create_index("credentials_of_project", "credentials", ["project"])
    # Only main keys opened everything: the others must not come to do so by going back.
    kept = sa.text("SELECT project, salt, digest, created_ms, revoked_ms FROM keys WHERE main")
    rows = [dict(row._mapping) for row in op.get_bind().execute(kept)]  # noqa: SLF001 - SQLAlchemy's public name
    if rows:
        op.bulk_insert(credentials, rows)
    op.drop_table("keys")
    op.drop_index("projects_below", "projects")
    for name in ("standing", "parent", "updated_ms"):
        op.drop_column("projects", name)


def _main_key(row: sa.Row[tuple[object, ...]]) -> dict[str, object]:
    return {
        "id": secrets.token_hex(16),
        "project": row.project,
        "name": "main",
        "permissions": EVERYTHING,
        "main": True,
        "hint": None,
        "salt": row.salt,
        "digest": row.digest,
        "created_ms": row.created_ms,
        "updated_ms": row.created_ms,
        "revoked_ms": row.revoked_ms,
    }
