from __future__ import annotations

from doors import Doors, Speaker
from roomtone.core.ids import CallId, QueueId
from roomtone.core.values import Document, Method


async def test_the_life_of_a_queue(doors: Doors, customer: Speaker) -> None:
    made = await customer.post("Queues", FriendlyName="support", MaxSize="7")
    assert (made.status, made.json["max_size"], made.json["current_size"]) == (201, 7, 0)
    assert (await customer.get("Queues")).json["queues"] == [made.json]
    doors.clock.advance(3)
    changed = await customer.post(made.json["uri"], FriendlyName="sales")
    assert (changed.json["friendly_name"], changed.json["max_size"]) == ("sales", 7)
    assert (await customer.get(made.json["uri"])).json == changed.json
    assert (await customer.delete(made.json["uri"])).status == 204
    for method in ("GET", "POST", "DELETE"):
        assert (await customer.ask(method, made.json["uri"])).status == 404


async def test_what_each_vendor_asks_of_a_queue(signalwire: Speaker, twilio: Speaker) -> None:
    sw = await signalwire.post("Queues", FriendlyName="a_1")
    tw = await twilio.post("Queues", FriendlyName="a b")
    assert (sw.json["max_size"], tw.json["max_size"]) == (None, 1_000)
    assert (await signalwire.post("Queues", FriendlyName="a b")).status == 422
    assert (await signalwire.post("Queues")).status == 422
    assert (await twilio.post("Queues")).status == 400
    assert (await twilio.post("Queues", FriendlyName="c", MaxSize="5001")).status == 400
    assert (await signalwire.post(sw.json["uri"], MaxSize="5")).status == 422
    assert (await twilio.post(tw.json["uri"], MaxSize="5")).json["max_size"] == 5
    assert (await twilio.post(tw.json["uri"], MaxSize="0")).status == 400


async def test_a_name_is_given_once(signalwire: Speaker, twilio: Speaker) -> None:
    for speaker, status in ((signalwire, 422), (twilio, 409)):
        await speaker.post("Queues", FriendlyName="one")
        two = await speaker.post("Queues", FriendlyName="two")
        assert (await speaker.post("Queues", FriendlyName="one")).status == status
        assert (await speaker.post(two.json["uri"], FriendlyName="one")).status == status


async def test_who_waits_is_listed_from_the_front(doors: Doors, customer: Speaker) -> None:
    made = (await customer.post("Queues", FriendlyName="a")).json
    id_ = customer.dialect.sids.parse(QueueId, made["sid"])
    assert id_ is not None
    now_ms = doors.clock.now().wall_ms
    doors.switchboard.waiting[id_] = [(CallId(n), now_ms - 10_000 + n * 1_000) for n in (9, 2, 5)]
    path = f"Queues/{made['sid']}/Members"
    sids = [customer.show(CallId(n)) for n in (9, 2, 5)]
    listed = (await customer.get(path)).json["queue_members"]
    assert [(one["call_sid"], one["position"]) for one in listed] == [
        (sid, n) for n, sid in enumerate(sids, 1)
    ]
    page = (await customer.get(path, PageSize="2")).json
    assert [one["call_sid"] for one in page["queue_members"]] == sids[:2]
    page = (await customer.get(page["next_page_uri"])).json
    assert [one["call_sid"] for one in page["queue_members"]] == sids[2:]
    page = (await customer.get(page["previous_page_uri"])).json
    assert [one["call_sid"] for one in page["queue_members"]] == sids[:2]
    queue = (await customer.get(made["uri"])).json
    assert (queue["current_size"], queue["average_wait_time"]) == (3, 4)
    assert (await customer.get(f"{path}/{sids[1]}")).json["wait_time"] == 8
    assert (await customer.delete(made["uri"])).status in {400, 422}


async def test_a_member_is_taken_out_and_sent_to_a_document(doors: Doors, customer: Speaker) -> None:
    made = (await customer.post("Queues", FriendlyName="a")).json
    id_ = customer.dialect.sids.parse(QueueId, made["sid"])
    assert id_ is not None
    doors.switchboard.waiting[id_] = [(CallId(9), 1), (CallId(2), 2)]
    path = f"Queues/{made['sid']}/Members"
    assert (await customer.post(f"{path}/Front", Url="https://h/next", Method="GET")).json[
        "call_sid"
    ] == customer.show(CallId(9))
    assert (await customer.post(f"{path}/{customer.show(CallId(2))}", Url="https://h/")).status == 200
    assert doors.switchboard.sent == [
        (CallId(9), Document("https://h/next", Method.GET)),
        (CallId(2), Document("https://h/", Method.POST)),
    ]
    assert (await customer.post(f"{path}/Front", Url="https://h/")).status == 404


async def test_nobody_waits_in_a_new_queue(customer: Speaker) -> None:
    path = f"Queues/{(await customer.post('Queues', FriendlyName='a')).json['sid']}/Members"
    assert (await customer.get(path)).json["queue_members"] == []
    assert (await customer.get(path, PageToken="PA" + customer.show(CallId(1)), Page="1")).json[
        "code"
    ] == 21481
    for who in ("Front", customer.show(CallId(1))):
        assert (await customer.get(f"{path}/{who}")).status == 404
        assert (await customer.post(f"{path}/{who}", Url="https://h/")).status == 404
        assert (await customer.post(f"{path}/{who}")).status in {400, 422}
    assert (await customer.get(f"Queues/{customer.show(CallId(1))}/Members")).status == 404
