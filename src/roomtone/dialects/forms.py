"""What a dialect reads in a request: fields in, the core's words out, or a refusal.

Both vendors name the parameters alike; a dialect's rules say where they read them differently.
"""

from __future__ import annotations

from dataclasses import dataclass

from roomtone.core.access import AccountFilter
from roomtone.core.call.wishes import Wish
from roomtone.core.conference.messages import Command, Who
from roomtone.core.conference.state import Topic
from roomtone.core.ice import LONGEST_TTL_S
from roomtone.core.listing import (
    ApplicationFilter,
    BinFilter,
    CallFilter,
    ConferenceFilter,
    NotificationFilter,
    NumberFilter,
    ParticipantFilter,
    RecordingFilter,
)
from roomtone.core.recording.messages import Command as RecordingCommand
from roomtone.core.recording.wishes import RecordingWish
from roomtone.core.values import Document
from roomtone.dialects import (
    account_forms,
    application_forms,
    available_forms,
    bin_forms,
    call_forms,
    call_orders,
    conference_forms,
    key_forms,
    notification_forms,
    number_forms,
    paging,
    parameters,
    participant_creation,
    participant_forms,
    queue_forms,
    recording_forms,
)
from roomtone.dialects.account_forms import AccountChange
from roomtone.dialects.application_forms import ApplicationChange
from roomtone.dialects.available_forms import NumberSearch
from roomtone.dialects.bin_forms import BinChange
from roomtone.dialects.call_orders import CallOrder
from roomtone.dialects.fields import Fields
from roomtone.dialects.key_forms import KeyChange
from roomtone.dialects.number_forms import NumberChange
from roomtone.dialects.paging import PageRequest
from roomtone.dialects.participant_creation import ParticipantOrder
from roomtone.dialects.queue_forms import QueueChange
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

    def import_number(self, fields: Fields) -> NumberChange:
        """Read which number of one's own is brought along."""
        return number_forms.imported(fields)

    def search_numbers(self, fields: Fields) -> NumberSearch:
        """Read which free numbers are wanted."""
        return available_forms.search(fields)

    def create_participant(self, fields: Fields) -> ParticipantOrder:
        """Read whom to call into a conference, and how they take part."""
        return participant_creation.read(fields, self.rules)

    def create_call(self, fields: Fields) -> CallOrder:
        """Read whom to call, and what for."""
        return call_orders.create(fields)

    def update_call(self, fields: Fields) -> Wish | None:
        """Read what is to become of a call; None: nothing is said."""
        return call_orders.update(fields)

    def list_calls(self, fields: Fields) -> CallFilter:
        """Read which calls are wanted."""
        return call_forms.wanted(fields)

    def list_notifications(self, fields: Fields) -> NotificationFilter:
        """Read which notifications are wanted."""
        return notification_forms.wanted(fields)

    def list_recordings(self, fields: Fields) -> RecordingFilter:
        """Read which recordings of a project are wanted."""
        return recording_forms.wanted(fields)

    def list_recordings_of_one(self, fields: Fields) -> RecordingFilter:
        """Read which recordings of one call or conference are wanted."""
        return recording_forms.dated(fields)

    def create_application(self, fields: Fields) -> ApplicationChange:
        """Read what an application is called, and its URLs."""
        return application_forms.create(fields, self.rules)

    def update_application(self, fields: Fields) -> ApplicationChange:
        """Read what is to change about an application."""
        return application_forms.update(fields)

    def list_applications(self, fields: Fields) -> ApplicationFilter:
        """Read which applications are wanted."""
        return application_forms.wanted(fields)

    def create_queue(self, fields: Fields) -> QueueChange:
        """Read what a queue is called and how many it takes."""
        return queue_forms.create(fields, self.rules)

    def update_queue(self, fields: Fields) -> QueueChange:
        """Read what is to change about a queue."""
        return queue_forms.update(fields, self.rules)

    def dequeue(self, fields: Fields) -> Document:
        """Read where a call is to go from its queue."""
        return queue_forms.dequeue(fields)

    def create_account(self, fields: Fields) -> AccountChange:
        """Read what an account below this one is called."""
        return account_forms.create(fields, self.rules)

    def update_account(self, fields: Fields) -> AccountChange:
        """Read what is to change about an account."""
        return account_forms.update(fields, self.rules)

    def list_accounts(self, fields: Fields) -> AccountFilter:
        """Read which accounts are wanted."""
        return account_forms.wanted(fields, self.rules)

    def create_token(self, fields: Fields) -> KeyChange:
        """Read what a token is called and opens."""
        return key_forms.create_token(fields)

    def update_token(self, fields: Fields) -> KeyChange:
        """Read what is to change about a token."""
        return key_forms.update_token(fields)

    def key(self, fields: Fields) -> KeyChange:
        """Read what an API key is to be called and to open."""
        return key_forms.key(fields)

    def ice_ttl_s(self, fields: Fields) -> int | None:
        """Read for how many seconds a pass is to be good; None: nothing is said."""
        return parameters.whole(fields, "Ttl", 1, LONGEST_TTL_S)

    def update_recording(self, fields: Fields) -> RecordingCommand:
        """Read the wish to pause, resume or stop a recording."""
        return recording_forms.update(fields)

    def record_call(self, fields: Fields) -> RecordingWish:
        """Read how a call that is up is to be recorded: silence is kept unless it is said otherwise."""
        return recording_forms.wish(fields, trimmed=False)

    def record_conference(self, fields: Fields) -> RecordingWish:
        """Read how a conference in progress is to be recorded."""
        return recording_forms.wish_of_conference(fields, self.rules)

    def page(self, fields: Fields) -> PageRequest:
        """Read which page of a list is wanted."""
        return paging.request(fields)

    def topics(self, text: str) -> frozenset[Topic]:
        """Read a list of callback events: those this dialect has."""
        return conference_forms.topics(text) & self.rules.topics
