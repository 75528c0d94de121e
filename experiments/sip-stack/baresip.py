"""Drives baresip over its ctrl_tcp module: a real softphone as the caller."""

from __future__ import annotations

import asyncio
import json
import math
import shutil
import socket
import struct
import wave
from pathlib import Path
from typing import Any

CONFIG = """\
sip_listen              127.0.0.1:0
net_interface           127.0.0.1
sip_transports          udp,tcp
call_local_timeout      120
call_max_calls          4
audio_source            aufile,{directory}/said.wav
audio_player            aufile,{directory}/heard.wav
audio_alert             aufile,{directory}/alert.wav
ausrc_srate             8000
auplay_srate            8000
ausrc_channels          1
auplay_channels         1
rtp_ports               {rtp_first}-{rtp_last}
module_path             /usr/lib/baresip/modules
module                  g711.so
module                  aufile.so
module_tmp              account.so
module_app              menu.so
module_app              ctrl_tcp.so
ctrl_tcp_listen         127.0.0.1:{control}
"""


def available() -> bool:
    """Whether baresip is installed."""
    return shutil.which("baresip") is not None


def free_port() -> int:
    """Find a free TCP port."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def write_tone(path: Path, hz: float = 440.0, seconds: int = 30) -> None:
    """Write a WAV file of a tone: 8 kHz, mono, 16 bit."""
    samples = (int(8000 * math.sin(2 * math.pi * hz * n / 8000)) for n in range(8000 * seconds))
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))


class Baresip:
    """One running baresip."""

    def __init__(self, directory: Path, name: str = "softphone") -> None:
        self.directory, self.name = directory, name
        self.events: list[dict[str, Any]] = []
        self._arrived = asyncio.Event()

    async def start(self, transport: str = "udp") -> Baresip:
        """Start it, and connect to its control port."""
        self.directory.mkdir(parents=True, exist_ok=True)
        control = free_port()
        text = CONFIG.format(directory=self.directory, control=control, rtp_first=30000, rtp_last=30100)
        (self.directory / "config").write_text(text)
        account = f"<sip:{self.name}@127.0.0.1;transport={transport}>;regint=0;audio_codecs=pcmu,pcma\n"
        (self.directory / "accounts").write_text(account)
        (self.directory / "contacts").write_text("")
        write_tone(self.directory / "said.wav")
        log = (self.directory / "baresip.log").open("w")
        self._process = await asyncio.create_subprocess_exec(
            "baresip",
            "-f",
            str(self.directory),
            "-s",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        log.close()
        async with asyncio.timeout(10):
            while True:
                try:
                    self._reader, self._writer = await asyncio.open_connection("127.0.0.1", control)
                    break
                except ConnectionRefusedError:
                    await asyncio.sleep(0.05)
        self._reading = asyncio.create_task(self._read())
        return self

    def command(self, command: str, params: str = "") -> None:
        """Give a command of its menu."""
        body = json.dumps({"command": command, "params": params, "token": "t"}).encode()
        self._writer.write(str(len(body)).encode() + b":" + body + b",")

    async def event(self, kind: str, within_s: float = 10) -> dict[str, Any]:
        """Wait for an event of this type."""
        async with asyncio.timeout(within_s):
            while True:
                self._arrived.clear()
                for event in self.events:
                    if event.get("type") == kind:
                        self.events.remove(event)
                        return event
                await self._arrived.wait()

    async def stop(self) -> None:
        """End it."""
        self.command("quit")
        try:
            await asyncio.wait_for(self._process.wait(), 5)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        self._reading.cancel()
        self._writer.close()

    async def _read(self) -> None:
        while True:
            try:
                length = int((await self._reader.readuntil(b":"))[:-1])
                body = json.loads((await self._reader.readexactly(length + 1))[:-1])
            except (asyncio.IncompleteReadError, ConnectionError, ValueError):
                return
            self.events.append(body)
            self._arrived.set()
