"""API keys as either vendor writes them, each with the ids of the project's own dialect.

Sources: schemas ``api.v2010.account.key`` and ``.new_key`` of Twilio's API specification; ``TokenResponse`` of
SignalWire's.
"""

from __future__ import annotations

from collections.abc import Callable

from roomtone.core.access import Key
from roomtone.core.ids import Id
from roomtone.dialects.dates import rfc2822
from roomtone.dialects.dialect import Resource

REDACTED = "redacted"
"""What SignalWire writes where a secret was."""


def key(key: Key, show: Callable[[Id], str], secret: str | None) -> Resource:
    """Write an API key as Twilio does."""
    told = {
        "sid": show(key.id),
        "friendly_name": key.name,
        "date_created": rfc2822(key.created_ms),
        "date_updated": rfc2822(key.updated_ms),
    }
    return told if secret is None else told | {"secret": secret}


def token(key: Key, show: Callable[[Id], str], secret: str | None) -> Resource:
    """Write a token as SignalWire does."""
    return {
        "id": show(key.id),
        "name": key.name,
        "permissions": sorted(key.permissions),
        "token": REDACTED if secret is None else secret,
    }
