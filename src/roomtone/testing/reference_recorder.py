"""The recordings of the reference engine: the meaning of `Record`, in a few lines.

Each tick gives every track one frame, the sum of what it listens to, at the same place in its file; samples of 8,000 Hz are
repeated to the rate that is asked for. Files are whole after each frame, and slow for that: it is the judge, not the runner.
"""

from __future__ import annotations

import time
import wave
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from roomtone.link import messages
from roomtone.testing.g711 import Pcm
from roomtone.testing.reference_checks import OrderDeclined
from roomtone.testing.reference_mixer import FRAME_SAMPLES, Sum

RATE_HZ = 8_000


@dataclass(frozen=True, slots=True)
class Heard:
    """All that can be listened to in one tick."""

    voices: Mapping[str, Pcm]
    """What comes from phones, by call."""

    sent: Mapping[str, Pcm]
    """What is sent to phones, by call."""

    plans: Mapping[str, Sequence[messages.SeatOrder]]
    """The seats of each conference."""

    sources: Mapping[str, Pcm]

    def at(self, place: messages.Heard) -> list[Pcm]:
        """Give what is heard at one place."""
        match place.ear:
            case messages.Ear.IN:
                found = [self.voices.get(place.subject)]
            case messages.Ear.OUT:
                found = [self.sent.get(place.subject)]
            case messages.Ear.ROOM:
                found = [self.voices.get(call) for call in self._talkers(place.subject)]
            case messages.Ear.SAID:
                talks = any(place.subject in self._talkers(room) for room in self.plans)
                found = [self.voices.get(place.subject)] if talks else []
        return [frame for frame in found if frame is not None]

    def _talkers(self, room: str) -> list[str]:
        return [seat.call for seat in self.plans.get(room, ()) if seat.talks is messages.Talks.ROOM]


@dataclass(slots=True)
class Running:
    """One recording that goes on."""

    order: messages.Record
    began_unix_ms: int
    samples: int = 0
    files: dict[str, wave.Wave_write] = field(default_factory=dict)

    def state(self) -> messages.RecordingState:
        """Tell how far it is."""
        return messages.RecordingState(
            recording=self.order.recording,
            began_unix_ms=self.began_unix_ms,
            samples=self.samples,
            lost_samples=0,
        )

    def file(self, name: str) -> wave.Wave_write:
        """Give a track's file, silent until now if it is new."""
        if name not in self.files:
            made = wave.open(str(Path(self.order.folder) / f"{name}.wav"), "wb")  # noqa: SIM115 - lasts
            made.setparams((1, 2, self.order.rate_hz, 0, "NONE", ""))
            made.writeframes(bytes(2 * self.samples))
            self.files[name] = made
        return self.files[name]

    def take(self, heard: Heard) -> None:
        """Write one frame of each track."""
        if self.order.reel is messages.Reel.STANDING:
            return
        times = self.order.rate_hz // RATE_HZ
        named = {track.name: track for track in self.order.tracks}
        for name in {**self.files, **named}:
            total: Sum = np.zeros(FRAME_SAMPLES, dtype=np.int32)
            if name in named and self.order.reel is messages.Reel.RUNNING:
                for frame in _frames(named[name], heard):
                    total = total + frame
            pcm = np.clip(total, -32768, 32767).astype("<i2").repeat(times)
            self.file(name).writeframes(pcm.tobytes())
        self.samples += FRAME_SAMPLES * times


def _frames(track: messages.Track, heard: Heard) -> list[Pcm]:
    frames = [frame for place in track.heard for frame in heard.at(place)]
    return frames + [heard.sources[source] for source in track.sources if source in heard.sources]


class ReferenceRecorder:
    """All recordings of one engine."""

    def __init__(self, tell: Callable[[messages.Fact], None]) -> None:
        self._tell = tell
        self._running: dict[str, Running] = {}

    def record(self, order: messages.Record) -> messages.Recording:
        """Make a recording be so.

        Raises:
            OrderDeclined: The folder is not there or cannot be written.
        """
        running = self._running.get(order.recording)
        if running is None:
            running = Running(order, time.time_ns() // 1_000_000)
        running.order = order
        try:
            for track in order.tracks:
                running.file(track.name)
        except OSError as fault:
            raise OrderDeclined("cannot-write", str(fault)) from fault
        self._running[order.recording] = running
        return messages.Recording(
            n=order.n,
            recording=order.recording,
            began_unix_ms=running.began_unix_ms,
            samples=running.samples,
        )

    def end(self, recording: str) -> None:
        """End a recording, if it goes on."""
        running = self._running.pop(recording, None)
        if running is not None:
            self._over(running, None)

    def tick(self, heard: Heard) -> None:
        """Let every recording go on by one frame."""
        for key, running in list(self._running.items()):
            try:
                running.take(heard)
            except OSError:
                del self._running[key]
                self._over(running, "cannot-write")

    def states(self) -> list[messages.RecordingState]:
        """Tell of all that go on."""
        return [running.state() for running in self._running.values()]

    def _over(self, running: Running, fault: str | None) -> None:
        for file in running.files.values():
            file.close()
        self._tell(
            messages.RecordingEnded(
                recording=running.order.recording,
                samples=running.samples,
                lost_samples=0,
                fault=fault,
            )
        )
