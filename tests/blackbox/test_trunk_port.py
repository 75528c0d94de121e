"""Calls from a trunk that share one UDP port: who hears whom, and that nobody else is heard there."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from roomtone.testing.rtp_phone import RtpPhone
from roomtone.testing.tones import PITCHES_HZ
from stage.scene import Scene, everybody_hears_the_others
from stage.server import PROGRAM, Server
from stage.sipp import free_ports

STRANGER_HZ = PITCHES_HZ[6]


@pytest.fixture(scope="module")
def server(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with a trunk on this machine, and a port for its calls."""
    data = tmp_path_factory.mktemp("server") / "data"
    command = [
        str(PROGRAM),
        "trunk",
        "add",
        "--data",
        str(data),
        "--name",
        "here",
        "--uri",
        "sip:127.0.0.1:9",
    ]
    subprocess.run([*command, "--options-s", "0"], check=True, capture_output=True, timeout=60)
    shared = next(port for port in iter(free_ports, 0) if port % 2 == 0)
    one = Server(data, ("--drain-s", "0", "--rtp-trunk-port", str(shared)))
    one.start()
    try:
        yield one
    finally:
        one.stop()


async def test_calls_from_a_trunk_share_a_port_and_nobody_else_is_heard_there(scene: Scene) -> None:
    await scene.gather(3, "At one port")
    (shared,) = {caller.server_port for caller in scene.callers.values()}
    noted = json.loads((scene.server.data / "engine.json").read_text())
    assert str(shared) == noted["--rtp-trunk-port"]
    stranger = await RtpPhone.open(STRANGER_HZ)
    try:
        stranger.point("127.0.0.1", shared)
        await scene.expect(everybody_hears_the_others(list(scene.callers)))
        for phone in scene.phones.values():
            assert not phone.heard((STRANGER_HZ,))
        assert not stranger.received
    finally:
        await stranger.close()
