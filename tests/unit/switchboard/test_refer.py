"""Refer: a phone is asked to call somebody else, tells what came of it, and hangs up when it likes."""

from __future__ import annotations

import pytest

from roomtone.core.call.messages import PeerAsked, PeerReplied
from roomtone.core.ids import CallId

from .conftest import Board, until

AFTER = "http://127.0.0.1:9/after"
CALL = CallId(1)
REFER = f"<Refer action='{AFTER}'><Sip>sip:bob@h?X-A=1</Sip></Refer><Pause length='99'/>"


def notify(call: CallId, status: int, *, over: bool = False) -> PeerAsked:
    state = "terminated;reason=noresource" if over else "active;expires=60"
    return PeerAsked(
        "n", call, "NOTIFY", "sip:h", "sip:a@h", "sip:h", "i", 2,
        (("Event", "refer"), ("Subscription-State", state)), f"SIP/2.0 {status} Words\r\n", "udp", "127.0.0.1", 5070,
    )  # fmt: skip


async def refers(board: Board, document: str = REFER) -> str:
    """Let somebody call whose document refers them; gives our request."""
    board.says(document)
    board.says("<Pause length='99'/>", AFTER)
    board.ring(CALL.value)
    await until(lambda: bool(board.signalling.asked))
    request, call, method, headers, content = board.signalling.asked[-1]
    assert (call, method, content) == (CALL, "REFER", None)
    assert headers == (("Refer-To", "<sip:bob@h?X-A=1>"),)
    assert "answer" in board.signalling.told(CALL)
    return request


async def told(board: Board) -> dict[str, str]:
    await until(lambda: any(one.url == AFTER for one in board.documents.asked))
    (asked,) = [one for one in board.documents.asked if one.url == AFTER]
    return {name: value for name, value in asked.parameters if "Refer" in name or "Notify" in name}


async def test_what_the_phone_tells_goes_to_the_action(board: Board) -> None:
    request = await refers(board)
    board.switchboard.take(PeerReplied(request, 202, "Accepted"))
    board.switchboard.take(notify(CALL, 100))
    board.switchboard.take(notify(CALL, 200, over=True))
    assert await told(board) == {
        "ReferCallStatus": "in-progress", "ReferSipResponseCode": "202", "NotifySipResponseCode": "200",
    }  # fmt: skip
    assert [status for _, status, _ in board.signalling.responses] == [200, 200]


async def test_a_phone_that_does_not_do_it_is_told_of_at_once(board: Board) -> None:
    request = await refers(board)
    board.switchboard.take(PeerReplied(request, 405, "Method Not Allowed"))
    assert await told(board) == {"ReferCallStatus": "failed", "ReferSipResponseCode": "405"}


@pytest.mark.parametrize("last", [100, 200])
async def test_what_came_of_it_is_told_though_the_phone_hangs_up_with_the_same_breath(
    board: Board, last: int
) -> None:
    request = await refers(board)
    board.switchboard.take(PeerReplied(request, 202, "Accepted"))
    board.switchboard.take(notify(CALL, last, over=last == 200))
    board.hangs_up(CALL)
    status = "in-progress" if last == 200 else "canceled"
    assert await told(board) == {
        "ReferCallStatus": status, "ReferSipResponseCode": "202", "NotifySipResponseCode": str(last),
    }  # fmt: skip
    await until(lambda: not board.switchboard.legs)


async def test_without_an_action_the_document_goes_on(board: Board) -> None:
    request = await refers(board, f"<Refer><Sip>sip:bob@h?X-A=1</Sip></Refer><Redirect>{AFTER}</Redirect>")
    board.switchboard.take(PeerReplied(request, 603, "Decline"))
    assert await told(board) == {}


async def test_a_phone_that_never_takes_it_up_does_not_keep_a_document_going_for_ever(board: Board) -> None:
    board.says(f"<Refer action='{AFTER}'><Sip>sip:bob@h</Sip></Refer>", AFTER)
    board.says(f"<Redirect>{AFTER}</Redirect>")
    board.ring(CALL.value)
    refused = 0
    while board.switchboard.legs or not refused:
        await until(
            lambda seen=refused: (
                len(board.signalling.asked) > seen or "hang_up" in board.signalling.told(CALL)
            )
        )
        if "hang_up" in board.signalling.told(CALL):
            break
        board.switchboard.take(PeerReplied(board.signalling.asked[-1][0], 405, "no"))
        refused = len(board.signalling.asked)
    assert refused == 99
