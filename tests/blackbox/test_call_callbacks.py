"""What a customer is told of calls to their numbers.

Sources: Twilio "Call status callback parameters", "IncomingPhoneNumber resource" (StatusCallback); SignalWire "Incoming
call status callback".
"""

from __future__ import annotations

from typing import Any

from aiohttp import web
from twilio.request_validator import RequestValidator

from stage.customer import Visit
from stage.scene import Scene

PATH = "/call"


async def call_and_hang_up(scene: Scene, **form: str) -> Visit:
    """Let ann into a room and out again, and give what is told of her call."""
    document = scene.customer.host("/voice/told", scene.dial_conference("told"))
    number = await scene.claim(document, StatusCallback=scene.customer.base + PATH, **form)
    ann = await scene.enter("ann", number)
    await ann.hang_up()
    return await scene.customer.wait(lambda visit: visit.path == PATH)


def told(scene: Scene) -> list[Visit]:
    return [visit for visit in scene.customer.visits if visit.path == PATH]


async def test_the_end_of_a_call_is_told_once_and_can_be_fetched_then(scene: Scene) -> None:
    seen: list[dict[str, Any]] = []

    async def answer(visit: Visit) -> web.Response:
        seen.append((await scene.rest.get(f"Calls/{visit.call}.json")).body)
        return web.Response(status=204)

    scene.customer.answer_with(PATH, answer)
    visit = await call_and_hang_up(scene)
    (fetched,) = seen
    assert (fetched["sid"], fetched["status"], fetched["sip_result_code"]) == (visit.call, "completed", "200")
    assert visit.call == scene.callers["ann"].call_sid
    expected = {
        "CallStatus": "completed", "Direction": "inbound", "CallbackSource": "call-progress-events",
        "SequenceNumber": "0", "CallDuration": str(fetched["duration"]), "SipResultCode": fetched["sip_result_code"],
        "SipInviteResultPhrase": "OK", "HangupBy": "caller",
        "HangupDirection": "inbound", "From": fetched["from"], "To": fetched["to"],
    }  # fmt: skip
    assert visit.parameters.items() >= expected.items()
    signature = visit.headers["X-SignalWire-Signature"]
    assert RequestValidator(scene.rest.who.signing_key).validate(visit.url, visit.parameters, signature)
    await scene.customer.wait_for_event("conference-end")
    assert len(told(scene)) == 1


async def test_a_twilio_number_tells_by_get(twilio_scene: Scene) -> None:
    visit = await call_and_hang_up(twilio_scene, StatusCallbackMethod="GET")
    assert visit.method == "GET"
    assert visit.parameters.items() >= {"CallStatus": "completed", "SipResponseCode": "200"}.items()
    assert visit.parameters["Caller"] == visit.parameters["From"]
    assert len(told(twilio_scene)) == 1
