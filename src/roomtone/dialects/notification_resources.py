"""Notifications as both dialects write them: the shape is Twilio's, the ids are the project's own.

Variables, headers and bodies of the request are not kept; those keys are empty.
Source: Twilio "Notifications resource". SignalWire has none.
"""

from __future__ import annotations

from roomtone.core.notification import Notification
from roomtone.dialects.dates import rfc2822
from roomtone.dialects.dialect import Dialect, Resource
from roomtone.dialects.paths import VERSION


def notification(one: Notification, dialect: Dialect, house: str, *, full: bool) -> Resource:
    """Write a notification; in full as it is fetched alone, else as it is listed.

    Args:
        one: What was odd.
        dialect: Whose words to use.
        house: The house's own URL, under which the page of its number is.
        full: Whether it is fetched alone.
    """
    show, created = dialect.sids.show, rfc2822(one.created_ms)
    listed: Resource = {
        "account_sid": show(one.project),
        "api_version": VERSION,
        "call_sid": None if one.call is None else show(one.call),
        "date_created": created,
        "date_updated": created,
        "error_code": str(one.number),
        "log": "0" if one.failed else "1",
        "message_date": created,
        "message_text": one.text,
        "more_info": f"{house}/errors/{one.number}",
        "request_method": one.method.value,
        "request_url": one.url or None,
        "sid": show(one.id),
        "uri": dialect.paths.item(show(one.project), "Notifications", show(one.id)),
    }
    if not full:
        return listed
    return {**listed, "request_variables": "", "response_body": "", "response_headers": ""}
