"""Whoever guesses passwords is counted and shunned, and a phone that knows its own is served meanwhile."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from roomtone.testing.tones import HEARD_DB, PITCHES_HZ
from stage.baresip import BaresipCaller
from stage.scene import Scene
from stage.server import Server, serving
from stage.sipp import SCENARIOS

pytestmark = pytest.mark.usefixtures("baresip", "sipp")

GUESSES = 2_000
GUESSER, OTHER_GUESSER = "127.0.0.66", "127.0.0.67"
PASSWORD = "Wonderland1865"


@pytest.fixture(scope="module")
def server(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that trusts no address of these tests."""
    options = ("--drain-s", "0", "--open-networks", "127.0.0.9/32")
    with serving(tmp_path_factory.mktemp("server"), *options) as one:
        yield one


async def guess(server: Server, name: str, source: str, times: int) -> asyncio.subprocess.Process:
    """Have SIPp register with wrong passwords, as fast as 200 a second."""
    host, port = server.sip_address
    return await asyncio.create_subprocess_exec(
        "sipp", f"{host}:{port}", "-sf", str(SCENARIOS / "guesser.xml"), "-i", source, "-m", str(times), "-r", "200",
        "-key", "name", name, "-au", name, "-ap", "guess", "-nr", "-recv_timeout", "4000", "-timeout", "60", "-nostdin",
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip


async def test_a_flood_of_wrong_passwords_is_shunned_and_counted_while_a_phone_registers_and_calls(
    scene: Scene, tmp_path: Path
) -> None:
    phones = await scene.rest.made("SIP/CredentialLists", {"FriendlyName": "phones"})
    path = f"SIP/CredentialLists/{phones['sid']}"
    await scene.rest.made(f"{path}/Credentials", {"Username": "alice", "Password": PASSWORD})
    domain = await scene.rest.made(
        "SIP/Domains", {"DomainName": "pbx.guessing.test", "SipRegistration": "true"}
    )
    for where in ("Calls", "Registrations"):
        mappings = f"SIP/Domains/{domain['sid']}/Auth/{where}/CredentialListMappings"
        await scene.rest.made(mappings, {"CredentialListSid": phones["sid"]})
    tone = scene.customer.host_tone("/tone", PITCHES_HZ[2], 60.0)
    url = scene.customer.host("/voice", f"<Response><Play>{tone}</Play></Response>")
    number = await scene.claim(url)
    host, port = scene.server.sip_address
    flood = await guess(scene.server, "alice", GUESSER, GUESSES)
    try:
        phone = await BaresipCaller.register(
            "alice", PASSWORD, (host, port), tmp_path / "alice", pitch_hz=PITCHES_HZ[0], dials=f"sip:{number}@{host}:{port}"
        )  # fmt: skip
        try:
            await phone.wait_for_samples(8_000, 40)
            assert phone.levels((PITCHES_HZ[2],))[PITCHES_HZ[2]] > HEARD_DB
        finally:
            await phone.close()
        async with asyncio.timeout(90):
            await flood.wait()
    finally:
        if flood.returncode is None:
            flood.kill()
            await flood.wait()
    log = scene.server.log.read_text()
    assert re.search(rf"source={GUESSER} shunned for=\d+ s wrong=\d+ times=\d+", log)
    heard = len(re.findall(rf"source={GUESSER} wrong password", log))
    assert 10 <= heard < GUESSES / 2, "the engine drops what comes after"
    assert not re.search(r"source=127\.0\.0\.1 shunned", log)


async def test_a_name_that_nobody_has_is_guessed_at_in_vain_as_well(scene: Scene) -> None:
    flood = await guess(scene.server, "nobody", OTHER_GUESSER, 40)
    async with asyncio.timeout(90):
        await flood.wait()
    log = scene.server.log.read_text()
    assert f"source={OTHER_GUESSER} shunned" in log
