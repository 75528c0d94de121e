from __future__ import annotations

from doors import Doors, Speaker
from roomtone.core.call.messages import StreamFigures
from roomtone.core.call.state import Call, CallStatus
from roomtone.core.ids import CallId
from roomtone.core.values import Caller, Direction

DAY_MS = 86_400_000


async def keep(customer: Speaker, id_: int, **more) -> str:
    caller = more.pop("caller", Caller("+15551230001", "+15551230002"))
    made = Call(CallId(id_), customer.project.id, caller, id_ * DAY_MS, id_ * DAY_MS, revision=1, **more)
    await customer.doors.store.commit_call(made)
    return customer.show(made.id)


async def found(customer: Speaker, **query: str) -> list[int]:
    reply = await customer.get("Calls", **query)
    assert reply.status == 200, reply.content
    return [int(one["sid"][-2:], 16) for one in reply.json["calls"]]


async def test_each_dialect_has_its_own_words_for_a_call(signalwire: Speaker, twilio: Speaker) -> None:
    over = {"status": CallStatus.COMPLETED, "started_ms": DAY_MS + 1_000, "ended_ms": DAY_MS + 62_999}
    dialled = Caller("+15551230001", "+15551230002", Direction.OUTBOUND_DIAL, f"{9:032x}")
    theirs = (await signalwire.get(f"Calls/{await keep(signalwire, 1, caller=dialled, **over)}")).json
    ours = (await twilio.get(f"Calls/{await keep(twilio, 2, caller=dialled, **over)}")).json
    assert (theirs["duration"], ours["duration"]) == (61, "61")
    assert (theirs["direction"], ours["direction"]) == ("outbound", "outbound-dial")
    assert theirs["formatted_to"] == theirs["to_formatted"] == ours["to_formatted"] == "(555) 123-0002"
    assert ours["parent_call_sid"] == f"CA{9:032x}"
    assert theirs["start_time"] == "Fri, 02 Jan 1970 00:00:01 +0000"
    assert theirs["subresource_uris"]["notifications"] is None


async def test_a_call_that_is_up_has_no_end(signalwire: Speaker, twilio: Speaker) -> None:
    up = {"status": CallStatus.IN_PROGRESS, "started_ms": DAY_MS}
    theirs = (await signalwire.get(f"Calls/{await keep(signalwire, 1, **up)}")).json
    ours = (await twilio.get(f"Calls/{await keep(twilio, 1 + 1, **up)}")).json
    assert (theirs["duration"], theirs["end_time"]) == (0, None)
    assert (ours["duration"], ours["end_time"]) == (None, None)


async def test_filters(customer: Speaker) -> None:
    for id_, more in (
        (1, {"status": CallStatus.COMPLETED, "started_ms": DAY_MS + 5_000, "ended_ms": 2 * DAY_MS}),
        (2, {"status": CallStatus.BUSY, "ended_ms": 2 * DAY_MS + 1}),
        (3, {"caller": Caller("sip:ann@h", "+1555", parent=f"{1:032x}")}),
    ):
        await keep(customer, id_, **more)
    assert await found(customer) == [3, 2, 1]
    assert await found(customer, Status="busy") == [2]
    assert await found(customer, To="+15551230002") == [2, 1]
    assert await found(customer, To=" 15551230002") == [2, 1], "a plus sign that its writer forgot to encode"
    assert await found(customer, From="sip:ann@h") == [3]
    assert await found(customer, ParentCallSid=customer.show(CallId(1))) == [3]
    assert await found(customer, StartTime="1970-01-02") == [1]
    assert await found(customer, **{"StartTime>": "1970-01-02"}) == [2, 1]
    assert await found(customer, **{"StartTime<": "1970-01-02T00:00:05Z"}) == [1]
    assert await found(customer, **{"StartTime<": "1970-01-02T00:00:04Z"}) == []
    assert await found(customer, **{"StartTime>": "Fri, 02 Jan 1970 00:00:06 +0000"}) == [2]
    assert await found(customer, EndTime="1970-01-03") == [2, 1]


async def test_malformed_filters(customer: Speaker) -> None:
    for query in (
        {"Status": "asleep"},
        {"ParentCallSid": "x"},
        {"StartTime": "yesterday"},
        {"EndTime": "2020-13-01"},
    ):
        reply = await customer.get("Calls", **query)
        assert reply.status in {400, 422}
        assert next(iter(query)) in reply.json["message"]


async def test_only_the_record_of_a_call_that_is_over_is_deleted(customer: Speaker) -> None:
    up = await keep(customer, 1, status=CallStatus.IN_PROGRESS, started_ms=1)
    refused = await customer.delete(f"Calls/{up}")
    assert (refused.status, refused.json["code"]) == (400, 20009)
    assert up in refused.json["message"]
    over = await keep(customer, 2, status=CallStatus.FAILED, ended_ms=5)
    assert (await customer.delete(f"Calls/{over}")).status == 204
    assert (await customer.delete(f"Calls/{over}")).status == 404
    assert (await customer.get(f"Calls/{over}")).status == 404
    assert await found(customer) == [1]


async def test_anothers_call_is_not_there(signalwire: Speaker, twilio: Speaker) -> None:
    sid = await keep(signalwire, 1, status=CallStatus.COMPLETED, ended_ms=5)
    assert (await twilio.get(f"Calls/{sid}")).status == 404
    assert (await twilio.delete(f"Calls/{sid}")).status == 404
    assert await found(twilio) == []


async def test_pages_hold_while_records_are_deleted(doors: Doors, customer: Speaker) -> None:
    sids = [await keep(customer, id_, status=CallStatus.FAILED, ended_ms=5) for id_ in range(1, 6)]
    first = (await customer.get("Calls", PageSize="2")).json
    await customer.delete(f"Calls/{sids[3]}")  # the last of the first page
    second = (await customer.get(first["next_page_uri"])).json
    assert [one["sid"] for one in second["calls"]] == [sids[2], sids[1]]
    back = (await customer.get(second["previous_page_uri"])).json
    assert [one["sid"] for one in back["calls"]] == [sids[4]]


async def test_how_the_audio_of_a_call_fares_is_told_while_it_is_up(customer: Speaker) -> None:
    sid = await keep(customer, 1, status=CallStatus.IN_PROGRESS, started_ms=DAY_MS)
    assert (await customer.get(f"Calls/{sid}/Media")).status == 404
    customer.doors.switchboard.told[CallId(1)] = StreamFigures(
        CallId(1), 990, 1_000, 10, 5, 1, 0, 2.06, 20.0, 100.0, "PCMU", 24.0, (20.0, 40.0), -30.04
    )
    told = (await customer.get(f"Calls/{sid}/Media.json")).json
    assert told["call_sid"] == sid
    assert (told["codec"], told["packets_lost"], told["jitter_ms"], told["level_db"]) == (
        "PCMU",
        10,
        2.1,
        -30.0,
    )
    assert told["buffer_history_ms"] == [20.0, 40.0]
    assert told["mos"] == 4.28, "94 ms of delay and 1.5 % missed"


async def test_that_a_call_was_made_is_answered_with_the_vendors_status(
    signalwire: Speaker, twilio: Speaker
) -> None:
    """SignalWire documents 200 where Twilio has 201."""
    wish = {"To": "+12025550188", "From": "+12025550100", "Url": "http://customer.example/voice"}
    assert (await signalwire.post("Calls", **wish)).status == 200
    assert (await twilio.post("Calls", **wish)).status == 201
