"""Conferences for tests, in few words: people A to D, a moment, and a room with some of them in it."""

from __future__ import annotations

import pytest

from roomtone.core.conference.messages import Join, Message, Step
from roomtone.core.conference.state import Callback, Conference, Participant, Topic
from roomtone.core.conference.step import fold, opened
from roomtone.core.ids import CallId, ConferenceId, ParticipantId, ProjectId
from roomtone.core.moment import Moment
from roomtone.core.refusals import Reason, Refused
from roomtone.core.values import Caller, Document, Method

A, B, C, D = (CallId(0xA0 + number) for number in range(4))
STRANGER = CallId(0xFF)
ROOM = ConferenceId(0xC0FFEE)
PROJECT = ProjectId(0xACC)
NOW = Moment(wall_ms=1_700_000_000_000, mono_ns=5_000_000_000)
LATER = NOW.after(1.5)
EVERYTHING = Callback("https://app.example/conference", Method.POST, frozenset(Topic))
SONG = Document("https://app.example/song", Method.GET)
OTHER_SONG = Document("https://app.example/other", Method.GET)
NEWS = Document("https://app.example/news")


def join(call: CallId, **wishes) -> Join:
    """The wish of a call to come in; a call's participant has the same bits."""
    return Join(ParticipantId(call.value), call, Caller(f"+1{call.value}", "+1555"), **wishes)


def empty() -> Conference:
    """A conference that nobody has joined."""
    return opened(ROOM, PROJECT, "Room 1234", NOW)


def room(*people: CallId | Join, then: tuple[Message, ...] = ()) -> Conference:
    """A conference these have joined one after the other, and what happened then."""
    state = empty()
    for one in people:
        state = fold(state, (one if isinstance(one, Join) else join(one),), NOW).state
    for message in then:
        state = fold(state, (message,), NOW).state
    return state


def after(state: Conference, *messages: Message, now: Moment = LATER) -> Step:
    """What comes of one request."""
    return fold(state, messages, now)


def one(state: Conference, call: CallId) -> Participant:
    """The participant with this call, who must be there."""
    found = state.find(call)
    assert found is not None
    return found


def refusal(state: Conference, *messages: Message) -> Reason:
    """The reason why this request is refused, which it must be."""
    with pytest.raises(Refused) as caught:
        fold(state, messages, LATER)
    return caught.value.reason
