"""What a customer owns outside calls: the project itself, its numbers, its hosted documents. Plain values."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from roomtone.core.ids import ApplicationId, BinId, NumberId, ProjectId
from roomtone.core.values import Document, Method


class Standing(StrEnum):
    """Whether a project is served."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"
    """For good."""


@dataclass(frozen=True, slots=True)
class Project:
    """A customer's project (SignalWire) or account (Twilio)."""

    id: ProjectId
    name: str
    dialect: str
    """Name of the dialect it speaks: ``"signalwire"`` or ``"twilio"``."""

    signing_key: str = field(repr=False)
    """Key of the signatures on requests to the customer's servers."""

    created_ms: int
    updated_ms: int = 0
    """0: nothing was ever changed."""

    parent: ProjectId | None = None
    """The project above this one, whose keys open this one, too; there are two levels and no more."""

    standing: Standing = Standing.ACTIVE

    strict: bool = False
    """Whether it is served as its vendor would, quirks included, and nothing beyond."""

    previous_key: str | None = field(default=None, repr=False)
    """The signing key before this one, of which servers may know yet; None: there is none."""

    previous_until_ms: int = 0
    """Until when requests are signed with that one, too; wall clock."""

    def former_key(self, now_ms: int) -> str | None:
        """Give the signing key before this one, if requests are still to be signed with it, too."""
        return self.previous_key if now_ms < self.previous_until_ms else None

    def rekeyed(self, key: str, now_ms: int, until_ms: int) -> Project:
        """Give it with another signing key; the one it has signs, too, until then."""
        return replace(
            self,
            signing_key=key,
            previous_key=self.signing_key,
            previous_until_ms=until_ms,
            updated_ms=now_ms,
        )

    def without_former_key(self, now_ms: int) -> Project:
        """Give it with its signing key alone: every server knows it."""
        return replace(self, previous_key=None, previous_until_ms=0, updated_ms=now_ms)

    @property
    def active(self) -> bool:
        """Whether its own keys are heeded and its calls taken."""
        return self.standing is Standing.ACTIVE


@dataclass(frozen=True, slots=True)
class Number:
    """A claimed phone number and where its calls go."""

    id: NumberId
    project: ProjectId
    phone_number: str
    """E.164 with its plus sign."""

    friendly_name: str
    created_ms: int
    updated_ms: int
    voice: Document | None = None
    """VoiceUrl and VoiceMethod; None: calls to it are refused with 404."""

    voice_fallback: Document | None = None
    voice_method: Method = Method.POST
    """Kept apart from `voice`, since it can be set before the URL is."""

    voice_fallback_method: Method = Method.POST
    application: ApplicationId | None = None
    """Whose URLs its calls follow instead of its own."""

    status_callback: Document | None = None
    """Where the end of a call to it is to be told."""

    status_callback_method: Method = Method.POST


@dataclass(frozen=True, slots=True)
class Bin:
    """A document hosted by Roomtone itself."""

    id: BinId
    project: ProjectId
    name: str
    contents: str
    """XML with optional mustache placeholders, at most 64 kB."""

    created_ms: int
    updated_ms: int
    accessed_ms: int | None = None
    requests: int = 0
    """How often it was served."""
