from __future__ import annotations

from urllib.parse import urlencode

import pytest

from roomtone.core.call.state import CallStatus
from roomtone.core.ids import CallId
from roomtone.core.listing import CallFilter, Span
from roomtone.core.refusals import Reason, Refused
from roomtone.dialects import call_forms, recording_forms
from roomtone.dialects.fields import from_form

DAY_MS = 86_400_000


def read(**fields: str) -> CallFilter:
    return call_forms.wanted(from_form(urlencode(fields).encode()))


def test_nothing_is_wanted() -> None:
    assert read() == read(To="", Status="", StartTime="") == CallFilter()


def test_what_is_wanted() -> None:
    parent = "0" * 31 + "7"
    assert read(To="+1", From="sip:a@h", Status="No-Answer", ParentCallSid=f"CA{parent}") == CallFilter(
        "+1", "sip:a@h", CallStatus.NO_ANSWER, CallId(7)
    )


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"StartTime": "1970-01-02"}, Span(DAY_MS, 2 * DAY_MS)),
        ({"StartTime<": "1970-01-02"}, Span(None, 2 * DAY_MS)),
        ({"StartTime>": "1970-01-02"}, Span(DAY_MS, None)),
        ({"StartTime>": "1970-01-02", "StartTime<": "1970-01-03"}, Span(DAY_MS, 3 * DAY_MS)),
        ({"StartTime": "1970-01-01T00:00:05Z"}, Span(5_000, 6_000)),
        ({"StartTime<": "1970-01-01T01:00:05+01:00"}, Span(None, 6_000)),
        ({"StartTime>": "Thu, 01 Jan 1970 00:00:05 GMT"}, Span(5_000, None)),
    ],
)
def test_stretches_of_time(fields: dict[str, str], expected: Span) -> None:
    assert read(**fields).began == expected


def test_recordings_are_read_alike() -> None:
    fields = from_form(b"DateCreated%3E=1970-01-02&CallSid=CA" + b"0" * 31 + b"7&IncludeSoftDeleted=true")
    wanted = recording_forms.wanted(fields)
    assert (wanted.created, wanted.call, wanted.conference) == (Span(DAY_MS, None), CallId(7), None)
    assert recording_forms.dated(fields).call is None


@pytest.mark.parametrize(
    "form", ["CallSid=x", "ConferenceSid=CA" + "0" * 32, "IncludeSoftDeleted=x", "DateCreated=x"]
)
def test_what_no_recording_can_be_sought_by(form: str) -> None:
    with pytest.raises(Refused) as caught:
        recording_forms.wanted(from_form(form.encode()))
    assert caught.value.reason is Reason.PARAMETER_INVALID
