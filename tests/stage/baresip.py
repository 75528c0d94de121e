"""A phone made of baresip (Debian package baresip-core): no sound card, it speaks a file and writes what it hears to one.

Modules: aufile plays our tone as if it were a microphone, sndfile dumps what was received, aubridge is a loudspeaker
that leads nowhere.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from roomtone.testing.g711 import Pcm
from roomtone.testing.tones import HEARD_DB, RATE_HZ, level_db
from stage.customer import wav
from stage.sipp import free_port, free_ports

WAV_HEADER_BYTES = 44

MODULES = {
    "PCMU/8000/1": "g711",
    "PCMA/8000/1": "g711",
    "G722/16000/1": "g722",
    "L16/16000/1": "l16",
    "L16/8000/1": "l16",
    "opus/48000/2": "opus",
}
"""Which module codes what, by baresip's own spelling of the codec."""

CONFIG = """
poll_method epoll
sip_listen 127.0.0.1:{sip_port}
net_interface 127.0.0.1
audio_path {folder}
audio_player aubridge,nowhere
audio_source aufile,{folder}/speech.wav
audio_alert aubridge,nowhere-else
audio_level no
ausrc_srate 8000
ausrc_channels 1
audio_buffer 20-160
rtp_ports {rtp_port}-{rtp_last}
rtp_stats no
jitter_buffer_delay 1-5
module_path {modules}
module {module}.so
{secure}module aufile.so
module aubridge.so
module sndfile.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control_port}
snd_path {folder}
"""


SECURE = """module srtp.so
sip_cafile {ca}
sip_certificate {certificate}
"""
"""TLS and SRTP: whom it believes, and its own certificate and key in one file."""


@dataclass(frozen=True)
class Secrecy:
    """How a phone keeps its calls to itself."""

    ca: Path
    """Whom it believes."""

    certificate: Path
    """Who it is: certificate and key, PEM."""

    media: str = "srtp-mand"
    """baresip's word for how sound is encrypted: srtp-mand, srtp-mandf, srtp (if they will); empty: not at all."""

    transport: str = "tls"


def modules() -> Path:
    """Where Debian puts baresip's modules."""
    return next(
        path
        for path in (Path("/usr/lib/baresip/modules"), *Path("/usr/lib").glob("*/baresip/modules"))
        if path.is_dir()
    )


def _furnish(
    folder: Path, name: str, pitch_hz: float, codec: str, *, sip_port: int = 0, options: str = "",
    secrecy: Secrecy | None = None,
) -> None:  # fmt: skip
    rtp_port = free_port() & ~1
    control_port = free_port(socket.SOCK_STREAM)
    (folder.parent / f"{folder.name}.control").write_text(str(control_port))
    folder.mkdir()
    (folder / "speech.wav").write_bytes(wav(pitch_hz, 120))
    (folder / "config").write_text(
        CONFIG.format(
            control_port=control_port, rtp_port=rtp_port, rtp_last=rtp_port + 20, folder=folder, modules=modules(), module=MODULES[codec],
            sip_port=sip_port,
            secure="" if secrecy is None else SECURE.format(ca=secrecy.ca, certificate=secrecy.certificate),
        )
    )  # fmt: skip
    domain, options = options.partition("!")[::2] if "!" in options else ("127.0.0.1", f";regint=0{options}")
    if secrecy is not None:
        domain += f";transport={secrecy.transport}"
        options += f";mediaenc={secrecy.media}" if secrecy.media else ""
    (folder / "accounts").write_text(f"<sip:{name}@{domain}>;audio_codecs={codec}{options}\n")
    (folder / "contacts").touch()


class BaresipCaller:
    """One baresip process that makes one call, or takes one."""

    uri = ""
    """Where it can be called, if it waits to be."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None

    @classmethod
    async def dial(
        cls,
        name: str,
        number: str,
        server: tuple[str, int],
        folder: Path,
        *,
        pitch_hz: float,
        codec: str = "PCMU/8000/1",
        secrecy: Secrecy | None = None,
    ) -> Self:
        """Start it, let it call, and wait until it is heard and hears.

        Args:
            name: User part of From.
            number: Whom it calls.
            server: The server's SIP address.
            folder: Where its files go.
            pitch_hz: What it says.
            codec: The only one it offers: one of `MODULES`.
            secrecy: How it keeps the call to itself, if it does.
        """
        phone = await cls.try_to_dial(
            name, number, server, folder, pitch_hz=pitch_hz, codec=codec, secrecy=secrecy
        )
        await phone.wait_for_samples(1)
        return phone

    @classmethod
    async def try_to_dial(
        cls,
        name: str,
        number: str,
        server: tuple[str, int],
        folder: Path,
        *,
        pitch_hz: float,
        codec: str = "PCMU/8000/1",
        secrecy: Secrecy | None = None,
    ) -> Self:
        """Start it and let it call, whatever comes of it."""
        _furnish(folder, name, pitch_hz, codec, secrecy=secrecy)
        phone = cls(folder)
        by = "" if secrecy is None else f";transport={secrecy.transport}"
        with (folder / "output").open("wb") as output:
            phone._process = await asyncio.create_subprocess_exec(
                "baresip", "-f", str(folder), "-e", f"/dial sip:{number}@{server[0]}:{server[1]}{by}",
                stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=asyncio.subprocess.STDOUT,
            )  # fmt: skip
        return phone

    @classmethod
    async def wait_to_be_called(
        cls,
        name: str,
        folder: Path,
        *,
        pitch_hz: float,
        answers: bool = True,
        secrecy: Secrecy | None = None,
        port: int = 0,
    ) -> Self:
        """Start it, and wait until it can be called; unless it `answers` it just rings. `port` 0: any."""
        port = port or free_ports()  # it takes the one above for TLS
        mode = ";answermode=auto" if answers else ";answermode=manual"
        _furnish(folder, name, pitch_hz, "PCMU/8000/1", sip_port=port, options=mode, secrecy=secrecy)
        phone = cls(folder)
        phone.uri = f"sip:{name}@127.0.0.1:{port}"
        if secrecy is not None:
            phone.uri = f"sip:{name}@127.0.0.1:{port + 1};transport=tls"
        with (folder / "output").open("wb") as output:
            phone._process = await asyncio.create_subprocess_exec(
                "baresip", "-f", str(folder),
                stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=asyncio.subprocess.STDOUT,
            )  # fmt: skip
        async with asyncio.timeout(10):
            while "baresip is ready" not in phone.output:
                assert phone._process.returncode is None, phone.output
                await asyncio.sleep(0.02)
        return phone

    @classmethod
    async def register(
        cls,
        name: str,
        password: str,
        registrar: tuple[str, int],
        folder: Path,
        *,
        pitch_hz: float,
        dials: str = "",
        transport: str = "udp",
    ) -> Self:
        """Start it, have it register, and wait for the registrar's answer; it answers whoever calls it.

        Args:
            name: User part of its address, and of its credentials.
            password: What it proves to know.
            registrar: Where.
            folder: Where its files go.
            pitch_hz: What it says.
            dials: Whom it calls once it is registered.
            transport: ``udp`` or ``tcp``.
        """
        port = free_ports()
        domain = f"{registrar[0]}:{registrar[1]};transport={transport}"
        options = f"{domain}!;auth_user={name};auth_pass={password};regint=600;answermode=auto"
        _furnish(folder, name, pitch_hz, "PCMU/8000/1", sip_port=port, options=options)
        phone = cls(folder)
        call = ("-e", f"/dial {dials}") if dials else ()
        with (folder / "output").open("wb") as output:
            phone._process = await asyncio.create_subprocess_exec(
                "baresip", "-f", str(folder), *call,
                stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=asyncio.subprocess.STDOUT,
            )  # fmt: skip
        async with asyncio.timeout(20):
            while not any(word in phone.output for word in ("[1 binding", "bindings]", "40", "reg failed")):
                assert phone._process.returncode is None, phone.output
                await asyncio.sleep(0.02)
        return phone

    async def tell(self, command: str, parameters: str = "") -> None:
        """Have it do something while it runs: ``transfer sip:bob@host``; waits for its answer."""
        port = int(self._folder.with_name(f"{self._folder.name}.control").read_text())
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            order = json.dumps({"command": command, "params": parameters, "token": "test"}).encode()
            writer.write(b"%d:%s," % (len(order), order))
            async with asyncio.timeout(15):
                while b'"token":"test"' not in (said := await reader.readuntil(b"},")):
                    pass
            assert b'"ok":true' in said, said
        finally:
            writer.close()

    async def says(self, text: str, within_s: float = 15.0) -> None:
        """Wait until it has printed this."""
        try:
            async with asyncio.timeout(within_s):
                while text not in self.output:  # noqa: ASYNC110 - another process prints it
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"baresip does not say {text!r}: {self.output}") from None

    @property
    def output(self) -> str:
        """What baresip printed."""
        return (self._folder / "output").read_text(errors="replace")

    def everything(self) -> Pcm:
        """All it has heard so far, at its codec's rate: of two channels the left one."""
        return self._heard()[0]

    @property
    def rate_hz(self) -> int:
        """Rate of what it hears: its codec's."""
        return self._heard()[1]

    def _heard(self) -> tuple[Pcm, int]:
        dumps = sorted(self._folder.glob("dump-*-dec.wav"))
        raw = dumps[-1].read_bytes() if dumps else b""
        if len(raw) < WAV_HEADER_BYTES:
            return np.zeros(0, np.int16), RATE_HZ
        channels, rate_hz = int.from_bytes(raw[22:24], "little"), int.from_bytes(raw[24:28], "little")
        sound = raw[WAV_HEADER_BYTES:]
        return np.frombuffer(sound[: len(sound) & ~1], "<i2")[::channels], rate_hz

    def levels(self, pitches_hz: tuple[float, ...], window_ms: int = 300) -> dict[float, float]:
        """Measure how loud each pitch was in the last `window_ms`."""
        pcm, rate_hz = self._heard()
        pcm = pcm[-window_ms * rate_hz // 1000 :]
        return {hz: level_db(pcm, hz, rate_hz) for hz in pitches_hz}

    async def wait_for_samples(self, count: int, within_s: float = 20.0) -> None:
        """Wait until it has heard this many more samples."""
        wanted = len(self.everything()) + count
        try:
            async with asyncio.timeout(within_s):
                while len(self.everything()) < wanted:
                    assert self._process is not None
                    assert self._process.returncode is None, self.output
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"baresip hears nothing more: {self.output}") from None

    async def comes_to_hear(
        self, pitches_hz: Iterable[float], *, not_: Iterable[float] = (), within_s: float = 15.0
    ) -> None:
        """Insist that it comes to hear all of these at once, none of the others, and still does half a second later."""
        wanted, others = set(pitches_hz), set(not_)
        async with asyncio.timeout(within_s):
            while True:
                if self._hears(wanted | others) == wanted:
                    await self.wait_for_samples(self.rate_hz // 2)
                    if (found := self._hears(wanted | others)) == wanted:
                        return
                    assert not found & others, "it hears what it should not"
                await self.wait_for_samples(self.rate_hz // 10)

    def _hears(self, pitches_hz: set[float]) -> set[float]:
        return {hz for hz, level in self.levels(tuple(pitches_hz)).items() if level > HEARD_DB}

    async def close(self) -> None:
        """Hang up (baresip does on SIGTERM) and wait for its end."""
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            try:
                async with asyncio.timeout(5):
                    await self._process.wait()
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
