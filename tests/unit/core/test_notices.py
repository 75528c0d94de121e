"""Notices of both kinds to and from stored text, and those of a time that knew one kind."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roomtone.core.call.notices import CallNotice
from roomtone.core.call.state import CallTopic
from roomtone.core.conference.messages import ParticipantJoined
from roomtone.core.conference.notices import ConferenceNotice
from roomtone.core.delivery import event_id
from roomtone.core.ids import CallId, ConferenceId, ProjectId
from roomtone.core.notices import notice_from_json, notice_to_json
from roomtone.core.values import Method

from .call.test_codec import CALL_1, calls
from .conference.test_codec import (
    PARTICIPANT_1,
    SPELLED_PARTICIPANT_1,
    bits,
    counts,
    events,
    participants,
    times,
)

conference_notices = st.builds(
    ConferenceNotice, bits.map(ConferenceId), bits.map(ProjectId), st.text(), counts, times, st.text(),
    st.sampled_from(Method), events, st.none() | participants, st.none() | st.text(),
)  # fmt: skip
call_notices = st.builds(
    CallNotice, bits.map(CallId), bits.map(ProjectId), calls, st.sampled_from(CallTopic), counts, times, st.text(),
    st.sampled_from(Method),
)  # fmt: skip
JOINED = ConferenceNotice(
    ConferenceId(0xC0), ProjectId(0xD0), "Room", 2, 30, "https://h/", Method.POST,
    ParticipantJoined(CallId(0xA0)), PARTICIPANT_1,
)  # fmt: skip
JOINED_BEFORE_CALLS = (
    '{"v":1,"conference":"000000000000000000000000000000c0","project":"000000000000000000000000000000d0",'
    '"name":"Room","sequence":2,"at_ms":30,"url":"https://h/","method":"POST",'
    '"event":{"kind":"ParticipantJoined","call":"000000000000000000000000000000a0"},"participant":{'
    + SPELLED_PARTICIPANT_1
    + ',"ended_by_label":null}'
)


@given(conference_notices | call_notices)
def test_a_notice_comes_back_exactly(notice):
    assert notice_from_json(notice_to_json(notice)) == notice


def test_a_row_of_the_time_when_only_conferences_were_told_stays_readable():
    assert notice_from_json(JOINED_BEFORE_CALLS) == JOINED


def test_each_kind_says_which_it_is():
    over = CallNotice(CALL_1.id, CALL_1.project, CALL_1, CallTopic.COMPLETED, 0, 1, "https://h/", Method.POST)
    assert '"kind":"ConferenceNotice"' in notice_to_json(JOINED)
    assert '"kind":"CallNotice"' in notice_to_json(over)


def test_another_version_is_named():
    with pytest.raises(ValueError, match="version 7"):
        notice_from_json('{"v":7}')


@pytest.mark.parametrize("kind", ["", '"kind":"CallNotice",', '"kind":"Nonsense",'])
def test_other_text_of_this_version_is_refused(kind):
    with pytest.raises(ValueError, match="not the shape"):
        notice_from_json('{"v":1,' + kind + '"id":"00000000000000000000000000000001"}')


def test_an_event_has_one_name_for_ever_and_calls_do_not_share_theirs_with_conferences():
    assert event_id(ConferenceId(7), 1) == "cc40009679dd4609d04c53f64659aa6b"
    assert event_id(CallId(7), 1) == "1664a6158f0bf753b2910118cbb8505a"
