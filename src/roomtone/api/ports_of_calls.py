"""What the doors ask the store of conferences, calls, and what comes of them.

A list runs as `roomtone.core.listing` says: newest first, in a window hung on a place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from roomtone.core.call.state import Call
from roomtone.core.conference.messages import Event
from roomtone.core.conference.state import Conference, Participant
from roomtone.core.delivery import Delivery
from roomtone.core.ids import (
    CallId,
    ConferenceId,
    NotificationId,
    ParticipantId,
    ProjectId,
    QueueId,
    RecordingId,
    TranscriptionId,
)
from roomtone.core.inspection import Logged
from roomtone.core.listing import (
    CallFilter,
    ConferenceFilter,
    NotificationFilter,
    ParticipantFilter,
    Place,
    RecordingFilter,
    TranscriptionFilter,
    Window,
)
from roomtone.core.notification import Notification
from roomtone.core.queueing import Queue
from roomtone.core.recording.state import Recording
from roomtone.core.streaming import Stream, Subject
from roomtone.core.transcription import Transcription


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


class Past(Protocol):
    """Conferences as they were. All times are wall clock, ms since 1970 UTC."""

    async def conference_at(self, conference: ConferenceId, at_ms: int) -> Conference | None:
        """Give a conference as it was at a moment; None: it was not there yet, or nothing is known of that time."""

    async def happened(
        self, conference: ConferenceId, after: int, limit: int
    ) -> Sequence[tuple[int, int, Event]]:
        """List what happened in a conference after the event of a number, oldest first: number, moment, event."""

    async def everybody(self, conference: ConferenceId) -> Sequence[tuple[Participant, int | None]]:
        """List all who were ever in a conference, in the order they came, as they were last, and when they left."""


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


class Transcriptions(Protocol):
    """Keeps what was said in recordings."""

    async def transcription(self, project: ProjectId, id_: TranscriptionId) -> Transcription | None:
        """Find a project's transcription."""

    async def transcriptions(
        self, project: ProjectId, wanted: TranscriptionFilter, window: Window
    ) -> Sequence[Transcription]:
        """List a project's transcriptions."""

    async def transcription_place(self, project: ProjectId, id_: TranscriptionId) -> Place | None:
        """Give a transcription's place in that list, also after it was deleted; None: never was this project's."""

    async def ask_for_transcription(self, made: Transcription) -> None:
        """Keep a new one, or refuse it: TRANSCRIPTION_RUNNING, another of its recording is not over."""

    async def remove_transcription(self, project: ProjectId, id_: TranscriptionId) -> bool:
        """Delete a transcription; False: there is none."""

    async def change_transcriptions(
        self, project: ProjectId, recording: RecordingId, change: Callable[[Transcription], Transcription]
    ) -> None:
        """Write ``change(stored)`` for each transcription of a recording, in one transaction."""


class Streams(Protocol):
    """Streams to customers' WebSockets."""

    async def streams_of(self, project: ProjectId, subject: Subject) -> Sequence[Stream]:
        """List the streams of a call or conference, over or not, the latest first."""


class Exchanges(Protocol):
    """The delivery log."""

    async def exchanges(
        self, project: ProjectId, of: CallId | ConferenceId, limit: int, before: int | None = None
    ) -> Sequence[tuple[int, Logged]]:
        """List the lines of a project's call or conference with their numbers, the newest first.

        Args:
            project: Whose.
            of: What they are about.
            limit: At most so many.
            before: Those before the line of this number; None: from the newest on.
        """

    async def delivery(self, event_id: str, project: ProjectId | None = None) -> Delivery | None:
        """Find a callback by its name, told or not; None: there is none, or it is another project's."""

    async def rows(
        self,
        project: ProjectId | None = None,
        of: CallId | ConferenceId | None = None,
        since_ms: int | None = None,
        until_ms: int | None = None,
        limit: int | None = None,
    ) -> Sequence[int]:
        """Find the places of callbacks, told or not, of a project, call or conference, owed or tried in a span."""

    async def replay(self, rows: Sequence[int], now_ms: int, project: ProjectId | None = None) -> int:
        """Have callbacks that are over told again, under the same names; gives how many that were."""
