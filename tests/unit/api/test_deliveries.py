"""The delivery log of a call, page by page, for those whose call it is."""

from __future__ import annotations

from dataclasses import replace

from doors import Doors, Speaker
from roomtone.api.deliveries import MOST_REPLAYED
from roomtone.core.call.notices import CallNotice
from roomtone.core.call.state import Call, CallTopic
from roomtone.core.delivery import Delivery, Outcome
from roomtone.core.ids import CallId, ProjectId
from roomtone.core.inspection import About, Logged, Said
from roomtone.core.values import Caller, Method

SAID = Said("POST", "https://h/told", signed="https://h/toldCallSidCA1")
CALL = CallId(7)


def with_log(doors: Doors, customer: Speaker, lines: int) -> str:
    """Keep a call with so many lines; gives the path of its log."""
    doors.store.calls[CALL] = Call(CALL, customer.project.id, Caller("a", "b"), 1, 1)
    line = Logged(About(customer.project.id, CALL), "call-completed", "e", 1, 0, 5, 204, None, SAID)
    for number in range(lines):
        doors.store.note_exchange(replace(line, number=number + 1))
    doors.store.note_exchange(replace(line, about=About(ProjectId(99), CALL)))
    return f"Calls/{customer.show(CALL)}/Deliveries"


def call_notice(customer: Speaker) -> CallNotice:
    """What the customer was told at the end of that call."""
    call = Call(CALL, customer.project.id, Caller("a", "b"), 1, 1)
    return CallNotice(CALL, call.project, call, CallTopic.COMPLETED, 0, 5, "https://h/told", Method.POST)


async def test_the_newest_come_first_page_by_page(doors: Doors, customer: Speaker) -> None:
    path = with_log(doors, customer, 5)
    first = (await customer.get(path, PageSize="2")).json
    assert [one["attempt"] for one in first["deliveries"]] == [5, 4]
    second = (await customer.get(path, PageSize="3", Before=str(first["next_before"]))).json
    assert ([one["attempt"] for one in second["deliveries"]], second["next_before"]) == ([3, 2, 1], None)
    assert second["deliveries"][0]["signed"] == SAID.signed
    assert first["call_sid"] == customer.show(CALL)


async def test_what_is_no_number_or_nobodys_call_is_refused(doors: Doors, customer: Speaker) -> None:
    path = with_log(doors, customer, 1)
    assert (await customer.get(path, Before="soon")).status in {400, 422}
    assert (await customer.get(f"Calls/{customer.show(CallId(8))}/Deliveries")).status == 404
    assert (await customer.get(f"Conferences/{customer.show(CallId(8))}/Deliveries")).status == 404


async def test_a_callback_is_told_again_by_its_name(doors: Doors, customer: Speaker) -> None:
    path = with_log(doors, customer, 1)
    notice = call_notice(customer)
    owed = Delivery(7, "e" * 32, notice, "h", 1, 0, 0, 5, Outcome.DELIVERED)
    doors.store.owed["e" * 32] = owed
    reply = await customer.post(path, EventId="E" * 32)
    assert (reply.status, reply.json) == (201, {"event_id": "e" * 32, "told_again": 1})
    assert doors.store.replayed == [7]


async def test_what_is_no_callback_of_this_call_is_not_told_again(doors: Doors, customer: Speaker) -> None:
    path = with_log(doors, customer, 1)
    notice = replace(call_notice(customer), call=CallId(8))
    doors.store.owed["e" * 32] = Delivery(7, "e" * 32, notice, "h", 1, 0, 0, 5, Outcome.DELIVERED)
    assert (await customer.post(path, EventId="e" * 32)).status == 404
    assert (await customer.post(path, EventId="f" * 32)).status == 404
    assert (await customer.post(path)).status in {400, 422}
    assert doors.store.replayed == []


async def test_a_span_is_told_again(doors: Doors, customer: Speaker) -> None:
    path = with_log(doors, customer, 1)
    notice = call_notice(customer)
    for row, owed_ms in enumerate((1_000, 2_000, 3_000), 1):
        event = f"{row:032x}"
        doors.store.owed[event] = Delivery(row, event, notice, "h", 1, owed_ms, 0, 5, Outcome.DELIVERED)
    edges = {"Since": "1970-01-01T00:00:02Z", "Until": "1970-01-01T00:00:02Z"}
    for where in (path, "Deliveries"):
        doors.store.replayed.clear()
        reply = await customer.post(where, **edges)
        assert (reply.status, reply.json) == (201, {"event_id": None, "told_again": 1})
        assert doors.store.replayed == [2]
    reply = await customer.post("Deliveries", Since=edges["Since"])
    assert (reply.json["told_again"], doors.store.replayed) == (2, [2, 2, 3])
    reply = await customer.post("Deliveries", EventId=f"{1:032x}")
    assert (reply.json["told_again"], doors.store.replayed[-1]) == (1, 1)
    assert (await customer.post("Deliveries", Since="yesterday")).status in {400, 422}


async def test_too_long_a_span_is_refused_before_any_is_told(doors: Doors, customer: Speaker) -> None:
    owed = Delivery(1, "e" * 32, call_notice(customer), "h", 1, 9, 0, 5, Outcome.DELIVERED)
    doors.store.owed |= {f"{row:032x}": owed for row in range(MOST_REPLAYED + 1)}
    reply = await customer.post("Deliveries", Since="1970-01-01T00:00:00Z")
    assert reply.status in {400, 422}
    assert f"at most {MOST_REPLAYED} callbacks; there are more" in reply.json["message"]
    assert doors.store.replayed == []
