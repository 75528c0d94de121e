"""Identities: 128-bit values without a spelling.

How an id is written (a dashed UUID, ``CA`` and 32 hex digits …) belongs to a dialect. Nothing here makes an id up:
whoever needs a new one is handed the 128 bits (house rule "time and identity are arguments").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

_NEUTRAL = re.compile(r"[0-9a-fA-F]{32}")


@dataclass(frozen=True, slots=True, order=True)
class Id:
    """A 128-bit identity. Two ids of different kinds never compare equal."""

    value: int
    """The 128 bits, unsigned."""

    def __post_init__(self) -> None:
        if not 0 <= self.value < 1 << 128:
            raise ValueError(f"{type(self).__name__} takes 128 bits")

    @property
    def hex(self) -> str:
        """The neutral spelling used inside the house (store, engine protocol, logs): 32 lower-case hex digits."""
        return f"{self.value:032x}"

    @classmethod
    def from_hex(cls, text: str) -> Self:
        """Read the neutral spelling.

        Raises:
            ValueError: The text is not 32 hex digits.
        """
        # `int` alone would also take signs, prefixes and underscores.
        if not _NEUTRAL.fullmatch(text):
            raise ValueError(f"an id is 32 hex digits, not {text[:40]!r}")
        return cls(int(text, 16))

    def __str__(self) -> str:
        return self.hex


class ProjectId(Id):
    """A customer's project (SignalWire) or account (Twilio)."""

    __slots__ = ()


class CallId(Id):
    """One call; also the identity of its leg, its media stream and its seat in a mix."""

    __slots__ = ()


class ConferenceId(Id):
    """One conference, from its first participant to its end; a later use of its name is another conference."""

    __slots__ = ()


class ParticipantId(Id):
    """One presence of one call in one conference; the same call coming back is another participant."""

    __slots__ = ()


class NumberId(Id):
    """A claimed phone number."""

    __slots__ = ()


class BinId(Id):
    """A hosted document (SignalWire's LamlBin)."""

    __slots__ = ()


class AudioFileId(Id):
    """A sound that a customer keeps here, to be announced or played."""

    __slots__ = ()


class ApplicationId(Id):
    """A set of URLs under one name, which numbers can point to."""

    __slots__ = ()


class QueueId(Id):
    """A queue of waiting calls."""

    __slots__ = ()


class RecordingId(Id):
    """A recording of a call or of a conference."""

    __slots__ = ()


class TranscriptionId(Id):
    """What was said in a recording, as text."""

    __slots__ = ()


class StreamId(Id):
    """A stream of a call's or a conference's sound to a customer's WebSocket; also the identity of its relay."""

    __slots__ = ()


class NotificationId(Id):
    """Something a customer should know about a document."""

    __slots__ = ()


class KeyId(Id):
    """An API token of a project (Twilio's API key)."""

    __slots__ = ()


class EndpointId(Id):
    """A phone that may register."""

    __slots__ = ()


class DomainId(Id):
    """A name that calls come to."""

    __slots__ = ()


class CredentialListId(Id):
    """A list of phones that may register and call by password."""

    __slots__ = ()


class AccessListId(Id):
    """A list of networks whose calls are taken."""

    __slots__ = ()


class IpAddressId(Id):
    """A network of such a list."""

    __slots__ = ()
