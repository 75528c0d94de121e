"""One parameter at a time: what a text means, or why it is refused.

An empty text means "not given" everywhere, since SDKs send one for a null; the few parameters in which it says
something (an empty URL, an empty coach) are read by `given_text`, which keeps it.
"""

from __future__ import annotations

import re
import unicodedata

from roomtone.core.listing import Span
from roomtone.core.refusals import Reason, Refused
from roomtone.core.values import Method
from roomtone.dialects import booleans, sids, urls
from roomtone.dialects.dates import DAY_MS, SECOND_MS, day_ms, moment_ms
from roomtone.dialects.fields import Fields, last
from roomtone.dialects.sids import AnyId

_NUMBER = re.compile(r"\d{1,12}(\.\d{1,12})?", re.ASCII)


def given_text(fields: Fields, name: str) -> str | None:
    """Give a parameter's text, which may be empty; None: it was not given."""
    return last(fields, name)


def text(fields: Fields, name: str, longest: int) -> str | None:
    """Give a parameter's text; None: it was not given, or is empty.

    Raises:
        Refused: PARAMETER_INVALID: it has more than `longest` characters.
    """
    value = last(fields, name) or None
    if value is not None and len(value) > longest:
        raise Refused(Reason.PARAMETER_INVALID, name=name, expected=f"at most {longest} characters")
    return value


def line(fields: Fields, name: str, longest: int) -> str | None:
    """Give a parameter's text as `text` does, if it is one line: what goes into a SIP header or names a queue.

    Raises:
        Refused: PARAMETER_INVALID: it is too long, or holds a control character.
    """
    value = text(fields, name, longest)
    if value is not None and any(unicodedata.category(one) == "Cc" for one in value):
        raise Refused(Reason.PARAMETER_INVALID, name=name, expected="text without control characters")
    return value


def boolean(fields: Fields, name: str, *, otherwise: bool | None = None) -> bool | None:
    """Read a boolean; None: it was not given.

    Args:
        fields: The request's fields.
        name: The parameter.
        otherwise: What any other text means; None: it is refused.

    Raises:
        Refused: PARAMETER_INVALID: it is no boolean.
    """
    value = last(fields, name)
    if not value:
        return None
    read = booleans.read(value)
    if read is None:
        read = otherwise
    if read is None:
        raise Refused(Reason.PARAMETER_INVALID, name=name, expected="true or false")
    return read


def method(fields: Fields, name: str) -> Method | None:
    """Read an HTTP method, in any case; None: it was not given.

    Raises:
        Refused: METHOD_INVALID: it is neither GET nor POST.
    """
    value = last(fields, name)
    if not value:
        return None
    try:
        return Method(value.upper())
    except ValueError:
        raise Refused(Reason.METHOD_INVALID, name=name) from None


def url(fields: Fields, name: str) -> str | None:
    """Read a URL, which may be empty; None: it was not given.

    Raises:
        Refused: URL_INVALID: it is neither empty nor an absolute http or https URL.
    """
    value = last(fields, name)
    if value is None or not value.strip():
        return None if value is None else ""
    value = value.strip()
    if not urls.acceptable(value):
        raise Refused(Reason.URL_INVALID, name=name)
    return value


def day(fields: Fields, name: str) -> int | None:
    """Read a day and give its first millisecond since 1970 UTC; None: it was not given.

    Raises:
        Refused: PARAMETER_INVALID: it is no ``YYYY-MM-DD``.
    """
    value = last(fields, name)
    if not value:
        return None
    at_ms = day_ms(value)
    if at_ms is None:
        raise Refused(Reason.PARAMETER_INVALID, name=name, expected="a day written YYYY-MM-DD")
    return at_ms


def span(fields: Fields, name: str) -> Span:
    """Read a stretch of time: the parameter itself, and those of its name and ``<`` or ``>``, edges taken in.

    A day is taken whole (UTC), a moment (ISO 8601, or RFC 2822 as SignalWire asks for) as its second.

    Raises:
        Refused: PARAMETER_INVALID: one is neither.
    """
    on, since, until = (_stretch(fields, name + edge) for edge in ("", ">", "<"))
    starts = [one[0] for one in (on, since) if one is not None]
    ends = [one[1] for one in (on, until) if one is not None]
    return Span(from_ms=max(starts, default=None), until_ms=min(ends, default=None))


def sid(fields: Fields, name: str, kind: type[AnyId]) -> AnyId | None:
    """Read an id in either spelling; None: it was not given.

    Raises:
        Refused: PARAMETER_INVALID: it is no id of this kind.
    """
    text = last(fields, name)
    if not text:
        return None
    read = sids.parse(kind, text)
    if read is None:
        raise Refused(Reason.PARAMETER_INVALID, name=name, expected="a sid")
    return read


def whole(fields: Fields, name: str, least: int, most: int) -> int | None:
    """Read a whole number; None: it was not given.

    Raises:
        Refused: PARAMETER_INVALID: it is none, or out of its range.
    """
    text = last(fields, name)
    if not text:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 12 or not least <= int(text) <= most:
        raise Refused(Reason.PARAMETER_INVALID, name=name, expected=f"a whole number from {least} to {most}")
    return int(text)


def number(fields: Fields, name: str, least: float, most: float) -> float | None:
    """Read a number, whole or not; None: it was not given.

    Raises:
        Refused: PARAMETER_INVALID: it is none, or out of its range.
    """
    text = last(fields, name)
    if not text:
        return None
    if not (_NUMBER.fullmatch(text) and least <= float(text) <= most):
        raise Refused(Reason.PARAMETER_INVALID, name=name, expected=f"a number from {least:g} to {most:g}")
    return float(text)


def one_of(fields: Fields, name: str, *words: str) -> str | None:
    """Read one of some words, in any case, and give it as it is listed; None: it was not given.

    Raises:
        Refused: PARAMETER_INVALID: it is none of them.
    """
    text = last(fields, name)
    if not text:
        return None
    found = next((word for word in words if word.lower() == text.lower()), None)
    if found is None:
        raise Refused(Reason.PARAMETER_INVALID, name=name, expected=f"one of {', '.join(words)}")
    return found


def _stretch(fields: Fields, name: str) -> tuple[int, int] | None:
    """Give the first millisecond inside and the first one outside."""
    value = (last(fields, name) or "").strip()
    if not value:
        return None
    day_at = day_ms(value)
    if day_at is not None:
        return day_at, day_at + DAY_MS
    at_ms = moment_ms(value)
    if at_ms is None:
        raise Refused(Reason.PARAMETER_INVALID, name=name, expected="a day written YYYY-MM-DD, or a moment")
    return at_ms, at_ms + SECOND_MS
