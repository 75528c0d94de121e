"""Who speaks: on change, and only for those who asked."""

from __future__ import annotations

from dataclasses import replace

from rooms import EVERYTHING, A, B, after, join, one, room
from roomtone.core.conference.messages import (
    ParticipantSpeechStarted,
    ParticipantSpeechStopped,
    SpeechStarted,
    SpeechStopped,
)
from roomtone.core.conference.state import Topic

QUIET = replace(EVERYTHING, topics=frozenset(Topic) - {Topic.SPEAKER})


def asked():
    return room(join(A, callback=EVERYTHING), B)


def test_a_start_and_a_stop_are_told_once_each():
    started = after(asked(), SpeechStarted(A))
    assert started.events == (ParticipantSpeechStarted(A),)
    assert after(started.state, SpeechStarted(A)).state is started.state
    stopped = after(started.state, SpeechStopped(A))
    assert stopped.events == (ParticipantSpeechStopped(A),)
    assert after(stopped.state, SpeechStopped(A)).state is stopped.state


def test_nothing_is_told_or_kept_while_nobody_asked():
    for state in (room(A, B), room(join(A, callback=QUIET), B)):
        assert after(state, SpeechStarted(A)).state is state


def test_speaking_changes_neither_the_picture_nor_the_date():
    before = asked()
    result = after(before, SpeechStarted(A))
    assert not result.effects
    assert one(result.state, A).updated_ms == one(before, A).updated_ms
