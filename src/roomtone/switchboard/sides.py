"""What one leg is made of: its record, and its sides towards the rest of the house."""

from __future__ import annotations

from dataclasses import dataclass

from roomtone.core.project import Project
from roomtone.switchboard.attempt import Attempt
from roomtone.switchboard.conference_side import ConferenceSide
from roomtone.switchboard.dial_side import DialSide
from roomtone.switchboard.ledger import Ledger
from roomtone.switchboard.life_side import LifeSide
from roomtone.switchboard.listening_side import ListeningSide
from roomtone.switchboard.queue_side import QueueSide
from roomtone.switchboard.recording_side import RecordingSide
from roomtone.switchboard.refer_side import ReferSide
from roomtone.switchboard.streaming_side import StreamingSide
from roomtone.switchboard.undertaking import Undertaking


@dataclass(slots=True)
class Sides:
    """The sides of one leg."""

    ledger: Ledger
    project: Project
    life: LifeSide
    conference: ConferenceSide
    queue: QueueSide
    dial: DialSide
    listening: ListeningSide
    recording: RecordingSide
    refer: ReferSide
    streaming: StreamingSide
    undertaking: Undertaking
    attempt: Attempt | None = None
    """The dial that had this call made."""
