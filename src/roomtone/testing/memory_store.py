"""A store that forgets: the same questions and answers as the real one, in dictionaries.

It fits what the doors ask (`roomtone.api.ports.Store`) and what the switchboard asks (`roomtone.switchboard.ports`);
facts and notices are kept in lists to be looked at. Tokens are kept as they are: never let it near a customer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from roomtone.core.call.notices import CallNotice
from roomtone.core.call.state import Call
from roomtone.core.conference.messages import Event
from roomtone.core.conference.notices import ConferenceNotice
from roomtone.core.conference.state import Conference, Participant, Status
from roomtone.core.exchange import StaleRevision
from roomtone.core.ids import BinId, ConferenceId, NumberId, ParticipantId, ProjectId
from roomtone.core.listing import (
    BinFilter,
    ConferenceFilter,
    NumberFilter,
    ParticipantFilter,
    Place,
    Window,
)
from roomtone.core.moment import Moment
from roomtone.core.notices import Notice
from roomtone.core.project import Bin, Number
from roomtone.core.refusals import Reason, Refused
from roomtone.testing.memory_collections import MemoryPhones
from roomtone.testing.memory_drawers import MemoryDrawers
from roomtone.testing.memory_exchanges import MemoryExchanges
from roomtone.testing.memory_keys import MemoryKeys
from roomtone.testing.memory_lists import changed, own, through, within
from roomtone.testing.memory_past import MemoryPast
from roomtone.testing.memory_streams import MemoryStreams
from roomtone.testing.memory_trunks import MemoryTrunks


class MemoryStore(
    MemoryPast, MemoryExchanges, MemoryStreams, MemoryKeys, MemoryPhones, MemoryTrunks, MemoryDrawers
):
    """Everything in dictionaries, by id."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[tuple[ConferenceId, Event]] = []
        """What happened, in order."""

        self.notices: list[Notice] = []
        """What is owed, in order."""

        self._conferences: dict[ConferenceId, Conference] = {}
        self._numbers: dict[NumberId, Number] = {}
        self._bins: dict[BinId, Bin] = {}

    # Conferences and calls -------------------------------------------------------------------------------------------

    async def conference(self, conference: ConferenceId) -> Conference | None:
        """Find a conference."""
        return self._conferences.get(conference)

    async def live_conference(self, project: ProjectId, name: str) -> Conference | None:
        """Find the one conference with this name that is not completed."""
        live = await self.live_conferences()
        return next((one for one in live if (one.project, one.name) == (project, name)), None)

    async def live_conferences(self) -> Sequence[Conference]:
        """All conferences not completed."""
        return [one for one in self._conferences.values() if one.status is not Status.COMPLETED]

    async def conferences(
        self, project: ProjectId, wanted: ConferenceFilter, window: Window
    ) -> Sequence[Conference]:
        """List a project's conferences."""
        return through(
            window,
            (
                one
                for one in self._conferences.values()
                if one.project == project
                and wanted.name in {None, one.name}
                and wanted.status in {None, one.status}
                and within(wanted.created, one.created_ms)
                and within(wanted.updated, one.updated_ms)
            ),
        )

    async def conference_place(self, project: ProjectId, conference: ConferenceId) -> Place | None:
        """Give a conference's place in that list."""
        return self._places.get((project, conference))

    async def participants(
        self, conference: ConferenceId, wanted: ParticipantFilter, window: Window
    ) -> Sequence[Participant]:
        """List those present now."""
        found = self._conferences.get(conference)
        return through(
            window,
            (
                one
                for one in (() if found is None else found.participants)
                if wanted.muted in {None, one.muted}
                and wanted.held in {None, one.held}
                and wanted.coaching in {None, one.coaching}
            ),
        )

    async def participant_place(self, conference: ConferenceId, participant: ParticipantId) -> Place | None:
        """Give a participant's place in that list, also after they left."""
        return self._places.get((conference, participant))

    async def commit_conference(
        self,
        conference: Conference,
        events: Iterable[Event],
        notices: Iterable[ConferenceNotice],
        now: Moment,
    ) -> None:
        """Write a conference's new state, and what comes of it.

        Raises:
            StaleRevision: The stored revision is not one less, or another live conference has the name.
        """
        stored = self._conferences.get(conference.id)
        namesake = await self.live_conference(conference.project, conference.name)
        if conference.revision != (0 if stored is None else stored.revision) + 1:
            raise StaleRevision
        if (
            namesake is not None
            and namesake.id != conference.id
            and conference.status is not Status.COMPLETED
        ):
            raise StaleRevision
        self._conferences[conference.id] = conference
        self._remember(conference.project, conference)
        for participant in conference.participants:
            self._remember(conference.id, participant)
        told = tuple(events)
        self._note_past(conference, told, now.wall_ms)
        self.events += ((conference.id, event) for event in told)
        self.notices += notices

    async def live_calls(self) -> Sequence[Call]:
        """All calls not over."""
        return [call for call in self.calls.values() if not call.over]

    async def commit_call(
        self, call: Call, notices: Iterable[CallNotice] = (), now: Moment | None = None
    ) -> None:
        """Write a call's new state, and what is owed for it.

        Raises:
            StaleRevision: The stored revision is not one less.
        """
        del now  # the real store dates its rows with it
        stored = self.calls.get(call.id)
        if call.revision != (0 if stored is None else stored.revision) + 1:
            raise StaleRevision
        self.calls[call.id] = call
        self._remember(call.project, call)
        self.notices += notices

    # Numbers ---------------------------------------------------------------------------------------------------------

    async def number(self, project: ProjectId, number: NumberId) -> Number | None:
        """Find a project's number."""
        return own(self._numbers, project, number)

    async def number_called(self, phone_number: str) -> Number | None:
        """Find the claimed number with this spelling."""
        return next((one for one in self._numbers.values() if one.phone_number == phone_number), None)

    async def numbers(self, project: ProjectId, wanted: NumberFilter, window: Window) -> Sequence[Number]:
        """List a project's numbers."""
        pattern = re.compile(re.escape(wanted.phone_number or "").replace(r"\*", "."))
        return through(
            window,
            (
                one
                for one in self._numbers.values()
                if one.project == project
                and wanted.friendly_name in {None, one.friendly_name}
                and pattern.search(one.phone_number)
                and (wanted.of is None or wanted.of.holds(one.phone_number))
            ),
        )

    async def number_place(self, project: ProjectId, number: NumberId) -> Place | None:
        """Give a number's place in that list, also after it was released."""
        return self._places.get((project, number))

    async def claimed_among(self, phone_numbers: Sequence[str]) -> frozenset[str]:
        """Give those of some numbers that are claimed."""
        return frozenset(phone_numbers) & {one.phone_number for one in self._numbers.values()}

    async def add_number(self, number: Number) -> None:
        """Claim a number.

        Raises:
            Refused: NUMBER_TAKEN.
        """
        if await self.number_called(number.phone_number) is not None:
            raise Refused(Reason.NUMBER_TAKEN, number=number.phone_number)
        self._numbers[number.id] = number
        self._remember(number.project, number)

    async def change_number(
        self, project: ProjectId, number: NumberId, change: Callable[[Number], Number]
    ) -> Number | None:
        """Change a number."""
        return changed(self._numbers, project, number, change)

    async def remove_number(self, project: ProjectId, number: NumberId) -> bool:
        """Release a number."""
        found = own(self._numbers, project, number)
        return found is not None and self._numbers.pop(number, None) is not None

    # Hosted documents ------------------------------------------------------------------------------------------------

    async def bin(self, project: ProjectId, bin_: BinId) -> Bin | None:
        """Find a project's document."""
        return own(self._bins, project, bin_)

    async def bins(self, project: ProjectId, wanted: BinFilter, window: Window) -> Sequence[Bin]:
        """List a project's documents."""
        owned = (one for one in self._bins.values() if one.project == project)
        return through(window, (one for one in owned if wanted.name in {None, one.name}))

    async def bin_place(self, project: ProjectId, bin_: BinId) -> Place | None:
        """Give a document's place in that list, also after it was deleted."""
        return self._places.get((project, bin_))

    async def add_bin(self, bin_: Bin) -> None:
        """Keep a document."""
        self._bins[bin_.id] = bin_
        self._remember(bin_.project, bin_)

    async def change_bin(self, project: ProjectId, bin_: BinId, change: Callable[[Bin], Bin]) -> Bin | None:
        """Change a document."""
        return changed(self._bins, project, bin_, change)

    async def remove_bin(self, project: ProjectId, bin_: BinId) -> bool:
        """Delete a document."""
        found = own(self._bins, project, bin_)
        return found is not None and self._bins.pop(bin_, None) is not None

    async def open_bin(self, bin_: BinId, at_ms: int) -> Bin | None:
        """Find a document, and count the request."""
        found = self._bins.get(bin_)
        if found is not None:
            self._bins[bin_] = replace(found, requests=found.requests + 1, accessed_ms=at_ms)
        return found
