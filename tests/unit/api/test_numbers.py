from __future__ import annotations

from doors import Doors, Speaker
from roomtone.core.values import Document, Method

NUMBER = "+15551234567"


async def test_the_life_of_a_number(doors: Doors, customer: Speaker) -> None:
    made = await customer.post("IncomingPhoneNumbers", PhoneNumber=NUMBER, VoiceUrl="https://h/voice")
    assert made.status == 201
    assert made.json["voice_url"] == "https://h/voice"
    assert (await customer.get(made.json["uri"])).json == made.json
    assert (await customer.get("IncomingPhoneNumbers")).json["incoming_phone_numbers"] == [made.json]
    doors.clock.advance(3)
    changed = await customer.post(made.json["uri"], VoiceMethod="GET", FriendlyName="Desk")
    assert (changed.status, changed.json["friendly_name"]) == (200, "Desk")
    assert changed.json["date_updated"] != made.json["date_updated"]
    stored = await doors.store.number_called(NUMBER)
    assert stored is not None
    assert stored.voice == Document("https://h/voice", Method.GET)
    assert (await customer.delete(made.json["uri"])).status == 204
    assert (await customer.delete(made.json["uri"])).status == 404
    assert (await customer.get(made.json["uri"])).status == 404
    assert (await customer.post(made.json["uri"])).status == 404


async def test_a_number_is_claimed_once(signalwire: Speaker, twilio: Speaker) -> None:
    assert (await signalwire.post("IncomingPhoneNumbers", PhoneNumber=NUMBER)).status == 201
    for speaker, status in ((signalwire, 422), (twilio, 400)):
        reply = await speaker.post("IncomingPhoneNumbers", PhoneNumber=NUMBER)
        assert (reply.status, reply.json["code"]) == (status, 21422)
        assert NUMBER in reply.json["message"]


async def test_anothers_number_is_not_there(signalwire: Speaker, twilio: Speaker) -> None:
    made = (await signalwire.post("IncomingPhoneNumbers", PhoneNumber=NUMBER)).json
    path = f"IncomingPhoneNumbers/{made['sid']}"
    assert [(await twilio.ask(method, path)).status for method in ("GET", "POST", "DELETE")] == [404] * 3
    assert (await twilio.get("IncomingPhoneNumbers")).json["incoming_phone_numbers"] == []


async def test_malformed_numbers(customer: Speaker) -> None:
    assert (await customer.post("IncomingPhoneNumbers", PhoneNumber="12")).json["code"] == 21421
    assert (await customer.post("IncomingPhoneNumbers")).status in {400, 422}
    assert (await customer.get("IncomingPhoneNumbers/12")).status == 404


async def test_a_number_stays_with_its_account(signalwire: Speaker, twilio: Speaker) -> None:
    made = (await signalwire.post("IncomingPhoneNumbers", PhoneNumber=NUMBER)).json
    assert (await signalwire.post(made["uri"], AccountSid=twilio.sid)).status == 422
    assert (await signalwire.post(made["uri"], AccountSid=signalwire.sid)).status == 200


async def test_filters(customer: Speaker) -> None:
    for last in "123":
        await customer.post("IncomingPhoneNumbers", PhoneNumber=NUMBER[:-1] + last, FriendlyName=f"n{last}")

    async def found(**query: str) -> list[str]:
        reply = await customer.get("IncomingPhoneNumbers", **query)
        return [one["friendly_name"] for one in reply.json["incoming_phone_numbers"]]

    assert await found(PhoneNumber="+15551234562") == ["n2"]
    assert await found(PhoneNumber="555*23456*") == ["n3", "n2", "n1"]
    assert await found(FriendlyName="n1") == ["n1"]
    assert await found(PhoneNumber="666") == []


async def test_numbers_of_a_kind(customer: Speaker) -> None:
    local, free = "+12125550123", "+18885550123"
    for word, right, wrong in (("Local", local, free), ("TollFree", free, local)):
        assert (await customer.post(f"IncomingPhoneNumbers/{word}", PhoneNumber=wrong)).status in {400, 422}
        made = await customer.post(f"IncomingPhoneNumbers/{word}", PhoneNumber=right)
        assert (made.status, made.json["phone_number"]) == (201, right)
        page = (await customer.get(f"IncomingPhoneNumbers/{word}", PageSize="1")).json
        assert [one["phone_number"] for one in page["incoming_phone_numbers"]] == [right]
        assert f"IncomingPhoneNumbers/{word}" in page["uri"]
        assert page["next_page_uri"] is None
    assert (await customer.get("IncomingPhoneNumbers/Mobile")).json["incoming_phone_numbers"] == []
    assert (await customer.post("IncomingPhoneNumbers/Mobile", PhoneNumber=local)).status in {400, 422}
    assert (await customer.post("IncomingPhoneNumbers/Local", AreaCode="212")).status in {400, 422}
