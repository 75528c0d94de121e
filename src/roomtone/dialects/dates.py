"""Dates as the vendors write and read them. Everything is UTC; the house counts milliseconds since 1970.

Sources: RFC 2822 section 3.3 (resources, callbacks); RFC 3339 (hosted documents); the ``YYYY-MM-DD`` list filters.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final

DAY_MS: Final = 86_400_000
SECOND_MS: Final = 1_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_RFC_2822 = re.compile(
    r"(?:[A-Z][a-z]{2}, )?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) {1,2}([+-]?\d{4}|GMT|UTC|Z)",
    re.ASCII,
)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?:Z|[+ -]\d{2}:?\d{2})?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def rfc2822(at_ms: int) -> str:
    """Write a moment as ``Mon, 24 Sep 2018 21:00:00 +0000``.

    Names are English whatever the machine's locale, and September is ``Sep``: the vendors' samples with ``Sept`` read
    as no date at all in their own Python clients.
    """
    return _second(at_ms // SECOND_MS)


@lru_cache(maxsize=8192)
def _second(at_s: int) -> str:
    moment = _utc(at_s * SECOND_MS)
    return (
        f"{_DAYS[moment.weekday()]}, {moment.day:02d} {_MONTHS[moment.month - 1]} {moment.year:04d} "
        f"{moment.hour:02d}:{moment.minute:02d}:{moment.second:02d} +0000"
    )


def rfc2822_or_none(at_ms: int | None) -> str | None:
    """Write a moment, or that there is none yet."""
    return None if at_ms is None else rfc2822(at_ms)


def iso8601(at_ms: int) -> str:
    """Write a moment as ``2019-11-26T20:00:00Z``."""
    return _utc(at_ms).strftime("%Y-%m-%dT%H:%M:%SZ")


def day_ms(text: str) -> int | None:
    """Read ``YYYY-MM-DD``.

    Returns:
        The day's first millisecond; None if it is not such a day (a date with a time is not one either).
    """
    if not _DAY.fullmatch(text):
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return (day.toordinal() - _EPOCH.toordinal()) * DAY_MS


def moment_ms(text: str) -> int | None:
    """Read a moment in ISO 8601 or RFC 2822; without a zone it is UTC.

    A blank where the plus sign of a zone belongs is one that its writer forgot to encode.

    Returns:
        Its second's first millisecond; None if it is neither.
    """
    moment = _moment(text)
    return None if moment is None else (moment - _EPOCH) // timedelta(seconds=1) * SECOND_MS


def up_to_ms(text: str) -> int | None:
    """Read a moment as `moment_ms` does, as the last millisecond it may mean: all that was within its second has been.

    Returns:
        With a fraction the very millisecond, without one its second's last; None if it is neither.
    """
    moment = _moment(text)
    if moment is None:
        return None
    at_ms = (moment - _EPOCH) // timedelta(milliseconds=1)
    return at_ms if "." in text else at_ms + SECOND_MS - 1


def _moment(text: str) -> datetime | None:
    try:
        moment = _iso(text) if _ISO.fullmatch(text) else _rfc(text)
        return None if moment is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _iso(text: str) -> datetime:
    moment = datetime.fromisoformat(f"{text[:11]}{text[11:].replace(' ', '+')}")
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _rfc(text: str) -> datetime | None:
    found = _RFC_2822.fullmatch(text)
    if found is None or found[2] not in _MONTHS:
        return None
    zone = found[7] if found[7].isalpha() else f"{'' if found[7][0] in '+-' else '+'}{found[7]}"
    month = _MONTHS.index(found[2]) + 1
    iso = f"{found[3]}-{month:02d}-{int(found[1]):02d}T{found[4]}:{found[5]}:{found[6]}"
    return datetime.fromisoformat(f"{iso}{'Z' if zone.isalpha() else zone}")


def _utc(at_ms: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=at_ms)
