"""What came with a request, as pairs of names and texts, whatever it was encoded as.

SDKs of one vendor post forms, others of the same vendor JSON. Both become the same pairs: JSON's ``true`` is the text
``true``, an array is its name repeated, ``null`` is an empty text (which is what the vendors' form clients send for
it). Names keep their case.
"""

from __future__ import annotations

import json
from urllib.parse import parse_qsl

from roomtone.core.refusals import Reason, Refused

Fields = tuple[tuple[str, str], ...]
"""Names and texts in the order they came; a name may come more than once."""

MOST = 1_000
"""Fields read at most."""


def from_form(body: bytes) -> Fields:
    """Read a form, or a query.

    Raises:
        Refused: BODY_UNREADABLE: not UTF-8, too many fields.
    """
    if not body:
        return ()
    try:
        text = body.decode("utf-8")
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST, errors="strict")
    except UnicodeDecodeError:
        raise Refused(Reason.BODY_UNREADABLE, problem="the form is not UTF-8") from None
    except ValueError:
        raise Refused(Reason.BODY_UNREADABLE, problem=f"more than {MOST} fields") from None
    return _sound(tuple(pairs))


def from_sdp(body: bytes) -> Fields:
    """Take a body that is a session description as the field ``Sdp``.

    Raises:
        Refused: BODY_UNREADABLE: not UTF-8.
    """
    try:
        return _sound((("Sdp", body.decode("utf-8")),))
    except UnicodeDecodeError:
        raise Refused(Reason.BODY_UNREADABLE, problem="the description is not UTF-8") from None


def from_json(body: bytes) -> Fields:
    """Read a JSON object of texts, numbers, booleans, nulls and arrays of them.

    Raises:
        Refused: BODY_UNREADABLE: not JSON, not an object, or something nested in it.
    """
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=str)
    except (ValueError, RecursionError):
        raise Refused(Reason.BODY_UNREADABLE, problem="the body is not JSON in UTF-8") from None
    if not isinstance(value, dict):
        raise Refused(Reason.BODY_UNREADABLE, problem="the JSON body is not an object")
    pairs: list[tuple[str, str]] = []
    for name, content in value.items():
        pairs += ((name, _text(name, one)) for one in (content if isinstance(content, list) else [content]))
    if len(pairs) > MOST:
        raise Refused(Reason.BODY_UNREADABLE, problem=f"more than {MOST} fields")
    return _sound(tuple(pairs))


def last(fields: Fields, name: str) -> str | None:
    """Give what was said last under a name; None: nothing was."""
    return next((text for given, text in reversed(fields) if given == name), None)


def every(fields: Fields, name: str) -> tuple[str, ...]:
    """Give everything said under a name, in order."""
    return tuple(text for given, text in fields if given == name)


def without(fields: Fields, name: str) -> Fields:
    """Give what was said under any other name."""
    return tuple(pair for pair in fields if pair[0] != name)


def _text(name: str, value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str() | int() | float():
            return str(value)
        case _:
            raise Refused(
                Reason.BODY_UNREADABLE, problem=f"{name[:100]} is neither text, number, boolean nor a list"
            )


def _sound(pairs: Fields) -> Fields:
    """Refuse what no store keeps and no answer can say: NUL, and halves of surrogate pairs (possible in JSON)."""
    try:
        for name, text in pairs:
            if "\0" in name or "\0" in text:
                raise Refused(Reason.BODY_UNREADABLE, problem="a NUL character")
            (name + text).encode()
    except UnicodeEncodeError:
        raise Refused(Reason.BODY_UNREADABLE, problem="half a surrogate pair") from None
    return pairs
