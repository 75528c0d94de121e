"""Callers who are listened to."""

from __future__ import annotations

import asyncio

from roomtone.core.call.messages import DigitPressed, SourceEnded
from roomtone.core.call.state import Call
from roomtone.core.conference.messages import SpeechStarted, SpeechStopped
from roomtone.core.exchange import PlayTone
from roomtone.core.ids import CallId
from roomtone.core.values import Caller
from roomtone.cxml.messages import Listen, Listened
from roomtone.switchboard.ledger import Ledger
from roomtone.switchboard.listening_side import ListeningSide
from roomtone.switchboard.recording_side import RecordingSide

from .conftest import PROJECT, Board, until

SAID = "http://127.0.0.1:9/said"
CALLER = CallId(1)
BEEP = f"beep:{CALLER}"


async def listened_to(board: Board, attributes: str = "") -> None:
    """Let somebody call who is listened to, and wait until they are."""
    board.media.not_taken = "what is said is not kept here"
    board.says(f'<Record action="{SAID}" {attributes}/><Pause length="77"/>')
    board.says("<Pause length='99'/>", SAID)
    board.ring(CALLER.value)
    await until(lambda: BEEP in board.media.playing)
    turn, sound = board.media.playing[BEEP]
    assert isinstance(sound, PlayTone)
    assert board.media.plans[CALLER.hex].speech
    board.switchboard.take(SourceEnded(BEEP, turn))
    await until(lambda: BEEP not in board.media.playing)


async def told(board: Board) -> dict[str, str]:
    await until(lambda: any(one.url == SAID for one in board.documents.asked))
    (asked,) = [dict(one.parameters) for one in board.documents.asked if one.url == SAID]
    return {name: asked[name] for name in ("RecordingDuration", "Digits") if name in asked}


async def test_a_key_ends_it_and_is_told(board: Board) -> None:
    await listened_to(board)
    board.clock.advance(4)
    board.switchboard.take(DigitPressed(CALLER, "#", 100))
    assert await told(board) == {"RecordingDuration": "4", "Digits": "#"}


async def test_silence_after_something_was_said_ends_it(board: Board) -> None:
    await listened_to(board, 'timeout="1"')
    board.switchboard.take(SpeechStarted(CALLER))
    board.clock.advance(3)
    board.switchboard.take(SpeechStopped(CALLER))
    assert await told(board) == {"RecordingDuration": "3"}


async def test_the_longest_time_ends_it_however_long_they_speak(board: Board) -> None:
    await listened_to(board, 'maxLength="1"')
    board.switchboard.take(SpeechStarted(CALLER))
    board.clock.advance(1)
    assert await told(board) == {"RecordingDuration": "1"}


async def test_nobody_who_is_silent_is_told_of(board: Board) -> None:
    await listened_to(board, 'timeout="1"')
    leg = board.switchboard.legs[0]
    await until(lambda: (leg.call.script or "").find("pausing") > 0)
    assert not any(one.url == SAID for one in board.documents.asked)


async def test_a_key_that_comes_with_the_beginning_is_not_lost(board: Board) -> None:
    """Listening is a task: a stop that is told before it runs for the first time counts, too."""
    ledger = Ledger(Call(CALLER, PROJECT.id, Caller("+1", "+2"), 1, 1), board.switchboard.records)
    kept = RecordingSide(ledger, PROJECT, board.switchboard.recordings, "http://house")
    leg_side = ListeningSide(CALLER, board.media, board.switchboard.sources, board.clock, kept)
    listening = leg_side.listen(Listen(beep=False, timeout_s=60, max_length_s=60))
    leg_side.stop()
    async with asyncio.timeout(10):
        assert await listening == Listened(0, spoke=False)


async def test_who_hangs_up_in_the_middle_is_told_of(board: Board) -> None:
    """Digits=hangup, as Twilio documents it."""
    await listened_to(board)
    board.switchboard.take(SpeechStarted(CALLER))
    await until(lambda: board.switchboard.legs[0]._listening.so_far.spoke)
    board.clock.advance(6)
    board.hangs_up(CALLER)
    assert await told(board) == {"RecordingDuration": "6", "Digits": "hangup"}
    (asked,) = [dict(one.parameters) for one in board.documents.asked if one.url == SAID]
    assert asked["CallStatus"] == "completed"


async def test_who_hangs_up_without_a_word_is_not_told_of(board: Board) -> None:
    await listened_to(board)
    board.hangs_up(CALLER)
    await until(lambda: not board.switchboard.legs)
    assert not any(one.url == SAID for one in board.documents.asked)
