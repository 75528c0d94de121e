"""Lists of phones, lists of networks, and what is in them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"

HEX = sa.String(32)


def upgrade() -> None:
    """Make the tables, and have a phone know its list."""
    op.add_column("endpoints", sa.Column("list", HEX))
    op.create_index("endpoints_of_list", "endpoints", ["list"])
    for name in ("credential_lists", "access_lists", "ip_addresses"):
        op.create_table(
            name,
            sa.Column("id", HEX, primary_key=True),
            sa.Column("project", HEX, nullable=False),
            sa.Column("created_ms", sa.BigInteger, nullable=False),
            sa.Column("removed", sa.Integer, nullable=False, server_default="0"),
            sa.Column("body", sa.Text, nullable=False),
            *((sa.Column("list", HEX, nullable=False),) if name == "ip_addresses" else ()),
        )
        op.create_index(f"{name}_listed", name, ["project", "created_ms", "id"])
    op.create_index("ip_addresses_of_list", "ip_addresses", ["list"])


def downgrade() -> None:
    """Drop them."""
    for name in ("ip_addresses", "access_lists", "credential_lists"):
        op.drop_table(name)
    op.drop_index("endpoints_of_list", "endpoints")
    op.drop_column("endpoints", "list")
