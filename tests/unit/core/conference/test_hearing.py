"""The reasons, one by one; that they agree with who hears whom, `property/test_conference.py` shows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rooms import NEWS, SONG, A, B, C, join, room
from roomtone.core.conference.hearing import Purpose, Why, hearing
from roomtone.core.conference.messages import Announce, Coach, Hold, Mute
from roomtone.core.conference.mix import Towards
from roomtone.core.conference.state import Conference, Early, Progress
from roomtone.core.ids import CallId


def why(conference: Conference, listener: CallId, talker: CallId) -> Why:
    """Why the one hears the other, or not."""
    (view,) = [one for one in hearing(conference) if one.participant.call == listener]
    return dict(view.others)[talker]


def purposes(conference: Conference, listener: CallId) -> list[tuple[Purpose, bool]]:
    (view,) = [one for one in hearing(conference) if one.participant.call == listener]
    return [(one.purpose, one.over) for one in view.plays]


def test_the_room() -> None:
    assert why(room(A, B), A, B) is Why.ROOM
    assert purposes(room(A, B), A) == []


def test_one_alone_waits() -> None:
    waiting = room(join(A, start_on_enter=False), join(B, start_on_enter=False))
    assert why(waiting, A, B) is Why.WAITING
    assert purposes(waiting, A) == [(Purpose.WAIT, False)]


def test_muted() -> None:
    assert why(room(A, B, then=(Mute(B),)), A, B) is Why.MUTED


def test_hold() -> None:
    held = room(A, B, then=(Hold(B, SONG),))
    assert (why(held, A, B), why(held, B, A)) == (Why.HELD, Why.LISTENER_HELD)
    assert purposes(held, B) == [(Purpose.HOLD, False)]


def test_coaching() -> None:
    coached = room(A, B, C, then=(Coach(C, A),))
    assert (why(coached, A, C), why(coached, B, C)) == (Why.WHISPER, Why.COACHES_ANOTHER)
    assert [one.talks_to for one in hearing(coached)] == [Towards.ROOM, Towards.ROOM, A]


def test_the_coached_one_left() -> None:
    left = room(A, B, C, then=(Coach(C, A),))
    left = replace(left, participants=left.participants[1:])
    assert why(left, B, C) is Why.COACHED_GONE


def test_an_announcement_is_heard_over_the_room() -> None:
    assert purposes(room(A, B, then=(Announce(NEWS, B),)), B) == [(Purpose.ANNOUNCEMENT, True)]


@pytest.mark.parametrize(("early", "expected"), [(Early.SOUNDS, Why.EARLY), (Early.WANTED, Why.RINGING)])
def test_somebody_who_is_called(early: Early, expected: Why) -> None:
    inside = room(A, B, C)
    *others, last = inside.participants
    called = replace(inside, participants=(*others, replace(last, progress=Progress.RINGING, early=early)))
    assert (why(called, A, C), why(called, C, A)) == (expected, Why.LISTENER_RINGING)


def test_a_server_speaks() -> None:
    spoken = replace(room(A, B), voices=("relay:1",))
    assert purposes(spoken, A) == [(Purpose.VOICE, True)]
