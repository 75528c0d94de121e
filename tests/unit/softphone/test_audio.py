"""What a phone speaks with and listens by: files, and devices made of nothing."""

from __future__ import annotations

import wave
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from roomtone.softphone.account import PhoneProblem
from roomtone.softphone.audio import Both, DeviceMicrophone, FileMicrophone, Silence, WavSpeaker, devices
from roomtone.testing.tones import level_db, tone


def write(path: Path, rate_hz: int) -> Path:
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate_hz)
        out.writeframes(tone(700, 0.5, rate_hz=rate_hz).tobytes())
    return path


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 44_100])
def test_a_file_of_any_rate_is_spoken_at_its_pitch(tmp_path: Path, rate_hz: int) -> None:
    spoken = FileMicrophone(write(tmp_path / "a.wav", rate_hz))
    assert level_db(spoken.take(3_200), 700) == pytest.approx(-13, abs=1)
    spoken.take(800)
    assert not spoken.take(3_200).any(), "then it is silent"


def test_a_file_is_spoken_over_and_over(tmp_path: Path) -> None:
    spoken = FileMicrophone(write(tmp_path / "a.wav", 8_000), repeat=True)
    first = spoken.take(4_000)
    assert np.array_equal(spoken.take(4_000), first)


def test_what_cannot_be_played_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("no sound")
    with pytest.raises(PhoneProblem, match="cannot be played"):
        FileMicrophone(tmp_path / "a.txt")
    with pytest.raises(PhoneProblem, match="cannot be read"):
        FileMicrophone(tmp_path / "none.wav")


def test_what_is_heard_is_written_to_each_speaker(tmp_path: Path) -> None:
    speaker = Both(Silence(), WavSpeaker(tmp_path / "heard.wav"))
    speaker.give(tone(700, 0.4))
    speaker.close()
    with wave.open(str(tmp_path / "heard.wav")) as file:
        heard = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    assert len(heard) == 3_200
    assert level_db(heard, 700) == pytest.approx(-13, abs=0.5)


def test_a_recording_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(PhoneProblem, match="cannot be written"):
        WavSpeaker(tmp_path / "none" / "heard.wav")


class PortAudioError(Exception):
    """As the library's own."""


def library(input_stream: Callable[..., Any], output_stream: Callable[..., Any]) -> SimpleNamespace:
    return SimpleNamespace(
        InputStream=input_stream, OutputStream=output_stream, PortAudioError=PortAudioError
    )


class Stream:
    """A device of ours: it is driven by the test."""

    def __init__(self, *, callback: Callable[..., None], **shape: Any) -> None:
        self.callback, self.shape, self.open = callback, shape, False

    def start(self) -> None:
        self.open = True

    def close(self) -> None:
        self.open = False


def test_devices_meet_the_clock_in_short_queues() -> None:
    made: list[Stream] = []

    def stream(**shape: Any) -> Stream:
        made.append(Stream(**shape))
        return made[-1]

    microphone, speaker = devices(lambda _: library(stream, stream))
    assert [one.shape["samplerate"] for one in made] == [8_000, 8_000]
    assert not microphone.take(160).any(), "nothing was said yet"
    for value in range(10):
        made[0].callback(np.full((160, 1), value, np.int16), 160, None, None)
    assert [int(microphone.take(160)[0]) for _ in range(7)] == [4, 5, 6, 7, 8, 9, 0], (
        "the oldest are left out"
    )
    played = np.full((160, 1), 7, np.int16)
    made[1].callback(played, 160, None, None)
    assert not played.any()
    speaker.give(np.full(160, 5, np.int16))
    made[1].callback(played, 160, None, None)
    assert (played == 5).all()
    microphone.close()
    speaker.close()
    assert not any(one.open for one in made)


def absent(_: str) -> Any:
    raise ImportError("no such library")


def without_portaudio(_: str) -> Any:
    raise OSError("PortAudio library not found")


def no_device(**_: Any) -> Any:
    raise PortAudioError("Error querying device -1")


@pytest.mark.parametrize(
    ("find", "advice"),
    [
        (absent, r"pip install 'roomtone\[phone\]'"),
        (without_portaudio, "apt install libportaudio2"),
        (lambda _: library(no_device, no_device), "no microphone and speaker"),
        (lambda _: library(Stream, no_device), "no microphone and speaker"),
    ],
)
def test_what_is_missing_is_said_and_what_to_do_instead(find: Callable[[str], Any], advice: str) -> None:
    with pytest.raises(PhoneProblem, match=advice) as problem:
        devices(find)
    assert "--play FILE --record FILE" in str(problem.value)


def test_a_microphone_alone_is_a_device_too() -> None:
    microphone = DeviceMicrophone(library(Stream, Stream))
    microphone.close()
