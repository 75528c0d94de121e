"""What a dialect reads in a request: fields in, the core's words out, or a refusal.

Both vendors name the parameters alike; a dialect's rules say where they read them differently.
"""

from __future__ import annotations

from dataclasses import dataclass

from roomtone.core.conference.messages import Command, Who
from roomtone.core.conference.state import Topic
from roomtone.core.listing import BinFilter, ConferenceFilter, NumberFilter, ParticipantFilter
from roomtone.dialects import bin_forms, conference_forms, number_forms, paging, participant_forms
from roomtone.dialects.bin_forms import BinChange
from roomtone.dialects.fields import Fields
from roomtone.dialects.number_forms import NumberChange
from roomtone.dialects.paging import PageRequest
from roomtone.dialects.rules import Rules


@dataclass(frozen=True, slots=True)
class Forms:
    """The forms of a dialect. All of them raise `Refused` and ignore parameters they do not know."""

    rules: Rules

    def update_participant(self, fields: Fields, who: Who) -> tuple[Command, ...]:
        """Read what is to become of a participant; nothing said gives no command."""
        return participant_forms.update(fields, who, self.rules)

    def list_participants(self, fields: Fields) -> ParticipantFilter:
        """Read which participants are wanted."""
        return participant_forms.wanted(fields)

    def update_conference(self, fields: Fields) -> tuple[Command, ...]:
        """Read what is to become of a conference; nothing said gives no command."""
        return conference_forms.update(fields)

    def list_conferences(self, fields: Fields) -> ConferenceFilter:
        """Read which conferences are wanted."""
        return conference_forms.wanted(fields)

    def create_number(self, fields: Fields) -> NumberChange:
        """Read which number is claimed, and what its calls do."""
        return number_forms.create(fields, self.rules)

    def update_number(self, fields: Fields) -> NumberChange:
        """Read what is to change about a number."""
        return number_forms.update(fields, self.rules)

    def list_numbers(self, fields: Fields) -> NumberFilter:
        """Read which numbers are wanted."""
        return number_forms.wanted(fields)

    def create_bin(self, fields: Fields) -> BinChange:
        """Read what a hosted document is called and holds."""
        return bin_forms.create(fields)

    def update_bin(self, fields: Fields) -> BinChange:
        """Read what is to change about a hosted document."""
        return bin_forms.update(fields)

    def list_bins(self, fields: Fields) -> BinFilter:
        """Read which hosted documents are wanted."""
        return bin_forms.wanted(fields)

    def page(self, fields: Fields) -> PageRequest:
        """Read which page of a list is wanted."""
        return paging.request(fields)

    def topics(self, text: str) -> frozenset[Topic]:
        """Read a list of callback events: those this dialect has."""
        return conference_forms.topics(text) & self.rules.topics
