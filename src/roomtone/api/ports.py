"""What the doors need from the floors below. The doors own these shapes; switchboard and store fit them.

Writes to conferences go through `Switchboard.ask`; everything else the doors read from, or write to, the store.
A list runs as `roomtone.core.listing` says: newest first, in a window hung on a place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from roomtone.core.access import Access, AccountFilter, Key
from roomtone.core.application import Application
from roomtone.core.call.messages import StreamFigures
from roomtone.core.call.state import Call
from roomtone.core.call.wishes import Instructions, Invitation, Wish
from roomtone.core.conference.messages import Command, Seating
from roomtone.core.conference.state import Conference, Participant
from roomtone.core.deeds import Deed
from roomtone.core.endpoint import AccessList, CredentialList, Domain, Endpoint, IpAddress
from roomtone.core.ids import (
    AccessListId,
    ApplicationId,
    BinId,
    CallId,
    ConferenceId,
    CredentialListId,
    DomainId,
    EndpointId,
    Id,
    IpAddressId,
    KeyId,
    NotificationId,
    NumberId,
    ParticipantId,
    ProjectId,
    QueueId,
    RecordingId,
)
from roomtone.core.listing import (
    ApplicationFilter,
    BinFilter,
    CallFilter,
    ConferenceFilter,
    NotificationFilter,
    NumberFilter,
    ParticipantFilter,
    Place,
    RecordingFilter,
    Window,
)
from roomtone.core.moment import Moment
from roomtone.core.notification import Notification
from roomtone.core.project import Bin, Number, Project
from roomtone.core.queueing import Member, Queue
from roomtone.core.recording.messages import Command as RecordingCommand
from roomtone.core.recording.state import Recording
from roomtone.core.recording.wishes import RecordingWish
from roomtone.core.streaming import Stream, StreamWish, Subject
from roomtone.core.usage import Use
from roomtone.core.values import Document


class Clock(Protocol):
    """Reads the time."""

    def now(self) -> Moment:
        """Give both clocks, read together."""


class Dice(Protocol):
    """Makes identities."""

    def bits128(self) -> int:
        """Give 128 random bits."""


class Switchboard(Protocol):
    """Runs the conferences."""

    async def ask(self, conference: ConferenceId, commands: tuple[Command, ...]) -> Conference:
        """Let a conference obey all commands or none, and give its state after the commit.

        No commands: nothing changes, and the state is given as it is.

        Raises:
            Refused: One command is refused (nothing is changed), the conference is completed, or there is none.
            EngineUnavailable: The engine does not answer.
        """

    def members(self, queue: Queue) -> Sequence[Member]:
        """List those who wait in a queue, the front first."""

    def dequeue(self, queue: Queue, call: CallId, document: Document) -> bool:
        """Take a call out of a queue and send it to a document; False: it does not wait there."""

    async def call(self, project: Project, invitation: Invitation, instructions: Instructions) -> Call:
        """Call somebody, and give the call's record: kept, and waiting for its turn.

        Raises:
            Refused: Nothing leads there, or the house is closing or cannot keep the record.
        """

    async def invite(
        self, project: Project, where: Conference | str, invitation: Invitation, join: Seating
    ) -> tuple[Conference, Call]:
        """Call somebody into a conference, given or by its name; they are expected there from now on.

        Raises:
            Refused: The conference does not want them, nothing leads there, or the house is closing.
        """

    async def steer(self, call: CallId, wish: Wish) -> Call:
        """Let a call do what a customer wishes, and give it as it is after the commit.

        Raises:
            Refused: CALL_NOT_IN_PROGRESS, CALL_STATUS_INVALID.
        """

    async def carry(self, project: Project, subject: Subject, wish: StreamWish) -> Stream:
        """Carry a call's or a conference's sound to a server, and give the stream.

        Raises:
            Refused: CALL_NOT_IN_PROGRESS, CONFERENCE_COMPLETED.
        """

    async def carry_no_more(self, stream: Stream) -> Stream:
        """Stop a stream, and give it as it is then; one that is over stays as it is."""

    async def figures(self, call: CallId) -> StreamFigures | None:
        """Give the counters of a call's audio, a second old at most; None: it is not up, or nothing was counted yet."""

    async def record_conference(self, conference: ConferenceId, wish: RecordingWish) -> Recording:
        """Begin to record a conference that is in progress.

        Raises:
            Refused: RECORDING_RUNNING, CONFERENCE_NOT_STARTED, CONFERENCE_COMPLETED, NOT_FOUND, UNAVAILABLE.
        """

    async def record_call(self, call: CallId, wish: RecordingWish) -> Recording:
        """Begin to record a call that is up.

        Raises:
            Refused: CALL_NOT_IN_PROGRESS, RECORDING_RUNNING, UNAVAILABLE.
        """

    async def steer_recording(self, recording: Recording, command: RecordingCommand) -> Recording:
        """Pause, resume or stop a recording, and give it as it is after the commit.

        Raises:
            Refused: RECORDING_NOT_RUNNING, UNAVAILABLE.
        """

    async def remove_recording(self, recording: Recording) -> bool:
        """Remove a recording that is over, with its sound; False: there is none.

        Raises:
            Refused: RECORDING_NOT_OVER.
        """


class Audit(Protocol):
    """Who did what."""

    def note_deed(self, deed: Deed) -> None:
        """Have a line written soon; never waits, never fails."""


class Keys(Protocol):
    """Who may come in."""

    async def access(self, user: ProjectId | KeyId, secret: str) -> Access | None:
        """Find out who has come in: with a project's id and one of its secrets, or with a key's id and its own.

        Compared in constant time.
        """

    def proved(self, user: ProjectId | KeyId, secret: str) -> Access | None:
        """Say the same of somebody who proved it a moment ago; None: it would have to be found out."""

    async def key(self, project: ProjectId, key: KeyId) -> Key | None:
        """Find a key of a project, or of one below it, that is neither revoked nor a main key."""

    async def keys(self, project: ProjectId, window: Window) -> Sequence[Key]:
        """List a project's keys, without its main ones."""

    async def key_place(self, project: ProjectId, key: KeyId) -> Place | None:
        """Give a key's place in the list of keys, also after it was revoked; None: never was this project's."""

    async def add_key(self, key: Key, secret: str) -> bool:
        """Give a project another key, beside those it has; False: there is no such project."""

    async def change_key(self, project: ProjectId, key: KeyId, change: Callable[[Key], Key]) -> Key | None:
        """Write ``change(stored)`` in one transaction and give it; None: there is no such key (see `key`)."""

    async def revoke_key(self, project: ProjectId, key: KeyId, at_ms: int) -> bool:
        """Let a key open nothing any more; False: there is no such key (see `key`)."""


class Projects(Protocol):
    """Projects, and those below them."""

    async def project(self, project: ProjectId) -> Project | None:
        """Find a project."""

    async def family(self, head: ProjectId, wanted: AccountFilter, window: Window) -> Sequence[Project]:
        """List a project and those below it."""

    async def family_place(self, head: ProjectId, project: ProjectId) -> Place | None:
        """Give a project's place in that list; None: not of this family."""

    async def add_project(self, project: Project, token: str | None = None) -> None:
        """Make a project, with a main key of this token if it is to have one."""

    async def change_project(
        self, project: ProjectId, change: Callable[[Project], Project]
    ) -> Project | None:
        """Write ``change(stored)`` in one transaction and give it; None: there is no such project."""


class Conferences(Protocol):
    """Conferences and those in them, as last committed."""

    async def conference(self, conference: ConferenceId) -> Conference | None:
        """Find a conference with all its present participants, completed or not, whosever it is."""

    async def conferences(
        self, project: ProjectId, wanted: ConferenceFilter, window: Window
    ) -> Sequence[Conference]:
        """List a project's conferences, completed ones too. Their `participants` may be left empty."""

    async def conference_place(self, project: ProjectId, conference: ConferenceId) -> Place | None:
        """Give a conference's place in that list; None: not this project's."""

    async def participants(
        self, conference: ConferenceId, wanted: ParticipantFilter, window: Window
    ) -> Sequence[Participant]:
        """List the participants present now; none if the conference is completed or unknown."""

    async def participant_place(self, conference: ConferenceId, participant: ParticipantId) -> Place | None:
        """Give a participant's place in that list, also after they left; None: never was in this conference."""


class Numbers(Protocol):
    """Claimed phone numbers. One is claimed by at most one project."""

    async def number(self, project: ProjectId, number: NumberId) -> Number | None:
        """Find a project's number."""

    async def numbers(self, project: ProjectId, wanted: NumberFilter, window: Window) -> Sequence[Number]:
        """List a project's numbers."""

    async def number_place(self, project: ProjectId, number: NumberId) -> Place | None:
        """Give a number's place in that list, also after it was released; None: never was this project's."""

    async def claimed_among(self, phone_numbers: Sequence[str]) -> frozenset[str]:
        """Give those of some hundreds of numbers that are claimed, by anybody."""

    async def add_number(self, number: Number) -> None:
        """Claim a number.

        Raises:
            Refused: NUMBER_TAKEN: it is claimed already, by anybody.
        """

    async def change_number(
        self, project: ProjectId, number: NumberId, change: Callable[[Number], Number]
    ) -> Number | None:
        """Write ``change(stored)`` in one transaction and give it; None: there is no such number."""

    async def remove_number(self, project: ProjectId, number: NumberId) -> bool:
        """Release a number; False: there is no such number. Its place stays known."""


class Bins(Protocol):
    """Hosted documents."""

    async def bin(self, project: ProjectId, bin_: BinId) -> Bin | None:
        """Find a project's document."""

    async def bins(self, project: ProjectId, wanted: BinFilter, window: Window) -> Sequence[Bin]:
        """List a project's documents."""

    async def bin_place(self, project: ProjectId, bin_: BinId) -> Place | None:
        """Give a document's place in that list, also after it was deleted; None: never was this project's."""

    async def add_bin(self, bin_: Bin) -> None:
        """Keep a new document."""

    async def change_bin(self, project: ProjectId, bin_: BinId, change: Callable[[Bin], Bin]) -> Bin | None:
        """Write ``change(stored)`` in one transaction and give it; None: there is no such document."""

    async def remove_bin(self, project: ProjectId, bin_: BinId) -> bool:
        """Delete a document; False: there is no such document. Its place stays known."""

    async def open_bin(self, bin_: BinId, at_ms: int) -> Bin | None:
        """Find a document whosever it is, and have the request counted (`requests`, `accessed_ms`)."""


class Calls(Protocol):
    """Calls, as last committed."""

    async def own_call(self, project: ProjectId, call: CallId) -> Call | None:
        """Find a project's call, over or not; None also if it was deleted."""

    async def own_calls(self, project: ProjectId, wanted: CallFilter, window: Window) -> Sequence[Call]:
        """List a project's calls, over or not."""

    async def call_place(self, project: ProjectId, call: CallId) -> Place | None:
        """Give a call's place in that list, also after it was deleted; None: never was this project's."""

    async def remove_call(self, project: ProjectId, call: CallId) -> bool:
        """Delete the record of a call; False: there is no such call. Its place stays known.

        Raises:
            Refused: CALL_NOT_OVER.
        """


class Streams(Protocol):
    """Streams to customers' WebSockets."""

    async def streams_of(self, project: ProjectId, subject: Subject) -> Sequence[Stream]:
        """List the streams of a call or conference, over or not, the latest first."""


class Applications(Protocol):
    """Customers' applications."""

    async def application(self, project: ProjectId, application: ApplicationId) -> Application | None:
        """Find a project's application."""

    async def applications(
        self, project: ProjectId, wanted: ApplicationFilter, window: Window
    ) -> Sequence[Application]:
        """List a project's applications."""

    async def application_place(self, project: ProjectId, application: ApplicationId) -> Place | None:
        """Give an application's place in that list, also after it was deleted; None: never was this project's."""

    async def add_application(self, application: Application) -> None:
        """Keep a new application."""

    async def change_application(
        self, project: ProjectId, application: ApplicationId, change: Callable[[Application], Application]
    ) -> Application | None:
        """Write ``change(stored)`` in one transaction and give it; None: there is no such application."""

    async def remove_application(self, project: ProjectId, application: ApplicationId) -> bool:
        """Delete an application; False: there is no such application. Its place stays known."""


class Queues(Protocol):
    """Queues. A name is given once in a project."""

    async def queue(self, project: ProjectId, queue: QueueId) -> Queue | None:
        """Find a project's queue."""

    async def queues(self, project: ProjectId, window: Window) -> Sequence[Queue]:
        """List a project's queues."""

    async def queue_place(self, project: ProjectId, queue: QueueId) -> Place | None:
        """Give a queue's place in that list, also after it was deleted; None: never was this project's."""

    async def add_queue(self, queue: Queue) -> None:
        """Keep a new queue.

        Raises:
            Refused: QUEUE_NAME_TAKEN.
        """

    async def change_queue(
        self, project: ProjectId, queue: QueueId, change: Callable[[Queue], Queue]
    ) -> Queue | None:
        """Write ``change(stored)`` in one transaction and give it; None: there is no such queue.

        Raises:
            Refused: QUEUE_NAME_TAKEN.
        """

    async def remove_queue(self, project: ProjectId, queue: QueueId) -> bool:
        """Delete a queue; False: there is no such queue. Its place stays known."""


class Recordings(Protocol):
    """What is known of recordings."""

    async def notification(self, project: ProjectId, notification: NotificationId) -> Notification | None:
        """Find a project's notification."""

    async def notifications(
        self, project: ProjectId, wanted: NotificationFilter, window: Window
    ) -> Sequence[Notification]:
        """List a project's notifications."""

    async def notification_place(self, project: ProjectId, notification: NotificationId) -> Place | None:
        """Give a notification's place in that list; None: never was this project's."""

    async def recording(self, project: ProjectId, recording: RecordingId) -> Recording | None:
        """Find a project's recording."""

    async def recordings(
        self, project: ProjectId, wanted: RecordingFilter, window: Window
    ) -> Sequence[Recording]:
        """List a project's recordings."""

    async def recording_place(self, project: ProjectId, recording: RecordingId) -> Place | None:
        """Give a recording's place in that list, also after it was deleted; None: never was this project's."""


Thing = TypeVar("Thing")
ThingId = TypeVar("ThingId", bound=Id, contravariant=True)  # noqa: PLC0105 - one word for one thing


class Collection(Protocol[Thing, ThingId]):
    """One kind of thing that projects own."""

    async def get(self, project: ProjectId, id_: ThingId, /) -> Thing | None:
        """Find a project's thing."""

    async def page(self, project: ProjectId, window: Window, of: Id | None = None, /) -> Sequence[Thing]:
        """List a project's things; `of`: those of one list."""

    async def place(self, project: ProjectId, id_: ThingId, /) -> Place | None:
        """Give a thing's place in that list, also after it was deleted; None: never was this project's."""

    async def add(self, thing: Thing, /) -> None:
        """Keep a new thing.

        Raises:
            Refused: Its name is given already.
        """

    async def change(
        self, project: ProjectId, id_: ThingId, change: Callable[[Thing], Thing], /
    ) -> Thing | None:
        """Write ``change(stored)`` in one transaction and give it; None: there is no such thing.

        Raises:
            Refused: Its new name is given already.
        """

    async def remove(self, project: ProjectId, id_: ThingId, /) -> bool:
        """Delete a thing, and what is in it; False: there is no such thing. Its place stays known.

        Raises:
            Refused: It has to stay.
        """


class Sip(Protocol):
    """Phones, the names their calls come to, and lists of both. As properties, since any make will do."""

    @property
    def phones(self) -> Collection[Endpoint, EndpointId]:
        """Phones; a name is given once in a project."""

    @property
    def credential_lists(self) -> Collection[CredentialList, CredentialListId]:
        """Lists of phones; the phones go with them, and one that a domain has taken stays."""

    @property
    def sip_domains(self) -> Collection[Domain, DomainId]:
        """Names; each is given once in the house."""

    @property
    def access_lists(self) -> Collection[AccessList, AccessListId]:
        """Lists of networks; as those of phones."""

    @property
    def ip_addresses(self) -> Collection[IpAddress, IpAddressId]:
        """Networks."""


class Uses(Protocol):
    """What projects used that one of the vendors lacks."""

    async def note_use(self, use: Use) -> None:
        """Note a use, if it is the first of its kind."""


class Store(
    Audit,
    Keys,
    Projects,
    Conferences,
    Calls,
    Numbers,
    Bins,
    Applications,
    Queues,
    Recordings,
    Streams,
    Sip,
    Uses,
    Protocol,
):
    """Everything the doors read, and what they write beside conferences.

    Any question may raise an `OSError`: the store cannot answer just now, and nothing was done.
    """
