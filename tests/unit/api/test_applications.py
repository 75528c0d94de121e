from __future__ import annotations

from doors import Doors, Speaker


async def test_the_life_of_an_application(doors: Doors, customer: Speaker) -> None:
    made = await customer.post(
        "Applications", FriendlyName="desk", VoiceUrl="https://h/v", SmsUrl="https://h/s"
    )
    assert made.status == 201
    assert (made.json["voice_url"], made.json["voice_method"], made.json["sms_url"]) == (
        "https://h/v", "POST", "https://h/s",
    )  # fmt: skip
    assert (await customer.get(made.json["uri"])).json == made.json
    assert (await customer.get("Applications", FriendlyName="desk")).json["applications"] == [made.json]
    assert (await customer.get("Applications", FriendlyName="x")).json["applications"] == []
    doors.clock.advance(3)
    changed = await customer.post(made.json["uri"], FriendlyName="desk", VoiceUrl="", VoiceMethod="get")
    assert (changed.json["voice_url"], changed.json["voice_method"]) == (None, "GET")
    assert changed.json["date_updated"] != made.json["date_updated"]
    same = await customer.post(made.json["uri"], FriendlyName="desk")
    assert same.json == changed.json
    assert (await customer.delete(made.json["uri"])).status == 204
    for method in ("GET", "POST", "DELETE"):
        assert (await customer.ask(method, made.json["uri"])).status == 404


async def test_a_name_is_needed_at_signalwire_alone(signalwire: Speaker, twilio: Speaker) -> None:
    assert (await signalwire.post("Applications")).status == 422
    made = await twilio.post("Applications")
    assert (made.status, made.json["friendly_name"]) == (201, None)


async def test_malformed(customer: Speaker) -> None:
    for form in (
        {"VoiceUrl": "x"},
        {"SmsMethod": "PUT"},
        {"VoiceCallerIdLookup": "x"},
        {"FriendlyName": "n" * 65},
    ):
        assert (await customer.post("Applications", {"FriendlyName": "a", **form})).status in {400, 422}
    assert (await customer.get("Applications/x")).status == 404


async def test_anothers_application_is_not_there(signalwire: Speaker, twilio: Speaker) -> None:
    made = (await signalwire.post("Applications", FriendlyName="a")).json
    path = f"Applications/{made['sid']}"
    assert [(await twilio.ask(method, path)).status for method in ("GET", "POST", "DELETE")] == [404] * 3
    assert (await twilio.get("Applications")).json["applications"] == []


async def test_a_number_points_to_an_application(customer: Speaker) -> None:
    made = (await customer.post("Applications", FriendlyName="a")).json
    form = {
        "PhoneNumber": "+15551234567",
        "VoiceApplicationSid": made["sid"],
        "StatusCallback": "https://h/s",
    }
    number = await customer.post("IncomingPhoneNumbers", form)
    assert (number.status, number.json["voice_application_sid"]) == (201, made["sid"])
    assert (number.json["status_callback"], number.json["status_callback_method"]) == ("https://h/s", "POST")
    refused = await customer.post(number.json["uri"], VoiceApplicationSid=made["sid"][:-1] + "f")
    assert refused.json["code"] == 21218
    freed = await customer.post(number.json["uri"], VoiceApplicationSid="", StatusCallback="")
    assert (freed.json["voice_application_sid"], freed.json["status_callback"]) == (None, None)
