"""An archive in one folder that keeps sound as the engine wrote it: no trimming, no other form than WAV."""

from __future__ import annotations

import array
import asyncio
import hashlib
import shutil
import wave
from collections.abc import Sequence
from pathlib import Path

from roomtone.core.ids import RecordingId
from roomtone.core.recording.finishing import (
    LEFT,
    MIX,
    RIGHT,
    Finished,
    FinishFailed,
    FinishFault,
    Finishing,
)


class PlainArchive:
    """Fits `roomtone.switchboard.ports.Archive`."""

    def __init__(self, home: Path) -> None:
        self._home = home

    async def folder(self, recording: RecordingId) -> str | FinishFailed:
        """Make the folder of a recording."""
        path = self.path(recording)
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as fault:
            return FinishFailed(recording, FinishFault.CANNOT_WRITE, str(fault))
        return str(path.absolute())

    async def finish(self, finishing: Finishing) -> Finished | FinishFailed:
        """Join the channels into one file."""
        return await asyncio.to_thread(_finish, self.path(finishing.recording), finishing)

    async def remove(self, recording: RecordingId) -> None:
        """Remove the folder."""
        shutil.rmtree(self.path(recording), ignore_errors=True)

    async def left_over(self) -> Sequence[RecordingId]:
        """List the folders without a finished file."""
        folders = self._home.iterdir() if self._home.is_dir() else ()
        return [RecordingId.from_hex(one.name) for one in folders if not (one / "sound.wav").exists()]

    def path(self, recording: RecordingId) -> Path:
        """Give the folder of a recording."""
        return self._home / recording.hex


def _finish(folder: Path, finishing: Finishing) -> Finished | FinishFailed:
    names = (MIX,) if finishing.channels == 1 else (LEFT, RIGHT)
    try:
        tracks = [_read(folder / f"{name}.wav") for name in names]
        length = max(len(track) for track in tracks)
        if not length:
            return FinishFailed(finishing.recording, FinishFault.NOTHING_RECORDED, "there is not one sample")
        joined = array.array("h", bytes(2 * length * len(tracks)))
        for channel, track in enumerate(tracks):
            track.extend([0] * (length - len(track)))
            joined[channel :: len(tracks)] = track
        sound = folder / "sound.wav"
        with wave.open(str(sound), "wb") as file:
            file.setparams((len(tracks), 2, finishing.rate_hz, length, "NONE", ""))
            file.writeframes(joined.tobytes())
    except FileNotFoundError as fault:
        return FinishFailed(finishing.recording, FinishFault.NOTHING_RECORDED, str(fault))
    except OSError as fault:
        return FinishFailed(finishing.recording, FinishFault.CANNOT_WRITE, str(fault))
    return Finished(
        finishing.recording,
        finishing.channels,
        length * 1_000 // finishing.rate_hz,
        sound.stat().st_size,
        hashlib.sha256(sound.read_bytes()).hexdigest(),
        heard=any(joined),
    )


def _read(path: Path) -> array.array[int]:
    with wave.open(str(path), "rb") as file:
        return array.array("h", file.readframes(file.getnframes()))
