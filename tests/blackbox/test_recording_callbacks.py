"""What recordings' callbacks tell, in both dialects, of a call and of a conference; and that the sound is there by then.

Sources: Twilio "recordingStatusCallback" of Record and Conference; SignalWire "Recording status callback".
"""

from __future__ import annotations

import pytest

from roomtone.dialects import DIALECTS
from stage.ears import settle
from stage.rest import basic
from stage.scene import Scene

WITHIN_S = 40.0
COMMON = {
    "AccountSid",
    "RecordingSid",
    "RecordingUrl",
    "RecordingStatus",
    "RecordingDuration",
    "RecordingChannels",
}


@pytest.fixture(params=list(DIALECTS))
def stage(request: pytest.FixtureRequest) -> Scene:
    """An empty stage in a project of each dialect."""
    found = request.getfixturevalue("scene" if request.param == "signalwire" else "twilio_scene")
    assert isinstance(found, Scene)
    return found


async def completed(stage: Scene) -> dict[str, str]:
    """Wait for the callback, and insist that the sound can be fetched at once."""
    visit = await stage.customer.wait(lambda one: one.path == "/recorded", WITHIN_S)
    url = visit.parameters["RecordingUrl"]
    reply = await stage.rest._session.get(url, headers=basic(stage.rest.who.sid, stage.rest.who.token))
    assert (reply.status, (await reply.read())[:4]) == (200, b"RIFF")
    return visit.parameters


async def test_a_call_s_recording(stage: Scene) -> None:
    where = f"{stage.customer.base}/recorded"
    document = f"<Response><Record playBeep='false' trim='do-not-trim' recordingStatusCallback='{where}'/></Response>"
    ann = await stage.dial("ann", await stage.claim(stage.customer.host("/voice/record", document)))
    await settle([ann.phone], 60)
    ann.phone.press("#")
    told = await completed(stage)
    asked = await stage.customer.wait(lambda one: one.path == "/voice/record")
    assert set(told) >= COMMON | {"CallSid", "RecordingSource"}
    assert told["CallSid"] == asked.call
    assert told["RecordingSource"] == "RecordVerb"
    assert (told["RecordingStatus"], told["RecordingChannels"]) == ("completed", "1")


async def test_a_conference_s_recording(stage: Scene) -> None:
    callback = f"{stage.customer.base}/recorded"
    ann, bob = await stage.gather(
        2, f"told {stage.rest.who.dialect}", record="record-from-start", recordingStatusCallback=callback
    )
    await settle([ann.phone, bob.phone], 60)
    await stage.rest.made(f"Conferences/{stage.conference}.json", {"Status": "completed"})
    told = await completed(stage)
    wanted = {"twilio": {"RecordingStartTime"}}.get(stage.rest.who.dialect, set())
    assert set(told) >= COMMON | {"ConferenceSid", "RecordingSource"} | wanted
    assert told["ConferenceSid"] == stage.conference
    assert told["RecordingSource"] == "Conference"
    assert told["RecordingStatus"] == "completed"
