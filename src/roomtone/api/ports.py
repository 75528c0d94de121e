"""What the doors need from the floors below. The doors own these shapes; switchboard and store fit them.

Writes to conferences go through `Switchboard.ask`; everything else the doors read from, or write to, the store.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from roomtone.api.ports_of_accounts import (
    Applications,
    Audit,
    Bins,
    Keys,
    Numbers,
    Projects,
    Sip,
    Trunks,
    Uses,
)
from roomtone.api.ports_of_calls import (
    Calls,
    Conferences,
    Exchanges,
    Past,
    Queues,
    Recordings,
    Streams,
    Transcriptions,
)
from roomtone.core.browsing import BrowserWish
from roomtone.core.call.messages import StreamFigures
from roomtone.core.call.state import Call
from roomtone.core.call.wishes import Instructions, Invitation, Wish
from roomtone.core.conference.messages import Command, Seating
from roomtone.core.conference.state import Conference
from roomtone.core.ids import CallId, ConferenceId
from roomtone.core.moment import Moment
from roomtone.core.project import Project
from roomtone.core.queueing import Member, Queue
from roomtone.core.recording.messages import Command as RecordingCommand
from roomtone.core.recording.state import Recording
from roomtone.core.recording.wishes import RecordingWish
from roomtone.core.routing import Trunk
from roomtone.core.streaming import Stream, StreamWish, Subject
from roomtone.core.values import Document


class Clock(Protocol):
    """Reads the time."""

    def now(self) -> Moment:
        """Give both clocks, read together."""


class Dice(Protocol):
    """Makes identities."""

    def bits128(self) -> int:
        """Give 128 random bits."""


class TrunksAtWork(Protocol):
    """What of trunks changes by the minute."""

    @property
    def settled(self) -> Sequence[Trunk]:
        """Those that stand in the settings."""

    async def heed(self) -> None:
        """Go by what has just been made, changed or removed in the store."""

    def answers(self, uri: str) -> bool | None:
        """Say whether somebody answers at an address; None: it is not asked, or has not been heard of yet."""

    def carries(self, trunk: Trunk) -> int:
        """Say how many calls of ours a trunk carries now."""


class Switchboard(Protocol):
    """Runs the conferences."""

    @property
    def trunks(self) -> TrunksAtWork:
        """The ways out of the house, and in."""

    async def ask(self, conference: ConferenceId, commands: tuple[Command, ...]) -> Conference:
        """Let a conference obey all commands or none, and give its state after the commit.

        No commands: nothing changes, and the state is given as it is.

        Raises:
            Refused: One command is refused (nothing is changed), the conference is completed, or there is none.
            EngineUnavailable: The engine does not answer.
        """

    async def browse(self, project: Project, wish: BrowserWish) -> tuple[CallId, str]:
        """Take a browser's call as any that comes in, and give our answer to its offer.

        Raises:
            Refused: PARAMETER_INVALID: we cannot do what it offers; DESTINATION_INVALID, APPLICATION_INVALID; UNAVAILABLE:
                nothing answers, or not in time; BROWSER_REFUSED: what it reaches has refused it.
        """

    def leave(self, call: CallId) -> None:
        """Let a browser hang up; a call that is over, or no browser's, stays as it is."""

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
            Refused: CALL_NOT_IN_PROGRESS, CALL_OVER, CALL_STATUS_INVALID.
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

    async def figures_of_all(self, calls: Sequence[CallId]) -> Mapping[CallId, StreamFigures]:
        """Give the counters of several calls' audio, asked for at once; who has none is left out."""

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
    Transcriptions,
    Streams,
    Exchanges,
    Past,
    Sip,
    Trunks,
    Uses,
    Protocol,
):
    """Everything the doors read, and what they write beside conferences.

    Any question may raise an `OSError`: the store cannot answer just now, and nothing was done.
    """
