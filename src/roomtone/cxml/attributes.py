"""Reading the attributes of a verb from its table.

A table names each attribute's spelling, the field it fills, how its text is read, and the reason told when the text
is no good. A value that is absent or no good leaves the field out, so the dataclass's own default holds.

Source: both vendors' attribute tables (booleans ``true``/``false``; methods GET/POST; URLs absolute or relative).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from roomtone.core.values import Method
from roomtone.cxml.oddities import Oddity, Warned

Read = Callable[[str, str], Any]
"""Turns an attribute's text into a value; second argument: the document's URL. Raises ValueError if it is no good."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One row of a verb's table."""

    spelling: str
    """As customers write it; case-sensitive."""

    field: str
    """The dataclass field it fills."""

    read: Read
    oddity: Oddity = Oddity.ATTRIBUTE_INVALID
    """Told when the text cannot be read."""


Table = tuple[Attribute, ...]


def read_attributes(
    tag: str, found: Mapping[str, str], table: Table, url: str
) -> tuple[dict[str, Any], tuple[Warned, ...]]:
    """Read what an element says.

    Args:
        tag: Name of the element, for the warnings.
        found: Its attributes. Those in an XML namespace are not ours and are passed over in silence.
        table: What the element may say.
        url: Where the document came from: relative URLs are relative to it.

    Returns:
        Fields with a good value, and a warning for each attribute that is unknown or no good.
    """
    known = {row.spelling: row for row in table}
    fields: dict[str, Any] = {}
    warnings: list[Warned] = []
    for spelling, text in found.items():
        row = known.get(spelling)
        if spelling.startswith("{"):
            continue
        if row is None:
            warnings.append(
                Warned(Oddity.ATTRIBUTE_UNKNOWN, f"<{tag}> has no attribute {spelling!r}; ignored")
            )
            continue
        try:
            fields[row.field] = row.read(text, url)
        except ValueError as why:
            detail = f"<{tag} {spelling}={shorten(text)!r}>: {why}; the default is used"
            warnings.append(Warned(row.oddity, detail))
    return fields, tuple(warnings)


def without_effect(
    tag: str, found: Mapping[str, str], spellings: Collection[str], told: tuple[Warned, ...]
) -> tuple[Warned, ...]:
    """Warn of attributes that are read and do nothing yet, where they ask for something and are not told of anyway."""
    wrong = " ".join(warned.detail for warned in told)
    return tuple(
        Warned(Oddity.WITHOUT_EFFECT, f"<{tag} {spelling}={shorten(text)!r}> has no effect yet")
        for spelling, text in found.items()
        if spelling in spellings and text.strip() not in UNASKED and f"<{tag} {spelling}=" not in wrong
    )


UNASKED = frozenset({"", "false", "do-not-record", "Disable"})
"""Texts by which an attribute asks for nothing."""


def shorten(text: str) -> str:
    """Cut a customer's text to a length fit for a log line."""
    return text if len(text) <= 80 else text[:77] + "..."


def plain(text: str, _url: str) -> str | None:
    """Read text as it is; empty is as good as absent."""
    return text.strip() or None


def boolean(text: str, _url: str) -> bool:
    """Read ``true`` or ``false``, in any case."""
    match text.strip().lower():
        case "true" | "1":
            return True
        case "false" | "0":
            return False
    raise ValueError("neither true nor false")


def method(text: str, _url: str) -> Method:
    """Read ``GET`` or ``POST``, in any case."""
    try:
        return Method(text.strip().upper())
    except ValueError:
        raise ValueError("neither GET nor POST") from None


def location(text: str, url: str) -> str | None:
    """Read a URL, absolute or relative to the document's own; empty is as good as absent."""
    if not (wanted := text.strip()):
        return None
    return resolve(wanted, url)


def integer(low: int, high: int) -> Read:
    """Make a reader of whole numbers from `low` to `high`, both included."""

    def read(text: str, _url: str) -> int:
        digits = text.strip()
        if not (digits.isascii() and digits.isdigit() and len(digits) <= 9 and low <= int(digits) <= high):
            raise ValueError(f"not a whole number from {low} to {high}")
        return int(digits)

    return read


def choice(*choices: str) -> Read:
    """Make a reader that takes one of some words, case-sensitive."""

    def read(text: str, _url: str) -> str:
        word = text.strip()
        if word not in choices:
            raise ValueError(f"not one of {', '.join(choices)}")
        return word

    return read


def words(text: str) -> tuple[str, ...]:
    """Split a list of words.

    They are parted by spaces, or by commas; the Python libraries' spelling of a list, ``['start', 'end']``, is
    understood too, because they write it without being asked (seen with twilio 9.13 and signalwire's builder).
    """
    for mark in "[]'\",":
        text = text.replace(mark, " ")
    return tuple(text.split())


def word_set(*choices: str) -> Read:
    """Make a reader of a list of words, each one of some; gives them once each, in the table's order."""

    def read(text: str, _url: str) -> tuple[str, ...]:
        found = words(text)
        if strange := [word for word in found if word not in choices]:
            raise ValueError(f"{shorten(strange[0])!r} is not one of {', '.join(choices)}")
        return tuple(word for word in choices if word in found)

    return read


def resolve(wanted: str, url: str) -> str:
    """Make a URL absolute.

    Args:
        wanted: What the document says, without surrounding space; empty means the document itself.
        url: Where the document came from.

    Raises:
        ValueError: The outcome is not an http or https URL with a host.
    """
    absolute = urljoin(url, wanted) if wanted else url
    absolute = absolute.replace(" ", "%20")  # people write file names with spaces
    parts = urlsplit(absolute)
    _ = parts.port  # a port out of range raises ValueError here rather than in the fetcher
    if parts.scheme not in {"http", "https"} or not parts.hostname or not absolute.isprintable():
        raise ValueError("not an http or https URL")
    return absolute
