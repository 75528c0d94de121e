"""Trunks that requests make and change: calls of a server that runs go by them at once, out and in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from stage.callees import SippCallee
from stage.rest import Rest
from stage.scene import Scene, everybody_hears_the_others
from stage.server import Credentials, Server, serving
from stage.sipp import free_ports

OPERATOR = "0000c0de-0000-4000-8000-00000000c0de"


@pytest.fixture(scope="module")
def shared() -> int:
    """The port for sound that calls of trunks share."""
    return next(port for port in iter(free_ports, 0) if port % 2 == 0)


@pytest.fixture(scope="module")
def server(program: Path, shared: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server without a trunk, whose operator is the project of the scene."""
    options = (
        "--drain-s", "0", "--calls-per-s", "0", "--operator", OPERATOR, "--rtp-trunk-port", str(shared),
    )  # fmt: skip
    with serving(tmp_path_factory.mktemp("server"), *options) as one:
        yield one


@pytest.fixture(scope="module")
def signalwire_project(server: Server) -> Credentials:
    """The operator's project."""
    return server.create_project("signalwire", sid=OPERATOR)


@pytest.fixture
async def carrier(tmp_path: Path) -> AsyncIterator[SippCallee]:
    """Who answers calls at a port of this machine."""
    one = await SippCallee.answering(tmp_path)
    yield one
    await one.close()


@pytest.fixture(autouse=True)
async def _none_stays(scene: Scene) -> AsyncIterator[None]:
    """Leave no trunk to the next test, nor to the same one when it is asked again."""
    yield
    for one in (await scene.rest.get("Trunks.json")).body["trunks"]:
        await scene.rest.delete(f"Trunks/{one['name']}.json")


def address_of(carrier: SippCallee) -> str:
    return f"sip:{carrier.uri.partition('@')[2]}"


async def goes_through(scene: Scene, to: str) -> bool:
    """Whether a call reaches somebody who answers; False: nothing leads there."""
    reply = await scene.rest.post(
        "Calls.json",
        {
            "To": to,
            "From": "+15550199",
            "Url": scene.customer.host("/voice/out", "<Response><Pause length='60'/></Response>"),
            "StatusCallback": f"{scene.customer.base}/calls",
            "StatusCallbackEvent": "answered",
        },
    )
    if reply.status >= 400:
        assert int(reply.body["code"]) == 21215, reply.text
        return False
    sid = reply.body["sid"]
    await scene.customer.wait(lambda visit: visit.call == sid and visit.path == "/calls", within_s=20)
    await scene.rest.post(f"Calls/{sid}.json", {"Status": "completed"})
    return True


async def test_a_trunk_carries_calls_out_as_long_as_it_is_there(scene: Scene, carrier: SippCallee) -> None:
    assert not await goes_through(scene, "+4930555")
    made = await scene.rest.made(
        "Trunks.json", {"Name": "carrier", "Uri": address_of(carrier), "Prefix": "+49"}
    )
    assert made["source"] == "database"
    assert await goes_through(scene, "+4930555")
    await scene.rest.post("Trunks/carrier.json", {"Prefix": "+44"})
    assert not await goes_through(scene, "+4930555")
    assert await goes_through(scene, "+4420555")
    assert (await scene.rest.delete("Trunks/carrier.json")).status == 204
    assert not await goes_through(scene, "+4420555")


async def test_calls_from_a_trunk_are_a_trunks_at_once(scene: Scene, shared: int) -> None:
    """All come from this machine, which proves nothing; that a trunk's share a port tells them from others."""
    number = await scene.open_line("From a trunk")
    before = await scene.dial("before", number)
    await scene.rest.made("Trunks.json", {"Name": "here", "Uri": "sip:127.0.0.1:9"})
    during = await scene.dial("during", number)
    assert (await scene.rest.delete("Trunks/here.json")).status == 204
    after = await scene.dial("after", number)
    assert during.server_port == shared
    assert shared not in {before.server_port, after.server_port}
    await scene.expect(everybody_hears_the_others(["before", "during", "after"]))


async def test_another_project_is_told_what_to_set(
    scene: Scene, server: Server, session: aiohttp.ClientSession
) -> None:
    other = Rest(session, server.ready["http"], server.create_project("twilio"))
    refused = await other.post("Trunks.json", {"Name": "mine", "Uri": "sip:127.0.0.1:9", "Prefix": "+"})
    assert refused.status == 403
    assert "--operator" in refused.headers["hint"]
    assert (await scene.rest.get("Trunks.json")).body["trunks"] == []
