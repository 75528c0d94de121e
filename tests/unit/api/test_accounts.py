from __future__ import annotations

from typing import Any

import pytest

from doors import Doors, Reply, Speaker, basic


def root(customer: Speaker) -> str:
    return f"{customer.dialect.paths.prefix}/Accounts"


async def made(customer: Speaker, name: str = "Sub") -> dict[str, Any]:
    reply = await customer.post(f"{root(customer)}.json", FriendlyName=name)
    assert reply.status == 201, reply
    body: dict[str, Any] = reply.json
    return body


async def as_(
    customer: Speaker, user: str, secret: str, path: str, method: str = "GET", form: bytes = b""
) -> Reply:
    headers = (basic(user, secret), ("content-type", "application/x-www-form-urlencoded"))
    return await customer.doors.call(method, path, form, headers)


async def test_an_account_gives_itself(customer: Speaker) -> None:
    reply = await customer.get(f"{root(customer)}/{customer.sid}.json")
    assert reply.status == 200
    assert (reply.json["sid"], reply.json["owner_account_sid"]) == (customer.sid, customer.sid)
    assert reply.json["status"] == "active"


async def test_secrets_are_told_as_each_vendor_does(signalwire: Speaker, twilio: Speaker) -> None:
    sub = await made(signalwire)
    assert sub["auth_token"] == "redacted"
    assert sub["signing_key"].startswith("PSK_")
    again = await signalwire.get(f"{root(signalwire)}/{sub['sid']}")
    assert again.json["signing_key"] is None, "told once"
    assert sub["subproject"] is True
    other = await made(twilio)
    assert "signing_key" not in other
    assert (await twilio.get(f"{root(twilio)}/{other['sid']}.json")).json["auth_token"] == other["auth_token"]


async def test_a_twilio_subaccount_is_used_with_its_auth_token_at_once(twilio: Speaker) -> None:
    sub = await made(twilio)
    path = f"{root(twilio)}/{sub['sid']}/Conferences.json"
    assert (await as_(twilio, sub["sid"], sub["auth_token"], path)).status == 200
    assert (await twilio.get(path)).status == 200, "its parent may, too"
    upwards = await as_(
        twilio, sub["sid"], sub["auth_token"], f"{root(twilio)}/{twilio.sid}/Conferences.json"
    )
    assert (upwards.status, upwards.json["code"]) == (401, 20003), "and not the other way round"


async def test_a_parents_work_in_a_subaccount_is_the_subaccounts(customer: Speaker) -> None:
    sub = await made(customer)
    numbers = f"{root(customer)}/{sub['sid']}/IncomingPhoneNumbers"
    claimed = await customer.post(numbers, PhoneNumber="+15550001111")
    assert claimed.json["account_sid"] == sub["sid"]
    assert len((await customer.get(numbers)).json["incoming_phone_numbers"]) == 1
    assert (await customer.get("IncomingPhoneNumbers")).json["incoming_phone_numbers"] == []


async def test_the_list_is_the_family_newest_first_and_paged(customer: Speaker) -> None:
    for number in range(3):
        customer.doors.clock.advance(1)
        await made(customer, f"Sub {number}")
    first = await customer.get(f"{root(customer)}?PageSize=3")
    assert [one["friendly_name"] for one in first.json["accounts"]] == ["Sub 2", "Sub 1", "Sub 0"]
    rest = await customer.get(first.json["next_page_uri"])
    assert [one["sid"] for one in rest.json["accounts"]] == [customer.sid]
    assert rest.json["next_page_uri"] is None
    named = await customer.get(f"{root(customer)}?FriendlyName=Sub+1")
    assert [one["friendly_name"] for one in named.json["accounts"]] == ["Sub 1"]


async def test_families_do_not_see_each_other(doors: Doors, signalwire: Speaker, twilio: Speaker) -> None:
    await made(twilio)
    listed = await signalwire.get(root(signalwire))
    assert [one["sid"] for one in listed.json["accounts"]] == [signalwire.sid]


async def test_a_name_is_changed(customer: Speaker) -> None:
    reply = await customer.post(f"{root(customer)}/{customer.sid}", FriendlyName="Anew")
    assert (reply.status, reply.json["friendly_name"]) == (200, "Anew")
    assert (await customer.get(f"{root(customer)}/{customer.sid}.json")).json["friendly_name"] == "Anew"


async def test_signalwire_wants_a_name_and_twilio_makes_one_up(signalwire: Speaker, twilio: Speaker) -> None:
    assert (await signalwire.post(root(signalwire))).status == 422
    assert (await signalwire.post(root(signalwire), FriendlyName="x" * 251)).status == 422
    assert (await twilio.post(root(twilio), FriendlyName="x" * 65)).status == 400
    assert (await twilio.post(root(twilio))).json["friendly_name"].startswith("SubAccount Created at ")


async def test_a_suspended_account_is_not_let_in_and_can_be_woken(twilio: Speaker) -> None:
    sub = await made(twilio)
    path = f"{root(twilio)}/{sub['sid']}.json"
    assert (await twilio.post(path, Status="suspended")).json["status"] == "suspended"
    refused = await as_(twilio, sub["sid"], sub["auth_token"], path)
    assert (refused.status, refused.json["code"]) == (401, 20005)
    suspended = await twilio.get(f"{root(twilio)}.json?Status=suspended")
    assert [one["sid"] for one in suspended.json["accounts"]] == [sub["sid"]]
    await twilio.post(path, Status="active")
    assert (await as_(twilio, sub["sid"], sub["auth_token"], path)).status == 200


@pytest.mark.parametrize("status", ["suspended", "closed", "resting"])
async def test_a_main_account_keeps_its_status(twilio: Speaker, status: str) -> None:
    assert (await twilio.post(f"{root(twilio)}/{twilio.sid}.json", Status=status)).status == 400


async def test_closed_is_for_good(twilio: Speaker) -> None:
    sub = await made(twilio)
    path = f"{root(twilio)}/{sub['sid']}.json"
    assert (await twilio.post(path, Status="closed")).json["status"] == "closed"
    assert (await twilio.post(path, Status="active")).status == 400


async def test_there_are_two_levels(twilio: Speaker) -> None:
    sub = await made(twilio)
    reply = await as_(twilio, sub["sid"], sub["auth_token"], f"{root(twilio)}.json", "POST")
    assert (reply.status, reply.json["code"]) == (401, 20006)
