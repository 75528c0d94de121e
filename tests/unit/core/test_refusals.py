"""How a refusal reads, and that the core can say each no that is its to say."""

from __future__ import annotations

import pytest

from rooms import NEWS, STRANGER, A, B, C, empty, join, refusal, room
from roomtone.core.conference.messages import Announce, Coach, End, Hold, Mute
from roomtone.core.refusals import Reason, Refused


def test_a_refusal_reads_with_its_facts():
    assert (
        str(Refused(Reason.LABEL_TAKEN, conference="c0", label="desk"))
        == "label_taken(conference=c0, label=desk)"
    )


@pytest.mark.parametrize(
    ("state", "messages", "reason"),
    [
        (room(A, B, then=(End(),)), (End(),), Reason.CONFERENCE_COMPLETED),
        (room(A), (Announce(NEWS),), Reason.CONFERENCE_NOT_STARTED),
        (room(A, B), (join(C, max_participants=2),), Reason.CONFERENCE_FULL),
        (room(A, B), (Mute(C),), Reason.PARTICIPANT_NOT_FOUND),
        (room(A, B), (join(A),), Reason.CALL_ALREADY_PRESENT),
        (empty(), (join(A, label="a/b"),), Reason.LABEL_INVALID),
        (room(join(A, label="x")), (join(B, label="x"),), Reason.LABEL_TAKEN),
        (room(A, B), (Coach(A),), Reason.COACH_TARGET_MISSING),
        (room(A, B), (Coach(A, STRANGER),), Reason.COACH_TARGET_NOT_PRESENT),
        (room(A, B, then=(Hold(B),)), (Coach(A, B),), Reason.COACH_TARGET_ON_HOLD),
        (room(A, B), (Hold(A), Coach(A, B)), Reason.UPDATE_COMBINATION_INVALID),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_refusal_of_a_conference_can_be_had(state, messages, reason):
    assert refusal(state, *messages) is reason
