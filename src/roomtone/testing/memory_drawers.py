"""The part of the store that forgets which answers for calls, applications, queues and recordings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from roomtone.core.application import Application
from roomtone.core.call.state import Call
from roomtone.core.exchange import StaleRevision
from roomtone.core.ids import ApplicationId, CallId, Id, NotificationId, ProjectId, QueueId, RecordingId
from roomtone.core.listing import (
    ApplicationFilter,
    CallFilter,
    NotificationFilter,
    Place,
    RecordingFilter,
    Window,
)
from roomtone.core.moment import Moment
from roomtone.core.notification import Notification
from roomtone.core.queueing import Queue
from roomtone.core.recording.finishing import Happening
from roomtone.core.recording.notices import RecordingNotice
from roomtone.core.recording.state import Recording
from roomtone.core.refusals import Reason, Refused
from roomtone.core.transcription import Transcription
from roomtone.core.usage import Use
from roomtone.testing.memory_lists import Listed, changed, own, through, within
from roomtone.testing.memory_transcriptions import MemoryTranscriptions


class MemoryDrawers(MemoryTranscriptions):
    """Dictionaries by id, and the place of everything that ever was in a list."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: dict[CallId, Call] = {}
        self._applications: dict[ApplicationId, Application] = {}
        self._queues: dict[QueueId, Queue] = {}
        self._notifications: dict[NotificationId, Notification] = {}
        self._recordings: dict[RecordingId, Recording] = {}
        self._happenings: dict[RecordingId, list[Happening]] = {}
        self.recording_notices: list[RecordingNotice] = []
        """What is owed for recordings, in order."""

        self.noted: dict[tuple[ProjectId, str], Use] = {}
        """What was used that one of the vendors lacks."""

        self._places: dict[tuple[Id, Id], Place] = {}
        """By owner (a project, or a participant's conference) and item; never forgotten."""

    def _remember(self, owner: Id, item: Listed) -> None:
        self._places[owner, item.id] = Place(item.created_ms, item.id)

    # Calls -----------------------------------------------------------------------------------------------------------

    async def own_call(self, project: ProjectId, call: CallId) -> Call | None:
        """Find a project's call."""
        return own(self.calls, project, call)

    async def own_calls(self, project: ProjectId, wanted: CallFilter, window: Window) -> Sequence[Call]:
        """List a project's calls."""
        parent = None if wanted.parent is None else wanted.parent.hex
        return through(
            window,
            (
                one
                for one in self.calls.values()
                if one.project == project
                and wanted.to in {None, one.caller.to}
                and wanted.from_ in {None, one.caller.from_}
                and wanted.status in {None, one.status}
                and parent in {None, one.caller.parent}
                and within(wanted.began, one.began_ms)
                and within(wanted.ended, one.ended_ms)
            ),
        )

    async def call_place(self, project: ProjectId, call: CallId) -> Place | None:
        """Give a call's place in that list, also after it was deleted."""
        return self._places.get((project, call))

    async def remove_call(self, project: ProjectId, call: CallId) -> bool:
        """Delete the record of a call.

        Raises:
            Refused: CALL_NOT_OVER.
        """
        found = own(self.calls, project, call)
        if found is not None and not found.over:
            raise Refused(Reason.CALL_NOT_OVER, call=call.hex)
        return found is not None and self.calls.pop(call, None) is not None

    # Applications ----------------------------------------------------------------------------------------------------

    async def application(self, project: ProjectId, application: ApplicationId) -> Application | None:
        """Find a project's application."""
        return own(self._applications, project, application)

    async def applications(
        self, project: ProjectId, wanted: ApplicationFilter, window: Window
    ) -> Sequence[Application]:
        """List a project's applications."""
        owned = (one for one in self._applications.values() if one.project == project)
        return through(window, (one for one in owned if wanted.name in {None, one.name}))

    async def application_place(self, project: ProjectId, application: ApplicationId) -> Place | None:
        """Give an application's place in that list, also after it was deleted."""
        return self._places.get((project, application))

    async def add_application(self, application: Application) -> None:
        """Keep a new application."""
        self._applications[application.id] = application
        self._remember(application.project, application)

    async def change_application(
        self, project: ProjectId, application: ApplicationId, change: Callable[[Application], Application]
    ) -> Application | None:
        """Change an application."""
        return changed(self._applications, project, application, change)

    async def remove_application(self, project: ProjectId, application: ApplicationId) -> bool:
        """Delete an application."""
        found = own(self._applications, project, application)
        return found is not None and self._applications.pop(application, None) is not None

    # Queues ----------------------------------------------------------------------------------------------------------

    async def queue(self, project: ProjectId, queue: QueueId) -> Queue | None:
        """Find a project's queue."""
        return own(self._queues, project, queue)

    async def queue_named(self, project: ProjectId, name: str) -> Queue | None:
        """Find a project's queue by its name."""
        found = (one for one in self._queues.values() if one.project == project and one.name == name)
        return next(found, None)

    async def queues(self, project: ProjectId, window: Window) -> Sequence[Queue]:
        """List a project's queues."""
        return through(window, (one for one in self._queues.values() if one.project == project))

    async def queue_place(self, project: ProjectId, queue: QueueId) -> Place | None:
        """Give a queue's place in that list, also after it was deleted."""
        return self._places.get((project, queue))

    async def add_queue(self, queue: Queue) -> None:
        """Keep a new queue.

        Raises:
            Refused: QUEUE_NAME_TAKEN.
        """
        self._refuse_namesake(queue)
        self._queues[queue.id] = queue
        self._remember(queue.project, queue)

    async def change_queue(
        self, project: ProjectId, queue: QueueId, change: Callable[[Queue], Queue]
    ) -> Queue | None:
        """Change a queue.

        Raises:
            Refused: QUEUE_NAME_TAKEN.
        """
        found = own(self._queues, project, queue)
        if found is not None:
            self._refuse_namesake(change(found))
        return changed(self._queues, project, queue, change)

    async def remove_queue(self, project: ProjectId, queue: QueueId) -> bool:
        """Delete a queue."""
        found = own(self._queues, project, queue)
        return found is not None and self._queues.pop(queue, None) is not None

    def _refuse_namesake(self, queue: Queue) -> None:
        others = (one for one in self._queues.values() if one.id != queue.id and one.project == queue.project)
        if any(one.name == queue.name for one in others):
            raise Refused(Reason.QUEUE_NAME_TAKEN)

    # Recordings ------------------------------------------------------------------------------------------------------

    async def notification(self, project: ProjectId, notification: NotificationId) -> Notification | None:
        """Find a project's notification."""
        return own(self._notifications, project, notification)

    async def notifications(
        self, project: ProjectId, wanted: NotificationFilter, window: Window
    ) -> Sequence[Notification]:
        """List a project's notifications."""
        return through(
            window,
            (
                one
                for one in self._notifications.values()
                if one.project == project
                and wanted.call in {None, one.call}
                and wanted.failed in {None, one.failed}
                and within(wanted.created, one.created_ms)
            ),
        )

    async def notification_place(self, project: ProjectId, notification: NotificationId) -> Place | None:
        """Give a notification's place in that list."""
        return self._places.get((project, notification))

    async def add_notification(self, notification: Notification) -> None:
        """Keep a new notification."""
        self._notifications[notification.id] = notification
        self._remember(notification.project, notification)

    async def recording(self, project: ProjectId, recording: RecordingId) -> Recording | None:
        """Find a project's recording."""
        return own(self._recordings, project, recording)

    async def recordings(
        self, project: ProjectId, wanted: RecordingFilter, window: Window
    ) -> Sequence[Recording]:
        """List a project's recordings."""
        return through(
            window,
            (
                one
                for one in self._recordings.values()
                if one.project == project
                and wanted.call in {None, one.call}
                and wanted.conference in {None, one.conference}
                and within(wanted.created, one.created_ms)
            ),
        )

    async def recording_place(self, project: ProjectId, recording: RecordingId) -> Place | None:
        """Give a recording's place in that list, also after it was deleted."""
        return self._places.get((project, recording))

    async def add_recording(self, recording: Recording) -> None:
        """Keep a new recording."""
        self._recordings[recording.id] = recording
        self._remember(recording.project, recording)

    async def running_recordings(self) -> Sequence[Recording]:
        """List the recordings that something is still to become of."""
        return [one for one in self._recordings.values() if one.revision and not one.over]

    async def call(self, call: CallId) -> Call | None:
        """Find a call, over or not, whosever it is."""
        return self.calls.get(call)

    async def recording_of(self, recording: RecordingId) -> Recording | None:
        """Find a recording, whosever it is."""
        return self._recordings.get(recording)

    async def commit_recording(
        self,
        recording: Recording,
        notices: Iterable[RecordingNotice],
        happened: Iterable[Happening],
        now: Moment,  # noqa: ARG002 - nothing is due later here
        transcription: Transcription | None = None,
    ) -> None:
        """Write a recording's new state, and what comes of it.

        Raises:
            StaleRevision: The stored revision is not one less.
        """
        stored = self._recordings.get(recording.id)
        if (0 if stored is None else stored.revision) != recording.revision - 1:
            raise StaleRevision(f"recording {recording.id} is not at revision {recording.revision - 1}")
        await self.add_recording(recording)
        self._happenings.setdefault(recording.id, []).extend(happened)
        if recording.over:
            self._happenings.pop(recording.id, None)
        self.recording_notices += notices
        if transcription is not None:
            await self.add_transcription(transcription)

    async def add_happenings(self, recording: RecordingId, happened: Sequence[Happening]) -> None:
        """Keep what has happened in a recording."""
        self._happenings.setdefault(recording, []).extend(happened)

    async def happenings(self, recording: RecordingId) -> Sequence[Happening]:
        """List what has happened in a recording that is not over."""
        return self._happenings.get(recording, [])

    async def remove_recording(self, project: ProjectId, recording: RecordingId) -> bool:
        """Delete a recording."""
        found = own(self._recordings, project, recording)
        self.forget_transcriptions(project, recording)
        return found is not None and self._recordings.pop(recording, None) is not None

    # Uses ------------------------------------------------------------------------------------------------------------

    async def note_use(self, use: Use) -> None:
        """Note a use, if it is the first of its kind."""
        self.noted.setdefault((use.project, use.feature), use)

    async def uses(self, project: ProjectId | None = None) -> Sequence[Use]:
        """Give what one project used, or all did."""
        found = sorted(self.noted.values(), key=lambda one: (one.project, one.feature))
        return [one for one in found if project in {None, one.project}]
