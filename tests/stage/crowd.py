"""Many callers at little cost: one SIPp makes all their calls, one process has all their sound.

SIPp takes a re-INVITE and says where the sound goes from then on; the sound follows it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from roomtone.testing.tones import PITCHES_HZ
from stage.sipp import SCENARIOS, free_port

WITHIN_S = 60.0
PROGRAM = Path(__file__).with_name("crowd_sound.py")


@dataclass
class Crowd:
    """Callers by their number, from 0."""

    folder: Path
    numbers: list[str]
    """Whom each of them calls."""

    answered: dict[int, int] = field(default_factory=dict)
    """Where the sound of each goes, as the answer or the last re-INVITE said."""

    reinvited: dict[int, int] = field(default_factory=dict)
    """How often each was re-INVITEd."""

    _sound: asyncio.subprocess.Process | None = None
    _sipp: asyncio.subprocess.Process | None = None
    _reading: asyncio.Task[None] | None = None
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    @classmethod
    async def call(
        cls, numbers: list[str], server: tuple[str, int], folder: Path, *, transport: str = "u1"
    ) -> Self:
        """Let one caller for each number call it, and wait until all are answered."""
        crowd = cls(folder, numbers)
        pitches = [str(PITCHES_HZ[at % len(PITCHES_HZ)]) for at in range(len(numbers))]
        crowd._sound = await asyncio.create_subprocess_exec(
            sys.executable,
            str(PROGRAM),
            *pitches,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        ports = await crowd._heard()
        lines = ["SEQUENTIAL", *(f"c{at};{number};{ports[at]};{at}" for at, number in enumerate(numbers))]
        (folder / "crowd.csv").write_text("\n".join(lines) + "\n")
        kind = socket.SOCK_DGRAM if transport == "u1" else socket.SOCK_STREAM
        crowd._sipp = await asyncio.create_subprocess_exec(
            "sipp", f"{server[0]}:{server[1]}", "-sf", str(SCENARIOS / "crowd.xml"), "-inf", str(folder / "crowd.csv"),
            "-i", "127.0.0.1", "-p", str(free_port(kind)), "-t", transport, "-m", str(len(numbers)), "-r", "20",
            "-l", str(len(numbers)), "-nostdin", "-trace_logs", "-log_file", str(crowd.log),
            "-trace_err", "-error_file", str(folder / "crowd.errors"), "-trace_msg", "-message_file", str(folder / "crowd.messages"),
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        crowd._reading = asyncio.create_task(crowd._follow())
        await crowd.until(lambda: len(crowd.answered) == len(numbers), "all are answered")
        return crowd

    @property
    def log(self) -> Path:
        """What the scenario logged."""
        return self.folder / "crowd.log"

    async def until(self, there: Any, what: str, within_s: float = WITHIN_S) -> None:
        """Wait until something is so, looked at after each line of SIPp's log."""
        try:
            async with asyncio.timeout(within_s), self._news:
                await self._news.wait_for(there)
        except TimeoutError:
            errors = self.folder / "crowd.errors"
            complaint = errors.read_text()[-2_000:] if errors.exists() else ""
            raise AssertionError(
                f"not so in {within_s} s: {what}; answered {len(self.answered)} {complaint}"
            ) from None

    async def until_reinvited(self, times: int) -> None:
        """Wait until everybody was re-INVITEd so often."""
        everybody = range(len(self.numbers))
        await self.until(
            lambda: all(self.reinvited.get(who, 0) >= times for who in everybody),
            f"all are re-INVITEd {times} times",
        )

    async def reset(self) -> None:
        """Measure gaps from now on."""
        self._tell(do="reset")

    async def gaps_ms(self) -> list[float]:
        """Give the longest time without sound of each caller since the last `reset`, in ms.

        By how much the crowd itself spoke late just then is taken off: see `late_ms`.
        """
        self._tell(do="report")
        return [one["longest_ms"] for one in await self._heard()]

    async def late_ms(self) -> float:
        """Say by how much the crowd itself spoke late at most since the last `reset`: somebody else had the machine."""
        self._tell(do="report")
        return float((await self._heard())[0]["late_ms"])

    async def all_hear(self, within_s: float = 20.0, since_s: float = 0.0) -> None:
        """Wait until everybody hears somebody, and has done so after a moment of the wall clock."""
        deadline = asyncio.get_running_loop().time() + within_s
        while True:
            self._tell(do="report")
            told = await self._heard()
            deaf = [
                at
                for at, one in enumerate(told)
                if one["quiet_ms"] is None or one["quiet_ms"] > 200 or one["heard_s"] <= since_s
            ]
            if not deaf:
                return
            assert asyncio.get_running_loop().time() < deadline, f"these hear nobody: {deaf}"
            await asyncio.sleep(0.1)

    @property
    def is_up(self) -> bool:
        """Whether some call still goes on."""
        return self._sipp is not None and self._sipp.returncode is None

    async def over(self, within_s: float = 30.0) -> int:
        """Wait for the end of all calls, and give SIPp's status: 0 when all went by the scenario."""
        assert self._sipp is not None
        async with asyncio.timeout(within_s):
            return await self._sipp.wait()

    async def close(self) -> None:
        """Leave nothing behind."""
        if self._reading is not None:
            self._reading.cancel()
        for process in (self._sipp, self._sound):
            if process is not None and process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()

    def _tell(self, **order: Any) -> None:
        assert self._sound is not None
        assert self._sound.stdin is not None
        self._sound.stdin.write(json.dumps(order).encode() + b"\n")

    async def _heard(self) -> Any:
        assert self._sound is not None
        assert self._sound.stdout is not None
        return json.loads(await asyncio.wait_for(self._sound.stdout.readline(), 30))

    async def _follow(self) -> None:
        """Read SIPp's log as it grows."""
        seen = 0
        while True:
            lines = self.log.read_text().split("\n")[:-1] if self.log.exists() else []
            for line in lines[seen:]:
                self._take(line)
            if len(lines) > seen:
                async with self._news:
                    self._news.notify_all()
            seen = len(lines)
            await asyncio.sleep(0.05)

    def _take(self, line: str) -> None:
        word, *rest = line.split()
        if word in {"answered", "reinvited"}:
            who, port = int(rest[0]), int(rest[1])
            self.answered[who] = port
            if word == "reinvited":
                self.reinvited[who] = self.reinvited.get(who, 0) + 1
            self._tell(do="point", who=who, port=port)
