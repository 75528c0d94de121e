"""Official SDKs record conferences and calls, pause, stop, fetch and delete what was recorded."""

from __future__ import annotations

from typing import Any

import pytest

from stage.ears import settle
from stage.scene import Scene

WITHIN_S = 40.0
EVENTS = "in-progress completed absent failed"


async def told(stage: Scene, status: str) -> dict[str, str]:
    """Wait for this word of a recording; an engine that does not record yet skips the test."""
    visit = await stage.customer.wait(
        lambda one: one.parameters.get("RecordingStatus") in {status, "failed"}, WITHIN_S
    )
    if visit.parameters["RecordingStatus"] != status and "not-media" in stage.server.log.read_text():
        pytest.skip("this engine does not record yet")
    assert visit.parameters["RecordingStatus"] == status
    return visit.parameters


@pytest.mark.timeout(120)
async def test_a_conference_s_recording_is_steered_and_fetched(
    sdk: Any, stage: Scene, refusal: type[Exception]
) -> None:
    await stage.gather(
        2,
        f"sdk records {sdk.make}",
        record="record-from-start",
        recordingStatusCallback=f"{stage.customer.base}/recorded",
        recordingStatusCallbackEvent=EVENTS,
    )
    begun = await told(stage, "in-progress")
    (one,) = await sdk.do("recordings", conference=stage.conference)
    assert sdk.field(one, "sid") == begun["RecordingSid"]
    assert (sdk.field(one, "status"), int(sdk.field(one, "channels"))) == ("in-progress", 1)

    async def update(recording: str, **options: Any) -> Any:
        return await sdk.do(
            "update_recording", conference=stage.conference, recording=recording, options=options
        )

    paused = await update("Twilio.CURRENT", status="paused", pauseBehavior="skip")
    assert sdk.field(paused, "status") == "paused"
    going = await update(begun["RecordingSid"], status="in-progress")
    assert sdk.field(going, "status") == "in-progress"
    await settle(list(stage.phones.values()), 75)
    assert sdk.field(await update("Twilio.CURRENT", status="stopped"), "status") == "stopped"
    with pytest.raises(refusal):
        await update(begun["RecordingSid"], status="in-progress")
    done = await told(stage, "completed")
    fetched = await sdk.do("recording", recording=done["RecordingSid"])
    assert (sdk.field(fetched, "status"), sdk.field(fetched, "source")) == ("completed", "Conference")
    assert int(sdk.field(fetched, "duration")) == int(done["RecordingDuration"])
    assert sdk.field(fetched, "start_time"), "the date is one this SDK can read"
    assert await sdk.do("remove_recording", recording=done["RecordingSid"]) is True


@pytest.mark.timeout(120)
async def test_a_call_is_recorded(sdk: Any, stage: Scene, refusal: type[Exception]) -> None:
    ann, _ = await stage.gather(2, f"sdk records a call {sdk.make}")
    options = {
        "recordingChannels": "dual",
        "recordingStatusCallback": f"{stage.customer.base}/recorded",
        "recordingStatusCallbackEvent": ["in-progress", "completed"],
    }
    try:
        made = await sdk.do("record_call", call=ann.call_sid, options=options)
    except refusal:
        if "not-media" in stage.server.log.read_text():
            pytest.skip("this engine does not record yet")
        raise
    assert (sdk.field(made, "status"), int(sdk.field(made, "channels"))) == ("in-progress", 2)
    with pytest.raises(refusal):
        await sdk.do("record_call", call=ann.call_sid, options=options)
    await settle(list(stage.phones.values()), 50)
    await ann.hang_up()
    assert (await told(stage, "completed"))["RecordingSid"] == sdk.field(made, "sid")
