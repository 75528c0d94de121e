"""What a conference says of itself."""

from __future__ import annotations

from rooms import STRANGER, A, B, one, room
from roomtone.core.conference.messages import Hold
from roomtone.core.values import Silence


def test_a_participant_is_found_by_call():
    state = room(A, B)
    assert state.find(A) is state.participants[0]
    assert state.find(STRANGER) is None


def test_silence_on_hold_is_still_on_hold():
    state = room(A, B, then=(Hold(A, Silence()),))
    assert one(state, A).held
    assert not one(state, B).held
