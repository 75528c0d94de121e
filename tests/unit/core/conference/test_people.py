"""Finding and changing one of several."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rooms import LATER, ROOM, STRANGER, A, B, C, join, one, room
from roomtone.core.conference.people import amended, labelled, present, swapped
from roomtone.core.refusals import Reason, Refused

STATE = room(A, join(B, label="desk"), C)


def test_one_is_found_by_call_or_label():
    assert present(STATE, B) is present(STATE, "desk") is labelled(STATE, "desk") is one(STATE, B)


@pytest.mark.parametrize(
    ("who", "named"),
    [(STRANGER, STRANGER.hex), ("Desk", "Desk"), (A.hex, A.hex)],
    ids=["call", "label", "hex"],
)
def test_nobody_else_is_found(who, named):
    with pytest.raises(Refused) as caught:
        present(STATE, who)
    assert caught.value.reason is Reason.PARTICIPANT_NOT_FOUND
    assert caught.value.facts == {"conference": ROOM.hex, "participant": named}


def test_a_changed_participant_keeps_their_place():
    muted = replace(one(STATE, B), muted=True)
    assert swapped(STATE, one(STATE, B), muted).participants == (one(STATE, A), muted, one(STATE, C))


def test_an_amended_participant_is_dated_and_an_equal_one_is_not():
    who = one(STATE, B)
    assert one(amended(STATE, who, replace(who, muted=True), LATER), B).updated_ms == LATER.wall_ms
    assert amended(STATE, who, replace(who), LATER) is STATE
