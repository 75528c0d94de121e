"""How long, and how often, a dialect waits for a customer's server. Numbers, and nothing that waits.

A customer may change the numbers for one URL in its fragment (``#rt=2000``). A number out of its range is taken to the
nearest end; a key that the dialect does not know is ignored.

Sources: SignalWire "Webhook timeouts"; Twilio "Webhooks: connection overrides".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import parse_qsl, urlsplit


class Trouble(StrEnum):
    """In what way a request may fail so that another may do better; the words are Twilio's (``rp``)."""

    CONNECTION = "ct"
    """There was no connection."""

    READING = "rt"
    """There was no whole answer in time."""

    CLIENT_ERROR = "4xx"
    SERVER_ERROR = "5xx"


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

    retry_after: frozenset[Trouble] = frozenset({Trouble.CONNECTION})
    """After which troubles it is tried again."""

    chosen: bool = False
    """Whether the URL itself says how often, or after what."""


@dataclass(frozen=True, slots=True)
class Override:
    """What one key of a URL's fragment may change."""

    field: str
    """The name of the field of `Patience`; ``retries`` sets `attempts`. `retry_after` takes words, the others a number."""

    least: int = 0
    most: int = 0
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
            if override is None:
                continue
            if override.field == "retry_after":
                patience = _retry_after(patience, text)
            elif text.isascii() and text.isdigit() and len(text) < 10:
                number = min(max(int(text), override.least), override.most)
                patience = _set(patience, override, number)
        return patience


def _retry_after(patience: Patience, text: str) -> Patience:
    """Read troubles apart by commas; words that are none are passed over, and nothing but those changes nothing."""
    words = {word.strip().lower() for word in text.split(",")}
    found = frozenset(Trouble) if "all" in words else frozenset(one for one in Trouble if one.value in words)
    return replace(patience, retry_after=found, chosen=True) if found else patience


def _set(patience: Patience, override: Override, number: int) -> Patience:
    match override.field:
        case "connect_s":
            return replace(patience, connect_s=number * override.unit)
        case "read_s":
            return replace(patience, read_s=number * override.unit)
        case "total_s":
            return replace(patience, total_s=number * override.unit)
        case "retries":
            return replace(patience, attempts=number + 1, chosen=True)
        case _:
            raise AssertionError(f"an override of {override.field}, which is no patience")
