"""What a dialect is: one value whose parts are tables and pure functions.

The rest of the house asks a dialect, and never which one it is. A part that differs only in numbers is a value made of
them; a part that differs in shape is a module of plain functions, which fits the protocol named after it here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar

from roomtone.core.access import Key
from roomtone.core.application import Application
from roomtone.core.call.notices import CallNotice
from roomtone.core.call.state import Call
from roomtone.core.conference.notices import ConferenceNotice
from roomtone.core.conference.state import Conference, Participant, Topic
from roomtone.core.exchange import Parameters
from roomtone.core.ice import IcePass
from roomtone.core.ids import Id, ProjectId
from roomtone.core.project import Bin, Number, Project
from roomtone.core.queueing import Member, Queue
from roomtone.core.recording.notices import RecordingNotice
from roomtone.core.recording.state import Recording
from roomtone.dialects.limits import Limits
from roomtone.dialects.signatures import Signatures

if TYPE_CHECKING:
    from roomtone.dialects.errors import Errors
    from roomtone.dialects.forms import Forms
    from roomtone.dialects.paging import Page
    from roomtone.dialects.paths import Paths
    from roomtone.dialects.strictness import Strictness

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
Resource: TypeAlias = "Mapping[str, Json]"

AnyId = TypeVar("AnyId", bound=Id)


class Sids(Protocol):
    """How ids are spelled."""

    def show(self, id_: Id, /) -> str:
        """Spell an id in the dialect's own way."""

    def parse(self, kind: type[AnyId], text: str, /) -> AnyId | None:
        """Read an id of this kind in either dialect's spelling; None if the shape is wrong."""


class Resources(Protocol):
    """How resources are written: the vendor's keys in the vendor's order, every key always there."""

    def participant(self, conference: Conference, participant: Participant, /) -> Resource:
        """Write a participant of a conference (of which only id and project are read)."""

    def conference(self, conference: Conference, /) -> Resource:
        """Write a conference."""

    def number(self, number: Number, /) -> Resource:
        """Write a claimed number."""

    def number_of_kind(self, number: Number, /) -> Resource:
        """Write a claimed number as one of a kind's."""

    def bin(self, bin_: Bin, public_url: str, /) -> Resource:
        """Write a hosted document; `public_url` is the house's own address, without a slash at its end."""

    def call(self, call: Call, /) -> Resource:
        """Write a call."""

    def recording(self, recording: Recording, /) -> Resource:
        """Write a recording of a project."""

    def call_recording(self, recording: Recording, /) -> Resource:
        """Write a recording as one of its call's."""

    def conference_recording(self, recording: Recording, /) -> Resource:
        """Write a recording as one of its conference's."""

    def application(self, application: Application, /) -> Resource:
        """Write an application."""

    def queue(self, queue: Queue, members: Sequence[Member], /) -> Resource:
        """Write a queue, and how long those in it wait."""

    def member(self, member: Member, /) -> Resource:
        """Write one who waits in a queue."""

    def free_number(self, phone_number: str, /) -> Resource:
        """Write a number that may be claimed."""

    def free_numbers(self, page: Page, /) -> Resource:
        """Write what a search for free numbers found, all of it."""

    def countries(self, project: ProjectId, codes: Sequence[str], /) -> Resource:
        """Write the countries of which there are free numbers, by two letters."""

    def free_country(self, project: ProjectId, code: str, /) -> Resource:
        """Write a country of which there are free numbers."""

    def page(self, page: Page, /) -> Resource:
        """Write one page of a list, with exactly one key beside the vendor's own."""


class Accounts(Protocol):
    """How accounts and their keys are written."""

    def account(self, project: Project, /, *, fresh: bool = False, trusted: bool = False) -> Resource:
        """Write an account.

        Args:
            project: The account.
            fresh: It was made by this very request.
            trusted: Who asks has a key that opens everything, so what opens as much may be told.
        """

    def key(self, key: Key, secret: str | None = None, /) -> Resource:
        """Write an API key, with its secret if it was made by this very request."""

    def ice_token(self, project: ProjectId, made: IcePass, /) -> Resource:
        """Write a pass for STUN and TURN servers."""

    def token(self, key: Key, secret: str | None = None, /) -> Resource:
        """Write the same thing as a token."""


class Callbacks(Protocol):
    """How facts are told to a customer's server."""

    def conference_parameters(self, notice: ConferenceNotice, /) -> Parameters:
        """Give the parameters of a conference status callback, in order, no name twice."""

    def call_parameters(self, notice: CallNotice, house: str = "", /) -> Parameters:
        """Give the parameters of a call status callback, in order, no name twice; `house`: our own address."""

    def recording_parameters(self, notice: RecordingNotice, house: str, /) -> Parameters:
        """Give the parameters of a recording status callback, in order, no name twice; `house`: our own address."""

    def recording_url(self, recording: Recording, house: str, /) -> str:
        """Give the address a recording's sound is fetched from."""


class Requests(Protocol):
    """What a request for a document says about the call it is for."""

    def voice_parameters(self, project: Project, call: Call, extra: Parameters = (), /) -> Parameters:
        """Give the parameters of a request for a call's document: standard ones, the call's own, then `extra`."""

    def soundtrack_parameters(self, conference: Conference, participant: Participant | None, /) -> Parameters:
        """Give the parameters of a request for wait, hold or announcement media; None: it is for everybody."""

    def dial_extras(self, *, bridged: bool) -> Parameters:
        """Give what ``<Dial>``'s action is told beyond what both vendors tell: whether anybody was connected."""

    def default_gender(self) -> str:
        """Give the gender of the voice of a ``<Say>`` that names none: ``female`` or ``male``."""

    def unknown_verb(self) -> int:
        """Give the number of a verb that is unknown or not there yet."""

    def event_topics(self) -> frozenset[Topic]:
        """Give what a conference's old ``eventCallbackUrl`` is told of."""

    def unfit_status(self) -> int:
        """Give the number of a document that the server answered with a status of 400 or more."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """A vendor's spelling of everything that crosses the house's edge."""

    name: str
    """``"signalwire"`` or ``"twilio"``; what `Project.dialect` holds."""

    sids: Sids
    forms: Forms
    resources: Resources
    accounts: Accounts
    callbacks: Callbacks
    requests: Requests
    errors: Errors
    signatures: Signatures
    paths: Paths
    limits: Limits
    strictness: Strictness
    call_made: int
    """HTTP status of the answer to a request that made a call."""
