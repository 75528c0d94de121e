"""One parameter at a time: what a text means, or why it is refused.

An empty text means "not given" everywhere, since SDKs send one for a null; the few parameters in which it says
something (an empty URL, an empty coach) are read by `given_text`, which keeps it.
"""

from __future__ import annotations

from roomtone.core.refusals import Reason, Refused
from roomtone.core.values import Method
from roomtone.dialects import booleans, urls
from roomtone.dialects.dates import day_ms
from roomtone.dialects.fields import Fields, last


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
