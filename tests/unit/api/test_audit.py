from __future__ import annotations

from doors import TOKEN, Speaker, basic
from roomtone.core.deeds import Deed


def last(customer: Speaker) -> Deed:
    return customer.doors.store.deeds[-1]


async def test_a_change_is_written_down_with_who_and_what_and_how_it_ended(customer: Speaker) -> None:
    reply = await customer.post("IncomingPhoneNumbers", PhoneNumber="+15550001111", FriendlyName="hush")
    deed = last(customer)
    assert (deed.method, deed.route, deed.status) == ("POST", "numbers.create", 201)
    assert deed.subject == f"{customer.root}/IncomingPhoneNumbers"
    assert (deed.project, deed.key_name) == (customer.project.id, "main")
    assert deed.request == reply.headers["x-request-id"]
    assert "hush" not in repr(deed), "nothing of what was sent"
    assert TOKEN not in repr(deed)


async def test_a_refused_change_is_written_down_too(customer: Speaker) -> None:
    await customer.post("IncomingPhoneNumbers")
    assert last(customer).status in {400, 422}
    await customer.delete("Nonsense")
    assert (last(customer).route, last(customer).status) == ("", 404)


async def test_questions_and_strangers_are_not(customer: Speaker) -> None:
    await customer.get("IncomingPhoneNumbers")
    path = f"{customer.root}/IncomingPhoneNumbers"
    await customer.doors.call("POST", path, b"", (basic(customer.sid, "guess"),))
    assert customer.doors.store.deeds == []


async def test_what_a_parent_does_below_it_names_its_own_key(twilio: Speaker) -> None:
    root = f"{twilio.dialect.paths.prefix}/Accounts"
    sub = (await twilio.post(f"{root}.json", FriendlyName="Sub")).json["sid"]
    made_by = last(twilio).key
    await twilio.post(f"{root}/{sub}/IncomingPhoneNumbers.json", PhoneNumber="+15550001111")
    assert last(twilio).key == made_by
    assert twilio.dialect.sids.show(last(twilio).project) == sub
