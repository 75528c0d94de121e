"""The tables, as SQLAlchemy Core sees them today. How a database gets here is the migrations' to say.

Ids are 32 hex digits, times are wall clock in ms since 1970 UTC. What a query asks for has its own column; the rest of
a value is JSON in `body`, made and read by the codecs. What customers told us, secrets among it, stands there sealed
(`sealing`): every `body` but those of recordings' happenings and of bindings. Nothing here is of one make of database only, but for the
conditions of indexes, which are SQLite's: naming another's loads its whole dialect at every start. The migrations name both.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    literal_column,
)

from roomtone.store.sealing import Sealed

SCHEMA = "0125"
"""The migration that makes these tables; a test compares it with the newest script."""

metadata = MetaData()

Hex = String(32)
Millis = BigInteger
Serial = BigInteger().with_variant(Integer, "sqlite")
"""A counter the database fills; SQLite counts only in what it calls an integer."""

projects = Table(
    "projects",
    metadata,
    Column("id", Hex, primary_key=True),
    Column("name", Text, nullable=False),
    Column("dialect", String(16), nullable=False),
    Column("signing_key", Sealed("projects.signing_key"), nullable=False),
    Column("created_ms", Millis, nullable=False),
    Column("updated_ms", Millis, nullable=False, default=0),
    Column("parent", Hex),
    Column("standing", String(16), nullable=False, default="active"),
    Column("strict", Boolean, nullable=False, default=False),
    Column("previous_key", Sealed("projects.previous_key")),
    Column("previous_until_ms", Millis, nullable=False, default=0),
    Index("projects_below", "parent", "created_ms", "id"),
)

keys = Table(
    "keys",
    metadata,
    Column("id", Hex, primary_key=True),
    Column("project", Hex, ForeignKey("projects.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("permissions", Text, nullable=False),
    Column("main", Boolean, nullable=False),
    Column("hint", String(16)),
    Column("salt", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("created_ms", Millis, nullable=False),
    Column("updated_ms", Millis, nullable=False),
    Column("revoked_ms", Millis),
    Index("keys_listed", "project", "created_ms", "id"),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", Serial, primary_key=True),
    Column("at_ms", Millis, nullable=False),
    Column("project", Hex, nullable=False),
    Column("key", Hex, nullable=False),
    Column("key_name", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("route", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("request", Text, nullable=False),
    sqlite_autoincrement=True,
)

conferences = Table(
    "conferences",
    metadata,
    Column("id", Hex, primary_key=True),
    Column("project", Hex, nullable=False),
    Column("name", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("created_ms", Millis, nullable=False),
    Column("updated_ms", Millis, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("body", Sealed("conferences.body"), nullable=False),
)
live = conferences.c.status != literal_column("'completed'")
Index(
    "one_live_conference_of_a_name",
    conferences.c.project,
    conferences.c.name,
    unique=True,
    sqlite_where=live,
)
Index("conferences_listed", conferences.c.project, conferences.c.created_ms, conferences.c.id)
Index("conferences_live", conferences.c.id, sqlite_where=live)

participants = Table(
    "participants",
    metadata,
    Column("seq", Serial, primary_key=True),
    Column("id", Hex, nullable=False, unique=True),
    Column("conference", Hex, ForeignKey("conferences.id"), nullable=False),
    Column("call", Hex, nullable=False),
    Column("label", Text),
    Column("muted", Boolean, nullable=False),
    Column("held", Boolean, nullable=False),
    Column("coaching", Boolean, nullable=False),
    Column("created_ms", Millis, nullable=False),
    Column("left_ms", Millis),
    Column("body", Sealed("participants.body"), nullable=False),
)
present = participants.c.left_ms.is_(None)
Index(
    "participants_present",
    participants.c.conference,
    participants.c.created_ms,
    participants.c.id,
    sqlite_where=present,
)

calls = Table(
    "calls",
    metadata,
    Column("id", Hex, primary_key=True),
    Column("project", Hex, nullable=False),
    Column("status", String(16), nullable=False),
    Column("created_ms", Millis, nullable=False),
    Column("ended_ms", Millis),
    Column("revision", Integer, nullable=False),
    Column("body", Sealed("calls.body"), nullable=False),
    Column("caller", Text, nullable=False, default=""),
    Column("called", Text, nullable=False, default=""),
    Column("parent", Hex),
    Column("began_ms", Millis),
    Column("removed", Integer, nullable=False, default=0),
)
on_record = calls.c.removed == literal_column("0")
running = calls.c.ended_ms.is_(None)
Index("calls_live", calls.c.id, sqlite_where=running)
Index("calls_listed", calls.c.project, calls.c.created_ms, calls.c.id)

events = Table(
    "events",
    metadata,
    Column("seq", Serial, primary_key=True),
    Column("conference", Hex, ForeignKey("conferences.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("at_ms", Millis, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", Sealed("events.body"), nullable=False),
    Index("events_of_conference", "conference", "seq"),
    sqlite_autoincrement=True,
)

past = Table(
    "past",
    metadata,
    Column("seq", Serial, primary_key=True),
    Column("conference", Hex, ForeignKey("conferences.id"), nullable=False),
    Column("participant", Hex),
    Column("at_ms", Millis, nullable=False),
    Column("body", Sealed("past.body")),
    Index("past_of_conference", "conference", "seq"),
    sqlite_autoincrement=True,
)

outbox = Table(
    "outbox",
    metadata,
    Column("row", Serial, primary_key=True),
    Column("event_id", Hex, nullable=False, unique=True),
    Column("lane", Hex, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("host", Text, nullable=False),
    Column("body", Sealed("outbox.body"), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_ms", Millis, nullable=False),
    Column("holder", Text),
    Column("leased_until_ms", Millis, nullable=False),
    Column("settled_ms", Millis),
    Column("outcome", String(16)),
    Column("project", Hex, nullable=False, default=""),
    Column("owed_ms", Millis, nullable=False, default=0),
    Column("uncounted", Integer, nullable=False, default=0),
    Column("ready_ms", Millis),
    Index("outbox_of_lane", "lane", "sequence"),
    sqlite_autoincrement=True,
)
pending = outbox.c.settled_ms.is_(None)
settled = outbox.c.settled_ms.is_not(None)
ready = outbox.c.ready_ms.is_not(None)
dead = outbox.c.outcome != literal_column("'delivered'")
Index("outbox_pending", outbox.c.lane, outbox.c.sequence, sqlite_where=pending)
Index("outbox_ready", outbox.c.host, outbox.c.project, outbox.c.ready_ms, sqlite_where=ready)
Index("outbox_settled", outbox.c.settled_ms, sqlite_where=settled)
Index("outbox_dead", outbox.c.project, outbox.c.row, sqlite_where=dead)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("row", Serial, ForeignKey("outbox.row"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("at_ms", Millis, nullable=False),
    Column("latency_ms", Integer, nullable=False),
    Column("status", Integer),
    Column("problem", Text),
    Index("attempts_of_row", "row"),
)

exchanges = Table(
    "exchanges",
    metadata,
    Column("seq", Serial, primary_key=True),
    Column("project", Hex, nullable=False),
    Column("call", Hex),
    Column("conference", Hex),
    Column("what", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("at_ms", Millis, nullable=False),
    Column("latency_ms", Integer, nullable=False),
    Column("status", Integer),
    Column("problem", Text),
    Column("said", Sealed("exchanges.said"), nullable=False),
    sqlite_autoincrement=True,
)
for _column in (exchanges.c.call, exchanges.c.conference):
    Index(f"exchanges_of_{_column.name}", _column, sqlite_where=_column.is_not(None))
Index("exchanges_of_event", exchanges.c.event_id, sqlite_where=exchanges.c.event_id != literal_column("''"))

numbers = Table(
    "numbers",
    metadata,
    Column("id", Hex, primary_key=True),
    Column("project", Hex, nullable=False),
    Column("phone_number", Text, nullable=False),
    Column("friendly_name", Text, nullable=False),
    Column("created_ms", Millis, nullable=False),
    Column("updated_ms", Millis, nullable=False),
    Column("removed", Integer, nullable=False, default=0),
    Column("body", Sealed("numbers.body"), nullable=False),
    Index("numbers_listed", "project", "created_ms", "id"),
)
claimed = numbers.c.removed == literal_column("0")
Index(
    "one_claim_of_a_number",
    numbers.c.phone_number,
    unique=True,
    sqlite_where=claimed,
)

bins = Table(
    "bins",
    metadata,
    Column("id", Hex, primary_key=True),
    Column("project", Hex, nullable=False),
    Column("name", Text, nullable=False),
    Column("contents", Sealed("bins.contents"), nullable=False),
    Column("created_ms", Millis, nullable=False),
    Column("updated_ms", Millis, nullable=False),
    Column("accessed_ms", Millis),
    Column("requests", Integer, nullable=False),
    Column("removed", Integer, nullable=False, default=0),
    Index("bins_listed", "project", "created_ms", "id"),
)
kept = bins.c.removed == literal_column("0")


def _drawer(name: str, *columns: Column[Any]) -> Table:
    """Make a table of things that a project owns and a list shows, after their deletion known by their place alone."""
    return Table(
        name,
        metadata,
        Column("id", Hex, primary_key=True),
        Column("project", Hex, nullable=False),
        Column("created_ms", Millis, nullable=False),
        Column("removed", Integer, nullable=False, default=0),
        Column("body", Sealed(f"{name}.body"), nullable=False),
        *columns,
        Index(f"{name}_listed", "project", "created_ms", "id"),
    )


applications = _drawer("applications", Column("name", Text, nullable=False))

queues = _drawer("queues", Column("name", Text, nullable=False))
_open = queues.c.removed == literal_column("0")
Index(
    "one_queue_of_a_name",
    queues.c.project,
    queues.c.name,
    unique=True,
    sqlite_where=_open,
)

recordings = _drawer(
    "recordings",
    Column("call", Hex),
    Column("conference", Hex),
    Column("revision", Integer, nullable=False, default=0),
    Column("running", Boolean, nullable=False, default=False),
)
Index("recordings_of_call", recordings.c.call)
Index("recordings_of_conference", recordings.c.conference)
Index("recordings_running", recordings.c.id, sqlite_where=recordings.c.running)

happenings = Table(
    "happenings",
    metadata,
    Column("seq", Serial, primary_key=True),
    Column("recording", Hex, nullable=False),
    Column("body", Text, nullable=False),
    Index("happenings_of_recording", "recording", "seq"),
    sqlite_autoincrement=True,
)

streams = _drawer("streams", Column("subject", Hex, nullable=False), Column("over", Boolean, nullable=False))
Index("streams_of_subject", streams.c.subject)
Index("streams_running", streams.c.id, sqlite_where=streams.c.over == literal_column("0"))

transcriptions = _drawer("transcriptions", Column("recording", Hex, nullable=False), Column("due_ms", Millis))
Index("transcriptions_of_recording", transcriptions.c.recording)
Index(
    "transcriptions_due",
    transcriptions.c.due_ms,
    sqlite_where=transcriptions.c.due_ms.is_not(None),
)

notifications = _drawer("notifications", Column("call", Hex), Column("failed", Boolean, nullable=False))
Index("notifications_of_call", notifications.c.call)

uses = Table(
    "uses",
    metadata,
    Column("project", Hex, primary_key=True),
    Column("feature", Text, primary_key=True),
    Column("lacking", Text, nullable=False),
    Column("first_ms", Millis, nullable=False),
)

endpoints = _drawer("endpoints", Column("name", Text, nullable=False), Column("list", Hex))
Index("endpoints_of_list", endpoints.c.list)
Index(
    "one_endpoint_of_a_name",
    endpoints.c.name,
    endpoints.c.project,
    unique=True,
    sqlite_where=endpoints.c.removed == literal_column("0"),
)

domains = _drawer("domains", Column("name", Text, nullable=False))
Index(
    "one_domain_of_a_name",
    domains.c.name,
    unique=True,
    sqlite_where=domains.c.removed == literal_column("0"),
)

credential_lists = _drawer("credential_lists")

access_lists = _drawer("access_lists")

ip_addresses = _drawer("ip_addresses", Column("list", Hex, nullable=False))
Index("ip_addresses_of_list", ip_addresses.c.list)

bindings = Table(
    "bindings",
    metadata,
    Column("row", Serial, primary_key=True),
    Column("endpoint", Hex, nullable=False),
    Column("expires_ms", Millis, nullable=False),
    Column("body", Text, nullable=False),
    Column("flow", Text),
    Index("bindings_of_endpoint", "endpoint"),
    Index("bindings_of_flow", "flow"),
)

trunks = Table(
    "trunks",
    metadata,
    Column("name", Text, primary_key=True),
    Column("created_ms", Millis, nullable=False),
    Column("body", Sealed("trunks.body"), nullable=False),
)

seals = Table(
    "seals",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("sealed", Sealed("seals.sealed"), nullable=False),
)
"""``check``: whether the key file is the one that this database was sealed with; ``rewritten``: no trace is left of before;
``too large``: it takes too long to rewrite it while a server runs."""
