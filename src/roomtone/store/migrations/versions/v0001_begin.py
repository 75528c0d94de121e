"""Begin: projects, conferences, participants, calls, events, the outbox, numbers, hosted documents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")
HEX = sa.String(32)
LIVE = sa.text("status != 'completed'")
PRESENT = sa.text("left_ms IS NULL")
RUNNING = sa.text("ended_ms IS NULL")
PENDING = sa.text("settled_ms IS NULL")
KEPT = sa.text("removed = 0")


def upgrade() -> None:
    """Make all tables."""
    _customers()
    _conferences()
    _calls()
    _facts()
    _holdings()


def downgrade() -> None:
    """Drop all tables."""
    for table in (
        "bins", "numbers", "attempts", "outbox", "events", "calls", "participants", "conferences", "credentials",
        "projects",
    ):  # fmt: skip
        op.drop_table(table)


def _customers() -> None:
    op.create_table(
        "projects",
        sa.Column("id", HEX, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("dialect", sa.String(16), nullable=False),
        sa.Column("signing_key", sa.Text, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "credentials",
        sa.Column("id", SERIAL, primary_key=True),
        sa.Column("project", HEX, sa.ForeignKey("projects.id"), nullable=False),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("revoked_ms", sa.BigInteger),
    )
    op.create_index("credentials_of_project", "credentials", ["project"])


def _conferences() -> None:
    op.create_table(
        "conferences",
        sa.Column("id", HEX, primary_key=True),
        sa.Column("project", HEX, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("updated_ms", sa.BigInteger, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("conferences_listed", "conferences", ["project", "created_ms", "id"])
    op.create_index("conferences_live", "conferences", ["id"], sqlite_where=LIVE, postgresql_where=LIVE)
    op.create_index(
        "one_live_conference_of_a_name",
        "conferences",
        ["project", "name"],
        unique=True,
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )
    op.create_table(
        "participants",
        sa.Column("seq", SERIAL, primary_key=True),
        sa.Column("id", HEX, nullable=False, unique=True),
        sa.Column("conference", HEX, sa.ForeignKey("conferences.id"), nullable=False),
        sa.Column("call", HEX, nullable=False),
        sa.Column("label", sa.Text),
        sa.Column("muted", sa.Boolean, nullable=False),
        sa.Column("held", sa.Boolean, nullable=False),
        sa.Column("coaching", sa.Boolean, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("left_ms", sa.BigInteger),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index(
        "participants_present",
        "participants",
        ["conference", "created_ms", "id"],
        sqlite_where=PRESENT,
        postgresql_where=PRESENT,
    )


def _calls() -> None:
    op.create_table(
        "calls",
        sa.Column("id", HEX, primary_key=True),
        sa.Column("project", HEX, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("ended_ms", sa.BigInteger),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("calls_listed", "calls", ["project", "created_ms", "id"])
    op.create_index("calls_live", "calls", ["id"], sqlite_where=RUNNING, postgresql_where=RUNNING)


def _facts() -> None:
    op.create_table(
        "events",
        sa.Column("seq", SERIAL, primary_key=True),
        sa.Column("conference", HEX, sa.ForeignKey("conferences.id"), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("events_of_conference", "events", ["conference", "seq"])
    op.create_table(
        "outbox",
        sa.Column("row", SERIAL, primary_key=True),
        sa.Column("event_id", HEX, nullable=False, unique=True),
        sa.Column("lane", HEX, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due_ms", sa.BigInteger, nullable=False),
        sa.Column("holder", sa.Text),
        sa.Column("leased_until_ms", sa.BigInteger, nullable=False),
        sa.Column("settled_ms", sa.BigInteger),
        sa.Column("outcome", sa.String(16)),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "outbox_pending", "outbox", ["lane", "sequence"], sqlite_where=PENDING, postgresql_where=PENDING
    )
    op.create_table(
        "attempts",
        sa.Column("id", SERIAL, primary_key=True),
        sa.Column("row", SERIAL, sa.ForeignKey("outbox.row"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("latency_ms", sa.Integer, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("problem", sa.Text),
    )
    op.create_index("attempts_of_row", "attempts", ["row"])


def _holdings() -> None:
    op.create_table(
        "numbers",
        sa.Column("id", HEX, primary_key=True),
        sa.Column("project", HEX, nullable=False),
        sa.Column("phone_number", sa.Text, nullable=False),
        sa.Column("friendly_name", sa.Text, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("updated_ms", sa.BigInteger, nullable=False),
        sa.Column("removed", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("numbers_listed", "numbers", ["project", "created_ms", "id"])
    op.create_index(
        "one_claim_of_a_number",
        "numbers",
        ["phone_number"],
        unique=True,
        sqlite_where=KEPT,
        postgresql_where=KEPT,
    )
    op.create_table(
        "bins",
        sa.Column("id", HEX, primary_key=True),
        sa.Column("project", HEX, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("contents", sa.Text, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("updated_ms", sa.BigInteger, nullable=False),
        sa.Column("accessed_ms", sa.BigInteger),
        sa.Column("requests", sa.Integer, nullable=False),
        sa.Column("removed", sa.Integer, nullable=False),
    )
    op.create_index("bins_listed", "bins", ["project", "created_ms", "id"])
