"""The program that writes down what is said: a command, run once for each voice of a recording.

It is a child of ours for that long, in a process group of its own, and gives way to everything else. It is told where a
WAV file is (16 bits, one channel), or gets it on its standard input, and writes text or JSON (`reading.py`) on its
standard output. Time and output are bounded.

Source: none; whisper's, faster-whisper's and Vosk's command lines fit this shape.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shlex
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

MOST_BYTES = 10_000_000
"""What one run may write."""

LAST_WORDS = 300
"""Characters of what it complained of that are kept, from the end."""

_NICE = 10
_PLACES = ("path",)


class NotTranscribed(Exception):  # noqa: N818 - it is the world's
    """Nothing came of a run; the text says why, for people."""


@dataclass(frozen=True, slots=True)
class Transcriber:
    """A program that writes down what is said."""

    command: tuple[str, ...]
    """Program and arguments; ``{path}`` in one of them stands for the file."""

    @property
    def wants_path(self) -> bool:
        """Whether it opens the file by itself; else it reads it on its standard input."""
        return any("{path}" in part for part in self.command)

    def filled(self, path: Path) -> tuple[str, ...]:
        """Give the command for one file."""
        return tuple(part.replace("{path}", str(path)) for part in self.command)


def transcriber_of(setting: str) -> Transcriber | None:
    """Find the program that the setting `transcriber` means; None: nothing is written down.

    Args:
        setting: ``off``, or a command, in which ``{path}`` is filled in.

    Raises:
        ValueError: The command cannot be read, or names a place that is not filled in.
    """
    if setting == "off":
        return None
    command = tuple(shlex.split(setting))
    if not command:
        raise ValueError("takes off or a command")
    for name in re.findall(r"\{([^{}]*)\}", setting):
        if name not in _PLACES:
            raise ValueError(f"knows path in braces, not {name!r}")
    return Transcriber(command)


async def run(transcriber: Transcriber, path: Path, within_s: float, most_bytes: int = MOST_BYTES) -> bytes:
    """Have a file transcribed, and give what the program wrote.

    Raises:
        NotTranscribed: It cannot be run, fails, takes too long, or writes too much.
    """
    try:
        async with asyncio.timeout(within_s):
            return await _run(transcriber, path, most_bytes)
    except TimeoutError:
        raise NotTranscribed(f"the program took longer than {within_s:g} s") from None
    except OSError as fault:
        raise NotTranscribed(f"the program cannot be run: {fault.strerror or fault}") from fault


async def _run(transcriber: Transcriber, path: Path, most_bytes: int) -> bytes:
    with _given(transcriber, path) as given:
        child = await asyncio.create_subprocess_exec(
            *_gently(transcriber.filled(path)),
            stdin=given,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
    assert child.stdout is not None, "it was asked for"
    assert child.stderr is not None, "it was asked for"
    complaints = asyncio.create_task(_last_of(child.stderr))
    try:
        written = await _all_of(child.stdout, most_bytes)
        if (status := await child.wait()) != 0:
            said = (await complaints).strip().replace("\n", " ")
            raise NotTranscribed(f"the program ended with status {status}" + (f": {said}" if said else ""))
        return written
    finally:
        complaints.cancel()
        _end(child)
        await child.wait()


def _given(transcriber: Transcriber, path: Path) -> contextlib.AbstractContextManager[BinaryIO]:
    return Path(os.devnull).open("rb") if transcriber.wants_path else path.open("rb")


def _gently(command: Sequence[str]) -> tuple[str, ...]:
    """Have a program run at a lower priority than calls: by a program of every POSIX system, for no code of ours may run
    between fork and exec.
    """
    return ("nice", "-n", str(_NICE), *command)


def _end(child: asyncio.subprocess.Process) -> None:
    """End it, and whatever it has begun."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)


async def _all_of(pipe: asyncio.StreamReader, most_bytes: int) -> bytes:
    written = bytearray()
    while chunk := await pipe.read(1 << 16):
        written += chunk
        if len(written) > most_bytes:
            raise NotTranscribed("the program writes too much")
    return bytes(written)


async def _last_of(pipe: asyncio.StreamReader) -> str:
    last = b""
    while chunk := await pipe.read(1 << 12):
        last = (last + chunk)[-4 * LAST_WORDS :]
    return last.decode(errors="replace")[-LAST_WORDS:]
