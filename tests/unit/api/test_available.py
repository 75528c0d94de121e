from __future__ import annotations

from dataclasses import replace

import pytest

from doors import Doors, Speaker
from roomtone.api import FrontDesk, create_app
from roomtone.core.pool import read_pool


@pytest.fixture
def offered(doors: Doors) -> Doors:
    pool = read_pool(
        "+14155550100-+14155550103, +18005550199, mobile:+447700900000-+447700900001, +12125550100"
    )
    desk = FrontDesk(
        doors.switchboard, doors.store, doors.clock, doors.dice, "https://room.example:8443", pool
    )
    doors.app = create_app(desk)
    return doors


async def found(customer: Speaker, path: str = "US/Local", **query: str) -> list[str]:
    reply = await customer.get(f"AvailablePhoneNumbers/{path}", **query)
    assert reply.status == 200, reply.content
    return [one["phone_number"] for one in reply.json["available_phone_numbers"]]


@pytest.mark.usefixtures("offered")
async def test_what_the_pool_offers(customer: Speaker) -> None:
    countries = (await customer.get("AvailablePhoneNumbers")).json["countries"]
    assert [one["country_code"] for one in countries] == ["GB", "US"]
    assert (await customer.get("AvailablePhoneNumbers/gb")).json["country"] == "United Kingdom"
    assert len(await found(customer)) == 5
    assert await found(customer, "US/TollFree") == ["+18005550199"]
    assert await found(customer, "GB/Mobile") == ["+447700900000", "+447700900001"]
    assert await found(customer, "GB/Local") == []
    for path in ("FR", "FR/Local", "US/Voip"):
        assert (await customer.get(f"AvailablePhoneNumbers/{path}")).status == 404


@pytest.mark.usefixtures("offered")
async def test_searches(customer: Speaker) -> None:
    assert await found(customer, AreaCode="212") == ["+12125550100"]
    assert await found(customer, Contains="55501*2") == ["+14155550102"]
    assert await found(customer, Contains="415JJJ0103") == ["+14155550103"]
    assert await found(customer, PageSize="2") == ["+14155550100", "+14155550101"]
    assert await found(customer, SmsEnabled="true") == []
    assert len(await found(customer, VoiceEnabled="true", SmsEnabled="false", InRegion="CA")) == 5
    for query in ({"AreaCode": "x"}, {"Contains": "!"}, {"SmsEnabled": "perhaps"}, {"PageToken": "PA1"}):
        assert (await customer.get("AvailablePhoneNumbers/US/Local", **query)).status in {400, 422}


@pytest.mark.usefixtures("offered")
async def test_a_claimed_number_is_not_offered(customer: Speaker) -> None:
    await customer.post("IncomingPhoneNumbers", PhoneNumber="+14155550100")
    assert "+14155550100" not in await found(customer)
    for expected in ("+14155550101", "+14155550102", "+14155550103"):
        made = await customer.post("IncomingPhoneNumbers", AreaCode="415")
        assert made.json["phone_number"] == expected
    none_left = await customer.post("IncomingPhoneNumbers", AreaCode="415")
    assert none_left.json["code"] == 21422


async def test_ones_own_number_is_brought_along(customer: Speaker) -> None:
    made = await customer.post("ImportedPhoneNumbers", number="+15551234567", number_type="longcode")
    assert (made.status, made.json["phone_number"]) == (201, "+15551234567")
    for form in (
        {"number": "+1555"},
        {"number_type": "longcode"},
        {"number": "+15551234568", "number_type": "x"},
    ):
        assert (await customer.post("ImportedPhoneNumbers", form)).status in {400, 422}


async def test_nothing_is_offered_from_an_empty_pool(doors: Doors, customer: Speaker) -> None:
    desk = FrontDesk(doors.switchboard, doors.store, doors.clock, doors.dice, "https://h", ())
    doors.app = create_app(desk)
    assert (await customer.get("AvailablePhoneNumbers")).json["countries"] == []
    assert (await customer.get("AvailablePhoneNumbers/US/Local")).status == 404
    assert replace(desk, pool=read_pool("")) == desk
