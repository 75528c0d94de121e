"""How long, and how often, a dialect waits for a customer's server. Numbers, and nothing that waits.

A customer may change the numbers for one URL in its fragment (``#rt=2000``). A number out of its range is taken to the
nearest end; a key that the dialect does not know is ignored.

Sources: SignalWire "Webhook timeouts"; Twilio "Webhooks: connection overrides".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how far one request goes."""

    connect_s: float
    """For the connection, TLS included."""

    read_s: float
    """Between two reads of the answer."""

    total_s: float
    """For everything, redirects included."""

    redirects: int
    """Redirects followed; one more is a failure."""

    attempts: int = 1
    """Requests made in all, the first included."""

    retry_answers: bool = False
    """Whether an answer of 400 or more is tried again; if not, only a failed connection is."""


@dataclass(frozen=True, slots=True)
class Override:
    """What one key of a URL's fragment may change."""

    field: str
    """The name of the field of `Patience`."""

    least: int
    most: int
    unit: float = 0.001
    """What the number counts, in the field's unit: milliseconds of seconds."""


@dataclass(frozen=True, slots=True)
class Limits:
    """A dialect's patience."""

    documents: Patience
    """For documents and audio (instruction URLs)."""

    callbacks: Patience
    """For status callbacks."""

    overrides: Mapping[str, Override]
    """By key in a URL's fragment."""

    def documents_at(self, url: str) -> Patience:
        """Give the patience for the document at this URL, its fragment heeded."""
        return self._heed(self.documents, url)

    def callbacks_at(self, url: str) -> Patience:
        """Give the patience for the callback at this URL, its fragment heeded."""
        return self._heed(self.callbacks, url)

    def _heed(self, patience: Patience, url: str) -> Patience:
        for key, text in parse_qsl(urlsplit(url).fragment):
            override = self.overrides.get(key)
            if override is None or not (text.isascii() and text.isdigit() and len(text) < 10):
                continue
            number = min(max(int(text), override.least), override.most)
            patience = _set(patience, override, number)
        return patience


def _set(patience: Patience, override: Override, number: int) -> Patience:
    match override.field:
        case "connect_s":
            return replace(patience, connect_s=number * override.unit)
        case "read_s":
            return replace(patience, read_s=number * override.unit)
        case "total_s":
            return replace(patience, total_s=number * override.unit)
        case "retries":
            return replace(patience, attempts=number + 1)
        case _:
            raise AssertionError(f"an override of {override.field}, which is no patience")
