"""Conferences as they were: who heard whom at any moment, what happened, and who was ever there.

Whatever changes who hears whom leaves a row in the transaction that commits it: the participant as they are now, or
none when they are gone; or the conference's own part. The latest row of each, up to a moment, is the conference at that
moment. What changes nothing of the picture (who speaks, dates) leaves none, so there are about as many rows as events.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection, func, insert, not_, or_, select

from roomtone.core.conference.codec import (
    conference_from_json,
    conference_to_json,
    event_from_json,
    participant_from_json,
)
from roomtone.core.conference.messages import Event
from roomtone.core.conference.state import Conference, Participant
from roomtone.core.ids import ConferenceId, ParticipantId
from roomtone.core.moment import Moment
from roomtone.store.prepared import Prepared
from roomtone.store.shelf import Shelf
from roomtone.store.tables import calls, events, participants, past

_INSERT = Prepared(insert(past))

MOST_PEOPLE = 2_000
"""Of those who were ever in a conference so many are told of, the first ones."""


_of_deleted_calls = participants.c.call.in_(select(calls.c.id).where(calls.c.removed == 1))
"""A call that its customer deleted is told of no more."""


class Past(Shelf):
    """What is over. All times are wall clock, ms since 1970 UTC."""

    async def conference_at(self, conference: ConferenceId, at_ms: int) -> Conference | None:
        """Give a conference as it was at a moment; None: it was not there yet, or nothing is known of that time."""
        gone = select(participants.c.id).where(participants.c.conference == conference.hex, _of_deleted_calls)
        latest = (
            select(func.max(past.c.seq))
            .where(past.c.conference == conference.hex, past.c.at_ms <= at_ms)
            .where(or_(past.c.participant.is_(None), past.c.participant.not_in(gone)))
            .group_by(past.c.participant)
        )
        query = select(past).where(past.c.seq.in_(latest)).order_by(past.c.seq)
        rows = await self._read(lambda connection: connection.execute(query).all())
        own = next((row.body for row in rows if row.participant is None), None)
        if own is None:
            return None
        people = [participant_from_json(row.body) for row in rows if row.participant and row.body]
        people.sort(key=lambda one: one.created_ms)
        return replace(conference_from_json(own), participants=tuple(people))

    async def happened(
        self, conference: ConferenceId, after: int, limit: int
    ) -> Sequence[tuple[int, int, Event]]:
        """List what happened in a conference, oldest first: the number of each event, when it was, and what.

        Args:
            conference: Where.
            after: Those after the one of this number; 0: from the beginning.
            limit: At most so many.
        """
        query = select(events).where(events.c.conference == conference.hex, events.c.seq > after)
        ordered = query.order_by(events.c.seq).limit(limit)
        rows = await self._read(lambda connection: connection.execute(ordered).all())
        return [(row.seq, row.at_ms, event_from_json(row.body)) for row in rows]

    async def everybody(self, conference: ConferenceId) -> Sequence[tuple[Participant, int | None]]:
        """List all who were ever in a conference, in the order they came, as they were last, and when they left.

        Those whose call was deleted are left out.
        """
        query = select(participants.c.body, participants.c.left_ms)
        query = query.where(participants.c.conference == conference.hex, not_(_of_deleted_calls))
        ordered = query.order_by(participants.c.seq).limit(MOST_PEOPLE)
        rows = await self._read(lambda connection: connection.execute(ordered).all())
        return [(participant_from_json(row.body), row.left_ms) for row in rows]


def begin(
    connection: Connection,
    was: Conference,
    written: Mapping[ParticipantId, str],
    now: Moment,
) -> None:
    """Leave rows for a conference that has none, being older than the table: as it has been since it changed last.

    Args:
        connection: Of the transaction that commits its next change.
        was: As it was before that, with its participants.
        written: The texts of all of them.
        now: When it is committed.
    """
    if connection.execute(select(past.c.seq).where(past.c.conference == was.id.hex).limit(1)).first() is None:
        since_ms = max(was.updated_ms, *(one.updated_ms for one in was.participants), 0)
        note(connection, None, was, written, Moment(min(since_ms, now.wall_ms), now.mono_ns))


def note(
    connection: Connection,
    before: Conference | None,
    after: Conference,
    written: Mapping[ParticipantId, str],
    now: Moment,
) -> None:
    """Leave a row for each thing that changed of who hears whom; part of the transaction that commits it.

    Args:
        connection: The transaction's.
        before: As it was, with its participants; None: there was none.
        after: As it is committed.
        written: The texts of those participants who came or changed.
        now: When.
    """
    for participant, body in _changes(before, after, written):
        row = {"conference": after.id.hex, "participant": participant, "at_ms": now.wall_ms, "body": body}
        _INSERT.run(connection, row)


def _changes(
    before: Conference | None, after: Conference, written: Mapping[ParticipantId, str]
) -> Iterator[tuple[str | None, str | None]]:
    if before is None or _own(before) != _own(after):
        yield None, conference_to_json(replace(after, participants=()))
    were = {} if before is None else {one.id: one for one in before.participants}
    for one in after.participants:
        was = were.pop(one.id, None)
        if one.id in written and (was is None or _seen(was) != _seen(one)):
            yield one.id.hex, written[one.id]
    for gone in were:
        yield gone.hex, None


def _own(one: Conference) -> tuple[object, ...]:
    return one.status, one.announcements, one.voices


def _seen(one: Participant) -> tuple[object, ...]:
    return (
        one.label, one.muted, one.hold, one.hold_turn, one.wait, one.wait_turn, one.coaching, one.coached,
        one.announcements, one.progress, one.early,
    )  # fmt: skip
