"""Transfers: a phone puts somebody else in its place, in a dial, a queue or a conference; and who may not."""

from __future__ import annotations

import pytest

from roomtone.core.call.messages import CallAnswered, CallEnded, EndedBy, PeerAsked, PeerReplied
from roomtone.core.conference.mix import hears
from roomtone.core.ids import CallId

from .conftest import OFFER, Board, until

AFTER = "http://127.0.0.1:9/after"
REFERRED = "http://127.0.0.1:9/referred"
ANN = CallId(1)
TARGET = "<sip:+15550009999@127.0.0.1:5060>"


def refer(call: CallId, to: str = TARGET, *headers: tuple[str, str]) -> PeerAsked:
    return PeerAsked(
        "r", call, "REFER", "sip:127.0.0.1:5060", "sip:a@h", "sip:h", "i", 7, (("Refer-To", to), *headers), "",
        "udp", "127.0.0.1", 5070,
    )  # fmt: skip


def answers(board: Board, call: CallId) -> None:
    board.switchboard.take(CallAnswered(call, OFFER, f"id-{call.value}"))


def ends(board: Board, call: CallId, status: int = 0) -> None:
    board.switchboard.take(CallEnded(call, EndedBy.REMOTE, status, "", answered=not status))


def connected(board: Board, one: CallId, other: CallId) -> bool:
    plan = board.media.plans.get(one.hex)
    return plan is not None and hears(plan) == {one: {other}, other: {one}}


async def called(board: Board, count: int) -> CallId:
    """Wait until so many have been called, and give the last."""
    await until(lambda: len(board.signalling.summonses) == count)
    return list(board.signalling.summonses)[-1]


async def asked(board: Board, count: int) -> list[str]:
    """Answer so many NOTIFYs, one by one, and give what they told."""
    told = []
    for turn in range(count):
        await until(lambda seen=turn: len(board.signalling.asked) > seen)
        request, _, method, headers, content = board.signalling.asked[turn]
        assert (method, content is not None) == ("NOTIFY", True)
        assert content is not None
        assert headers[0] == ("Event", "refer;id=7")
        told.append(f"{content[1].strip()} {headers[1][1].partition(';')[0]}")
        board.switchboard.take(PeerReplied(request, 200, "OK"))
    return told


async def talk(board: Board, attributes: str = "", noun: str = "<Sip>sip:bob@127.0.0.1:5071</Sip>") -> CallId:
    """Let ann and bob be connected by a dial of ann's."""
    board.says(f'<Dial action="{AFTER}" {attributes}>{noun}</Dial>')
    board.says("<Pause length='99'/>", AFTER)
    board.ring(ANN.value)
    bob = await called(board, 1)
    answers(board, bob)
    await until(lambda: connected(board, ANN, bob))
    for leg in board.switchboard.legs:
        leg.is_phone = True
    return bob


def outcome(board: Board) -> dict[str, str]:
    (one,) = [one for one in board.documents.asked if one.url == AFTER]
    return dict(one.parameters)


async def test_whom_a_callee_names_takes_their_place_and_the_dial_goes_on(board: Board) -> None:
    bob = await talk(board)
    board.switchboard.take(refer(bob))
    cat = await called(board, 2)
    assert board.signalling.summonses[cat].target_uri == "sip:+15550009999@127.0.0.1:5090"
    assert [status for _, status, _ in board.signalling.responses] == [202]
    assert "hang_up" not in board.signalling.told(bob), "bob waits for word of it"
    answers(board, cat)
    await until(lambda: connected(board, ANN, cat))
    assert await asked(board, 2) == ["SIP/2.0 100 Trying active", "SIP/2.0 200 OK terminated"]
    await until(lambda: "hang_up" in board.signalling.told(bob))
    assert not any(one.url == AFTER for one in board.documents.asked)
    ends(board, cat)
    await until(lambda: any(one.url == AFTER for one in board.documents.asked))
    told = outcome(board)
    assert (told["DialCallStatus"], told["DialCallSid"]) == ("completed", f"CA{cat.hex}")


async def test_one_who_hangs_up_at_once_has_transferred_all_the_same(board: Board) -> None:
    bob = await talk(board)
    board.switchboard.take(refer(bob))
    cat = await called(board, 2)
    ends(board, bob)
    answers(board, cat)
    await until(lambda: connected(board, ANN, cat))


async def test_where_who_stays_hangs_up_meanwhile_the_transfer_is_told_as_over(board: Board) -> None:
    bob = await talk(board)
    board.switchboard.take(refer(bob))
    await until(lambda: bool(board.signalling.responses))
    board.hangs_up(ANN)
    told = await asked(board, 2)
    assert told[0] == "SIP/2.0 100 Trying active"
    assert told[1].startswith("SIP/2.0 487")


@pytest.mark.parametrize(("status", "told"), [(486, "486 Busy Here"), (404, "404 Not Found")])
async def test_who_cannot_be_reached_is_told_of_and_the_action_is_asked(
    board: Board, status: int, told: str
) -> None:
    bob = await talk(board)
    board.switchboard.take(refer(bob))
    ends(board, await called(board, 2), status)
    assert await asked(board, 2) == ["SIP/2.0 100 Trying active", f"SIP/2.0 {told} terminated"]
    await until(lambda: any(one.url == AFTER for one in board.documents.asked))
    assert outcome(board)["DialCallStatus"] == ("busy" if status == 486 else "failed")


async def test_a_caller_leads_whom_they_called_to_somebody_else(board: Board) -> None:
    bob = await talk(board)
    board.switchboard.take(refer(ANN))
    cat = await called(board, 2)
    answers(board, cat)
    await until(lambda: connected(board, bob, cat))
    assert await asked(board, 2) == ["SIP/2.0 100 Trying active", "SIP/2.0 200 OK terminated"]
    assert outcome(board)["DialCallStatus"] == "completed"
    board.hangs_up(ANN)
    await until(lambda: all(leg.call.id != ANN for leg in board.switchboard.legs))
    assert connected(board, bob, cat)


@pytest.mark.parametrize("who", ["callee", "caller"])
async def test_the_customer_says_what_becomes_of_it_where_they_want_to(board: Board, who: str) -> None:
    """`referUrl`: the call that stays asks it, and nobody needs to be a phone of the project."""
    bob = await talk(board, f"referUrl='{REFERRED}'")
    board.says("<Dial>+15550001234</Dial>", REFERRED)
    for leg in board.switchboard.legs:
        leg.is_phone = False
    stays, goes = (ANN, bob) if who == "callee" else (bob, ANN)
    board.switchboard.take(refer(goes, "<sip:anybody@elsewhere.example?X-A=1>"))
    cat = await called(board, 2)
    answers(board, cat)
    await until(lambda: connected(board, stays, cat))
    (one,) = [one for one in board.documents.asked if one.url == REFERRED]
    told = dict(one.parameters)
    assert (told["CallSid"], told["ReferTransferTarget"]) == (
        f"CA{stays.hex}",
        "sip:anybody@elsewhere.example?X-A=1",
    )
    assert (await asked(board, 2))[-1] == "SIP/2.0 200 OK terminated"


async def test_a_participant_gives_their_seat_to_somebody_else(board: Board) -> None:
    board.says("<Dial><Conference endConferenceOnExit='true' muted='true'>room</Conference></Dial>")
    board.ring(ANN.value)
    await until(lambda: any(leg.room for leg in board.switchboard.legs))
    (leg,) = board.switchboard.legs
    room = leg.room
    assert room is not None
    leg.is_phone = True
    board.switchboard.take(refer(ANN))
    cat = await called(board, 1)
    answers(board, cat)
    await until(lambda: room.conference.find(cat) is not None)
    assert (await asked(board, 2))[-1] == "SIP/2.0 200 OK terminated"
    await until(lambda: room.conference.find(ANN) is None)
    seat = room.conference.find(cat)
    assert seat is not None, "the conference has not ended with ann"
    assert (seat.end_on_exit, seat.muted) == (True, True)


async def test_one_in_a_conference_whose_target_is_busy_stays(board: Board) -> None:
    board.says("<Dial><Conference>room</Conference></Dial>")
    board.ring(ANN.value)
    await until(lambda: any(leg.room for leg in board.switchboard.legs))
    (leg,) = board.switchboard.legs
    leg.is_phone = True
    board.switchboard.take(refer(ANN))
    ends(board, await called(board, 1), 486)
    assert (await asked(board, 2))[-1] == "SIP/2.0 486 Busy Here terminated"
    assert leg.room is not None


async def test_an_agent_passes_on_whom_they_took_from_a_queue(board: Board) -> None:
    board.says("<Enqueue waitUrl=''>line</Enqueue>")
    board.ring(ANN.value)
    await until(lambda: bool(board.switchboard.legs))
    await until(lambda: bool(board.switchboard.queues._lines))
    board.says("<Dial><Queue>line</Queue></Dial><Pause length='99'/>")
    agent = board.ring(2)
    await until(lambda: connected(board, agent, ANN))
    for leg in board.switchboard.legs:
        leg.is_phone = True
    board.switchboard.take(refer(agent))
    cat = await called(board, 1)
    answers(board, cat)
    await until(lambda: connected(board, ANN, cat))


async def test_no_word_of_it_is_sent_to_who_wants_none(board: Board) -> None:
    """RFC 4488."""
    bob = await talk(board)
    board.switchboard.take(refer(bob, TARGET, ("Refer-Sub", "false")))
    answers(board, await called(board, 2))
    await until(lambda: "hang_up" in board.signalling.told(bob))
    assert board.signalling.asked == []
    assert board.signalling.responses[0][1:] == (202, (("Refer-Sub", "false"),))


@pytest.mark.parametrize(
    ("to", "is_phone", "status"),
    [
        (TARGET, False, 403),
        ("<sip:+4930123456@127.0.0.1:5060>", True, 403),
        ("<sip:bob@elsewhere.example>", True, 403),
        ("<sip:nobody@127.0.0.1:5060>", True, 403),
        ("<http://h/>", True, 400),
        ("<sip:c@h?Replaces=a%3Bto-tag%3Db>", True, 481),
    ],
)
async def test_what_is_not_granted_changes_nothing(
    board: Board, to: str, *, is_phone: bool, status: int
) -> None:
    bob = await talk(board)
    for leg in board.switchboard.legs:
        leg.is_phone = is_phone
    board.switchboard.take(refer(bob, to))
    await until(lambda: bool(board.signalling.responses))
    assert board.signalling.responses[0][1] == status
    assert connected(board, ANN, bob)
    assert len(board.signalling.summonses) == 1


async def test_one_who_is_connected_with_nobody_transfers_nobody(board: Board) -> None:
    board.says("<Pause length='99'/>")
    board.ring(ANN.value)
    await until(lambda: bool(board.switchboard.legs))
    board.switchboard.take(refer(ANN))
    await until(lambda: bool(board.signalling.responses))
    assert board.signalling.responses[0][1] == 603


# Attended ------------------------------------------------------------------------------------------------------------

DAN = CallId(2)


async def consults(board: Board) -> tuple[CallId, CallId]:
    """Let a phone talk with ann, who called it, and with dan, who did so, too; gives its two calls."""
    bob = await talk(board)
    board.says(f'<Dial action="{AFTER}"><Sip>sip:bob@127.0.0.1:5071</Sip></Dial>')
    board.ring(DAN.value)
    second = await called(board, 2)
    answers(board, second)
    await until(lambda: connected(board, DAN, second))
    for leg in board.switchboard.legs:
        leg.is_phone = True
    return bob, second


def naming(call: CallId) -> str:
    return f"<sip:dan@127.0.0.1?Replaces=id-{call.value}%3Bto-tag%3Da%3Bfrom-tag%3Db>"


async def test_a_phone_connects_the_two_it_talks_with(board: Board) -> None:
    bob, second = await consults(board)
    board.switchboard.take(refer(bob, naming(second)))
    await until(lambda: connected(board, ANN, DAN))
    assert await asked(board, 2) == ["SIP/2.0 100 Trying active", "SIP/2.0 200 OK terminated"]
    for gone in (bob, second):
        await until(lambda gone=gone: "hang_up" in board.signalling.told(gone))
        ends(board, gone)
    await until(lambda: len(board.switchboard.legs) == 2)
    assert connected(board, ANN, DAN)
    assert not any(one.url == AFTER for one in board.documents.asked)
    board.hangs_up(ANN)
    await until(lambda: any(one.url == AFTER for one in board.documents.asked))
    told = outcome(board)
    assert (told["CallSid"], told["DialCallStatus"], told["DialCallSid"]) == (
        f"CA{DAN.hex}", "completed", f"CA{ANN.hex}",
    )  # fmt: skip


async def test_one_who_called_two_connects_them_and_both_end_with_each_other(board: Board) -> None:
    bob = await talk(board)
    board.says("<Dial><Sip>sip:cat@127.0.0.1:5072</Sip></Dial>")
    board.ring(DAN.value)
    cat = await called(board, 2)
    answers(board, cat)
    await until(lambda: connected(board, DAN, cat))
    for leg in board.switchboard.legs:
        leg.is_phone = True
    board.switchboard.take(refer(ANN, naming(DAN)))
    await until(lambda: connected(board, bob, cat))
    await until(lambda: "hang_up" in board.signalling.told(DAN))
    ends(board, bob)
    await until(lambda: "hang_up" in board.signalling.told(cat))


async def test_one_in_a_conference_takes_whom_it_talks_with_besides_there(board: Board) -> None:
    board.says("<Dial><Conference muted='true'>room</Conference></Dial>")
    board.ring(ANN.value)

    await until(lambda: bool(board.switchboard.directory.rooms))
    (room,) = board.switchboard.directory.rooms
    await until(lambda: len(room.conference.participants) == 1)
    board.says("<Dial><Sip>sip:bob@127.0.0.1:5071</Sip></Dial>")
    board.ring(DAN.value)
    bob = await called(board, 1)
    answers(board, bob)
    await until(lambda: connected(board, DAN, bob))
    for leg in board.switchboard.legs:
        leg.is_phone = True
    board.switchboard.take(refer(ANN, naming(DAN)))
    await until(lambda: any(one.call == bob and one.muted for one in room.conference.participants))
    await until(lambda: "hang_up" in board.signalling.told(DAN))


@pytest.mark.parametrize("what", ["no such call", "itself", "a stranger's"])
async def test_what_a_phone_may_not_connect(board: Board, what: str) -> None:
    bob, second = await consults(board)
    named = {"no such call": CallId(99), "itself": bob}.get(what, second)
    if what == "a stranger's":
        for leg in board.switchboard.legs:
            leg.is_phone = leg.call.id != second
    board.switchboard.take(refer(bob, naming(named)))
    await until(lambda: bool(board.signalling.responses))
    assert [status for _, status, _ in board.signalling.responses] == [481]
    assert connected(board, ANN, bob)
    assert connected(board, DAN, second)
