from __future__ import annotations

import asyncio

import pytest

from doors import Doors
from roomtone.api.readiness import Check, Readiness


async def yes() -> bool:
    return True


async def no() -> bool:
    return False


async def fails() -> bool:
    raise OSError("locked")


async def hangs() -> bool:
    await asyncio.Event().wait()
    return True


async def test_a_house_whose_parts_are_all_there_is_ready() -> None:
    reply = await Doors(readiness=Readiness({"engine": yes, "store": yes})).call("GET", "/readyz")
    assert (reply.status, reply.json) == (200, {"status": "ready"})


@pytest.mark.parametrize("check", [no, fails, hangs])
async def test_what_is_away_is_named(check: Check) -> None:
    doors = Doors(readiness=Readiness({"engine": check, "store": yes}, patience_s=0.05))
    reply = await doors.call("GET", "/readyz")
    assert (reply.status, reply.json) == (503, {"status": "not ready", "missing": ["engine"]})
    assert reply.headers["retry-after"] == "1"


async def test_a_house_that_drains_takes_no_work_and_still_answers() -> None:
    doors = Doors(readiness=Readiness({"engine": yes}))
    doors.readiness.drain()
    assert (await doors.call("GET", "/readyz")).json["missing"] == ["draining"]
    assert (await doors.call("GET", "/healthz")).status == 200
    customer = doors.speaker("twilio")
    assert (await customer.get("Conferences")).status == 200


async def test_who_asks_while_the_house_starts_is_answered_once_it_can_answer() -> None:
    doors = Doors(readiness=Readiness(opened=False))
    assert (await doors.call("GET", "/readyz")).json["missing"] == ["starting"]
    asking = asyncio.create_task(doors.speaker("signalwire").get("Conferences"))
    await asyncio.sleep(0)
    assert not asking.done()
    doors.readiness.open()
    assert (await asking).status == 200


async def test_it_can_only_be_read() -> None:
    assert (await Doors().call("POST", "/readyz")).status == 405


async def test_a_swamped_house_refuses_all_requests_unread_and_says_how_it_is() -> None:
    doors = Doors(readiness=Readiness({"room": no}), swamped=True)
    for dialect in ("twilio", "signalwire"):
        refused = await doors.speaker(dialect).get("Conferences")
        assert (refused.status, refused.headers["retry-after"]) == (503, "5")
    assert (await doors.call("GET", "/healthz")).status == 200
    assert (await doors.call("GET", "/readyz")).json["missing"] == ["room"]
