"""A customer's application: a set of URLs under one name, which numbers can point to. A plain value.

What is of messages is kept for whoever reads it back; nothing here sends any. Sources: Twilio "Application resource";
SignalWire "Applications".
"""

from __future__ import annotations

from dataclasses import dataclass

from roomtone.core.ids import ApplicationId, ProjectId
from roomtone.core.values import Document, Method


@dataclass(frozen=True, slots=True)
class Address:
    """A URL and how to ask it, kept apart, since a method can be set before its URL is."""

    url: str | None = None
    """None: not set."""

    method: Method = Method.POST

    @property
    def document(self) -> Document | None:
        """What is there; None: no URL is set."""
        return None if self.url is None else Document(self.url, self.method)


NOWHERE = Address()
"""An address that is not set."""


@dataclass(frozen=True, slots=True)
class Application:
    """What a number can point to instead of having URLs of its own."""

    id: ApplicationId
    project: ProjectId
    name: str
    """For people; may be empty in Twilio's dialect."""

    created_ms: int
    updated_ms: int
    voice: Address = NOWHERE
    """Where the document of a call is."""

    voice_fallback: Address = NOWHERE
    status: Address = NOWHERE
    """Where the end of a call is to be told."""

    sms: Address = NOWHERE
    sms_fallback: Address = NOWHERE
    sms_status: Address = NOWHERE
    message_status: str | None = None
    caller_id_lookup: bool = False
    public_connect: bool = False
    """Whether other accounts may call it by its sid."""
