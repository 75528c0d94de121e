"""An official SDK, unmodified, has two phones called into a conference that nobody had opened."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from roomtone.testing.tones import HEARD_DB, PITCHES_HZ
from stage.baresip import BaresipCaller
from stage.server import Credentials, Server

pytestmark = pytest.mark.usefixtures("baresip")

ANN_HZ, BOB_HZ = PITCHES_HZ[:2]
FROM = "+15550199"


async def test_two_phones_are_called_and_hear_each_other(
    server: Server, twilio_project: Credentials, tmp_path: Path
) -> None:
    ann = await BaresipCaller.wait_to_be_called("ann", tmp_path / "ann", pitch_hz=ANN_HZ)
    bob = await BaresipCaller.wait_to_be_called("bob", tmp_path / "bob", pitch_hz=BOB_HZ)
    try:
        client = Client(twilio_project.sid, twilio_project.token)
        client.api.base_url = server.ready["http"].rstrip("/")
        room = client.conferences("Called by an SDK")
        one = await asyncio.to_thread(
            room.participants.create, to=ann.uri, from_=FROM, label="ann", beep="false"
        )
        two = await asyncio.to_thread(
            room.participants.create, to=bob.uri, from_=FROM, label="bob", beep="false"
        )
        assert {one.status, two.status} == {"queued"}
        assert one.conference_sid == two.conference_sid
        assert int(two.queue_time) > int(one.queue_time)  # one call a second
        here = client.conferences(one.conference_sid).participants
        async with asyncio.timeout(15):
            while [one.status for one in await asyncio.to_thread(here.list)] != ["connected"] * 2:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        await asyncio.gather(ann.wait_for_samples(8_000), bob.wait_for_samples(8_000))
        assert ann.levels((BOB_HZ,))[BOB_HZ] > HEARD_DB
        assert bob.levels((ANN_HZ,))[ANN_HZ] > HEARD_DB
        call = await asyncio.to_thread(client.calls(two.call_sid).update, status="completed")
        assert call.status == "completed"
        with pytest.raises(TwilioRestException) as no:
            await asyncio.to_thread(client.calls.create, to="+15550100", from_=FROM, twiml="<Response/>")
        assert (no.value.status, no.value.code) == (400, 21215)
    finally:
        await asyncio.gather(ann.close(), bob.close())
