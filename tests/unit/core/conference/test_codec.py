"""Conferences and their events to and from stored text: exactly, and in the spelling of version 1 for ever."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rooms import NEWS, SONG
from roomtone.core.conference.codec import (
    conference_from_json,
    conference_to_json,
    event_from_json,
    event_to_json,
    participant_from_json,
    participant_to_json,
)
from roomtone.core.conference.messages import (
    AnnouncementFailed,
    CallStatus,
    ConferenceEnded,
    Event,
    ParticipantLeft,
)
from roomtone.core.conference.state import (
    Announcement,
    Callback,
    Conference,
    EndReason,
    LeaveReason,
    Participant,
    Progress,
    Status,
    Topic,
)
from roomtone.core.ids import CallId, ConferenceId, ParticipantId, ProjectId
from roomtone.core.values import Beep, Caller, Direction, Document, HouseMusic, JitterBuffer, Method, Silence

bits = st.integers(0, 2**128 - 1)
call_ids = bits.map(CallId)
times = st.integers(0, 2**50)
counts = st.integers(0, 2**31)
documents = st.builds(Document, st.text(), st.sampled_from(Method))
music = documents | st.builds(HouseMusic) | st.builds(Silence)
callers = st.builds(Caller, st.text(), st.text(), st.sampled_from(Direction), st.none() | st.text())
announcements = st.lists(st.builds(Announcement, counts, documents), max_size=3).map(tuple)
participants = st.builds(
    Participant, bits.map(ParticipantId), call_ids, callers, times, times,
    label=st.none() | st.text(), muted=st.booleans(), hold=st.none() | music, hold_turn=counts, wait=music,
    wait_turn=counts, coaching=st.booleans(), coached=st.none() | call_ids, start_on_enter=st.booleans(),
    end_on_exit=st.booleans(), beep=st.builds(Beep, st.booleans(), st.booleans()), announcements=announcements,
    speaking=st.booleans(), jitter_buffer=st.sampled_from(JitterBuffer),
    progress=st.sampled_from(Progress),
)  # fmt: skip
callbacks = st.builds(
    Callback, st.text(), st.sampled_from(Method), st.frozensets(st.sampled_from(Topic))
)  # fmt: skip
conferences = st.builds(
    Conference, bits.map(ConferenceId), bits.map(ProjectId), st.text(), times, times, st.sampled_from(Status),
    participants=st.lists(participants, max_size=3).map(tuple), announcements=announcements, last_turn=counts,
    callback=st.none() | callbacks, region=st.text(), revision=counts, plan_revision=counts, last_sequence=counts,
    end_reason=st.none() | st.sampled_from(EndReason), ended_by=st.none() | call_ids,
    ended_by_label=st.none() | st.text(),
)  # fmt: skip
FIELDS = {
    "call": call_ids, "reason": st.sampled_from(LeaveReason), "status": st.sampled_from(CallStatus),
    "url": st.text(), "problem": st.text(),
}  # fmt: skip
PARTICULAR = {ConferenceEnded: {"reason": st.sampled_from(EndReason), "call": st.none() | call_ids}}
events = st.one_of(
    *(
        st.builds(
            kind, **{name: (PARTICULAR.get(kind) or FIELDS)[name] for name in kind.__dataclass_fields__}
        )
        for kind in get_args(Event)
    )
)

PARTICIPANT_1 = Participant(
    ParticipantId(1), CallId(0xA0), Caller("+1", "sip:x", parent="f0"), 10, 20, "desk", muted=True, hold=SONG,
    hold_turn=2, wait=Silence(), wait_turn=1, coaching=True, coached=CallId(0xB0), start_on_enter=False,
    end_on_exit=True, beep=Beep(on_exit=False), announcements=(Announcement(3, NEWS),), speaking=True,
    jitter_buffer=JitterBuffer.SMALL,
    progress=Progress.RINGING,
)  # fmt: skip
CONFERENCE_1 = Conference(
    ConferenceId(0xC0), ProjectId(0xD0), "Room", 10, 30, Status.IN_PROGRESS, (PARTICIPANT_1,), (), 3,
    Callback("https://app.example/c", Method.POST, frozenset({Topic.START, Topic.END})), "ie1", 5, 4, 2,
)  # fmt: skip
SPELLED_PARTICIPANT_1 = (
    '"id":"00000000000000000000000000000001","call":"000000000000000000000000000000a0",'
    '"caller":{"from_":"+1","to":"sip:x","direction":"inbound","parent":"f0"},"created_ms":10,"updated_ms":20,'
    '"label":"desk","muted":true,"hold":{"kind":"Document","url":"https://app.example/song","method":"GET"},'
    '"hold_turn":2,"wait":{"kind":"Silence"},"wait_turn":1,"coaching":true,'
    '"coached":"000000000000000000000000000000b0","start_on_enter":false,"end_on_exit":true,'
    '"beep":{"on_enter":true,"on_exit":false},'
    '"announcements":[{"turn":3,"document":{"url":"https://app.example/news","method":"POST"}}],"speaking":true,'
    '"jitter_buffer":"small","progress":"ringing","early":"unwanted"}'
)
SPELLED_CONFERENCE_1 = (
    '{"v":1,"id":"000000000000000000000000000000c0","project":"000000000000000000000000000000d0","name":"Room",'
    '"created_ms":10,"updated_ms":30,"status":"in-progress","participants":[{' + SPELLED_PARTICIPANT_1 + "],"
    '"announcements":[],"last_turn":3,'
    '"callback":{"url":"https://app.example/c","method":"POST","topics":["end","start"]},"region":"ie1",'
    '"revision":5,"plan_revision":4,"last_sequence":2,"end_reason":null,"ended_by":null,"ended_by_label":null,"record":null,"voices":[]}'
)
SPELLED_EVENTS_1 = [
    (
        ParticipantLeft(CallId(0xA0), LeaveReason.HUNG_UP, CallStatus.COMPLETED),
        (
            '{"v":1,"kind":"ParticipantLeft","call":"000000000000000000000000000000a0",'
            '"reason":"participant_hung_up","status":"completed"}'
        ),
    ),
    (
        ConferenceEnded(EndReason.VIA_API, None),
        '{"v":1,"kind":"ConferenceEnded","reason":"conference-ended-via-api","call":null}',
    ),
    (
        AnnouncementFailed("https://x", None, "silence"),
        '{"v":1,"kind":"AnnouncementFailed","url":"https://x","call":null,"problem":"silence"}',
    ),
]


@given(conferences)
def test_a_conference_comes_back_exactly(conference):
    assert conference_from_json(conference_to_json(conference)) == conference


@given(participants)
def test_a_participant_comes_back_exactly(participant):
    assert participant_from_json(participant_to_json(participant)) == participant


@given(events)
def test_an_event_comes_back_exactly(event):
    assert event_from_json(event_to_json(event)) == event


def test_version_1_of_a_conference_stays_readable():
    assert conference_to_json(CONFERENCE_1) == SPELLED_CONFERENCE_1
    assert conference_from_json(SPELLED_CONFERENCE_1) == CONFERENCE_1


def test_version_1_of_a_participant_stays_readable():
    assert participant_to_json(PARTICIPANT_1) == '{"v":1,' + SPELLED_PARTICIPANT_1
    assert participant_from_json('{"v":1,' + SPELLED_PARTICIPANT_1) == PARTICIPANT_1


@pytest.mark.parametrize(("event", "spelled"), SPELLED_EVENTS_1)
def test_version_1_of_events_stays_readable(event, spelled):
    assert event_to_json(event) == spelled
    assert event_from_json(spelled) == event


@pytest.mark.parametrize("read", [conference_from_json, participant_from_json, event_from_json])
def test_another_version_is_named(read):
    with pytest.raises(ValueError, match="version 7"):
        read('{"v":7}')


@pytest.mark.parametrize("read", [conference_from_json, participant_from_json, event_from_json])
def test_other_text_of_this_version_is_refused(read):
    with pytest.raises(ValueError, match="not the shape"):
        read('{"v":1,"id":"00000000000000000000000000000001"}')
