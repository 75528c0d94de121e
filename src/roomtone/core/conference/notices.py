"""Who is owed word of what, and where.

Turns the events of one step into numbered notices for the customer's callback URL. Pure: a dialect spells a notice
only when it is delivered, and the store keeps it until then.

Sources: Twilio "Conference status callback parameters"; SignalWire cXML "Conference" statusCallback.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from roomtone.core.conference.messages import (
    AnnouncementEnded,
    AnnouncementFailed,
    ConferenceEnded,
    ConferenceStarted,
    Event,
    ParticipantHeld,
    ParticipantJoined,
    ParticipantLeft,
    ParticipantModified,
    ParticipantMuted,
    ParticipantSpeechStarted,
    ParticipantSpeechStopped,
    ParticipantUnheld,
    ParticipantUnmuted,
    Step,
)
from roomtone.core.conference.state import Conference, Participant, Topic
from roomtone.core.ids import ConferenceId, ProjectId
from roomtone.core.moment import Moment
from roomtone.core.values import Method

TOPICS: Mapping[type[Event], Topic] = MappingProxyType(
    {
        ConferenceStarted: Topic.START,
        ConferenceEnded: Topic.END,
        ParticipantJoined: Topic.JOIN,
        ParticipantLeft: Topic.LEAVE,
        ParticipantMuted: Topic.MUTE,
        ParticipantUnmuted: Topic.MUTE,
        ParticipantHeld: Topic.HOLD,
        ParticipantUnheld: Topic.HOLD,
        ParticipantModified: Topic.MODIFY,
        ParticipantSpeechStarted: Topic.SPEAKER,
        ParticipantSpeechStopped: Topic.SPEAKER,
        AnnouncementEnded: Topic.ANNOUNCEMENT,
        AnnouncementFailed: Topic.ANNOUNCEMENT,
    }
)
"""Which topic a customer subscribes to in order to be told of an event."""


@dataclass(frozen=True, slots=True)
class ConferenceNotice:
    """One thing a customer is to be told, complete in itself: a later change of the conference does not change it."""

    conference: ConferenceId
    project: ProjectId
    name: str
    """Friendly name of the conference."""

    sequence: int
    """From 1, gap-free within the conference."""

    at_ms: int
    """Wall clock of the event."""

    url: str
    method: Method
    event: Event
    participant: Participant | None
    """The one it is about, as they are in the state committed with it (for a leave: as they were right before). None:
    it is about the whole conference, or about somebody who is not there any more."""

    ended_by_label: str | None = None
    """Label of the participant whose leaving ended the conference, if it had one."""

    @property
    def lane(self) -> ConferenceId:
        """Whose notices arrive one after the other: this conference's."""
        return self.conference


def notices(step: Step, now: Moment) -> tuple[Conference, tuple[ConferenceNotice, ...]]:
    """Say what the customer is owed word of after one step.

    Only events of a topic the customer subscribed to become notices, and only those are numbered; nobody who gave no
    callback is owed anything.

    Args:
        step: What `step` or `fold` gave.
        now: The same moment they were given.

    Returns:
        The state to commit (its `last_sequence` moved on past these notices), and the notices in order.
    """
    state, callback = step.state, step.state.callback
    if callback is None:
        return state, ()
    told = tuple(
        ConferenceNotice(
            state.id, state.project, state.name, number, now.wall_ms, callback.url, callback.method,
            event, participant, state.ended_by_label if isinstance(event, ConferenceEnded) else None,
        )
        for number, (event, participant) in enumerate(
            (pair for pair in _about(step) if TOPICS[type(pair[0])] in callback.topics), state.last_sequence + 1
        )
    )  # fmt: skip
    return (replace(state, last_sequence=state.last_sequence + len(told)) if told else state), told


def _about(step: Step) -> Iterator[tuple[Event, Participant | None]]:
    """Pair each event with the participant it is about."""
    gone = iter(step.gone)
    here = {one.call: one for one in step.state.participants}
    left = {one.call: one for one in step.gone}
    for event in step.events:
        match event:
            case ConferenceStarted() | ConferenceEnded():
                yield event, None
            case ParticipantLeft():
                yield event, next(gone)
            case AnnouncementEnded() | AnnouncementFailed():
                yield event, None if event.call is None else here.get(event.call)
            case _:
                yield event, here.get(event.call) or left[event.call]
