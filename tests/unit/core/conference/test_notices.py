"""Who is owed word: by topic, numbered without gaps, with the participant as they are or were."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from rooms import EVERYTHING, LATER, NEWS, ROOM, SONG, A, B, C, after, empty, join, one, room
from roomtone.core.conference.messages import (
    Announce,
    AnnouncementEnded,
    ConferenceEnded,
    End,
    Event,
    Hold,
    LegEnded,
    Mute,
    ParticipantJoined,
    ParticipantLeft,
    Remove,
    SetEndOnExit,
    SoundtrackEnded,
    SpeechStarted,
    Unhold,
    Unmute,
)
from roomtone.core.conference.mix import announcement_key
from roomtone.core.conference.notices import TOPICS, notices
from roomtone.core.conference.state import Topic


def callback(*topics):
    return replace(EVERYTHING, topics=frozenset(topics))


def told(state, *messages):
    return notices(after(state, *messages), LATER)[1]


def names(owed):
    return [type(notice.event).__name__ for notice in owed]


def test_every_event_has_a_topic_and_every_topic_an_event():
    assert set(TOPICS) == set(get_args(Event))
    assert set(TOPICS.values()) == set(Topic)


def test_nobody_is_told_without_a_callback():
    step = after(room(A), join(B))
    assert notices(step, LATER) == (step.state, ())


@pytest.mark.parametrize(
    ("topic", "messages", "expected"),
    [
        (Topic.START, (join(B),), ["ConferenceStarted"]),
        (Topic.JOIN, (join(B),), ["ParticipantJoined"]),
        (Topic.LEAVE, (join(B), LegEnded(B)), ["ParticipantLeft"]),
        (Topic.END, (End(),), ["ConferenceEnded"]),
        (Topic.MUTE, (Mute(A), Unmute(A)), ["ParticipantMuted", "ParticipantUnmuted"]),
        (Topic.HOLD, (Hold(A), Unhold(A)), ["ParticipantHeld", "ParticipantUnheld"]),
        (Topic.MODIFY, (SetEndOnExit(A, on=True),), ["ParticipantModified"]),
        (Topic.SPEAKER, (SpeechStarted(A),), ["ParticipantSpeechStarted"]),
        (
            Topic.ANNOUNCEMENT,
            (join(B), Announce(NEWS, A), SoundtrackEnded(f"announce:{A.hex}:1")),
            ["AnnouncementEnded"],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_only_what_was_subscribed_to_is_told(topic, messages, expected):
    owed = told(room(join(A, callback=callback(topic))), *messages)
    assert names(owed) == expected
    assert [notice.sequence for notice in owed] == list(range(1, len(expected) + 1))


def test_numbers_go_on_without_gaps_and_unsubscribed_events_take_none():
    state, first = notices(after(empty(), join(A, callback=callback(Topic.JOIN, Topic.END))), LATER)
    state, none = notices(after(state, Mute(A)), LATER)
    state, second = notices(after(state, join(B)), LATER)
    state, last = notices(after(state, End()), LATER)
    assert none == ()
    assert [notice.sequence for notice in (*first, *second, *last)] == [1, 2, 3]
    assert state.last_sequence == 3


def test_a_notice_is_complete_in_itself():
    state = room(join(A, callback=EVERYTHING), B)
    (notice,) = told(state, Mute(A))
    assert (notice.conference, notice.project, notice.name) == (ROOM, state.project, "Room 1234")
    assert (notice.url, notice.method, notice.at_ms) == (EVERYTHING.url, EVERYTHING.method, LATER.wall_ms)
    assert notice.participant is not None
    assert notice.participant.muted


def test_a_participant_is_told_as_they_are_after_the_request():
    step = after(room(join(A, callback=EVERYTHING), B), Mute(A), Hold(A, SONG))
    owed = notices(step, LATER)[1]
    assert [notice.participant for notice in owed] == [one(step.state, A)] * 2


def test_one_who_left_is_told_as_they_were_right_before():
    state = room(join(A, callback=EVERYTHING), B, C)
    muted, left = told(state, Mute(B), Remove(B))
    assert muted.participant == left.participant
    assert left.participant is not None
    assert (left.participant.call, left.participant.muted) == (B, True)


def test_one_who_came_and_went_in_one_request_is_told_twice():
    owed = told(room(join(A, callback=EVERYTHING)), join(B, muted=True), LegEnded(B), join(B), LegEnded(B))
    left = [notice.participant.muted for notice in owed if isinstance(notice.event, ParticipantLeft)]
    assert left == [True, False]


def test_an_announcement_is_told_with_its_target_while_that_is_there():
    state = room(join(A, callback=EVERYTHING), B, C, then=(Announce(NEWS, B), Announce(SONG)))
    (to_all,) = told(state, SoundtrackEnded(announcement_key(ROOM, state.announcements[0])))
    (to_one,) = told(state, SoundtrackEnded(announcement_key(B, one(state, B).announcements[0])))
    assert to_all.participant is None
    assert to_one.participant is not None
    assert (to_one.participant.call, to_one.participant.announcements) == (B, ())
    ended, left = told(state, LegEnded(B))
    assert isinstance(ended.event, AnnouncementEnded)
    assert (ended.participant, left.participant) == (None, one(state, B))


def test_the_end_is_told_last_with_the_label_of_who_ended_it():
    state = room(join(A, callback=EVERYTHING), join(B, label="boss", end_on_exit=True))
    owed = told(state, LegEnded(B))
    assert names(owed) == ["ParticipantLeft", "ParticipantLeft", "ConferenceEnded"]
    assert [notice.participant and notice.participant.call for notice in owed] == [B, A, None]
    assert [notice.ended_by_label for notice in owed] == [None, None, "boss"]
    assert isinstance(owed[-1].event, ConferenceEnded)


def test_the_callback_of_the_first_participant_tells_of_their_own_coming():
    (notice,) = told(empty(), join(A, callback=EVERYTHING))
    assert notice.event == ParticipantJoined(A)
