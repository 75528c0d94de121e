"""The life of a call: the table, the ends, the revisions."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from rooms import LATER, NOW, PROJECT, ROOM, A
from roomtone.core.call.messages import CallEnded, EndedBy, IncomingCall
from roomtone.core.call.state import Call, CallStatus, HangupParty
from roomtone.core.call.step import (
    NEXT,
    answered,
    ended,
    ended_by_us,
    entered,
    final_status,
    incoming,
    left,
    placed,
    revised,
    ringing,
)
from roomtone.core.ids import ConferenceId, NumberId
from roomtone.core.values import Caller

CALLER = Caller("+15551", "+15552")
INVITE = IncomingCall(A, "sip:a@x", "", "sip:b@y", "sip:b@y", "id1", None, (), "udp", "127.0.0.1", 5060)
FINAL = {status for status in CallStatus if not NEXT[status]}


def a_call(status=CallStatus.QUEUED):
    return Call(A, PROJECT, CALLER, NOW.wall_ms, NOW.wall_ms, status)


def end(by=EndedBy.REMOTE, status=0, *, was_answered=False):
    return CallEnded(A, by, status, "", was_answered)


def test_an_incoming_call_is_queued_and_unstored():
    call = incoming(INVITE, PROJECT, CALLER, NOW, number=NumberId(7), parameters=(("SipCallId", "id1"),))
    assert (call.id, call.project, call.caller, call.number) == (A, PROJECT, CALLER, NumberId(7))
    assert (call.status, call.revision, call.created_ms, call.over) == (
        CallStatus.QUEUED,
        0,
        NOW.wall_ms,
        False,
    )
    assert call.parameters == (("SipCallId", "id1"),)


def test_the_table_knows_every_status_and_finals_lead_nowhere():
    assert set(NEXT) == set(CallStatus)
    assert set(CallStatus) - {CallStatus.QUEUED, CallStatus.RINGING, CallStatus.IN_PROGRESS} == FINAL


def test_every_status_can_be_reached_from_the_first():
    seen, ahead = set(), {CallStatus.QUEUED}
    while ahead:
        seen |= ahead
        ahead = {after for before in ahead for after in NEXT[before]} - seen
    assert seen == set(CallStatus)


@pytest.mark.parametrize(("before", "target"), list(product(CallStatus, CallStatus)))
def test_a_move_is_made_if_the_table_has_it_and_stops_at_an_assertion_if_not(before, target):
    moves = {CallStatus.RINGING: ringing, CallStatus.IN_PROGRESS: answered}
    move = moves.get(target, lambda call, now: ended_by_us(call, target, now))
    call = a_call(before)
    if target in NEXT[before]:
        assert move(call, LATER).status is target
        assert move(call, LATER).updated_ms == LATER.wall_ms
    elif target in moves or target is CallStatus.QUEUED or (not call.over and before not in FINAL):
        with pytest.raises(AssertionError, match=str(target)):
            move(call, LATER)


def test_an_illegal_move_names_both_ends():
    with pytest.raises(AssertionError, match="is completed and cannot become ringing"):
        ringing(a_call(CallStatus.COMPLETED), NOW)


def test_a_call_lasts_from_answer_to_end_in_whole_seconds():
    call = answered(ringing(a_call(), NOW), NOW.after(5))
    assert (call.started_ms, call.duration_s) == (NOW.wall_ms + 5_000, None)
    over = ended(call, end(was_answered=True), NOW.after(67.9))
    assert (over.status, over.duration_s, over.over) == (CallStatus.COMPLETED, 62, True)
    assert over.ended_ms == over.updated_ms == NOW.after(67.9).wall_ms


def test_a_call_never_answered_lasted_no_time():
    assert ended(ringing(a_call(), NOW), end(status=486), LATER).duration_s == 0


def test_a_clock_that_jumps_back_makes_no_negative_duration():
    assert ended(answered(a_call(), LATER), end(), NOW).duration_s == 0


@pytest.mark.parametrize(
    ("by", "status", "final"),
    [
        (EndedBy.REMOTE, 486, CallStatus.BUSY),
        (EndedBy.REMOTE, 600, CallStatus.BUSY),
        (EndedBy.REMOTE, 408, CallStatus.NO_ANSWER),
        (EndedBy.REMOTE, 480, CallStatus.NO_ANSWER),
        (EndedBy.TIMEOUT, 0, CallStatus.NO_ANSWER),
        (EndedBy.TIMEOUT, 503, CallStatus.NO_ANSWER),
        (EndedBy.LOCAL, 487, CallStatus.CANCELED),
        (EndedBy.REMOTE, 487, CallStatus.CANCELED),
        (EndedBy.REMOTE, 0, CallStatus.CANCELED),
        (EndedBy.LOCAL, 0, CallStatus.CANCELED),
        (EndedBy.TRANSPORT, 0, CallStatus.FAILED),
        (EndedBy.INTERNAL, 0, CallStatus.FAILED),
        (EndedBy.REMOTE, 404, CallStatus.FAILED),
        (EndedBy.LOCAL, 488, CallStatus.FAILED),
        (EndedBy.REMOTE, 603, CallStatus.FAILED),
    ],
)
@pytest.mark.parametrize("before", [CallStatus.QUEUED, CallStatus.RINGING])
def test_how_a_call_ends_that_was_not_answered(before, by, status, final):
    assert final_status(a_call(before), end(by, status)) is final
    assert ended(a_call(before), end(by, status), LATER).status is final


@pytest.mark.parametrize("by", EndedBy)
@pytest.mark.parametrize("status", [0, 408, 486, 487, 503])
def test_a_call_that_was_answered_has_completed_however_it_ended(by, status):
    assert ended(a_call(CallStatus.IN_PROGRESS), end(by, status), LATER).status is CallStatus.COMPLETED


@pytest.mark.parametrize("by", EndedBy)
def test_who_hung_up(by):
    party = HangupParty.PEER if by is EndedBy.REMOTE else HangupParty.ROOMTONE
    assert ended(a_call(), end(by), LATER).hung_up_by is party


@pytest.mark.parametrize("status", [CallStatus.BUSY, CallStatus.NO_ANSWER, CallStatus.FAILED])
def test_a_refused_call_keeps_the_status_its_document_chose(status):
    refused = ended_by_us(a_call(CallStatus.RINGING), status, LATER)
    assert (refused.status, refused.hung_up_by) == (status, HangupParty.ROOMTONE)
    assert ended(refused, end(EndedBy.LOCAL, 603), LATER.after(1)) is refused


def test_a_refusal_that_crosses_the_callers_hanging_up_changes_nothing():
    gone = ended(a_call(), end(), NOW)
    assert ended_by_us(gone, CallStatus.BUSY, LATER) is gone


@pytest.mark.parametrize("status", [CallStatus.QUEUED, CallStatus.RINGING, CallStatus.IN_PROGRESS])
def test_a_call_does_not_end_as_something_that_is_no_end(status):
    with pytest.raises(AssertionError, match="cannot end as"):
        ended_by_us(a_call(), status, NOW)


def test_a_call_enters_and_leaves_conferences():
    call = entered(a_call(CallStatus.IN_PROGRESS), ROOM)
    assert call.conference == ROOM
    assert left(call).conference is None
    assert left(left(call)) == left(call)
    assert entered(left(call), ConferenceId(1)).conference == ConferenceId(1)


def test_a_call_is_in_one_conference_at_a_time_and_only_while_it_runs():
    with pytest.raises(AssertionError, match="cannot enter"):
        entered(entered(a_call(CallStatus.IN_PROGRESS), ROOM), ConferenceId(1))
    with pytest.raises(AssertionError, match="is ringing and cannot enter"):
        entered(a_call(CallStatus.RINGING), ROOM)


def test_a_call_that_ends_is_in_no_conference():
    assert ended(entered(a_call(CallStatus.IN_PROGRESS), ROOM), end(), LATER).conference is None


def test_the_place_in_the_document_is_kept_as_it_is():
    assert placed(a_call(), '{"v":1}').script == '{"v":1}'
    assert placed(placed(a_call(), "x"), None).script is None


def test_a_chain_of_changes_is_one_revision():
    stored = revised(None, a_call())
    assert stored.revision == 1
    chained = entered(placed(answered(stored, NOW), "x"), ROOM)
    assert revised(stored, chained) == replace(chained, revision=2)


def test_a_call_that_has_not_changed_is_not_revised():
    stored = revised(None, a_call())
    assert revised(stored, placed(stored, None)) is stored


@pytest.mark.parametrize(
    ("status", "told", "kept"),
    [(CallStatus.RINGING, 486, 486), (CallStatus.QUEUED, 0, None), (CallStatus.IN_PROGRESS, 0, 200),
     (CallStatus.IN_PROGRESS, 408, 200)],
)  # fmt: skip
def test_the_final_response_to_the_invite_is_kept(status, told, kept):
    """200 for whoever was answered, whatever ended the call then."""
    call = replace(a_call(status), started_ms=NOW.wall_ms if status is CallStatus.IN_PROGRESS else None)
    assert ended(call, end(status=told), LATER).sip_status == kept


def test_a_call_that_we_refuse_keeps_what_it_was_refused_with():
    assert ended_by_us(a_call(), CallStatus.BUSY, LATER, 486).sip_status == 486
    assert ended_by_us(a_call(), CallStatus.CANCELED, LATER).sip_status is None
    talked = ended_by_us(answered(a_call(), NOW), CallStatus.COMPLETED, LATER)
    assert talked.sip_status == 200, "whoever was answered, whoever ends it"
