"""What breaks in one conference ends that conference, and no other."""

from __future__ import annotations

import pytest

from roomtone.core.conference.messages import Mute
from roomtone.core.conference.mix import MixPlan
from roomtone.core.conference.state import Status
from roomtone.core.exchange import Room as RoomId
from roomtone.core.ids import CallId
from roomtone.core.refusals import Refused
from roomtone.testing.recorders import RecordingMedia

from .conftest import Board, until


class Treacherous(RecordingMedia):
    """Breaks when it is told of one conference."""

    breaks_at = ""

    def apply(self, room: RoomId, plan: MixPlan) -> None:
        if room.hex == self.breaks_at:
            raise RuntimeError("a fault put here on purpose")
        super().apply(room, plan)


async def test_a_fault_in_one_conference_ends_it_alone(
    board: Board, caplog: pytest.LogCaptureFixture
) -> None:
    media = board.media = Treacherous()
    board.restart()
    board.switchboard.open()
    for call, name in ((1, "broken"), (2, "broken"), (3, "whole"), (4, "whole")):
        board.says(f"<Dial><Conference>{name}</Conference></Dial>")
        board.ring(call)
        await until(
            lambda call=call: any(
                one.conference.find(CallId(call)) for one in board.switchboard.directory.rooms
            )
        )
    rooms = {one.conference.name: one for one in board.switchboard.directory.rooms}
    broken, whole = rooms["broken"].conference.id, rooms["whole"].conference.id
    media.breaks_at = broken.hex
    with pytest.raises(Refused):
        await board.switchboard.ask(broken, (Mute(CallId(1)),))
    await until(lambda: len(board.switchboard.directory.rooms) == 1)
    await until(
        lambda: {"hang_up"} <= set(board.signalling.told(CallId(1))) & set(board.signalling.told(CallId(2)))
    )
    stored = await board.store.conference(broken)
    assert stored is not None
    assert stored.status is Status.COMPLETED
    assert "because of a bug of ours" in caplog.text
    state = await board.switchboard.ask(whole, (Mute(CallId(3)),))
    assert [one.muted for one in state.participants] == [True, False]
    assert not {"hang_up"} & {*board.signalling.told(CallId(3)), *board.signalling.told(CallId(4))}
