"""A configuration file that declares a phone, a domain and a trunk; and one that is unfit."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from stage.baresip import BaresipCaller
from stage.server import PROGRAM, Server

PASSWORD = "wonderland"


@pytest.fixture
def server(program: Path, tmp_path: Path) -> Iterator[Server]:
    file = tmp_path / "roomtone.toml"
    one = Server(tmp_path / "data", ("--drain-s", "0", "--config", str(file)))
    who = one.create_project("twilio")
    file.write_text(
        f'[[endpoint]]\nproject = "{who.sid}"\nname = "alice"\npassword = "{PASSWORD}"\n'
        f'[[domain]]\nproject = "{who.sid}"\nname = "pbx.declared.test"\n'
        '[[trunk]]\nname = "carrier"\nuris = ["sip:127.0.0.1:5099"]\nprefixes = ["+1"]\n'
    )
    one.start()
    try:
        yield one
    finally:
        one.stop()


@pytest.mark.usefixtures("baresip")
async def test_a_declared_phone_registers(server: Server, tmp_path: Path) -> None:
    phone = await BaresipCaller.register(
        "alice", PASSWORD, server.sip_address, tmp_path / "alice", pitch_hz=400.0
    )
    try:
        await phone.says("200 OK")
    finally:
        await phone.close()


def test_an_unfit_file_is_told_before_anything_starts(program: Path, tmp_path: Path) -> None:
    file = tmp_path / "roomtone.toml"
    file.write_text('[[trunk]]\nname = "carrier"\nuris = ["sip:a.example"]\ncodecs = ["mp3"]\n')
    command = [str(PROGRAM), "serve", "--data", str(tmp_path / "data"), "--config", str(file)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert f"{file}: trunk 1: codec: takes PCMU, PCMA, G722, L16, OPUS" in done.stderr
    assert not (tmp_path / "data").exists()
