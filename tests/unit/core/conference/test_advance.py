"""One turn of the crank: state, events, notices and effects belong together."""

from __future__ import annotations

import pytest

from rooms import EVERYTHING, LATER, STRANGER, A, B, after, join, room
from roomtone.core.conference.advance import Advance, advance
from roomtone.core.conference.messages import Mute, Unmute
from roomtone.core.conference.notices import notices
from roomtone.core.refusals import Refused

STATE = room(join(A, callback=EVERYTHING), B)


def test_an_advance_is_a_fold_and_its_notices():
    step = after(STATE, Mute(A))
    state, owed = notices(step, LATER)
    assert advance(STATE, (Mute(A),), LATER) == Advance(state, step.events, owed, step.effects)
    assert state.last_sequence == STATE.last_sequence + len(owed) > STATE.last_sequence


def test_numbering_does_not_count_a_second_revision():
    assert advance(STATE, (Mute(A),), LATER).state.revision == STATE.revision + 1


@pytest.mark.parametrize("messages", [(), (Unmute(A),)])
def test_when_nothing_comes_of_it_the_very_state_comes_back(messages):
    result = advance(STATE, messages, LATER)
    assert result.state is STATE
    assert result == Advance(STATE)


def test_a_refusal_comes_through():
    with pytest.raises(Refused):
        advance(STATE, (Mute(STRANGER),), LATER)
