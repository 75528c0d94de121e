"""Phones made of SIPp: it does the signalling, by our scenario; an `RtpPhone` beside it speaks and listens.

SIPp: Debian package sip-tester. The scenario says how the test steers it (`scenarios/caller.xml`).
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import socket
import zlib
from pathlib import Path
from typing import Self

from roomtone.sdp.agreement import Codec
from roomtone.testing.g711 import encode
from roomtone.testing.rtp_phone import RtpPhone
from roomtone.testing.tones import tone

SCENARIOS = Path(__file__).with_name("scenarios")
LASTING_PORTS = range(12_000, 20_000, 50)
"""Where each worker's part of the ports begins that are chosen long before they are used."""

_turn = itertools.count(1)


class SippCaller:
    """One SIPp process that makes one call."""

    def __init__(self, name: str, phone: RtpPhone, folder: Path) -> None:
        self.name = name
        self.phone = phone
        self.call_id = f"{name}-{os.getpid()}-{next(_turn)}@test"
        self.call_sid = ""
        """Set by who knows it: the stage."""

        self.server_port = 0
        """Where the server takes this caller's sound; known once it has answered."""

        self._mute, self._by_datagram = False, True
        self._options: tuple[str, ...] = ()
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None
        self._control: tuple[str, int] | None = None

    @classmethod
    async def dial(
        cls,
        name: str,
        number: str,
        server: tuple[str, int],
        folder: Path,
        *,
        pitch_hz: float | None,
        codec: Codec = Codec.PCMU,
        transport: str = "u1",
        payload_types: str = "",
        second_port: int = 0,
        streams_hz: float | None = None,
        scenario: Path | None = None,
        password: str = "",
        phone: RtpPhone | None = None,
    ) -> Self:
        """Send the INVITE; does not wait for an answer.

        Args:
            name: User part of From; also what other tests know it by.
            number: Whom it calls.
            server: The server's SIP address.
            folder: Where logs go.
            pitch_hz: What it says; None: silence.
            codec: What it offers first and sends.
            transport: SIPp's word: ``u1`` UDP, ``t1`` TCP.
            payload_types: What the SDP's m line lists; by default this codec and digits.
            second_port: Where MOVE moves the sound to.
            streams_hz: SIPp itself sends this pitch, and takes the sound that comes back: `phone` hears nothing.
            scenario: What SIPp does in place of `scenarios/caller.xml`; one made of it.
            password: With which it answers a challenge, as `name`; for scenarios that do.
            phone: Speaks and listens in place of one made here.
        """
        phone = phone or await RtpPhone.open(pitch_hz, codec=codec)
        caller = cls(name, phone, folder)
        offered = payload_types or ("0 101" if codec is Codec.PCMU else "8 101")
        keys = {
            "number": number, "name": name, "rtp_host": "127.0.0.1", "rtp_port": str(phone.port),
            "rtp_port_2": str(second_port or phone.port), "payload_types": offered,
        }  # fmt: skip
        if streams_hz is not None:
            scenario = streaming_scenario(folder, streams_hz)
            caller._mute = True
        if password:
            uri = f"{number}@{server[0]}:{server[1]}"
            caller._options = ("-au", name, "-ap", password, "-auth_uri", uri)
        await caller._start(server, transport, keys, scenario or SCENARIOS / "caller.xml")
        return caller

    async def _start(
        self, server: tuple[str, int], transport: str, keys: dict[str, str], scenario: Path
    ) -> None:
        self._by_datagram = transport == "u1"
        port = free_port(socket.SOCK_DGRAM if self._by_datagram else socket.SOCK_STREAM)
        self._control = ("127.0.0.1", port)
        options = [part for key, value in keys.items() for part in ("-key", key, value)]
        self._process = await asyncio.create_subprocess_exec(
            "sipp", f"{server[0]}:{server[1]}", "-sf", str(scenario), "-i", "127.0.0.1", "-p", str(port),
            "-t", transport, "-m", "1", "-nostdin", "-cid_str", self.call_id, "-trace_logs", "-log_file", str(self.log),
            "-trace_err", "-error_file", str(self.errors), *self._options,
            *options,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip

    @property
    def log(self) -> Path:
        """What the scenario logged."""
        return self._folder / f"{self.call_id}.log"

    @property
    def errors(self) -> Path:
        """What SIPp complained about."""
        return self._folder / f"{self.call_id}.errors"

    @property
    def said(self) -> list[str]:
        """The scenario's log so far, line by line."""
        return self.log.read_text().splitlines() if self.log.exists() else []

    async def wait_for(self, word: str, within_s: float = 20.0) -> str:
        """Wait until the scenario has logged a line that begins so, and give the line."""
        try:
            async with asyncio.timeout(within_s):
                while True:
                    for line in self.said:
                        if line.startswith(word):
                            return line
                    assert self.is_up, f"SIPp of {self.name} is over without «{word}»: {self._complaint()}"
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(f"no «{word}» from {self.name}: {self._complaint()}") from None

    def _complaint(self) -> str:
        return f"{self.said} {self.errors.read_text() if self.errors.exists() else ''}"

    async def answered(self) -> Self:
        """Wait for 200 OK, and let the phone speak to the port the answer names."""
        line = await self.wait_for("answered")
        self.server_port = int(line.split()[1])
        if not self._mute:
            self.phone.point("127.0.0.1", self.server_port)
        return self

    @property
    def is_up(self) -> bool:
        """Whether SIPp is still in its call."""
        return self._process is not None and self._process.returncode is None

    def tell(self, word: str) -> None:
        """Tell the scenario what to do next: HANGUP, HOLD, RESUME or MOVE."""
        assert self._control is not None
        lines = [
            f"{word} sip:{self.name}@127.0.0.1 SIP/2.0", "Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKtold",
            "From: <sip:test@127.0.0.1>;tag=test", f"To: <sip:{self.name}@127.0.0.1>",
            f"Call-ID: {self.call_id}", f"CSeq: 1 {word}", "Content-Length: 0", "", "",
        ]  # fmt: skip
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.sendto("\r\n".join(lines).encode(), self._control)

    async def hang_up(self) -> None:
        """Say BYE and wait until it has been answered."""
        self.tell("HANGUP")
        await self.over()

    async def over(self, within_s: float = 20.0) -> int:
        """Wait for the end of the call, whoever ends it; gives SIPp's exit status (0: all went by the scenario)."""
        assert self._process is not None
        try:
            async with asyncio.timeout(within_s):
                return await self._process.wait()
        except TimeoutError:
            raise AssertionError(f"the call of {self.name} goes on: {self._complaint()}") from None

    async def close(self) -> None:
        """Hang up if need be, and leave nothing behind."""
        assert self._process is not None
        if self.is_up and self._by_datagram and any(line.startswith("answered") for line in self.said):
            self.tell("HANGUP")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await self._process.wait()
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        await self.phone.close()


def streaming_scenario(folder: Path, hz: float) -> Path:
    """Write the scenario of a caller whose sound is sent by SIPp itself, from a file, for ever."""
    speech = folder / "speech.ulaw"
    speech.write_bytes(encode(Codec.PCMU, tone(hz, 8.0)))
    text = (SCENARIOS / "caller.xml").read_text()
    stream = f'<nop><action><exec rtp_stream="{speech},-1,0"/></action></nop>\n  <label id="wait"/>'
    path = folder / "streaming.xml"
    path.write_text(
        text.replace('<label id="wait"/>', stream).replace("[rtp_port]", "[rtpstream_audio_port]")
    )
    return path


def free_ports() -> int:
    """Find a port of 127.0.0.1 that nobody has just now, for datagrams and streams, nor the one above it."""
    while not _are_free(port := free_port()):
        pass
    return port


def lasting_port() -> int:
    """Find a port that is free, as is the one above it, and that nobody is given by chance in the next minutes.

    It is below those that the kernel gives away (ip(7), ip_local_port_range) and those that engines take for sound, in a
    part of the range that no other worker of this run looks into.
    """
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    part = LASTING_PORTS[(zlib.crc32(run.encode()) + worker) % len(LASTING_PORTS)]
    return next(port for port in range(part, part + LASTING_PORTS.step, 2) if _are_free(port))


def _are_free(port: int) -> bool:
    kinds = (socket.SOCK_DGRAM, socket.SOCK_STREAM)
    return all(_is_free(one, kind) for one in (port, port + 1) for kind in kinds)


def _is_free(port: int, kind: int) -> bool:
    with socket.socket(socket.AF_INET, kind) as sock:
        try:
            sock.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port(kind: int = socket.SOCK_DGRAM) -> int:
    """Find a port of 127.0.0.1 that nobody has just now."""
    with socket.socket(socket.AF_INET, kind) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
