"""Calls that keep to themselves: baresip by TLS with SRTP, in and out, and who is refused for want of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.certified import Authority
from roomtone.testing.tones import HEARD_DB, PITCHES_HZ
from stage.baresip import BaresipCaller, Secrecy
from stage.ears import settle
from stage.scene import Scene
from stage.server import Server, serving

pytestmark = pytest.mark.usefixtures("baresip")

BOB_HZ, CAT_HZ = PITCHES_HZ[5], PITCHES_HZ[6]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Who signs for the phones."""
    return Authority(tmp_path_factory.mktemp("phones"))


@pytest.fixture(scope="module")
def server(program: Path, tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[Server]:
    """A server that listens for TLS and believes the phones' certificates."""
    options = ("--sips", "127.0.0.1:0", "--tls-trust", str(authority.file), "--calls-per-s", "0")
    with serving(tmp_path_factory.mktemp("server"), "--drain-s", "0", *options) as one:
        yield one


@pytest.fixture(scope="module")
def certificate(authority: Authority) -> Path:
    """The phones' certificate and key in one file."""
    signed = authority.sign("phone")
    both = signed.certificate.with_name("both.pem")
    both.write_bytes(signed.certificate.read_bytes() + signed.key.read_bytes())
    return both


@pytest.mark.parametrize("media", ["srtp-mand", "srtp"])
async def test_a_phone_by_tls_and_a_telephone_hear_each_other(
    scene: Scene, certificate: Path, tmp_path: Path, media: str
) -> None:
    number = await scene.open_line(f"sealed {media}")
    ann = await scene.enter("ann", number)
    bob = await BaresipCaller.dial(
        "bob", number, scene.server.sips_address, tmp_path / "bob", pitch_hz=BOB_HZ,
        secrecy=Secrecy(scene.server.ca, certificate, media),
    )  # fmt: skip
    try:
        await scene.customer.wait_for_event("conference-start")
        await bob.says("SRTP is Enabled")
        await bob.wait_for_samples(6_000)
        assert bob.levels(PITCHES_HZ[:1])[PITCHES_HZ[0]] > HEARD_DB
        assert bob.levels((BOB_HZ,))[BOB_HZ] < HEARD_DB, "nobody hears themselves"
        await settle([ann.phone], 50)
        assert ann.phone.heard((BOB_HZ,)) == {BOB_HZ}
    finally:
        await bob.close()


async def test_two_phones_that_we_call_by_tls_hear_each_other_sealed(
    scene: Scene, certificate: Path, tmp_path: Path
) -> None:
    async with contextlib.AsyncExitStack() as leaving:
        phones = []
        for name, pitch_hz in (("bob", BOB_HZ), ("cat", CAT_HZ)):
            phone = await BaresipCaller.wait_to_be_called(
                name, tmp_path / name, pitch_hz=pitch_hz, secrecy=Secrecy(scene.server.ca, certificate)
            )
            leaving.push_async_callback(phone.close)
            form = {"To": phone.uri, "From": "+15550199", "Twiml": scene.dial_conference("called")}
            await scene.rest.made("Calls.json", form)
            phones.append(phone)
        await scene.customer.wait_for_event("conference-start")
        for phone in phones:
            await phone.says("SRTP is Enabled")
            await phone.wait_for_samples(6_000)
        pitches = (BOB_HZ, CAT_HZ)
        heard = [{hz for hz, db in phone.levels(pitches).items() if db > HEARD_DB} for phone in phones]
        assert heard == [{CAT_HZ}, {BOB_HZ}]


async def test_keys_are_not_taken_where_others_may_read_them(
    scene: Scene, certificate: Path, tmp_path: Path
) -> None:
    number = await scene.open_line("by udp")
    bob = await BaresipCaller.try_to_dial(
        "bob", number, scene.server.sip_address, tmp_path / "bob", pitch_hz=BOB_HZ,
        secrecy=Secrecy(scene.server.ca, certificate, transport="udp"),
    )  # fmt: skip
    try:
        await bob.says("488")
    finally:
        await bob.close()


async def test_a_phone_by_tls_that_encrypts_nothing_is_heard_unless_it_must(
    scene: Scene, certificate: Path, tmp_path: Path
) -> None:
    number = await scene.open_line("plain by tls")
    bob = await BaresipCaller.dial(
        "bob", number, scene.server.sips_address, tmp_path / "bob", pitch_hz=BOB_HZ,
        secrecy=Secrecy(scene.server.ca, certificate, ""),
    )  # fmt: skip
    await bob.close()


async def test_no_key_is_written_anywhere(scene: Scene, certificate: Path, tmp_path: Path) -> None:
    """Not in the logs of brain and engine, and not in the database."""
    number = await scene.open_line("quiet")
    bob = await BaresipCaller.dial(
        "bob", number, scene.server.sips_address, tmp_path / "bob", pitch_hz=BOB_HZ,
        secrecy=Secrecy(scene.server.ca, certificate),
    )  # fmt: skip
    await bob.close()
    await scene.customer.wait_for_event("participant-leave")
    kept = [path for path in (*scene.server.data.rglob("*"), scene.server.log) if path.is_file()]
    found = [path.name for path in kept if b"inline:" in await asyncio.to_thread(path.read_bytes)]
    assert not found
