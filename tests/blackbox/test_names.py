"""Trunks by name: NAPTR and SRV records lead to the server, and past one that fails (RFC 3263)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from roomtone.testing.tones import HEARD_DB, PITCHES_HZ
from stage.baresip import BaresipCaller
from stage.callees import SippCallee
from stage.names import SRV, Names
from stage.scene import Scene
from stage.server import Server, serving
from stage.sipp import free_port

pytestmark = pytest.mark.usefixtures("baresip")

WITHIN_S = 30.0


@pytest.fixture(scope="module")
def names() -> Iterator[Names]:
    """The DNS server that the engine asks."""
    one = Names()
    one.open()
    yield one
    one.close()


@pytest.fixture(scope="module")
def server(program: Path, names: Names, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with trunks that are names."""
    trunks = "+1=sip:busy.example +2=sip:silent.example +3=sip:stream.example +4=sip:plain.example"
    options = (
        "--drain-s",
        "0",
        "--calls-per-s",
        "0",
        "--dns-servers",
        f"127.0.0.1:{names.port}",
        "--trunks",
        trunks,
    )
    with serving(tmp_path_factory.mktemp("server"), *options) as one:
        yield one


async def is_reached(scene: Scene, number: str, phone: BaresipCaller) -> None:
    """Call a number, and insist that this phone hears what the call plays."""
    hz = PITCHES_HZ[2]
    document = f"<Response><Play loop='0'>{scene.customer.host_tone('/tone.wav', hz)}</Play></Response>"
    url = scene.customer.host("/voice/names", document)
    await scene.rest.made("Calls.json", {"To": number, "From": "+15550199", "Url": url})
    await phone.wait_for_samples(8_000, WITHIN_S)
    assert phone.levels((hz,))[hz] > HEARD_DB


def port_of(uri: str) -> int:
    return int(uri.rpartition(":")[2])


async def test_the_next_server_is_called_when_one_cannot_take_the_call(
    scene: Scene, names: Names, tmp_path: Path
) -> None:
    refuser = await SippCallee.refusing("503 Service Unavailable", tmp_path)
    phone = await BaresipCaller.wait_to_be_called("+1555", tmp_path / "phone", pitch_hz=PITCHES_HZ[4])
    try:
        names.address("a.example", "127.0.0.1")
        names.service("_sip._udp.busy.example", port_of(phone.uri), "a.example", priority=20)
        names.service("_sip._udp.busy.example", port_of(refuser.uri), "a.example", priority=10)
        await is_reached(scene, "+1555", phone)
        before = names.asked.count(("_sip._udp.busy.example", SRV))
        assert before == 1
    finally:
        await phone.close()
        await refuser.close()


async def test_the_next_server_is_called_when_one_does_not_answer(
    scene: Scene, names: Names, tmp_path: Path
) -> None:
    phone = await BaresipCaller.wait_to_be_called("+2555", tmp_path / "phone", pitch_hz=PITCHES_HZ[4])
    try:
        names.address("b.example", "127.0.0.1")
        names.service("_sip._udp.silent.example", free_port(), "b.example", priority=10)
        names.service("_sip._udp.silent.example", port_of(phone.uri), "b.example", priority=20)
        await is_reached(scene, "+2555", phone)
    finally:
        await phone.close()


async def test_dns_says_by_what_a_server_is_spoken_to(scene: Scene, names: Names, tmp_path: Path) -> None:
    """NAPTR prefers TCP, and nothing is offered by UDP."""
    phone = await BaresipCaller.wait_to_be_called("+3555", tmp_path / "phone", pitch_hz=PITCHES_HZ[4])
    try:
        names.address("c.example", "127.0.0.1")
        names.pointer("stream.example", "SIP+D2U", "_sip._udp.stream.example", order=20)
        names.pointer("stream.example", "SIP+D2T", "_sip._tcp.elsewhere.example", order=10)
        names.service("_sip._tcp.elsewhere.example", port_of(phone.uri), "c.example")
        names.service("_sip._udp.stream.example", free_port(), "c.example")
        await is_reached(scene, "+3555", phone)
    finally:
        await phone.close()


async def test_a_name_without_services_is_called_at_its_address(scene: Scene, names: Names) -> None:
    names.address("plain.example", "127.0.0.1")
    called = await scene.rest.made(
        "Calls.json", {"To": "+4555", "From": "+15550199", "Url": "http://127.0.0.1:9/"}
    )
    async with asyncio.timeout(WITHIN_S):
        while ("plain.example", 1) not in names.asked:  # noqa: ASYNC110 - another thread is asked
            await asyncio.sleep(0.05)
    asked = [name for name, _ in names.asked if name.endswith("plain.example")]
    assert {"_sip._udp.plain.example", "_sip._tcp.plain.example"} <= set(asked)
    await scene.rest.post(f"Calls/{called['sid']}.json", {"Status": "canceled"})
