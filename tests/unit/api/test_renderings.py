from __future__ import annotations

from dataclasses import replace

from doors import Doors, Speaker
from roomtone.api import renderings
from roomtone.api.renderings import Renderings
from roomtone.core.conference.messages import Mute
from roomtone.core.ids import CallId


async def test_one_who_has_not_changed_is_not_written_again(doors: Doors, twilio: Speaker) -> None:
    room = await doors.open(twilio.project, "Room", 1)
    kept, written = Renderings(), []

    def write() -> dict[str, bool]:
        written.append(1)
        return {"muted": False}

    one = room.participants[0]
    assert kept.of(one, room, "twilio", write) is kept.of(one, room, "twilio", write)
    assert len(written) == 1
    kept.of(one, room, "signalwire", write)
    kept.of(replace(one, muted=True), room, "twilio", write)
    assert len(written) == 3


async def test_what_is_kept_is_bounded(doors: Doors, twilio: Speaker) -> None:
    room = await doors.open(twilio.project, "Room", 1)
    kept = Renderings()
    for _ in range(renderings.KEPT + 5):
        kept.of(replace(room.participants[0]), room, "twilio", dict)
    assert len(kept._written) == renderings.KEPT


async def test_a_change_is_seen_at_once(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", 1, 2)
    path = customer.people(room, CallId(1))
    assert (await customer.get(path)).json["muted"] is False
    await doors.switchboard.take(room, Mute(CallId(1)))
    assert (await customer.get(path)).json["muted"] is True
