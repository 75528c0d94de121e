"""What the doors tell of a conference's past, and of how everybody is heard."""

from __future__ import annotations

from doors import Doors, Speaker
from roomtone.core.call.messages import StreamFigures
from roomtone.core.conference.messages import End
from roomtone.core.ids import CallId


async def test_a_past_moment_is_told_after_it_is_over(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", 1, 2)
    path = f"Conferences/{customer.show(room.id)}/Mix"
    together_ms = doors.clock.now().wall_ms
    doors.clock.advance(5)
    await customer.post(customer.people(room, CallId(1)), Muted="true")
    muted_ms = doors.clock.now().wall_ms
    doors.clock.advance(5)
    await doors.switchboard.take(await doors.switchboard.ask(room.id, ()), End())

    def why(mix: dict) -> list[str]:
        return [each["why"] for view in mix["participants"] for each in view["others"]]

    then = (await customer.get(path, At=str(together_ms))).json
    assert (then["status"], then["at_unix_ms"], why(then)) == ("in-progress", together_ms, ["room", "room"])
    assert why((await customer.get(path, at=str(muted_ms))).json) == ["room", "muted"]
    assert (await customer.get(path)).json["participants"] == []
    assert (await customer.get(path, At="1")).status == 404
    assert (await customer.get(path, At="soon")).status in {400, 422}
    assert (await customer.get(path, Most="few")).status in {400, 422}


async def test_of_many_the_picture_is_drawn_among_some(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", 1, 2, 3, 4)
    await customer.post(customer.people(room, CallId(4)), Muted="true")
    mix = (await customer.get(f"Conferences/{customer.show(room.id)}/Mix", Most="2")).json
    told = {one["call_sid"]: one["others"] for one in mix["participants"]}
    assert [len(others) for others in told.values() if others is not None] == [1, 1]
    assert told[customer.show(CallId(4))] is not None


async def test_what_happened_is_told_page_by_page(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", 1, 2)
    await doors.switchboard.take(room, End())
    path = f"Conferences/{customer.show(room.id)}/Timeline"
    first = (await customer.get(path, PageSize="2")).json
    assert [one["event"] for one in first["events"]] == ["participant-joined", "participant-joined"]
    rest = (await customer.get(path, After=str(first["next_after"]))).json
    assert rest["events"][0]["event"] == "conference-started"
    assert rest["events"][-1]["event"] == "conference-ended"
    assert rest["next_after"] is None
    assert [one["number"] for one in first["participants"]] == ["+15550001", "+15550002"]
    assert all(one["left_unix_ms"] is not None for one in first["participants"])


async def test_each_moment_of_the_timeline_can_be_asked_for(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", 1, 2)
    path = f"Conferences/{customer.show(room.id)}"
    for event in (await customer.get(f"{path}/Timeline")).json["events"]:
        assert (await customer.get(f"{path}/Mix", At=event["at"])).status == 200


async def test_how_everybody_is_heard(doors: Doors, customer: Speaker) -> None:
    room = await doors.open(customer.project, "Room", 1, 2)
    doors.switchboard.told[CallId(1)] = StreamFigures(
        CallId(1), 90, 100, 10, 0, 0, 0, 4.0, 40.0, 30.0, codec="opus", level_db=-21.0
    )
    told = (await customer.get(f"Conferences/{customer.show(room.id)}/Statistics")).json
    (one,) = told["participants"]
    assert one["call_sid"] == customer.show(CallId(1))
    assert (one["codec"], one["level_db"], one["jitter_ms"], one["delay_ms"]) == ("opus", -21.0, 4.0, 75.0)
    assert one["packets_lost"] == 10
    assert 1.0 <= one["mos"] < 4.0
