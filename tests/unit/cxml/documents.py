"""What the tests of documents share."""

from __future__ import annotations

from roomtone.cxml.oddities import Oddity
from roomtone.cxml.parse import Parsed, parse
from roomtone.cxml.verbs import Verb

URL = "https://app.example.com/voice"


def parsed(inner: str) -> Parsed:
    """Read a document with these verbs."""
    return parse(f"<Response>{inner}</Response>", URL)


def only_verb(inner: str) -> Verb:
    """Read a document with one verb about which there is nothing to be said, but that something has no effect yet."""
    document = parsed(inner)
    assert {warned.reason for warned in document.warnings} <= {Oddity.WITHOUT_EFFECT}
    (verb,) = document.verbs
    return verb


def reasons(inner: str) -> list[Oddity]:
    """List why the reader wonders."""
    return [warned.reason for warned in parsed(inner).warnings]
