"""A notification: something a customer should know about a document of theirs, as a value.

Sources: Twilio "Notifications resource".
"""

from __future__ import annotations

from dataclasses import dataclass

from roomtone.core.ids import CallId, NotificationId, ProjectId
from roomtone.core.values import Method


@dataclass(frozen=True, slots=True)
class Notification:
    """One warning, or one failure."""

    id: NotificationId
    project: ProjectId
    created_ms: int
    number: int
    """The vendors' number of it."""

    text: str
    """One sentence for people, at most `MAX_TEXT` characters."""

    call: CallId | None = None
    """The call whose document it was; None: a conference's, heard by everybody."""

    failed: bool = False
    """Whether it was a failure; else a warning."""

    url: str = ""
    """Of the document."""

    method: Method = Method.POST


MAX_TEXT = 500

MOST_OF_A_CALL = 100
"""Notifications kept of one call at most; the rest is in the log alone."""
