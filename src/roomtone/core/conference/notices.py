"""Who is owed word of what, and where.

Turns the events of one step into numbered notices for the customer's callback URL. Pure: a dialect spells a notice
only when it is delivered, and the store keeps it until then.

Sources: Twilio "Conference status callback parameters"; SignalWire cXML "Conference" statusCallback.
"""

from __future__ import annotations

from dataclasses import dataclass

from roomtone.core.conference.messages import Event
from roomtone.core.conference.state import Participant
from roomtone.core.ids import ConferenceId, ProjectId
from roomtone.core.values import Method


@dataclass(frozen=True, slots=True)
class Notice:
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
    """The one it is about, as they were right after the event (for a leave: right before)."""

    ended_by_label: str | None = None
    """Label of the participant whose leaving ended the conference, if it had one."""
