"""What finishing, silencing and converting take: an hour of two channels at 16 kHz, voices with pauses between."""

from __future__ import annotations

import asyncio
import time
import wave
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from roomtone.archive import Archive, Form, Settings
from roomtone.core.ids import RecordingId
from roomtone.core.recording.finishing import LEFT, RIGHT, Finished, Finishing

RATE_HZ = 16_000
HEAD = ("of the length", "what", "seconds", "processor-s", "loop waited at most, ms")


@dataclass(frozen=True)
class Taken:
    """What one piece of work took."""

    what: str
    seconds: float
    processor_s: float
    waited_ms: float
    """The longest that the event loop was held up meanwhile."""

    def cells(self, minutes: int) -> list[str]:
        """Spell it."""
        return [
            f"{minutes} min", self.what, f"{self.seconds:.1f}", f"{self.processor_s:.1f}", f"{self.waited_ms:.0f}",
        ]  # fmt: skip


def measure(folder: Path, minutes: int) -> list[Taken]:
    """Measure all of it."""
    return asyncio.run(_measure(folder, minutes))


async def _measure(folder: Path, minutes: int) -> list[Taken]:
    found = []
    for form in (Form.WAV, Form.FLAC):
        archive = Archive(Settings(folder / form.value, form))
        id_ = RecordingId(1)
        place = Path(str(await archive.folder(id_)))
        for number, name in enumerate((LEFT, RIGHT)):
            await asyncio.to_thread(_voice, place / f"{name}.wav", minutes, number)
        order = Finishing(id_, 2, RATE_HZ, 0, trimmed=True)
        found.append(await _timed(f"finished to {form.value}", _finished(archive, order)))
        if form is Form.WAV:
            span = (10 * RATE_HZ, 20 * RATE_HZ)
            found.append(await _timed("ten seconds silenced", archive.redact(id_, *span)))
            found.extend(
                [
                    await _timed(f"first asked for as {one.value}", _asked(archive, id_, one))
                    for one in (Form.MP3, Form.OGG)
                ]
            )
        await archive.close()
    return found


async def _finished(archive: Archive, order: Finishing) -> None:
    made = await archive.finish(order)
    assert isinstance(made, Finished), made


async def _asked(archive: Archive, id_: RecordingId, form: Form) -> None:
    sound = await archive.sound(id_, form.value)
    assert sound is not None
    sound.close()


async def _timed(what: str, work: Awaitable[object]) -> Taken:
    began_s, began_cpu_s = time.monotonic(), time.process_time()
    waits: list[float] = []
    watching = asyncio.create_task(_watch(waits))
    try:
        await work
    finally:
        watching.cancel()
    took_s = time.monotonic() - began_s
    return Taken(what, took_s, time.process_time() - began_cpu_s, max(waits, default=0.0) * 1_000)


async def _watch(waits: list[float]) -> None:
    """Note by how much the loop was late, again and again."""
    while True:
        due_s = time.monotonic() + 0.01
        await asyncio.sleep(0.01)
        waits.append(time.monotonic() - due_s)


def _voice(path: Path, minutes: int, number: int) -> None:
    """Write something that is as hard to code as speech: noise in syllables, and pauses."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        for second in _seconds(minutes * 60, number):
            file.writeframes(second.astype("<i2").tobytes())


def _seconds(count: int, number: int) -> Iterator[np.ndarray[tuple[int], np.dtype[np.float64]]]:
    dice = np.random.default_rng(number)
    moments = np.arange(RATE_HZ) / RATE_HZ
    for second in range(count):
        speaks = (second // 5 + number) % 2 == 0
        swell = np.abs(np.sin(2 * np.pi * 2.5 * moments))
        yield 6_000 * swell * dice.standard_normal(RATE_HZ).clip(-4, 4) * (1.0 if speaks else 0.001)
