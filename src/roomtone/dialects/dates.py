"""Dates as the vendors write and read them. Everything is UTC; the house counts milliseconds since 1970.

Sources: RFC 2822 section 3.3 (resources, callbacks); RFC 3339 (hosted documents); the ``YYYY-MM-DD`` list filters.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

DAY_MS: Final = 86_400_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def rfc2822(at_ms: int) -> str:
    """Write a moment as ``Mon, 24 Sep 2018 21:00:00 +0000``.

    Names are English whatever the machine's locale, and September is ``Sep``: the vendors' samples with ``Sept`` read
    as no date at all in their own Python clients.
    """
    moment = _utc(at_ms)
    return (
        f"{_DAYS[moment.weekday()]}, {moment.day:02d} {_MONTHS[moment.month - 1]} {moment.year:04d} "
        f"{moment.hour:02d}:{moment.minute:02d}:{moment.second:02d} +0000"
    )


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


def _utc(at_ms: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=at_ms)
