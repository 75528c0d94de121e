"""An engine dies and another takes its place: calls that were answered go on, the others end, nothing plays twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from roomtone.core.browsing import BrowserWish
from roomtone.core.call.messages import CallEnded, CallReanswered, EndedBy
from roomtone.core.call.wishes import Dismissed, Instructions, Invitation
from roomtone.core.conference.messages import Announce, Hold
from roomtone.core.conference.state import Status
from roomtone.core.exchange import Clip, FetchedAudio
from roomtone.core.ids import CallId
from roomtone.core.values import Document
from roomtone.switchboard import restoring_side, soundtracks
from roomtone.switchboard.calling import Placed
from roomtone.switchboard.recovery import POISON_TIMES
from roomtone.testing.recorders import EMPTY_ENGINE

from .conftest import BROWSER_OFFER, FINGERPRINT, NUMBER, OFFER, PROJECT, VOICE, Board, until
from .test_switchboard import gather

NEWS = Document("http://127.0.0.1:9/news")
ANSWER = OFFER.replace("40000", "42000").replace(" 8 101", " 101")


async def replace_engine(board: Board, *restorable: int) -> None:
    """Let another engine come, which can go on with these calls."""
    board.signalling.restorable = {CallId(call) for call in restorable}
    await board.recovery().again(same=False)


async def test_answered_calls_are_taken_up_and_their_phones_asked(board: Board) -> None:
    conference = await gather(board, 1, 2)
    await replace_engine(board, 1, 2)
    await until(lambda: board.signalling.offers.keys() == {CallId(1), CallId(2)})
    assert board.signalling.told(CallId(1))[-2:] == ["restore", "reoffer"]
    offer = board.signalling.offers[CallId(1)]
    assert "m=audio 20000 RTP/AVP 0" in offer
    assert " 8" not in offer.split("m=audio")[1].split("\r\n")[0], "what it is in now, and nothing else"
    assert board.media.renewed == 1
    board.switchboard.take(CallReanswered(CallId(1), 200, ANSWER))
    await until(lambda: board.media.streams[CallId(1)].remote_port == 42_000)
    (room,) = board.switchboard.directory.rooms
    assert room.conference.id == conference.id
    assert len(room.conference.participants) == 2


async def test_an_engine_that_dies_while_it_takes_a_call_up_is_forgiven_once(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restoring_side, "AGAIN_S", 0.01)
    await gather(board, 1)
    board.signalling.dying = 1
    await replace_engine(board, 1)
    await until(lambda: CallId(1) in board.signalling.offers)
    assert board.signalling.told(CallId(1))[-3:] == ["restore", "restore", "reoffer"]
    board.signalling.dying = 2
    await replace_engine(board, 1)
    await until(lambda: not board.switchboard.legs)


async def test_a_phone_that_refuses_stays_while_its_sound_has_its_old_port(board: Board) -> None:
    await gather(board, 1)
    await replace_engine(board, 1)
    await until(lambda: CallId(1) in board.signalling.offers)
    board.switchboard.take(CallReanswered(CallId(1), 488, None))
    board.switchboard.take(CallReanswered(CallId(1), 200, ANSWER))
    await until(lambda: board.media.streams[CallId(1)].remote_port == 42_000)
    assert "hang_up" not in board.signalling.told(CallId(1))


async def test_a_phone_that_refuses_another_port_is_hung_up(board: Board) -> None:
    await gather(board, 1)
    board.media.port_again = 20_002
    await replace_engine(board, 1)
    await until(lambda: CallId(1) in board.signalling.offers)
    assert "m=audio 20002 " in board.signalling.offers[CallId(1)]
    board.switchboard.take(CallReanswered(CallId(1), 488, None))
    await until(lambda: "hang_up" in board.signalling.told(CallId(1)))


async def test_what_cannot_be_taken_up_ends_and_its_conference_is_told(board: Board) -> None:
    await gather(board, 1, 2)
    await replace_engine(board, 2)
    (room,) = board.switchboard.directory.rooms
    await until(lambda: [one.call for one in room.conference.participants] == [CallId(2)])
    await until(lambda: len(board.switchboard.legs) == 1)
    assert [call.id for call in await board.store.live_calls()] == [CallId(2)]


async def test_what_plays_is_waited_for_in_the_other_engine(board: Board) -> None:
    board.says("<Play>http://127.0.0.1:9/a.wav</Play><Hangup/>")
    board.documents.answers["http://127.0.0.1:9/a.wav"] = FetchedAudio(Clip("a", 8_000, bytes(16_000)), "u")
    call = board.ring(1)
    await until(lambda: f"play:{call}" in board.media.playing)
    await replace_engine(board, 1)
    await until(lambda: CallId(1) in board.signalling.offers)
    assert "hang_up" not in board.signalling.told(call)
    board.media.playing.clear()
    await replace_engine(board, 1)
    await until(lambda: "hang_up" in board.signalling.told(call))


async def test_engines_that_die_one_after_the_other_are_handed_nothing_more(board: Board) -> None:
    await gather(board, 1)
    board.signalling.restorable = {CallId(1)}
    recovery = board.recovery()
    for _ in range(POISON_TIMES):
        await recovery.again(same=False)
    await until(lambda: board.signalling.told(CallId(1)).count("restore") == POISON_TIMES)
    assert board.switchboard.legs
    board.clock.advance(61)
    await recovery.again(same=False)
    await until(lambda: board.signalling.told(CallId(1)).count("restore") == POISON_TIMES + 1)
    for _ in range(POISON_TIMES):
        await recovery.again(same=False)
    await until(lambda: not board.switchboard.legs)
    assert board.signalling.told(CallId(1)).count("restore") == 2 * POISON_TIMES


async def test_a_peer_that_is_gone_ends_the_call_as_any(board: Board) -> None:
    conference = await gather(board, 1)
    await replace_engine(board, 1)
    board.switchboard.take(CallReanswered(CallId(1), 481, None))
    board.switchboard.take(CallEnded(CallId(1), EndedBy.TIMEOUT, 481, "the peer is gone", answered=True))
    await until(lambda: not board.switchboard.directory.rooms)
    stored = await board.store.conference(conference.id)
    assert stored is not None
    assert stored.status is Status.COMPLETED


async def test_hold_music_waits_for_an_engine_and_asks_its_document_once(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(soundtracks, "AGAIN_S", 0.01)
    conference = await gather(board, 1, 2)
    board.documents.answers[NEWS.url] = FetchedAudio(Clip("theirs", 8_000, bytes(16_000)), NEWS.url)
    board.media.away, before = True, board.media.plays
    await board.switchboard.ask(conference.id, (Hold(CallId(1), NEWS),))
    key = board.media.plans[conference.id.hex].seats[0].hears
    assert key is not None
    await until(lambda: board.media.plays >= before + 3)
    assert key not in board.media.playing
    board.media.away = False
    await until(lambda: key in board.media.playing)
    assert sum(one.url == NEWS.url for one in board.documents.asked) == 1


async def test_an_announcement_without_an_engine_is_over_and_the_next_is_heard(board: Board) -> None:
    conference = await gather(board, 1, 2)
    board.documents.answers[NEWS.url] = FetchedAudio(Clip("news", 8_000, bytes(16_000)), NEWS.url)
    (room,) = board.switchboard.directory.rooms
    board.media.away = True
    await board.switchboard.ask(conference.id, (Announce(NEWS),))
    await until(lambda: not room.conference.announcements)
    board.media.away = False
    await board.switchboard.ask(conference.id, (Announce(NEWS),))
    (track,) = [one for one in board.media.plans[conference.id.hex].soundtracks if one.once]
    await until(lambda: track.key in board.media.playing)


async def call_out(board: Board) -> CallId:
    """Call somebody, who is not reached yet."""
    wish = Invitation("+15550001111", "+15550002222")
    return (await board.switchboard.call(PROJECT, wish, Instructions(Document(VOICE)))).id


async def test_a_call_that_the_new_engine_has_is_left_alone(board: Board) -> None:
    await gather(board, 1, 2)
    board.media.left_behind = replace(EMPTY_ENGINE, legs=frozenset({CallId(1)}))
    await replace_engine(board, 1, 2)
    await until(lambda: CallId(2) in board.signalling.offers)
    assert "restore" not in board.signalling.told(CallId(1))
    assert len(board.switchboard.legs) == 2


async def test_a_call_that_waits_for_its_turn_is_made_in_the_new_engine(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = asyncio.Event()

    async def wait(_placed: Placed) -> None:
        await turn.wait()

    monkeypatch.setattr(Placed, "turn", wait)
    await gather(board, 1)
    call = await call_out(board)
    await replace_engine(board, 1)
    await until(lambda: CallId(1) in board.signalling.offers)
    turn.set()
    await until(lambda: "invite" in board.signalling.told(call))
    assert call in {leg.call.id for leg in board.switchboard.legs}


async def test_a_call_that_was_not_answered_ends_and_tries_no_other_way(board: Board) -> None:
    call = await call_out(board)
    await until(lambda: "invite" in board.signalling.told(call))
    await until(lambda: not board.switchboard.legs[0].is_to_come)
    await replace_engine(board)
    await until(lambda: not board.switchboard.legs)
    assert board.signalling.told(call) == ["invite", "hang_up"]


async def test_a_call_that_ended_without_an_engine_is_hung_up_at_its_phone(board: Board) -> None:
    await gather(board, 1)
    await replace_engine(board, 1, 9)
    await until(lambda: CallId(1) in board.signalling.offers)
    assert board.signalling.told(CallId(9)) == ["restore", "hang_up"]
    assert "hang_up" not in board.signalling.told(CallId(1))


async def test_a_call_that_ends_before_it_is_taken_up_is_hung_up_at_its_phone(board: Board) -> None:
    await gather(board, 1)
    board.switchboard.legs[0].tell(Dismissed())
    await replace_engine(board, 1)
    await until(lambda: board.signalling.told(CallId(1))[-3:] == ["hang_up", "restore", "hang_up"])


async def test_a_call_that_ended_while_the_link_was_down_is_hung_up_in_the_same_engine(board: Board) -> None:
    await gather(board, 1)
    both = frozenset({CallId(1), CallId(9)})
    board.signalling.restorable = set(both)
    board.media.left_behind = replace(EMPTY_ENGINE, legs=both, answered=both)
    await board.recovery().again(same=True)
    assert board.signalling.told(CallId(9)) == ["hang_up"]
    assert "hang_up" not in board.signalling.told(CallId(1))


async def test_calls_that_engines_die_of_are_not_tried_once_more(board: Board) -> None:
    await gather(board, 1)
    board.signalling.restorable = {CallId(1)}
    recovery = board.recovery()
    for _ in range(POISON_TIMES + 1):
        await recovery.again(same=False)
    assert board.signalling.restorable == set()


@pytest.mark.parametrize("same", [True, False])
async def test_a_browser_that_waits_for_its_document_outlives_an_engine_that_never_knew_it(
    board: Board, *, same: bool
) -> None:
    board.media.fingerprint = FINGERPRINT
    board.documents.gate = asyncio.Event()
    board.says("<Play>http://127.0.0.1:9/a.wav</Play>")
    wish = BrowserWish(BROWSER_OFFER, "web", NUMBER)
    browsing = asyncio.create_task(board.switchboard.browse(PROJECT, wish))
    await until(lambda: bool(board.documents.asked))
    (call,) = board.signalling.waiting
    await board.recovery().again(same=same)
    assert call in board.signalling.waiting
    board.documents.gate.set()
    await until(lambda: "answer" in board.signalling.told(call))
    browsing.cancel()
    await asyncio.wait([browsing])
    assert board.signalling.told(call)[-1] == "leave", "nobody waits for it any more"
