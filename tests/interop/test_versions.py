"""Other versions of the official SDKs, unmodified: one walk of each through a conference of three real calls.

What is heard is proved with the newest ones (`test_sdks`); here it is the words that count.
"""

from __future__ import annotations

from typing import Any

import pytest

from stage.scene import HOLD_HZ, Scene

EXCEPTIONS = {"node": "RestException", "python": "TwilioRestException", "json": "SignalWireRestError"}


async def test_a_conference_through_another_version(
    version: Any, version_stage: Scene, refusal: type[Exception]
) -> None:
    stage = version_stage
    ann, bob = await stage.gather(2, "versions")
    cat = await stage.enter("cat", await stage.open_line(stage.room, participantLabel="cust omer"))
    where = {"conference": stage.conference}
    everybody = [one.call_sid for one in (cat, bob, ann)]

    def field(record: dict[str, Any], name: str) -> Any:
        return version.field(record, name)

    async def update(**options: Any) -> dict[str, Any]:
        told: dict[str, Any] = await version.do("update", **where, call=ann.call_sid, options=options or None)
        return told

    assert [field(one, "call_sid") for one in await version.do("list", **where)] == everybody
    walked = await version.do("each", **where, options={"pageSize": 1})
    assert [field(one, "call_sid") for one in walked] == everybody
    fetched = await version.do("fetch", **where, call=ann.call_sid)
    assert (field(fetched, "account_sid"), field(fetched, "muted")) == (stage.rest.who.sid, False)
    labelled = await version.do("fetch", **where, call="cust omer")
    assert field(labelled, "call_sid") == cat.call_sid

    assert field(await update(), "call_sid") == ann.call_sid
    monitor = await update(muted=True, coaching=True, callSidToCoach=bob.call_sid)
    assert (field(monitor, "muted"), field(monitor, "call_sid_to_coach")) == (True, bob.call_sid)
    whisper = await update(muted=False, coaching=True, callSidToCoach=bob.call_sid)
    assert (field(whisper, "muted"), field(whisper, "coaching")) == (False, True)
    barge = await update(muted=False, coaching=False, callSidToCoach="")
    assert (field(barge, "coaching"), field(barge, "call_sid_to_coach")) == (False, None)
    assert field(await update(muted=True), "muted") is True
    held = await update(hold=True, holdUrl=stage.customer.host_tone("/hold.wav", HOLD_HZ))
    assert field(held, "hold") is True
    muted = await version.do("list", **where, options={"muted": True})
    assert [field(one, "call_sid") for one in muted] == [ann.call_sid]
    assert field(await update(hold=False), "hold") is False

    with pytest.raises(refusal) as not_found:
        await version.do("fetch", **where, call=stage.conference)
    told = not_found.value
    assert (told.name, told.status, told.code) == (EXCEPTIONS[version.language], 404, 20404)
    with pytest.raises(refusal) as no_target:
        await update(coaching=True)
    assert (no_target.value.name, no_target.value.code) == (EXCEPTIONS[version.language], 16002)
    assert "CallSidToCoach" in no_target.value.message

    assert await version.do("remove", **where, call=bob.call_sid) is True
    assert await bob.over() == 0
