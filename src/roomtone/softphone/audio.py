"""What a phone speaks with and listens by: the machine's devices, or files.

Devices are reached by the library `sounddevice` (PortAudio), which is optional: ``pip install roomtone[phone]``. Their
threads and the phone's clock meet in short queues; where the two drift apart 20 ms are left out or filled.
"""

from __future__ import annotations

import importlib
import wave
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from roomtone.documents.decode import DecodeLimits, NotAudio, decode
from roomtone.softphone.account import PhoneProblem
from roomtone.softphone.playout import RATE_HZ
from roomtone.testing.g711 import Pcm

FRAME_SAMPLES = 160
QUEUED_FRAMES = 6
"""120 ms between a device and the clock, at most."""

LONGEST_S = 3_600.0
"""Of a file that is played."""


class Silence:
    """Neither says nor plays anything."""

    def take(self, samples: int) -> Pcm:
        """Give silence."""
        return np.zeros(samples, np.int16)

    def give(self, pcm: Pcm) -> None:
        """Take it and forget it."""

    def close(self) -> None:
        """Nothing is open."""


class FileMicrophone:
    """Speaks a file: WAV, MP3 or whatever the server itself would play; then silence, or the file again."""

    def __init__(self, path: Path, *, repeat: bool = False) -> None:
        self._pcm, self._at, self._repeat = _telephone_pcm(path), 0, repeat

    def take(self, samples: int) -> Pcm:
        """Give the next samples."""
        if self._repeat:
            given = self._pcm[(self._at + np.arange(samples)) % len(self._pcm)]
        else:
            given = self._pcm[self._at : self._at + samples]
            given = np.concatenate([given, np.zeros(samples - len(given), np.int16)])
        self._at += samples
        return given

    def close(self) -> None:
        """Nothing is open."""


def _telephone_pcm(path: Path) -> Pcm:
    """Read a file as 8 kHz mono.

    Raises:
        PhoneProblem: It cannot be read, or is no sound.
    """
    try:
        clip = decode(path.read_bytes(), "", DecodeLimits(max_duration_s=LONGEST_S))
    except OSError as why:
        raise PhoneProblem(f"{path} cannot be read: {why.strerror}") from why
    except NotAudio as why:
        raise PhoneProblem(f"{path} cannot be played: {why}") from why
    pcm = np.frombuffer(clip.pcm, "<i2")
    if clip.rate_hz == 2 * RATE_HZ:
        padded = np.concatenate([pcm, np.zeros(len(pcm) % 2, np.int16)]).astype(np.int32)
        pcm = padded.reshape(-1, 2).mean(axis=1)  # two by two: all the filter a trial needs
    return pcm.astype(np.int16)


class WavSpeaker:
    """Writes what it hears to a WAV file, 8 kHz mono, whole after every 20 ms."""

    def __init__(self, path: Path) -> None:
        try:
            self._bytes = path.open("wb")
        except OSError as why:
            raise PhoneProblem(f"{path} cannot be written: {why.strerror}") from why
        self._file = wave.open(self._bytes, "wb")  # noqa: SIM115 - open as long as the phone is
        self._file.setnchannels(1)
        self._file.setsampwidth(2)
        self._file.setframerate(RATE_HZ)

    def give(self, pcm: Pcm) -> None:
        """Write them."""
        self._file.writeframes(pcm.astype("<i2").tobytes())

    def close(self) -> None:
        """End the file."""
        self._file.close()
        self._bytes.close()


class Both:
    """Plays to two speakers at once."""

    def __init__(self, *speakers: Any) -> None:
        self._speakers = speakers

    def give(self, pcm: Pcm) -> None:
        """Hand it to each."""
        for speaker in self._speakers:
            speaker.give(pcm)

    def close(self) -> None:
        """End each."""
        for speaker in self._speakers:
            speaker.close()


class DeviceMicrophone:
    """The machine's microphone."""

    def __init__(self, library: Any) -> None:
        self._queue: deque[Pcm] = deque(maxlen=QUEUED_FRAMES)
        self._stream = library.InputStream(
            samplerate=RATE_HZ, blocksize=FRAME_SAMPLES, channels=1, dtype="int16", callback=self._came
        )
        self._stream.start()

    def take(self, samples: int) -> Pcm:
        """Give what was said since, or silence."""
        return self._queue.popleft() if self._queue else np.zeros(samples, np.int16)

    def close(self) -> None:
        """Let go of it."""
        self._stream.close()

    def _came(self, said: Any, *_: object) -> None:
        self._queue.append(said[:, 0].copy())  # of another thread: an append is whole or not at all


class DeviceSpeaker:
    """The machine's speaker."""

    def __init__(self, library: Any) -> None:
        self._queue: deque[Pcm] = deque(maxlen=QUEUED_FRAMES)
        self._stream = library.OutputStream(
            samplerate=RATE_HZ, blocksize=FRAME_SAMPLES, channels=1, dtype="int16", callback=self._wanted
        )
        self._stream.start()

    def give(self, pcm: Pcm) -> None:
        """Have it played next."""
        self._queue.append(pcm)

    def close(self) -> None:
        """Let go of it."""
        self._stream.close()

    def _wanted(self, played: Any, *_: object) -> None:
        played[:, 0] = self._queue.popleft() if self._queue else 0


def devices(find: Callable[[str], Any] = importlib.import_module) -> tuple[DeviceMicrophone, DeviceSpeaker]:
    """Open the machine's microphone and speaker.

    Raises:
        PhoneProblem: There are none, or the library for them is not installed.
    """
    instead = "Or speak a file and record what is heard: --play FILE --record FILE, or --silent"
    try:
        library = find("sounddevice")
    except ImportError as why:
        raise PhoneProblem(
            f"microphone and speaker need the library sounddevice: pip install 'roomtone[phone]'. {instead}"
        ) from why
    except OSError as why:  # it is there, PortAudio is not
        raise PhoneProblem(
            f"microphone and speaker need PortAudio (Debian: apt install libportaudio2). {instead}"
        ) from why
    try:
        microphone = DeviceMicrophone(library)
        try:
            return microphone, DeviceSpeaker(library)
        except library.PortAudioError:
            microphone.close()
            raise
    except (library.PortAudioError, ValueError) as why:
        raise PhoneProblem(f"this machine has no microphone and speaker for us: {why}. {instead}") from why
