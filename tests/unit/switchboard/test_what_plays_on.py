"""What plays while a brain is away: it goes on, it is not played twice, and what only filled in gives way."""

from __future__ import annotations

import asyncio

from roomtone.core.call.messages import SourceEnded
from roomtone.core.conference.messages import Announce, Hold, Mute
from roomtone.core.exchange import Clip, EngineView, FetchedAudio, PlayClip
from roomtone.core.ids import CallId
from roomtone.core.values import Document

from .conftest import Board, until
from .test_switchboard import gather

MUSIC, NEWS = Document("http://127.0.0.1:9/hold"), Document("http://127.0.0.1:9/news")


def plays(board: Board, key: str) -> str:
    """Name what plays under a key."""
    sound = board.media.playing[key][1]
    assert isinstance(sound, PlayClip)
    return sound.clip.name


async def come_back(board: Board, playing: frozenset[tuple[str, int]], *meanwhile: SourceEnded) -> None:
    """Let a new brain find calls 1 and 2 up, these sources playing, and this news waiting."""
    await board.switchboard.stop()
    calls = frozenset({CallId(1), CallId(2)})
    board.media.left_behind = EngineView(calls, calls, calls, frozenset(board.media.plans), playing)
    board.restart()
    for signal in meanwhile:
        board.switchboard.take(signal)
    await board.recovery().start()


async def test_house_music_that_filled_in_gives_way_to_the_hold_music_of_the_next_brain(board: Board) -> None:
    conference = await gather(board, 1, 2)
    board.documents.gate = asyncio.Event()
    await board.switchboard.ask(conference.id, (Hold(CallId(1), MUSIC),))
    key = board.media.plans[conference.id.hex].seats[0].hears
    assert key is not None
    await until(lambda: key in board.media.playing)
    board.documents.answers[MUSIC.url] = FetchedAudio(Clip("theirs", 8_000, bytes(16_000)), MUSIC.url)
    await come_back(board, frozenset({(key, board.media.playing[key][0])}))
    board.documents.gate.set()
    await until(lambda: plays(board, key) == "theirs")


async def test_hold_music_that_plays_is_not_begun_again_by_the_next_brain(board: Board) -> None:
    conference = await gather(board, 1, 2)
    board.documents.answers[MUSIC.url] = FetchedAudio(Clip("theirs", 8_000, bytes(16_000)), MUSIC.url)
    await board.switchboard.ask(conference.id, (Hold(CallId(1), MUSIC),))
    key = board.media.plans[conference.id.hex].seats[0].hears
    assert key is not None
    await until(lambda: key in board.media.playing)
    before = board.media.playing[key]
    await come_back(board, frozenset({(key, before[0])}))
    await board.switchboard.ask(conference.id, (Mute(CallId(2)),))
    assert board.media.playing[key] is before
    assert [request.url for request in board.documents.asked].count(MUSIC.url) == 1


async def test_an_announcement_that_ended_while_no_brain_was_there_is_not_played_again(board: Board) -> None:
    conference = await gather(board, 1, 2)
    board.documents.answers[NEWS.url] = FetchedAudio(Clip("news", 8_000, bytes(16_000)), NEWS.url)
    await board.switchboard.ask(conference.id, (Announce(NEWS, CallId(1)),))
    (key,) = board.media.plans[conference.id.hex].seats[0].overlays
    await until(lambda: key in board.media.playing)
    await come_back(board, frozenset(), SourceEnded(key, board.media.playing[key][0]))
    (room,) = board.switchboard.directory.rooms
    await until(lambda: not room.conference.participants[0].announcements)
    assert [request.url for request in board.documents.asked].count(NEWS.url) == 1
