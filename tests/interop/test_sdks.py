"""Official SDKs, unmodified, against a live server with real calls in a conference: each proof of being a drop-in.

The updates are the examples of SignalWire's page "Update a Participant"; options are spelled as in JavaScript.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from roomtone.testing.tones import HEARD_DB, PITCHES_HZ
from stage.baresip import BaresipCaller
from stage.scene import HOLD_HZ, Scene, everybody_hears_the_others


async def test_list_and_fetch(sdk: Any, stage: Scene) -> None:
    callers = await stage.gather(3, "sdk lists")
    listed = await sdk.do("list", conference=stage.conference)
    assert [sdk.field(one, "call_sid") for one in listed] == [caller.call_sid for caller in reversed(callers)]
    one = await sdk.do("fetch", conference=stage.conference, call=callers[0].call_sid)
    assert sdk.field(one, "conference_sid") == stage.conference
    assert sdk.field(one, "account_sid") == stage.rest.who.sid
    assert (sdk.field(one, "muted"), sdk.field(one, "hold"), sdk.field(one, "coaching")) == (
        False,
        False,
        False,
    )
    assert sdk.field(one, "date_created"), "the date is one this SDK can read"


async def test_pages_are_walked_to_the_end_each_item_once(sdk: Any, stage: Scene) -> None:
    callers = await stage.gather(3, "sdk pages")
    walked = await sdk.do("each", conference=stage.conference, options={"pageSize": 1})
    assert sorted(sdk.field(one, "call_sid") for one in walked) == sorted(
        caller.call_sid for caller in callers
    )


async def test_list_filters(sdk: Any, stage: Scene) -> None:
    _, bob, cat = await stage.gather(3, "sdk filters")
    await stage.update(bob, Muted="true")
    await stage.update(cat, Hold="true")
    for options, expected in (({"muted": True}, bob), ({"hold": True}, cat)):
        found = await sdk.do("list", conference=stage.conference, options=options)
        assert [sdk.field(one, "call_sid") for one in found] == [expected.call_sid]


async def test_every_update_of_the_documentation_is_heard(sdk: Any, stage: Scene) -> None:
    """ann is the supervisor, bob the agent, cat the customer."""
    ann, bob, _ = await stage.gather(3, "sdk updates")
    everybody = everybody_hears_the_others(["ann", "bob", "cat"])
    unheard = {"ann": {"bob", "cat"}, "bob": {"cat"}, "cat": {"bob"}}
    music = stage.customer.host_tone("/hold.wav", HOLD_HZ)
    coached = {"coaching": True, "callSidToCoach": bob.call_sid}

    async def update(**options: Any) -> Any:
        return await sdk.do("update", conference=stage.conference, call=ann.call_sid, options=options or None)

    assert sdk.field(await update(), "call_sid") == ann.call_sid
    await stage.expect(everybody)
    told = await update(muted=True, **coached)
    assert (sdk.field(told, "coaching"), sdk.field(told, "call_sid_to_coach")) == (True, bob.call_sid)
    await stage.expect(unheard, "monitor")
    await update(muted=False, **coached)
    await stage.expect({**unheard, "bob": {"ann", "cat"}}, "whisper")
    told = await update(muted=False, coaching=False, callSidToCoach="")
    assert (sdk.field(told, "coaching"), sdk.field(told, "call_sid_to_coach")) == (False, None)
    await stage.expect(everybody, "barge")
    assert sdk.field(await update(muted=True), "muted") is True
    await stage.expect(unheard, "mute")
    assert sdk.field(await update(muted=False, hold=True, holdUrl=music), "hold") is True
    await stage.expect({**unheard, "ann": {"hold"}}, "hold")
    assert sdk.field(await update(hold=False), "hold") is False
    await stage.expect(everybody, "unhold")


async def test_capitalised_options_never_reach_the_server(
    sdk: Any, stage: Scene, refusal: type[Exception]
) -> None:
    """The documentation's own coaching example: the JavaScript SDKs drop what they do not know and send nothing, which
    must be answered with the participant; the Python SDKs refuse it themselves."""
    ann, bob = await stage.gather(2, "sdk capitals")
    options = {"Muted": False, "Coaching": True, "Beep": False, "CallSidToCoach": bob.call_sid}
    command = {"conference": stage.conference, "call": ann.call_sid, "options": options}
    if sdk.language == "python":
        with pytest.raises(refusal, match="unexpected keyword"):
            await sdk.do("update", **command)
    else:
        told = await sdk.do("update", **command)
        assert (told["callSid"], told["coaching"]) == (ann.call_sid, False)


async def test_remove(sdk: Any, stage: Scene) -> None:
    ann, bob = await stage.gather(2, "sdk removes")
    assert await sdk.do("remove", conference=stage.conference, call=bob.call_sid) is True
    assert await bob.over() == 0
    listed = await sdk.do("list", conference=stage.conference)
    assert [sdk.field(one, "call_sid") for one in listed] == [ann.call_sid]


async def test_errors_are_the_sdks_own_exception(sdk: Any, stage: Scene, refusal: type[Exception]) -> None:
    ann, _ = await stage.gather(2, "sdk errors")
    stranger = stage.conference
    exception = "RestException" if sdk.language == "node" else "TwilioRestException"
    with pytest.raises(refusal) as not_found:
        await sdk.do("fetch", conference=stage.conference, call=stranger)
    assert (not_found.value.name, not_found.value.status, not_found.value.code) == (exception, 404, 20404)
    with pytest.raises(refusal) as no_target:
        await sdk.do("update", conference=stage.conference, call=ann.call_sid, options={"coaching": True})
    assert (no_target.value.name, no_target.value.code) == (exception, 16002)
    assert "CallSidToCoach" in no_target.value.message


async def test_conferences(sdk: Any, stage: Scene) -> None:
    await stage.gather(2, f"sdk conferences {sdk.make}")
    options = {"friendlyName": f"sdk conferences {sdk.make}", "status": "in-progress"}
    found = await sdk.do("conferences", options=options)
    assert [sdk.field(one, "sid") for one in found] == [stage.conference]
    one = await sdk.do("conference", conference=stage.conference)
    assert sdk.field(one, "status") == "in-progress"
    ended = await sdk.do("update_conference", conference=stage.conference, options={"status": "completed"})
    assert sdk.field(ended, "status") == "completed"
    for caller in stage.callers.values():
        assert await caller.over() == 0


async def test_an_sdk_mutes_a_sipp_caller_and_a_baresip_caller_hears_it(
    sdk: Any, stage: Scene, baresip: str, tmp_path: Path
) -> None:
    number = await stage.open_line("sdk, sipp, baresip")
    ann = await stage.enter("ann", number)
    phone = await BaresipCaller.dial(
        "bob", number, stage.server.sip_address, tmp_path / "bob", pitch_hz=PITCHES_HZ[5]
    )
    try:
        heard = []
        for muted in (False, True, False):
            options = {"muted": muted}
            await sdk.do("update", conference=stage.conference, call=ann.call_sid, options=options)
            await phone.wait_for_samples(6000)
            heard.append(phone.levels(PITCHES_HZ[:1])[PITCHES_HZ[0]] > HEARD_DB)
        assert heard == [True, False, True]
    finally:
        await phone.close()
