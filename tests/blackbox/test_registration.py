"""Phones that register, which are not ours: called by name, calling by password, kept through a restart."""

from __future__ import annotations

import json
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from roomtone.testing.sip_caller import CallerSettings, CallFailed, SipCaller
from roomtone.testing.tones import HEARD_DB, PITCHES_HZ
from stage.baresip import BaresipCaller
from stage.ears import settle
from stage.scene import Scene
from stage.server import PROGRAM, Server, in_thread, serving

pytestmark = pytest.mark.usefixtures("baresip")

ALICE_HZ, RABBIT_HZ = PITCHES_HZ[4:6]
PASSWORD = "wonderland"


@pytest.fixture(scope="module")
def server(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that makes calls as fast as they come."""
    with serving(tmp_path_factory.mktemp("server"), "--drain-s", "0", "--calls-per-s", "0") as one:
        yield one


def command(server: Server, *words: str) -> list[dict[str, object]]:
    """Run `roomtone` beside the server, and give what it prints."""
    done = subprocess.run(
        [str(PROGRAM), *words[:2], "--data", str(server.data), *words[2:]],
        check=True,
        capture_output=True,
        timeout=60,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def phones(scene: Scene) -> tuple[str, str]:
    """Two names that may register: of a project that each test has for itself."""
    names = ("alice", "rabbit")
    for name in names:
        made = command(
            scene.server,
            "endpoint",
            "add",
            "--sid",
            scene.rest.who.sid,
            "--name",
            name,
            "--password",
            PASSWORD,
        )
        assert made[0]["name"] == name
    return names


@pytest.fixture(autouse=True)
def forgotten(scene: Scene) -> Iterator[None]:
    """Leave no phones to the next test."""
    yield
    for one in command(scene.server, "endpoint", "list", "--sid", scene.rest.who.sid):
        command(scene.server, "endpoint", "remove", "--sid", scene.rest.who.sid, "--name", str(one["name"]))


@pytest.fixture
async def alice(scene: Scene, phones: tuple[str, str], tmp_path: Path) -> AsyncIterator[BaresipCaller]:
    """A phone that has registered."""
    phone = await BaresipCaller.register(
        "alice", PASSWORD, scene.server.sip_address, tmp_path / "alice", pitch_hz=ALICE_HZ
    )
    try:
        yield phone
    finally:
        await phone.close()


async def test_a_registered_phone_is_called_into_a_conference_by_its_name(
    scene: Scene, alice: BaresipCaller
) -> None:
    ann, _ = await scene.gather(2, "By name")
    listed = command(scene.server, "endpoint", "list", "--sid", scene.rest.who.sid)
    assert [len(one["registered"]) for one in listed] == [1, 0]
    await scene.rest.made(
        f"Conferences/{scene.conference}/Participants.json", {"To": "client:alice", "From": "+15550199"}
    )
    await alice.wait_for_samples(8_000)
    heard = alice.levels((*PITCHES_HZ[:2], ALICE_HZ))
    assert min(heard[hz] for hz in PITCHES_HZ[:2]) > HEARD_DB > heard[ALICE_HZ], heard
    await settle([ann.phone], 40)
    assert ALICE_HZ in ann.phone.heard((ALICE_HZ,), 300)


async def test_a_phone_is_called_by_its_address_after_a_restart(scene: Scene, alice: BaresipCaller) -> None:
    await in_thread(scene.server.stop)
    await in_thread(scene.server.start_again)
    url = scene.customer.host("/by-address", scene.dial_conference("By address"))
    host, _ = scene.server.sip_address
    await scene.rest.made("Calls.json", {"To": f"sip:alice@{host}", "From": "+15550199", "Url": url})
    await alice.wait_for_samples(1)


async def test_a_phone_calls_a_number_and_a_domain_with_its_password(
    scene: Scene, phones: tuple[str, str], tmp_path: Path
) -> None:
    number = await scene.open_line("From phones")
    ann = await scene.enter("ann", number)
    url = scene.customer.host("/domain", scene.dial_conference("From phones"))
    command(
        scene.server, "domain", "add", "--sid", scene.rest.who.sid, "--name", "pbx.test", "--voice-url", url
    )  # fmt: skip
    host, port = scene.server.sip_address
    try:
        for name, hz, dials in (("alice", ALICE_HZ, number), ("rabbit", RABBIT_HZ, "anything")):
            phone = await BaresipCaller.register(
                name, PASSWORD, (host, port), tmp_path / name, pitch_hz=hz, dials=f"sip:{dials}@{host}:{port}"
            )
            try:
                await phone.wait_for_samples(6_000, 30)
                assert phone.levels(PITCHES_HZ[:1])[PITCHES_HZ[0]] > HEARD_DB
                await settle([ann.phone], 40)
                assert ann.phone.heard((hz,)) == {hz}
            finally:
                await phone.close()
    finally:
        command(scene.server, "domain", "remove", "--sid", scene.rest.who.sid, "--name", "pbx.test")


async def test_nobody_calls_as_a_phone_without_its_password(scene: Scene, phones: tuple[str, str]) -> None:
    number = await scene.open_line("No password")
    caller = SipCaller(scene.server.sip_address, number, settings=CallerSettings(user="alice"))
    with pytest.raises(CallFailed) as failed:
        async with caller:
            await caller.answered()
    assert failed.value.over.status == 407
