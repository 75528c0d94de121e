"""Phones and where they are, names that calls come to, trunks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0030"

HEX = sa.String(32)


def upgrade() -> None:
    """Make the tables."""
    for name in ("endpoints", "domains"):
        op.create_table(
            name,
            sa.Column("id", HEX, primary_key=True),
            sa.Column("project", HEX, nullable=False),
            sa.Column("created_ms", sa.BigInteger, nullable=False),
            sa.Column("removed", sa.Integer, nullable=False, server_default="0"),
            sa.Column("body", sa.Text, nullable=False),
            sa.Column("name", sa.Text, nullable=False),
        )
        op.create_index(f"{name}_listed", name, ["project", "created_ms", "id"])
    living = sa.text("removed = 0")
    op.create_index(
        "one_endpoint_of_a_name",
        "endpoints",
        ["name", "project"],
        unique=True,
        sqlite_where=living,
        postgresql_where=living,
    )
    op.create_index(
        "one_domain_of_a_name",
        "domains",
        ["name"],
        unique=True,
        sqlite_where=living,
        postgresql_where=living,
    )
    op.create_table(
        "bindings",
        sa.Column(
            "row", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True
        ),
        sa.Column("endpoint", HEX, nullable=False),
        sa.Column("expires_ms", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("bindings_of_endpoint", "bindings", ["endpoint"])
    op.create_table(
        "trunks",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Drop them."""
    for name in ("trunks", "bindings", "domains", "endpoints"):
        op.drop_table(name)
