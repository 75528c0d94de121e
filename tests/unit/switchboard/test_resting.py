"""Silence is sent too: whoever waits with nothing to hear is seated alone, so that their phone does not hang up."""

from __future__ import annotations

import asyncio

import pytest

from roomtone.core.call.messages import CallAnswered, CallEnded, EndedBy
from roomtone.core.conference.mix import Towards
from roomtone.core.ids import CallId

from .conftest import OFFER, VOICE, Board, until

ANN = CallId(1)
AFTER = "http://127.0.0.1:9/after"

WAITING = {
    "for a key": "<Gather timeout='99'/>",
    "in a queue without music": "<Enqueue waitUrl=''>sales</Enqueue>",
    "for somebody in a queue": "<Echo timeout='5'/><Dial><Queue>nobody</Queue></Dial>",
}


def is_alone(board: Board, call: CallId) -> bool:
    """Whether a call is seated alone, with nothing that plays."""
    plan = board.media.plans.get(call.hex)
    if plan is None or [seat.call for seat in plan.seats] != [call]:
        return False
    (seat,) = plan.seats
    return seat.talks_to is Towards.NOBODY and seat.hears not in board.media.playing


@pytest.mark.parametrize("what", WAITING)
async def test_who_waits_is_sent_silence(board: Board, what: str) -> None:
    board.says(WAITING[what])
    board.ring(ANN.value)
    await until(lambda: is_alone(board, ANN))
    assert "answer" in board.signalling.told(ANN)


async def test_who_is_not_answered_is_sent_nothing(board: Board) -> None:
    board.says(f"<Pause length='0'/><Redirect>{AFTER}</Redirect>")
    board.says("<Reject/>", AFTER)
    board.ring(ANN.value)
    await until(lambda: "refuse" in board.signalling.told(ANN))
    assert not any(one.url == VOICE for one in board.documents.asked[1:])
    assert board.media.plans == {}


async def test_who_was_connected_is_sent_silence_until_the_next_document_is_there(board: Board) -> None:
    board.says(f"<Dial action='{AFTER}'><Sip>sip:bob@127.0.0.1:5071</Sip></Dial>")
    board.says("<Hangup/>", AFTER)
    board.ring(ANN.value)
    await until(lambda: bool(board.signalling.summonses))
    (bob,) = board.signalling.summonses
    board.switchboard.take(CallAnswered(bob, OFFER, "id"))
    await until(lambda: ANN.hex in board.media.plans and len(board.media.plans[ANN.hex].seats) == 2)
    board.documents.gate = asyncio.Event()
    board.switchboard.take(CallEnded(bob, EndedBy.REMOTE, 0, "", answered=True))
    await until(lambda: is_alone(board, ANN))
    board.documents.gate.set()
