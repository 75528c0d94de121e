from __future__ import annotations

import pytest

from doors import FORM, Doors, Speaker

HELLO = "<Response><Say>{{From}} calls {{Room}}</Say></Response>"


async def make(customer: Speaker, contents: str = HELLO) -> dict[str, str]:
    reply = await customer.post("LamlBins", Name="hello", Contents=contents)
    assert reply.status == 201
    return reply.json


async def test_the_life_of_a_document(doors: Doors, customer: Speaker) -> None:
    made = await make(customer)
    assert made["contents"] == HELLO
    assert (await customer.get(made["uri"])).json == made
    assert (await customer.get("LamlBins", Name="hello")).json["laml_bins"] == [made]
    assert (await customer.get("LamlBins", Name="x")).json["laml_bins"] == []
    doors.clock.advance(2)
    changed = await customer.post(made["uri"], Name="bye")
    assert (changed.json["name"], changed.json["contents"]) == ("bye", HELLO)
    assert (await customer.delete(made["uri"])).status == 204
    assert [(await customer.ask(method, made["uri"])).status for method in ("GET", "POST", "DELETE")] == [
        404
    ] * 3


async def test_anothers_document_is_not_there(signalwire: Speaker, twilio: Speaker) -> None:
    path = f"LamlBins/{(await make(signalwire))['sid']}"
    assert [(await twilio.ask(method, path)).status for method in ("GET", "POST", "DELETE")] == [404] * 3


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_a_wrong_shape_is_not_there(customer: Speaker, method: str) -> None:
    assert (await customer.ask(method, "LamlBins/hello")).status == 404


async def test_a_name_is_required(customer: Speaker) -> None:
    made = await make(customer)
    assert (await customer.post("LamlBins", Contents=HELLO)).status in {400, 422}
    assert (await customer.post(made["uri"], Contents=HELLO)).status in {400, 422}


@pytest.mark.parametrize("contents", ["<Response>", "hello", "<Response>{{#a}}</Response>"])
async def test_contents_that_are_no_document(signalwire: Speaker, twilio: Speaker, contents: str) -> None:
    for speaker, expected in ((signalwire, (422, 20422)), (twilio, (400, 12100))):
        made = await make(speaker)
        for path in ("LamlBins", made["uri"]):
            reply = await speaker.post(path, Name="x", Contents=contents)
            assert (reply.status, reply.json["code"]) == expected


async def test_serving_fills_in_and_counts(doors: Doors, customer: Speaker) -> None:
    made = await make(customer)
    path = made["request_url"].removeprefix("https://room.example:8443")
    asked = await doors.call("GET", f"{path}?Room=%3Cb%3E")
    posted = await doors.call("POST", f"{path}?Room=a", b"From=%2B1%20%26%202", (("content-type", FORM),))
    assert asked.headers["content-type"] == "text/xml; charset=utf-8"
    assert asked.content == b"<Response><Say> calls &lt;b&gt;</Say></Response>"
    assert posted.content == b"<Response><Say>+1 &amp; 2 calls a</Say></Response>"
    after = (await customer.get(made["uri"])).json
    assert after["num_requests"] == 2
    assert after["date_last_accessed"] is not None


async def test_serving_needs_no_credentials_and_takes_either_spelling(
    doors: Doors, customer: Speaker
) -> None:
    made = await make(customer)
    for speaker in (doors.speaker("signalwire"), doors.speaker("twilio")):
        spelled = speaker.dialect.sids.show(next(iter(doors.store._bins)))
        assert (await doors.call("GET", f"/laml-bins/{spelled}")).status == 200
    assert made["sid"]


@pytest.mark.parametrize("path", ["/laml-bins/", "/laml-bins/x", "/laml-bins/%ff", "/laml-bins/" + "0" * 32])
async def test_no_such_document(doors: Doors, path: str) -> None:
    reply = await doors.call("GET", path)
    assert (reply.status, reply.json["code"]) == (404, 20404)


async def test_documents_are_not_changed_where_they_are_served(doors: Doors, customer: Speaker) -> None:
    made = await make(customer)
    reply = await doors.call("DELETE", made["request_url"].removeprefix("https://room.example:8443"))
    assert (reply.status, reply.json["code"]) == (405, 20004)


async def test_a_large_document_fits_percent_encoded(customer: Speaker) -> None:
    contents = f"<Response><!--{'<' * 0}{'é' * 30_000}--></Response>"
    assert (await make(customer, contents))["contents"] == contents
    too_large = f"<Response><!--{'a' * 65_536}--></Response>"
    assert (await customer.post("LamlBins", Name="x", Contents=too_large)).json["code"] in {20422, 12100}


async def test_a_document_is_checked_and_not_kept(doors: Doors, customer: Speaker) -> None:
    text = '<Response><Say>Hello {{Name}}</Say><Dial><Conference beep="x">Room</Conference></Dial></Response>'
    told = await customer.post("LamlBins/Checks", Contents=text)
    assert told.status == 200
    assert told.json["does"] == [
        {"verb": "Say", "what": "Hello"},
        {"verb": "Dial", "what": "conference Room"},
    ]
    (warning,) = told.json["warnings"]
    assert warning["code"] == 13235
    assert warning["remedy"]
    assert (await customer.get("LamlBins")).json["laml_bins"] == []
    bad = (await customer.post("LamlBins/Checks", Contents="<Response>")).json
    assert (bad["valid"], bad["problem"]["code"]) == (False, 12100)
    assert (await customer.post("LamlBins/Checks")).status in {400, 422}
