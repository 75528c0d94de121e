"""A phone takes over the call of another (an INVITE with Replaces): in a dial and in a conference; and who may not.

Source: RFC 3891, section 3.
"""

from __future__ import annotations

import pytest

from roomtone.core.ids import CallId, EndpointId
from roomtone.core.project import Project

from .conftest import Board, until
from .test_phones import OTHER, Stranger, phone
from .test_switchboard import ROOM
from .test_transfers import AFTER, ANN, connected, ends, outcome, talk

DORA = ("dora", "pw")
FROM = "sip:dora@h"
TO = "sip:whoever@h"


async def dora(board: Board, replaces: CallId, project: Project | None = None) -> Stranger:
    """Give the project a phone, which is about to call."""
    one = phone("dora")
    if project is not None:
        await board.store.add_project(project, "token")
        one = phone("dora", project=project.id, id=EndpointId(77))
    await board.store.phones.add(one)
    caller = Stranger(board)
    caller.replaces = replaces
    return caller


async def test_a_phone_takes_over_what_another_talks_about(board: Board) -> None:
    """Ann's dial, in which bob was, goes on with dora, and tells of her when it is over."""
    bob = await talk(board)
    caller = await dora(board, bob)
    assert await caller.calls(FROM, TO, proof=DORA) == 200
    await until(lambda: connected(board, ANN, caller.latest) or connected(board, caller.latest, ANN))
    await until(lambda: "hang_up" in board.signalling.told(bob))
    ends(board, bob)
    assert not any(one.url == AFTER for one in board.documents.asked)
    ends(board, caller.latest)
    await until(lambda: any(one.url == AFTER for one in board.documents.asked))
    told = outcome(board)
    assert (told["DialCallStatus"], told["DialCallSid"]) == ("completed", f"CA{caller.latest.hex}")


async def test_a_phone_takes_the_seat_of_another(board: Board) -> None:
    board.says(ROOM)
    ann, bob = board.ring(1), board.ring(2)
    room = lambda: next(iter(board.switchboard.directory.rooms), None)  # noqa: E731
    await until(lambda: room() is not None and len(room().conference.participants) == 2)
    for leg in board.switchboard.legs:
        leg.is_phone = True
    caller = await dora(board, bob)
    assert await caller.calls(FROM, TO, proof=DORA) == 200
    await until(lambda: "hang_up" in board.signalling.told(bob))
    ends(board, bob)
    await until(lambda: {one.call for one in room().conference.participants} == {ann, caller.latest})


@pytest.mark.parametrize(
    ("proof", "status"),
    [(None, 407), (("dora", "wrong"), 403)],
    ids=["no-password", "wrong-password"],
)
async def test_nobody_takes_a_call_without_a_password_trusted_or_not(
    board: Board, proof: tuple[str, str] | None, status: int
) -> None:
    bob = await talk(board)
    caller = await dora(board, bob)
    caller.host = "127.0.0.1"
    assert await caller.calls(FROM, TO, proof=proof) == status
    assert connected(board, ANN, bob)


async def test_a_phone_of_another_project_does_not_learn_that_there_is_such_a_call(board: Board) -> None:
    bob = await talk(board)
    caller = await dora(board, bob, OTHER)
    assert await caller.calls(FROM, TO, proof=DORA) == 481
    assert connected(board, ANN, bob)


async def test_a_call_of_somebody_who_is_no_phone_is_not_taken_over(board: Board) -> None:
    bob = await talk(board)
    for leg in board.switchboard.legs:
        leg.is_phone = False
    caller = await dora(board, bob)
    assert await caller.calls(FROM, TO, proof=DORA) == 403
    assert connected(board, ANN, bob)


async def test_where_nobody_is_at_the_other_end_nothing_is_taken_over(board: Board) -> None:
    board.says("<Gather timeout='99'/>")
    ann = board.ring(1)
    await until(lambda: "answer" in board.signalling.told(ann))
    for leg in board.switchboard.legs:
        leg.is_phone = True
    caller = await dora(board, ann)
    assert await caller.calls(FROM, TO, proof=DORA) == 603
