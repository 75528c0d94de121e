"""Notifications: the lists' filters. Source: Twilio "Notifications resource" (Log, MessageDate)."""

from __future__ import annotations

from roomtone.core.listing import NotificationFilter
from roomtone.dialects import parameters
from roomtone.dialects.fields import Fields

FILTER_NAMES = frozenset({"Log", "MessageDate", "MessageDate<", "MessageDate>"})


def wanted(fields: Fields) -> NotificationFilter:
    """Read the filters of a list.

    Raises:
        Refused: PARAMETER_INVALID: a level that is neither 0 nor 1; neither a day nor a moment.
    """
    level = parameters.whole(fields, "Log", 0, 1)
    return NotificationFilter(
        failed=None if level is None else level == 0, created=parameters.span(fields, "MessageDate")
    )
