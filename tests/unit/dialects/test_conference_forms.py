from __future__ import annotations

import pytest

from roomtone.core.conference.messages import Announce, End
from roomtone.core.conference.state import Status, Topic
from roomtone.core.listing import ConferenceFilter, Span
from roomtone.core.refusals import Reason, Refused
from roomtone.core.values import Document, Method
from roomtone.dialects import DIALECTS, SIGNALWIRE, TWILIO, fields, topics
from roomtone.dialects.dates import DAY_MS

SONG = "https://h/song"


def read(form: str):
    return TWILIO.forms.update_conference(fields.from_form(form.encode()))


def wanted(query: str) -> ConferenceFilter:
    return TWILIO.forms.list_conferences(fields.from_form(query.encode()))


@pytest.mark.parametrize(
    ("form", "commands"),
    [
        ("", ()),
        ("Status=", ()),
        ("Status=completed", (End(),)),
        (f"AnnounceUrl={SONG}", (Announce(Document(SONG, Method.POST)),)),
        (f"AnnounceUrl={SONG}&AnnounceMethod=get", (Announce(Document(SONG, Method.GET)),)),
        (f"Status=completed&AnnounceUrl={SONG}", (End(),)),
        ("Region=us1", ()),
    ],
)
def test_updates(form: str, commands) -> None:
    assert read(form) == commands


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ("Status=init", Reason.CONFERENCE_STATUS_INVALID),
        ("Status=in-progress", Reason.CONFERENCE_STATUS_INVALID),
        ("AnnounceUrl=x", Reason.URL_INVALID),
        ("Status=completed&AnnounceMethod=x", Reason.METHOD_INVALID),
    ],
)
def test_refused_updates(form: str, reason: Reason) -> None:
    with pytest.raises(Refused) as caught:
        read(form)
    assert caught.value.reason is reason


def test_filters() -> None:
    assert wanted("FriendlyName=My+Room&Status=in-progress") == ConferenceFilter(
        "My Room", Status.IN_PROGRESS
    )
    assert wanted("FriendlyName=&Status=&DateCreated=") == ConferenceFilter()


def test_a_day_filters_by_whole_days_and_both_ends_take_their_day_in() -> None:
    assert wanted("DateCreated=1970-01-03").created == Span(2 * DAY_MS, 3 * DAY_MS)
    assert wanted("DateCreated%3E=1970-01-03").created == Span(2 * DAY_MS, None)
    assert wanted("DateCreated%3C=1970-01-03").created == Span(None, 3 * DAY_MS)
    assert wanted("DateUpdated>=1970-01-02&DateUpdated<=1970-01-03").updated == Span(DAY_MS, 3 * DAY_MS)


@pytest.mark.parametrize(
    "query", ["Status=ringing", "DateCreated=2018-09-24T21:00:00Z", "DateUpdated%3C=yesterday"]
)
def test_refused_filters(query: str) -> None:
    with pytest.raises(Refused) as caught:
        wanted(query)
    assert caught.value.reason is Reason.PARAMETER_INVALID


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("start end join", {Topic.START, Topic.END, Topic.JOIN}),
        ("['start', 'end']", {Topic.START, Topic.END}),
        ('["hold","mute"]', {Topic.HOLD, Topic.MUTE}),
        ("start,end", {Topic.START, Topic.END}),
        ("  Start\n\tEND ", {Topic.START, Topic.END}),
        ("participant-join nonsense", set()),
        ("", set()),
    ],
)
def test_lists_of_events_however_written(text: str, expected: set[Topic]) -> None:
    assert all(topics(dialect, text) == expected for dialect in DIALECTS.values())


def test_a_dialect_has_only_its_own_events() -> None:
    everything = " ".join(Topic)
    assert topics(TWILIO, everything) == set(Topic)
    assert topics(SIGNALWIRE, everything) == set(Topic) - {Topic.MODIFY, Topic.ANNOUNCEMENT}
