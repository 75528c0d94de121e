"""Conferences: their state, those in them, what happened, and what is owed for it, all in one transaction.

A conference's row holds what is the conference's own; each participant has a row, so that a change of one in a room of
hundreds writes one. Rows of participants stay after they left: a page may still hang on their place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Select, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from roomtone.core.conference.codec import (
    conference_from_json,
    conference_to_json,
    event_to_json,
    participant_from_json,
    participant_to_json,
)
from roomtone.core.conference.messages import Event
from roomtone.core.conference.notices import ConferenceNotice
from roomtone.core.conference.state import Conference, Participant, Status
from roomtone.core.exchange import StaleRevision
from roomtone.core.ids import ConferenceId, ParticipantId, ProjectId
from roomtone.core.listing import ConferenceFilter, ParticipantFilter, Place, Window
from roomtone.core.moment import Moment
from roomtone.store import past, windows
from roomtone.store.outbox import owe
from roomtone.store.prepared import Prepared
from roomtone.store.recollection import Recollection
from roomtone.store.shelf import Shelf
from roomtone.store.tables import conferences, live, participants, present
from roomtone.store.tables import events as facts
from roomtone.store.threads import Readers, Writer

_INSERT_STATE = Prepared(insert(conferences))
_UPDATE_STATE = Prepared(
    update(conferences).where(
        conferences.c.id == bindparam("this"), conferences.c.revision == bindparam("expected")
    )
)
_INSERT_PARTICIPANT = Prepared(insert(participants))
_UPDATE_PARTICIPANT = Prepared(update(participants).where(participants.c.id == bindparam("this")))
_INSERT_FACT = Prepared(insert(facts))


class Conferences(Shelf):
    """Conferences and those in them."""

    def __init__(self, readers: Readers, writer: Writer) -> None:
        super().__init__(readers, writer)
        self._recollection = Recollection()
        self._with_past: set[ConferenceId] = set()
        """Those of which it is known that their past is kept."""

    async def conference(self, conference: ConferenceId) -> Conference | None:
        """Find a conference with all its present participants, completed or not, whosever it is."""
        if (known := self._known(conference)) is not None:
            return known
        query = select(conferences).where(conferences.c.id == conference.hex)
        return await self._read(lambda connection: self._find(connection, query))

    async def live_conference(self, project: ProjectId, name: str) -> Conference | None:
        """Find the one conference with this name that is not completed."""
        query = select(conferences).where(
            conferences.c.project == project.hex, conferences.c.name == name, live
        )
        return await self._read(lambda connection: self._find(connection, query))

    async def live_conferences(self) -> Sequence[Conference]:
        """All conferences not completed, for a brain that has just come back; oldest first."""
        return await self._read(_live)

    async def conferences(
        self, project: ProjectId, wanted: ConferenceFilter, window: Window
    ) -> Sequence[Conference]:
        """List a project's conferences, completed ones too. Their `participants` are left empty."""
        query = _listed(project, wanted)
        rows = await self._read(lambda connection: windows.run(connection, query, conferences, window))
        return [conference_from_json(row.body) for row in rows]

    async def conference_place(self, project: ProjectId, conference: ConferenceId) -> Place | None:
        """Give a conference's place in that list; None: not this project's."""
        own = conferences.c.project == project.hex
        return await self._read(lambda connection: windows.place(connection, conferences, conference, own))

    async def participants(
        self, conference: ConferenceId, wanted: ParticipantFilter, window: Window
    ) -> Sequence[Participant]:
        """List the participants present now; none if the conference is completed or unknown."""
        if (known := self._known(conference)) is not None:
            return windows.through(window, (one for one in known.participants if _fits(one, wanted)))
        query = _present(conference, wanted)
        rows = await self._read(lambda connection: windows.run(connection, query, participants, window))
        return [participant_from_json(row.body) for row in rows]

    async def participant_place(self, conference: ConferenceId, participant: ParticipantId) -> Place | None:
        """Give a participant's place in that list, also after they left; None: never was in this conference."""
        known = self._known(conference)
        one = (
            None
            if known is None
            else next((one for one in known.participants if one.id == participant), None)
        )
        if one is not None:
            return Place(one.created_ms, one.id)
        here = participants.c.conference == conference.hex
        return await self._read(lambda connection: windows.place(connection, participants, participant, here))

    async def commit_conference(
        self,
        conference: Conference,
        events: Iterable[Event],
        notices: Iterable[ConferenceNotice],
        now: Moment,
    ) -> None:
        """Write a conference's new state, its events and its notices in one transaction.

        The state carries revision n+1; the stored one must be n (0: none is stored).

        Raises:
            StaleRevision: It is not, or another live conference has the name.
        """
        before = self._recollection.of(conference.id, conference.revision - 1)
        told, owed = tuple(events), tuple(notices)

        def work(connection: Connection) -> None:
            was = before or _read_before(connection, conference)
            _write_state(connection, conference)
            written = _write_participants(connection, was, conference, now)
            if was is not None and conference.id not in self._with_past:
                past.begin(
                    connection, was, {one.id: participant_to_json(one) for one in was.participants}, now
                )
            past.note(connection, was, conference, written, now)
            _write_events(connection, conference, told, now)
            owe(connection, owed, now.wall_ms)

        self._recollection.expect(conference)
        try:
            await self._write_of(conference.project, conference.id, work)
        except BaseException:
            self._recollection.forget(conference)
            raise
        self._recollection.keep(conference)
        if conference.status is Status.COMPLETED:
            self._with_past.discard(conference.id)
        else:
            self._with_past.add(conference.id)

    def _known(self, conference: ConferenceId) -> Conference | None:
        """Give what is committed, if it can be told without asking another thread: it is the state recalled."""
        if self._glance is None or not self._recollection.holds(conference):
            return None
        revision = self._glance.revision(conference.hex)
        return None if revision is None else self._recollection.of(conference, revision)

    def _find(self, connection: Connection, query: Select[Any]) -> Conference | None:
        row = connection.execute(query).first()
        if row is None:
            return None
        known = self._recollection.of(ConferenceId.from_hex(row.id), row.revision)
        if known is not None:
            return known
        found = replace(conference_from_json(row.body), participants=_those_in(connection, row.id))
        self._recollection.keep(found)
        return found


def _fits(one: Participant, wanted: ParticipantFilter) -> bool:
    """Say in Python what `_present` says in SQL."""
    return (
        wanted.muted in {None, one.muted}
        and wanted.held in {None, one.held}
        and wanted.coaching in {None, one.coaching}
    )


def _listed(project: ProjectId, wanted: ConferenceFilter) -> Select[Any]:
    query = select(conferences.c.body, conferences.c.created_ms).where(conferences.c.project == project.hex)
    if wanted.name is not None:
        query = query.where(conferences.c.name == wanted.name)
    if wanted.status is not None:
        query = query.where(conferences.c.status == wanted.status.value)
    created = windows.within(conferences.c.created_ms, wanted.created)
    return query.where(*created, *windows.within(conferences.c.updated_ms, wanted.updated))


def _present(conference: ConferenceId, wanted: ParticipantFilter) -> Select[Any]:
    query = select(participants.c.body).where(participants.c.conference == conference.hex, present)
    asked = {"muted": wanted.muted, "held": wanted.held, "coaching": wanted.coaching}
    return query.where(*(participants.c[name] == value for name, value in asked.items() if value is not None))


def _live(connection: Connection) -> list[Conference]:
    rows = connection.execute(
        select(conferences).where(live).order_by(conferences.c.created_ms, conferences.c.id)
    ).all()
    return [
        replace(conference_from_json(row.body), participants=_those_in(connection, row.id)) for row in rows
    ]


def _those_in(connection: Connection, conference: str) -> tuple[Participant, ...]:
    """Give those present in the order they joined."""
    query = select(participants.c.body).where(participants.c.conference == conference, present)
    rows = connection.execute(query.order_by(participants.c.seq))
    return tuple(participant_from_json(row.body) for row in rows)


def _read_before(connection: Connection, conference: Conference) -> Conference | None:
    """Give the state that is being replaced; None: there is none."""
    query = select(conferences.c.body).where(conferences.c.id == conference.id.hex)
    body = connection.execute(query).scalar_one_or_none()
    if body is None:
        return None
    return replace(conference_from_json(body), participants=_those_in(connection, conference.id.hex))


def _write_state(connection: Connection, conference: Conference) -> None:
    row = {
        "project": conference.project.hex,
        "name": conference.name,
        "status": conference.status.value,
        "created_ms": conference.created_ms,
        "updated_ms": conference.updated_ms,
        "revision": conference.revision,
        "body": conference_to_json(replace(conference, participants=())),
    }
    if conference.revision == 1:
        try:
            _INSERT_STATE.run(connection, {"id": conference.id.hex, **row})
        except IntegrityError as there:
            raise StaleRevision(f"conference {conference.id} or its name is there already") from there
        return
    mine = {"this": conference.id.hex, "expected": conference.revision - 1}
    if _UPDATE_STATE.run(connection, {**mine, **row}) != 1:
        raise StaleRevision(f"conference {conference.id} is not at revision {conference.revision - 1}")


def _write_participants(
    connection: Connection, before: Conference | None, after: Conference, now: Moment
) -> dict[ParticipantId, str]:
    """Write those who came, changed or left, and no one else; gives the texts of those who came or changed."""
    written: dict[ParticipantId, str] = {}
    were = {} if before is None else {one.id: one for one in before.participants}
    for one in after.participants:
        was = were.pop(one.id, None)
        if was is None:
            key = {
                "id": one.id.hex,
                "conference": after.id.hex,
                "call": one.call.hex,
                "created_ms": one.created_ms,
            }
            written[one.id] = body = participant_to_json(one)
            _INSERT_PARTICIPANT.run(connection, key | _flags(one, body))
        elif was is not one and was != one:
            written[one.id] = body = participant_to_json(one)
            _UPDATE_PARTICIPANT.run(connection, {"this": one.id.hex} | _flags(one, body))
    for gone in were:
        _UPDATE_PARTICIPANT.run(connection, {"this": gone.hex, "left_ms": now.wall_ms})
    return written


def _flags(one: Participant, body: str) -> dict[str, object]:
    return {
        "label": one.label,
        "muted": one.muted,
        "held": one.held,
        "coaching": one.coaching,
        "body": body,
    }


def _write_events(
    connection: Connection, conference: Conference, events: Sequence[Event], now: Moment
) -> None:
    rows = [
        {
            "conference": conference.id.hex,
            "revision": conference.revision,
            "at_ms": now.wall_ms,
            "kind": type(event).__name__,
            "body": event_to_json(event),
        }
        for event in events
    ]
    _INSERT_FACT.run_all(connection, rows)
