"""Conferences and their events to and from versioned JSON, for whoever keeps them.

The spelling is that of `roomtone.core.shapes`. Reading gives back exactly what was written; text of an unknown version
is a `ValueError` that names it.
"""

from __future__ import annotations

from typing import cast

from roomtone.core.conference.messages import Event
from roomtone.core.conference.state import Conference, Participant
from roomtone.core.shapes import Shape

_CONFERENCE = Shape(Conference)
_PARTICIPANT = Shape(Participant)
_EVENT = Shape(Event)


def conference_to_json(conference: Conference) -> str:
    """Spell a whole conference, with all its participants."""
    return _CONFERENCE.to_json(conference)


def conference_from_json(text: str) -> Conference:
    """Read a conference.

    Raises:
        ValueError: Of another version, or not a conference.
    """
    return cast("Conference", _CONFERENCE.from_json(text))


def participant_to_json(participant: Participant) -> str:
    """Spell one participant."""
    return _PARTICIPANT.to_json(participant)


def participant_from_json(text: str) -> Participant:
    """Read a participant.

    Raises:
        ValueError: Of another version, or not a participant.
    """
    return cast("Participant", _PARTICIPANT.from_json(text))


def event_to_json(event: Event) -> str:
    """Spell one event; its ``"kind"`` is the name of its class."""
    return _EVENT.to_json(event)


def event_from_json(text: str) -> Event:
    """Read an event.

    Raises:
        ValueError: Of another version, or not an event.
    """
    return cast("Event", _EVENT.from_json(text))
