"""The two spellings of an id: a dashed UUID, and two letters before 32 hex digits.

Both spell the same 128 bits, so either is read everywhere; which one is written is the dialect's choice. These
functions are the only code that knows a spelling.

Sources: SignalWire Compatibility API (every sid is a UUID); Twilio "String Identifier" (``^XX[0-9a-fA-F]{32}$``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import TypeVar, cast

from roomtone.core.ids import (
    AccessListId,
    ApplicationId,
    AudioFileId,
    BinId,
    CallId,
    ConferenceId,
    CredentialListId,
    DomainId,
    EndpointId,
    Id,
    IpAddressId,
    KeyId,
    NotificationId,
    NumberId,
    ParticipantId,
    ProjectId,
    QueueId,
    RecordingId,
    StreamId,
    TranscriptionId,
)

PREFIXES: Mapping[type[Id], str] = MappingProxyType(
    {
        ProjectId: "AC",
        CallId: "CA",
        ConferenceId: "CF",
        ParticipantId: "CP",
        NumberId: "PN",
        BinId: "EH",
        AudioFileId: "AF",
        ApplicationId: "AP",
        QueueId: "QU",
        RecordingId: "RE",
        StreamId: "MZ",
        TranscriptionId: "TR",
        NotificationId: "NO",
        KeyId: "SK",
        EndpointId: "CR",
        DomainId: "SD",
        CredentialListId: "CL",
        AccessListId: "AL",
        IpAddressId: "IP",
    }
)
"""The letters before the digits. Twilio hosts documents under EH ("TwiML Bins"); CP is seen only in page tokens."""

_LENGTHS = (34, 36)

AnyId = TypeVar("AnyId", bound=Id)

UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
PREFIXED = re.compile(r"([A-Z]{2})([0-9a-fA-F]{32})", re.ASCII)


def parse(kind: type[AnyId], text: str) -> AnyId | None:
    """Read an id of this kind in either spelling.

    Returns:
        None if the shape is wrong, or the letters are another kind's.
    """
    return cast("AnyId | None", _parse(kind, text)) if len(text) in _LENGTHS else None  # type: ignore[arg-type]  # types can be hashed


@lru_cache(maxsize=50_000)
def _parse(kind: type[Id], text: str) -> Id | None:
    """The same ids come again and again, and are values."""
    if UUID.fullmatch(text):
        return kind.from_hex(text.replace("-", ""))
    match = PREFIXED.fullmatch(text)
    if match is None or match[1] != PREFIXES[kind]:
        return None
    return kind.from_hex(match[2])


def looks_like_call(text: str) -> bool:
    """Whether a text could be read as a call's id; such a text cannot be a label."""
    return parse(CallId, text) is not None


def dashed(id_: Id) -> str:
    """Spell an id as a UUID, 36 characters, lower case."""
    digits = id_.hex
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def prefixed(id_: Id) -> str:
    """Spell an id as two letters and 32 hex digits, 34 characters."""
    return PREFIXES[type(id_)] + id_.hex
