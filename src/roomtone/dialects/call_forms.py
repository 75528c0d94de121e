"""Calls: the list's filters, and what may be said of a new participant or call before there is anybody to call.

Sources: SignalWire "List all Calls"; Twilio "Call resource".
"""

from __future__ import annotations

from roomtone.core.call.state import CallStatus
from roomtone.core.ids import CallId
from roomtone.core.listing import CallFilter
from roomtone.core.refusals import Reason, Refused
from roomtone.dialects import parameters
from roomtone.dialects.fields import Fields, last
from roomtone.dialects.number_forms import unplussed

FILTER_NAMES = frozenset(
    {"From", "ParentCallSid", "Status", "To"}
    | {f"{name}{edge}" for name in ("StartTime", "EndTime") for edge in ("", "<", ">")}
)


def wanted(fields: Fields) -> CallFilter:
    """Read the list's filters. A day filters by whole days of UTC, a moment by its second; edges are taken in.

    Raises:
        Refused: PARAMETER_INVALID: a status that no call has, no call's sid, or neither a day nor a moment.
    """
    return CallFilter(
        to=unplussed(last(fields, "To") or "") or None,
        from_=unplussed(last(fields, "From") or "") or None,
        status=_status(last(fields, "Status")),
        parent=parameters.sid(fields, "ParentCallSid", CallId),
        began=parameters.span(fields, "StartTime"),
        ended=parameters.span(fields, "EndTime"),
    )


def _status(text: str | None) -> CallStatus | None:
    if not text:
        return None
    try:
        return CallStatus(text.lower())
    except ValueError:
        expected = ", ".join(CallStatus)
        raise Refused(Reason.PARAMETER_INVALID, name="Status", expected=f"one of {expected}") from None
