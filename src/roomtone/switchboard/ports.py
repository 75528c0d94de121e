"""What the switchboard needs from the adapters below it. It owns these shapes; the adapters fit them.

Adapters never raise into the switchboard for a fault of the world: a document that cannot be fetched is a
`FetchFailed`, a lost leg a `CallEnded`. They may raise `EngineUnavailable` from an ask while no engine answers.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Protocol

from roomtone.core.application import Application
from roomtone.core.browsing import Verdict
from roomtone.core.call.messages import PeerAsked, StreamFigures
from roomtone.core.call.notices import CallNotice
from roomtone.core.call.state import Call
from roomtone.core.conference.messages import Event
from roomtone.core.conference.mix import MixPlan
from roomtone.core.conference.notices import ConferenceNotice
from roomtone.core.conference.state import Conference
from roomtone.core.endpoint import Binding, Domain, Endpoint
from roomtone.core.exchange import (
    Clip,
    EngineView,
    Fetched,
    FetchRequest,
    Reopened,
    Room,
    Sound,
    Summons,
    Utterance,
)
from roomtone.core.ids import (
    AccessListId,
    ApplicationId,
    CallId,
    ConferenceId,
    EndpointId,
    ProjectId,
    RecordingId,
    StreamId,
)
from roomtone.core.moment import Moment
from roomtone.core.notification import Notification
from roomtone.core.project import Number, Project
from roomtone.core.queueing import Queue
from roomtone.core.recording.finishing import Finished, FinishFailed, Finishing, Happening
from roomtone.core.recording.notices import RecordingNotice
from roomtone.core.recording.state import Recording
from roomtone.core.recording.taking import NotTaken, RecordingOrder, Taken
from roomtone.core.routing import Trunk
from roomtone.core.streaming import HeldRelays, Located, NotLocated, Spoken, Stream, StreamNotice
from roomtone.core.transcription import Transcription
from roomtone.sdp.agreement import Agreement, Codec
from roomtone.sdp.crypto import Suite


class Clock(Protocol):
    """Reads the time, once per message."""

    def now(self) -> Moment:
        """Give both clocks, read together."""


class Dice(Protocol):
    """Makes identities and keys."""

    def bits128(self) -> int:
        """Give 128 random bits."""

    def secret(self, count: int) -> bytes:
        """Give so many random bytes that nobody else will ever see: a key."""


# Signalling ----------------------------------------------------------------------------------------------------------


class Signalling(Protocol):
    """Calls in and out, in the house's words. Each order is idempotent; one for a call that is gone does nothing."""

    async def invite(self, call: CallId, summons: Summons, sdp: str) -> None:
        """Call somebody with this offer; `CallProgressed`, then `CallAnswered` or `CallEnded`, follow."""

    async def ring(self, call: CallId, sdp: str | None = None) -> None:
        """Let the caller hear that it rings (180), or, with a description, what is sent before the answer (183)."""

    async def answer(self, call: CallId, sdp: str) -> None:
        """Answer an INVITE or a re-INVITE."""

    def remember(self, dialogs: Mapping[CallId, bytes]) -> None:
        """Keep what an engine has told an earlier brain of its calls, in case another has to go on with them."""

    @property
    def restorable(self) -> AbstractSet[CallId]:
        """Calls that were answered and whose end no engine has told: what another can go on with."""

    def forget(self, but: AbstractSet[CallId]) -> None:
        """Have no other engine go on with any call but these, and know no browser's but these."""

    async def restore(self, call: CallId) -> bool:
        """Have an engine that took another's place go on with a call; False: it cannot."""

    async def reoffer(self, call: CallId, sdp: str) -> None:
        """Offer other media in a call that is up; `CallReanswered` follows."""

    async def refuse(
        self, call: CallId, status: int, reason: str, headers: Sequence[tuple[str, str]] = ()
    ) -> None:
        """Answer an INVITE or a re-INVITE with a final status of 300 or more."""

    async def respond(
        self, asked: PeerAsked, status: int, reason: str, headers: Sequence[tuple[str, str]] = ()
    ) -> None:
        """Answer what a peer asked that is no call; nothing happens if it does not wait any more."""

    async def probe(self, request: str, uri: str) -> None:
        """Ask whether somebody is there (OPTIONS); `PeerReplied(request)` follows, once."""

    async def ask(
        self,
        request: str,
        call: CallId,
        method: str,
        headers: Sequence[tuple[str, str]],
        content: tuple[str, str] | None = None,
    ) -> None:
        """Send a request within a call, its body (type and text) with it; `PeerReplied(request)` follows, once."""

    @property
    def instance(self) -> str:
        """Which engine this is: the beginning of the names of its connections, up to a dot."""

    async def locate(self, host: str) -> Sequence[str]:
        """Give the IP addresses of a host; none: it has none, or nobody can say."""

    async def shun(self, host: str, for_s: float) -> None:
        """Take nothing new from an address for a while."""

    def expect(self, call: CallId) -> Awaitable[Verdict]:
        """Know that a call is a browser's, and give what its answer will be."""

    def know(self, browsers: AbstractSet[CallId]) -> None:
        """Know calls of browsers that an earlier brain answered."""

    @property
    def waiting(self) -> AbstractSet[CallId]:
        """Calls of browsers that no answer was given to yet."""

    def leave(self, call: CallId) -> bool:
        """Let a browser end its call; False: there is no such call of one."""

    async def hang_up(self, call: CallId) -> None:
        """End the call; `CallEnded` follows."""


# Media ---------------------------------------------------------------------------------------------------------------


class Media(Protocol):
    """Streams, plans and sources."""

    @property
    def address(self) -> str:
        """IP address to write into SDP: where callers send their audio."""

    @property
    def codecs(self) -> frozenset[Codec]:
        """What the engine can mix, and so what is offered and agreed to."""

    @property
    def fingerprint(self) -> str | None:
        """SHA-256 of the certificate that browsers are shown, as the engine said; None: it has no doors for them."""

    @property
    def addresses(self) -> tuple[str, ...]:
        """IP addresses at which browsers find our ports, the best first."""

    @property
    def suites(self) -> frozenset[Suite]:
        """How the engine can seal sound."""

    async def open_stream(self, call: CallId, agreement: Agreement, *, shared: bool = False) -> int:
        """Open a port for a call, or one that many share if it may, and give its number. Idempotent."""

    def has_stream(self, call: CallId) -> bool:
        """Whether a stream was opened for a call and not closed, by this engine or one before it."""

    async def change_stream(self, call: CallId, agreement: Agreement) -> bool:
        """Follow a re-INVITE; the port stays. False: the engine cannot, and all is as it was."""

    async def reopen(self, call: CallId) -> Reopened | None:
        """Open a stream that went with another engine as it was; None: it is not known."""

    async def renew(self) -> frozenset[tuple[str, int]]:
        """Say plans and what plays again, to an engine that took another's place; give what plays, by key and turn."""

    async def close_stream(self, call: CallId) -> None:
        """Close a call's port. Idempotent."""

    def apply(self, room: Room, plan: MixPlan) -> None:
        """Post a plan; takes effect at the engine's next tick. Later plans overtake earlier ones, never the reverse."""

    def drop(self, room: Room) -> None:
        """Forget a room's plan."""

    async def play(self, key: str, turn: int, sound: Sound) -> None:
        """Start, or replace, what a source plays; `SourceEnded(key, turn)` follows when it ends."""

    def stop(self, key: str) -> None:
        """End a source without a signal."""

    def beep(self, room: ConferenceId, *, entering: bool, calls: Sequence[CallId]) -> None:
        """Play the entry or exit tone to these calls, over what they hear."""

    async def press(self, call: CallId, keys: str) -> bool:
        """Send keys to a call's phone as events beside the sound; False: it takes none, or there is no engine."""

    async def figures(self, call: CallId) -> StreamFigures | None:
        """Ask for the counters of a call's stream, a second old at most; None: none are known."""

    async def figures_of_all(self, calls: Sequence[CallId]) -> Mapping[CallId, StreamFigures]:
        """Ask at once for the counters of several calls' streams; those of whom none are known are left out."""

    async def record(self, order: RecordingOrder, folder: str) -> Taken | NotTaken:
        """Have a recording be just this, its tracks written to a folder; `RecordingOver` follows in the end."""

    def end_recording(self, recording: RecordingId) -> None:
        """Have the last of a recording written; `RecordingOver` follows. Idempotent."""

    async def view(self) -> EngineView:
        """Ask the engine what it holds."""


# Documents -----------------------------------------------------------------------------------------------------------


class Documents(Protocol):
    """Fetches what a customer's URL says, and speaks what a document says; never raises."""

    async def fetch(self, request: FetchRequest) -> Fetched:
        """Ask, follow redirects within limits, read, decode."""

    async def speak(self, utterance: Utterance) -> Fetched:
        """Have something spoken."""

    def key_tones(self, keys: str) -> Clip:
        """Give the tones of keys."""

    def ring_tone(self, country: str | None) -> Clip:
        """Give one round of what a caller hears while it rings, as in a country (ISO 3166, two letters)."""

    def house_music(self) -> Clip:
        """Give the music that Roomtone makes itself."""


# Streams ------------------------------------------------------------------------------------------------------------


class Relays(Protocol):
    """Carries sound to WebSockets."""

    async def open(
        self, stream: Stream, where: Located, spoken: Spoken, voices: tuple[str, ...] = ()
    ) -> str | None:
        """Begin to carry; a signal follows. Gives why not, if it cannot be."""

    def tune(self, stream: Stream, voices: tuple[str, ...]) -> None:
        """Let other sources be heard on the outbound track of a conference's stream; idempotent."""

    def tell(self, stream: StreamId, text: str) -> None:
        """Tell a server something, a JSON object."""

    def close(self, stream: StreamId, farewell: str) -> None:
        """Say farewell and close; idempotent."""

    async def held(self) -> HeldRelays:
        """Give the streams that are carried."""


class Sockets(Protocol):
    """Finds servers."""

    async def locate(self, url: str) -> Located | NotLocated:
        """Give the addresses of a URL's host, if it may be asked."""


# Archive -------------------------------------------------------------------------------------------------------------


class Archive(Protocol):
    """Keeps the sound of recordings; never raises."""

    async def folder(self, recording: RecordingId) -> str | FinishFailed:
        """Make the folder that the engine is to write tracks to, and give its absolute path. Idempotent."""

    async def finish(self, finishing: Finishing) -> Finished | FinishFailed:
        """Make of the tracks what is delivered, keep that, and clear the folder.

        Idempotent: what was finished before is told again. After `FinishFailed` by CANNOT_WRITE or DISK_FULL it may be
        tried again.
        """

    async def remove(self, recording: RecordingId) -> None:
        """Remove the sound and all that belongs to it, finished or not. Idempotent."""

    async def left_over(self) -> Sequence[RecordingId]:
        """List the recordings whose folder was made and that are not finished, for a brain that has just come back."""


# Store ---------------------------------------------------------------------------------------------------------------


class Store(Protocol):
    """What the switchboard reads and writes. The doors read more (`roomtone.store`), but write conferences never."""

    async def project(self, project: ProjectId) -> Project | None:
        """Find a project."""

    async def number_called(self, phone_number: str) -> Number | None:
        """Find the claimed number with this E.164 spelling, whosever it is."""

    async def application(self, project: ProjectId, application: ApplicationId) -> Application | None:
        """Find a project's application."""

    async def endpoints_named(self, name: str, project: ProjectId | None = None) -> Sequence[Endpoint]:
        """Find the phones of a name: of one project, or of all."""

    async def bindings(self, endpoint: EndpointId) -> Sequence[Binding]:
        """Give where a phone is; some of it may be over."""

    async def change_bindings(
        self, endpoint: EndpointId, change: Callable[[Sequence[Binding]], Sequence[Binding]]
    ) -> Sequence[Binding]:
        """Write ``change(stored)`` in one transaction and give it; what it raises leaves everything as it was."""

    async def close_flow(self, flow: str) -> None:
        """Forget where phones were that have registered over a connection."""

    async def keep_flows_of(self, instance: str) -> None:
        """Forget where phones were that have registered over connections of other engines than this."""

    async def trunks(self) -> Sequence[Trunk]:
        """Give the trunks that were made from the command line or by the API, oldest first."""

    async def domain_named(self, name: str) -> Domain | None:
        """Find the domain of a name, whosever it is."""

    async def all_domains(self, project: ProjectId) -> Sequence[Domain]:
        """List all of a project's domains, oldest first."""

    async def networks_in(self, lists: Sequence[AccessListId]) -> Sequence[str]:
        """Give the networks (CIDR) that are in any of these lists."""

    async def queue_named(self, project: ProjectId, name: str) -> Queue | None:
        """Find a project's queue by its name."""

    async def add_queue(self, queue: Queue) -> None:
        """Keep a new queue.

        Raises:
            Refused: QUEUE_NAME_TAKEN.
        """

    async def add_notification(self, notification: Notification) -> None:
        """Keep a new notification."""

    async def live_conference(self, project: ProjectId, name: str) -> Conference | None:
        """Find the one conference with this name that is not completed."""

    async def conference(self, conference: ConferenceId) -> Conference | None:
        """Find a conference with all its present participants, completed or not."""

    async def live_conferences(self) -> Sequence[Conference]:
        """All conferences not completed, for a brain that has just come back."""

    async def live_calls(self) -> Sequence[Call]:
        """All calls not over."""

    async def stream(self, project: ProjectId, stream: StreamId) -> Stream | None:
        """Find a project's stream, over or not."""

    async def live_streams(self) -> Sequence[Stream]:
        """All streams not over."""

    async def commit_stream(self, stream: Stream, notices: Iterable[StreamNotice], now: Moment) -> None:
        """Write a stream, new or changed, and what is owed for that, in one transaction."""

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

    async def commit_call(self, call: Call, notices: Iterable[CallNotice], now: Moment) -> None:
        """Write a call's new state and its notices in one transaction; same rule of revisions.

        Raises:
            StaleRevision: The stored revision is not one less.
        """

    async def running_recordings(self) -> Sequence[Recording]:
        """All recordings that something is still to become of, for a brain that has just come back."""

    async def recording_of(self, recording: RecordingId) -> Recording | None:
        """Find a recording, whosever it is; None also if it was deleted."""

    async def commit_recording(
        self,
        recording: Recording,
        notices: Iterable[RecordingNotice],
        happened: Iterable[Happening],
        now: Moment,
        transcription: Transcription | None = None,
    ) -> None:
        """Write a recording's new state, its notices, and what happened in it, in one transaction; same rule of revisions.

        Args:
            recording: Its new state.
            notices: What is owed for that.
            happened: What happened in it.
            now: When they are due.
            transcription: What is begun with it.

        Raises:
            StaleRevision: The stored revision is not one less.
        """

    async def add_happenings(self, recording: RecordingId, happened: Sequence[Happening]) -> None:
        """Keep what has happened in a recording, in order."""

    async def happenings(self, recording: RecordingId) -> Sequence[Happening]:
        """List what has happened in a recording that is not over, in order."""

    async def remove_recording(self, project: ProjectId, recording: RecordingId) -> bool:
        """Delete what is known of a recording; False: there is no such recording."""
