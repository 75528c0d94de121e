"""Recordings: the lists' filters. Sources: SignalWire "List all Recordings"; Twilio "Recording resource"."""

from __future__ import annotations

from dataclasses import replace

from roomtone.core.ids import CallId, ConferenceId
from roomtone.core.listing import RecordingFilter
from roomtone.core.refusals import Reason, Refused
from roomtone.dialects import parameters
from roomtone.dialects.fields import Fields

DATE_NAMES = frozenset({"DateCreated", "DateCreated<", "DateCreated>"})
"""What the recordings of one call or conference are filtered by."""

FILTER_NAMES = DATE_NAMES | {"CallSid", "ConferenceSid", "IncludeSoftDeleted"}
"""What a project's are. A deleted recording is gone, so ``IncludeSoftDeleted`` changes nothing."""


UPDATE_NAMES = frozenset({"PauseBehavior", "Status"})


def check_update(fields: Fields) -> None:
    """Check the wish to pause, resume or stop a recording.

    Raises:
        Refused: PARAMETER_MISSING: no status; PARAMETER_INVALID: a word that is none.
    """
    if parameters.one_of(fields, "Status", "in-progress", "paused", "stopped") is None:
        raise Refused(Reason.PARAMETER_MISSING, name="Status")
    parameters.one_of(fields, "PauseBehavior", "skip", "silence")


def wanted(fields: Fields) -> RecordingFilter:
    """Read the filters of a project's recordings.

    Raises:
        Refused: PARAMETER_INVALID: no sid of that kind, no boolean, or neither a day nor a moment.
    """
    parameters.boolean(fields, "IncludeSoftDeleted")
    return replace(
        dated(fields),
        call=parameters.sid(fields, "CallSid", CallId),
        conference=parameters.sid(fields, "ConferenceSid", ConferenceId),
    )


def dated(fields: Fields) -> RecordingFilter:
    """Read the filters of the recordings of one call or conference.

    Raises:
        Refused: PARAMETER_INVALID: neither a day nor a moment.
    """
    return RecordingFilter(created=parameters.span(fields, "DateCreated"))
