"""A proxy that is not ours in the path: Record-Route and loose routes are kept to, and its forks make one call."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from roomtone.testing.sip_caller import SipCaller
from roomtone.testing.tones import HEARD_DB, PITCHES_HZ
from stage.baresip import BaresipCaller
from stage.ears import settle
from stage.kamailio import PROGRAM, Kamailio
from stage.scene import Scene

pytestmark = [
    pytest.mark.usefixtures("baresip"),
    pytest.mark.skipif(PROGRAM is None, reason="kamailio is not installed (apt-get install kamailio)"),
]


@pytest.fixture
async def proxy(scene: Scene, tmp_path: Path) -> AsyncIterator[Kamailio]:
    async with Kamailio(tmp_path / "kamailio", scene.server.sip_address[1]) as one:
        yield one


async def test_a_call_through_a_proxy_is_heard_and_ended_through_it(scene: Scene, proxy: Kamailio) -> None:
    number = await scene.open_line("Through a proxy")
    ann = await scene.enter("ann", number)
    async with SipCaller(("127.0.0.1", proxy.port), number, pitch_hz=PITCHES_HZ[5]) as caller:
        await caller.answered()
        joined = await scene.customer.wait(
            lambda visit: visit.event == "participant-join" and visit.call != ann.call_sid, within_s=20
        )
        await settle([ann.phone, caller.phone], 60)
        assert ann.phone.heard((PITCHES_HZ[5],)) == {PITCHES_HZ[5]}
        assert caller.phone.heard(PITCHES_HZ[:1]) == {PITCHES_HZ[0]}
        gone = await scene.rest.delete(f"Conferences/{scene.conference}/Participants/{joined.call}.json")
        assert gone.status == 204
        over = await caller.ended(20)
        assert over.by == "remote", "our BYE took the route"


async def test_a_proxy_forks_a_call_and_one_phone_has_it(
    scene: Scene, proxy: Kamailio, tmp_path: Path
) -> None:
    await scene.gather(2, "Forked by a proxy")
    async with contextlib.AsyncExitStack() as leaving:
        phones = []
        for name, hz in (("one", PITCHES_HZ[4]), ("two", PITCHES_HZ[5])):
            phone = await BaresipCaller.register(
                "team", "-", ("127.0.0.1", proxy.port), tmp_path / name, pitch_hz=hz
            )
            leaving.push_async_callback(phone.close)
            phones.append(phone)
        made = await scene.rest.made(
            f"Conferences/{scene.conference}/Participants.json",
            {"To": f"sip:team@127.0.0.1:{proxy.port}", "From": "+15550199"},
        )
        await scene.customer.wait_for_event("participant-join", made["call_sid"], 30)
        listener = scene.callers["ann"].phone
        await settle([listener], 60)
        heard = listener.heard(PITCHES_HZ[4:6])
        assert len(heard) == 1, "one of them has the call, and the other none"
        winner = phones[0] if heard == {PITCHES_HZ[4]} else phones[1]
        await winner.wait_for_samples(4_000, 30)
        assert winner.levels(PITCHES_HZ[:1])[PITCHES_HZ[0]] > HEARD_DB
