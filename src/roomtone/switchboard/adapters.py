"""What the switchboard is given: the adapters behind its ports, and the settings that it hands on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from roomtone.core.conference.messages import Event
from roomtone.core.conference.state import Conference
from roomtone.core.entrance import Entrance
from roomtone.sdp.crypto import Encryption
from roomtone.sip.digest import ALGORITHMS, Algorithm
from roomtone.switchboard.calling import Outward
from roomtone.switchboard.no_streams import NoRelays, NoSockets
from roomtone.switchboard.ports import (
    Archive,
    Clock,
    Dice,
    Documents,
    Media,
    Relays,
    Signalling,
    Sockets,
    Store,
)
from roomtone.switchboard.recordings import RecordingSettings
from roomtone.switchboard.records import Kept


@dataclass(frozen=True, slots=True)
class Ports:
    """The adapters, as `server.py` hands them over."""

    clock: Clock
    dice: Dice
    store: Store
    signalling: Signalling
    media: Media
    documents: Documents
    archive: Archive
    committed: Callable[[], None]
    """Called after each commit that owes somebody a callback."""

    outward: Outward = Outward()  # noqa: RUF009 - frozen
    """Where calls of ours may go, and how fast."""

    entrance: Entrance = field(default_factory=Entrance)
    """From where calls are taken without a password."""

    algorithms: tuple[Algorithm, ...] = ALGORITHMS
    """Of the digests that phones are asked for."""

    silent_hang_up_s: float = 0.0
    """Seconds without a packet from a phone that end its call; 0: none do."""

    srtp: Encryption = Encryption.TLS
    """What is to be encrypted."""

    recording: RecordingSettings = RecordingSettings()  # noqa: RUF009 - frozen
    """How recordings are made."""

    house: str = ""
    """The house's own address as customers reach it, without a slash at its end."""

    relays: Relays = field(default_factory=NoRelays)
    """Carries sound to WebSockets."""

    sockets: Sockets = field(default_factory=NoSockets)
    """Finds them."""

    transcribe: Callable[[], None] = lambda: None
    """Called when something is to be transcribed."""

    call_kept: Kept | None = None
    """Told of each commit of a call: as it was (None: it is new), and as it is."""

    conference_kept: Callable[[Conference, Sequence[Event]], None] | None = None
    """Told of each commit of a conference: as it is, and what has happened. Neither waits nor raises."""

    is_busy: Callable[[], bool] = lambda: False
    """Whether there is too much to do for another call."""
