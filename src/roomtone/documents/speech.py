"""Speaking: an utterance in, audio out, by a program that is run for it.

The program is a child of ours for the length of one utterance, gets the text on its standard input and gives a WAV file
on its standard output; time, size and number are bounded. What was spoken is kept by its text. Never raises for a fault
of the world. Which program it is, is a setting; the default is eSpeak NG (see `espeak_program.py`), if it is there.

Source: none; eSpeak NG's, Piper's and most other engines' command lines fit this shape.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import re
import shlex
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from roomtone.core.exchange import Fetched, FetchedAudio, FetchFailed, Utterance
from roomtone.cxml.problems import Problem
from roomtone.documents.cache import Cache, Kept
from roomtone.documents.decode import DecodeLimits, NotAudio, decode
from roomtone.documents.espeak import voice_of

log = logging.getLogger(__name__)

PLACES = ("language", "gender", "voice", "espeak_voice")
"""What a command may name in braces."""

_FIT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@+-]{0,63}", re.ASCII)
_WHERE = "<Say>"


@dataclass(frozen=True, slots=True)
class Engine:
    """A program that speaks."""

    command: tuple[str, ...]
    """Program and arguments, with places in braces."""

    marks: bool = False
    """Whether it is given SSML; else plain text."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How much may be spoken."""

    within_s: float = 15.0
    """Longest time for one utterance, in seconds."""

    max_bytes: int = 40_000_000
    """Longest WAV file, in bytes."""

    max_audio_s: float = 1_800.0
    at_once: int = 2
    """Programs that run at once."""

    waiting: int = 100
    """Utterances that may wait for their turn; one more is refused."""

    cache_bytes: int = 32_000_000
    """Decoded audio kept at most, in bytes."""


def engine_of(setting: str) -> Engine | None:
    """Find the program that the setting `speech` means; None: nothing speaks.

    Args:
        setting: ``auto``: eSpeak NG from the package espeakng-loader, else the program ``espeak-ng`` of the system;
            ``off``; else a command, in which ``{language}``, ``{gender}``, ``{voice}`` and ``{espeak_voice}`` are
            filled in. It is given plain text, or SSML if it begins with ``ssml:``.

    Raises:
        ValueError: The command cannot be read, or names a place that is not filled in.
    """
    if setting == "off":
        return None
    if setting == "auto":
        return _espeak()
    marks, text = setting.startswith("ssml:"), setting.removeprefix("ssml:")
    command = tuple(shlex.split(text))
    if not command:
        raise ValueError("takes auto, off or a command")
    for name in re.findall(r"\{([^{}]*)\}", text):
        if name not in PLACES:
            raise ValueError(f"knows {', '.join(PLACES)} in braces, not {name!r}")
    return Engine(command, marks)


def _espeak() -> Engine | None:
    packaged = find_spec("espeakng_loader")
    if packaged is not None and packaged.origin is not None:
        program = str(Path(__file__).with_name("espeak_program.py"))
        folder = str(Path(packaged.origin).parent)
        return Engine((sys.executable, "-I", "-S", program, folder, "{espeak_voice}"), marks=True)
    if (program_found := shutil.which("espeak-ng")) is not None:
        return Engine((program_found, "-m", "--stdin", "--stdout", "-v", "{espeak_voice}"), marks=True)
    return None


class Speaker:
    """Speaks for all calls of the house."""

    def __init__(self, engine: Engine | None, settings: Settings | None = None) -> None:
        self._engine = engine
        self._settings = settings or Settings()
        self._cache = Cache(self._settings.cache_bytes)
        self._turn = asyncio.Semaphore(self._settings.at_once)
        self._under_way: dict[str, asyncio.Task[Fetched]] = {}

    async def speak(self, utterance: Utterance) -> Fetched:
        """Have something spoken; several who want the same at the same time share it."""
        if self._engine is None:
            return _failed("nothing here can speak: see the setting speech")
        command = tuple(_filled(part, utterance) for part in self._engine.command)
        text = f"<speak>{utterance.markup}</speak>" if self._engine.marks else utterance.text
        key = hashlib.sha256("\0".join((*command, text)).encode(errors="replace")).hexdigest()
        if (kept := self._cache.find(("speech", key))) is not None:
            return kept.audio
        if key not in self._under_way:
            if len(self._under_way) >= self._settings.waiting:
                return _failed("too many texts wait to be spoken")
            task = asyncio.create_task(self._make(key, command, text), name="speech")
            self._under_way[key] = task
            task.add_done_callback(lambda _: self._under_way.pop(key, None))
        return await asyncio.shield(self._under_way[key])

    async def close(self) -> None:
        """Drop what is under way. Idempotent."""
        tasks = tuple(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _make(self, key: str, command: Sequence[str], text: str) -> Fetched:
        async with self._turn:
            try:
                async with asyncio.timeout(self._settings.within_s):
                    wav = await _run(command, text.encode(errors="replace"), self._settings.max_bytes)
                limits = DecodeLimits(self._settings.max_audio_s)
                clip = await asyncio.to_thread(decode, wav, "audio/wav", limits)
            except (OSError, NotAudio) as why:  # a time-out is an OSError
                problem = str(why) or f"it took longer than {self._settings.within_s:g} s"
                log.warning("not spoken characters=%d problem=%r", len(text), problem)
                return _failed(f"the text could not be spoken: {problem}")
        audio = FetchedAudio(clip, _WHERE)
        self._cache.keep(("speech", key), Kept(audio, float("inf")))
        log.info("spoken characters=%d seconds=%.1f", len(text), clip.duration_s)
        return audio


def _failed(problem: str) -> FetchFailed:
    return FetchFailed(Problem.NOT_SPOKEN, problem, _WHERE)


def _filled(part: str, utterance: Utterance) -> str:
    """Fill in the places of one argument; whatever a customer wrote comes in as a bare word or not at all."""
    values = {
        "language": utterance.language,
        "gender": utterance.gender or "",
        "voice": utterance.voice,
        "espeak_voice": voice_of(utterance.language, utterance.gender),
    }
    for name, value in values.items():
        part = part.replace("{" + name + "}", value if _FIT.fullmatch(value) else "")
    return part


async def _run(command: Sequence[str], text: bytes, max_bytes: int) -> bytes:
    """Run a program and give what it writes.

    Raises:
        OSError: It cannot be run, or fails, or writes too much.
    """
    child = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert child.stdin is not None, "it was asked for"
        assert child.stdout is not None, "it was asked for"
        feeding = asyncio.create_task(_feed(child.stdin, text))
        written = bytearray()
        while chunk := await child.stdout.read(1 << 16):
            written += chunk
            if len(written) > max_bytes:
                raise OSError("the program writes too much")
        await feeding
        if (status := await child.wait()) != 0:
            raise OSError(f"the program ended with status {status}")
        return bytes(written)
    finally:
        feeding.cancel()
        if child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()


async def _feed(pipe: asyncio.StreamWriter, text: bytes) -> None:
    """Write the text; a program that does not want all of it may close its ears."""
    with contextlib.suppress(ConnectionError):
        pipe.write(text)
        await pipe.drain()
        pipe.close()
        await pipe.wait_closed()
