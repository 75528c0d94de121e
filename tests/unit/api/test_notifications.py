from __future__ import annotations

from doors import PROJECTS, Doors, Speaker
from roomtone.core.call.state import Call
from roomtone.core.ids import CallId, NotificationId
from roomtone.core.notification import Notification
from roomtone.core.values import Caller


async def keep(
    doors: Doors, customer: Speaker, n: int, *, call: int | None = None, failed: bool = False
) -> str:
    made = Notification(
        NotificationId(n), PROJECTS[customer.project.dialect].id, doors.clock.now().wall_ms, 13314, "It is odd",
        None if call is None else CallId(call), failed, "https://h/voice",
    )  # fmt: skip
    await doors.store.add_notification(made)
    doors.clock.advance(1)
    return customer.dialect.sids.show(made.id)


async def test_notifications_are_listed_and_fetched(doors: Doors, customer: Speaker) -> None:
    first, second = await keep(doors, customer, 1), await keep(doors, customer, 2, failed=True)
    listed = (await customer.get("Notifications")).json["notifications"]
    assert [one["sid"] for one in listed] == [second, first]
    assert [(one["log"], one["error_code"]) for one in listed] == [("0", "13314"), ("1", "13314")]
    one = (await customer.get(f"Notifications/{first}")).json
    assert (one["message_text"], one["request_url"]) == ("It is odd", "https://h/voice")
    page = await doors.call("GET", one["more_info"].removeprefix("https://room.example:8443"))
    assert (page.status, b"numDigits" in page.content) == (200, True)
    only = (await customer.get("Notifications", Log="0")).json["notifications"]
    assert [one["sid"] for one in only] == [second]
    assert (await customer.get("Notifications", Log="7")).status in {400, 422}
    assert (await customer.get(f"Notifications/{customer.show(CallId(9))}")).status == 404


async def test_a_calls_notifications_are_its_own(doors: Doors, customer: Speaker) -> None:
    call = Call(CallId(7), customer.project.id, Caller("a", "b"), 1, 1)
    doors.store.calls[call.id] = call
    mine, other = await keep(doors, customer, 1, call=7), await keep(doors, customer, 2, call=8)
    path = f"Calls/{customer.show(call.id)}/Notifications"
    assert [one["sid"] for one in (await customer.get(path)).json["notifications"]] == [mine]
    assert (await customer.get(f"{path}/{mine}")).json["call_sid"] == customer.show(call.id)
    assert (await customer.get(f"{path}/{other}")).status == 404
