"""The part of the store that forgets which remembers what conferences were."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from roomtone.core.conference.messages import Event
from roomtone.core.conference.state import Conference, Participant
from roomtone.core.ids import ConferenceId, ParticipantId


class MemoryPast:
    """Each state as it was committed, and each event, with their moments."""

    def __init__(self) -> None:
        super().__init__()
        self._states: list[tuple[int, Conference]] = []
        self._dated: list[tuple[ConferenceId, int, Event]] = []

    def _note_past(self, conference: Conference, events: Iterable[Event], at_ms: int) -> None:
        self._states.append((at_ms, conference))
        self._dated += ((conference.id, at_ms, event) for event in events)

    async def conference_at(self, conference: ConferenceId, at_ms: int) -> Conference | None:
        """Give a conference as it was at a moment."""
        found = [one for when, one in self._states if one.id == conference and when <= at_ms]
        return found[-1] if found else None

    async def happened(
        self, conference: ConferenceId, after: int, limit: int
    ) -> Sequence[tuple[int, int, Event]]:
        """List what happened in a conference, oldest first."""
        numbered = (
            (number, at_ms, event)
            for number, (where, at_ms, event) in enumerate(self._dated, 1)
            if where == conference and number > after
        )
        return list(numbered)[:limit]

    async def everybody(self, conference: ConferenceId) -> Sequence[tuple[Participant, int | None]]:
        """List all who were ever in a conference, as they were last, and when they left."""
        last: dict[ParticipantId, Participant] = {}
        left: dict[ParticipantId, int] = {}
        for at_ms, state in self._states:
            if state.id == conference:
                here = {one.id: one for one in state.participants}
                left |= {one: at_ms for one in last if one not in here and one not in left}
                last |= here
        return [(one, left.get(id_)) for id_, one in last.items()]
