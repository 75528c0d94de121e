"""Feed each target for a while: ``python -m fuzz [SECONDS] [TARGET ...]``.

Begins with `fuzz/seeds` and with what earlier runs have found (`fuzz/corpus`, kept on this machine only). What reaches a
line of ours that nothing has reached before is kept and changed further. What breaks something is kept in
`fuzz/artifacts`; its content belongs into a test. More than `SLOW_S` for one input is a fault, too.
"""

from __future__ import annotations

import hashlib
import random
import re
import signal
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from fuzz.doors import TARGETS, Target

HERE = Path(__file__).parent
OURS = str(HERE.parent / "src" / "roomtone")
LONGEST = 4_096
SLOW_S = 10
ODD = (
    b"",
    b"\0",
    b"\xff" * 4,
    b"-1",
    b"4294967296",
    b"1e999",
    b"%00",
    b"\r\n",
    "\u202e\ud7ff".encode(),
    b"'\"<>&;" * 3,
)


@dataclass
class Run:
    """One target, fed."""

    name: str
    target: Target
    dice: random.Random
    corpus: list[bytes] = field(default_factory=list)
    words: list[bytes] = field(default_factory=list)
    lines: set[tuple[CodeType, int]] = field(default_factory=set)
    fed: int = 0

    def begin(self) -> None:
        """Feed what is kept."""
        kept = [
            file.read_bytes()
            for place in ("seeds", "corpus")
            for file in sorted((HERE / place / self.name).glob("*"))
        ]
        for data in kept or [b""]:
            self.feed(data, keep=False)
            self.corpus.append(data)
            self.words += re.findall(rb"[\w./:+-]{2,40}", data)

    def feed(self, data: bytes, *, keep: bool = True) -> None:
        """Feed one input; what reaches something new is kept."""
        before = len(self.lines)
        sys.settrace(self._trace)
        signal.alarm(SLOW_S)
        try:
            self.target.take(data)
        except self.target.expected:
            pass
        except BaseException:
            _save("artifacts", self.name, data)
            raise
        finally:
            signal.alarm(0)
            sys.settrace(None)
        self.fed += 1
        if keep and len(self.lines) > before:
            self.corpus.append(data)
            _save("corpus", self.name, data)

    def change(self) -> bytes:
        """Make a new input out of those that are kept."""
        data = bytearray(self.dice.choice(self.corpus))
        for _ in range(self.dice.choice((1, 1, 2, 4, 8))):
            at = self.dice.randint(0, len(data))
            to = min(len(data), at + self.dice.choice((0, 1, 2, 8, 64)))
            match self.dice.randrange(5):
                case 0 if data:
                    data[at % len(data)] = self.dice.randrange(256)
                case 1:
                    data[at:to] = b""
                case 2:
                    data[at:to] = self.dice.choice(self.words or [b""])
                case 3:
                    data[at:to] = self.dice.choice(ODD)
                case _:
                    other = self.dice.choice(self.corpus)
                    begin = self.dice.randint(0, len(other))
                    data[at:to] = other[begin : begin + self.dice.choice((4, 32, 256))]
        return bytes(data[:LONGEST])

    def _trace(self, frame: FrameType, _event: str, _: Any) -> Any:
        code = frame.f_code
        if not code.co_filename.startswith(OURS):
            return None
        self.lines.add((code, frame.f_lineno))
        return self._trace


def _save(place: str, target: str, data: bytes) -> None:
    folder = HERE / place / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)


def _too_slow(*_: object) -> None:
    raise TimeoutError(f"more than {SLOW_S} s for one input")


def main() -> int:
    words = sys.argv[1:]
    seconds = float(words.pop(0)) if words and words[0].replace(".", "").isdigit() else 60.0
    signal.signal(signal.SIGALRM, _too_slow)
    broken = []
    for name in words or TARGETS:
        run = Run(name, TARGETS[name], random.Random())
        try:
            run.begin()
            ends_s = time.monotonic() + seconds
            while time.monotonic() < ends_s:
                run.feed(run.change())
        except Exception as fault:  # noqa: BLE001 - told, and the next target is fed
            broken.append(name)
            print(
                f"{name:<8} FAILED after {run.fed}: {type(fault).__name__}: {fault}; fuzz/artifacts/{name}",
                flush=True,
            )
            continue
        print(
            f"{name:<8} Done {run.fed} runs in {seconds:g} second(s); lines: {len(run.lines)}, kept: {len(run.corpus)}",
            flush=True,
        )
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
