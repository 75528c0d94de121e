"""Phones and carriers made of SIPp that are called and do not simply answer; for those that do there is baresip."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

from roomtone.testing.rtp_phone import RtpPhone
from stage.sipp import SCENARIOS, free_port

WITHIN_S = 15.0


@asynccontextmanager
async def registered(
    name: str, password: str, server: tuple[str, int], port: int, folder: Path
) -> AsyncIterator[None]:
    """Have a phone be registered at a port of 127.0.0.1, which is free before and after."""
    await _register(name, password, server, port, folder, 600)
    try:
        yield
    finally:
        await _register(name, password, server, port, folder, 0)


async def _register(
    name: str, password: str, server: tuple[str, int], port: int, folder: Path, expires_s: int
) -> None:
    process = await asyncio.create_subprocess_exec(
        "sipp", f"{server[0]}:{server[1]}", "-sf", str(SCENARIOS / "register.xml"), "-i", "127.0.0.1", "-p", str(port),
        "-m", "1", "-nostdin", "-key", "name", name, "-key", "expires", str(expires_s), "-au", name, "-ap", password,
        "-timeout", "30", cwd=folder,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert await process.wait() == 0, f"{name} could not register for {expires_s} s"


class SippCallee:
    """One SIPp process that takes any number of calls by one scenario."""

    def __init__(self, port: int, folder: Path) -> None:
        self.uri = f"sip:callee@127.0.0.1:{port}"
        self.log = folder / f"callee-{port}.log"
        self.phone: RtpPhone | None = None
        self._port = port
        self._process: asyncio.subprocess.Process | None = None

    @classmethod
    async def refusing(cls, refusal: str, folder: Path, port: int = 0) -> Self:
        """Start one that rings and then refuses.

        Args:
            refusal: Status and phrase: ``486 Busy Here``.
            folder: Where logs go.
            port: Where it can be called; 0: any.
        """
        callee = cls(port or free_port(), folder)
        scenario = folder / f"refuser-{callee._port}.xml"  # SIPp wants the status to stand there
        scenario.write_text((SCENARIOS / "refuser.xml").read_text().replace("[refusal]", refusal))
        await callee._start(scenario, {})
        return callee

    @classmethod
    async def answering(cls, folder: Path, port: int = 0, *, leaves_after_ms: int | None = None) -> Self:
        """Start one that rings for a moment and answers; it speaks with nobody.

        Args:
            folder: Where logs go.
            port: Where it can be called; 0: any.
            leaves_after_ms: How long after the answer it hangs up; None: it leaves that to the other side.
        """
        callee = cls(port or free_port(), folder)
        scenario = folder / f"answerer-{callee._port}.xml"  # SIPp expands no keyword in what it waits for
        stays_ms = 3_600_000 if leaves_after_ms is None else max(1, leaves_after_ms)
        scenario.write_text((SCENARIOS / "answerer.xml").read_text().replace("STAYS_MS", str(stays_ms)))
        await callee._start(scenario, {})
        return callee

    @classmethod
    async def sounding(cls, pitch_hz: float, folder: Path) -> Self:
        """Start one whose side is heard before anybody answers, which nobody does."""
        callee = cls(free_port(), folder)
        callee.phone = await RtpPhone.open(pitch_hz)
        await callee._start(
            SCENARIOS / "early.xml", {"rtp_host": "127.0.0.1", "rtp_port": str(callee.phone.port)}
        )
        return callee

    async def _start(self, scenario: Path, keys: dict[str, str]) -> None:
        options = [part for key, value in keys.items() for part in ("-key", key, value)]
        self._process = await asyncio.create_subprocess_exec(
            "sipp", "-sf", str(scenario), "-i", "127.0.0.1", "-p", str(self._port), "-nostdin",
            "-trace_logs", "-log_file", str(self.log), *options,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        async with asyncio.timeout(WITHIN_S):
            while not _listens(self._port):
                assert self._process.returncode is None, "SIPp did not start"
                await asyncio.sleep(0.02)
        assert self._process.returncode is None, "somebody else listens there"

    async def wait_for(self, word: str) -> str:
        """Wait until the scenario has logged a line that begins so, and give the line."""
        async with asyncio.timeout(WITHIN_S):
            while True:
                said = self.log.read_text().splitlines() if self.log.exists() else []
                for line in said:
                    if line.startswith(word):
                        return line
                await asyncio.sleep(0.02)

    async def speak(self) -> None:
        """Wait for the call, and let its sound go there."""
        assert self.phone is not None
        port = int((await self.wait_for("invited")).split()[1])
        self.phone.point("127.0.0.1", port)

    async def close(self) -> None:
        """Leave nothing behind."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        if self.phone is not None:
            await self.phone.close()


def _listens(port: int) -> bool:
    """Whether somebody takes datagrams at this port of 127.0.0.1 (Linux: proc(5), net/udp)."""
    wanted = f"0100007F:{port:04X}"
    return any(wanted in line.split()[1:2] for line in Path("/proc/net/udp").read_text().splitlines())
