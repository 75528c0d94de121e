from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from roomtone.archive import disk, finishing, sidecar
from roomtone.archive.forms import Form, Nothing, NotWave, Stopped
from roomtone.archive.waves import WaveReader
from roomtone.core.ids import CallId
from roomtone.core.recording.finishing import Finishing, Happening, HappeningKind, track_of
from roomtone.core.recording.sidecar import Sidecar

from .tapes import ID, RATE, heard, level_db, silence, tape, tone, wanted


def finish(folder: Path, how: Finishing, form: Form = Form.WAV) -> Sidecar:
    return finishing.finish(folder, how, form, lambda: True)


@pytest.mark.parametrize("form", [Form.WAV, Form.FLAC])
def test_two_channels_stay_apart(tmp_path: Path, form: Form) -> None:
    left, right = tone(440, 2), np.concatenate([silence(1), tone(1_000, 2)])
    tape(tmp_path / "left.wav", left)
    tape(tmp_path / "right.wav", right)
    made = finish(tmp_path, wanted(2), form)
    rate, sound = heard(tmp_path / f"sound.{form}")
    assert (rate, sound.shape, made.samples) == (RATE, (3 * RATE, 2), 3 * RATE)
    assert np.array_equal(sound[: 2 * RATE, 0], left)
    assert not sound[2 * RATE :, 0].any()
    assert np.array_equal(sound[:, 1], right)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["moments.json", f"sound.{form}"]


def test_what_is_made_is_told(tmp_path: Path) -> None:
    tape(tmp_path / "mix.wav", tone(440, 1.5))
    told = sidecar.finished(finish(tmp_path, wanted()))
    path = tmp_path / "sound.wav"
    assert (told.channels, told.duration_ms, told.heard, told.cut_samples) == (1, 1_500, True, 0)
    assert (told.size_bytes, told.sha256) == (path.stat().st_size, disk.sha256_of(path))
    assert sidecar.finished(finish(tmp_path, wanted())) == told


@pytest.mark.parametrize("told", [0, 2 * RATE])
def test_a_header_that_says_less_than_is_there_is_not_believed(tmp_path: Path, told: int) -> None:
    tape(tmp_path / "mix.wav", tone(440, 3), told_bytes=told)
    assert finish(tmp_path, wanted()).samples == 3 * RATE
    assert np.array_equal(heard(tmp_path / "sound.wav")[1][:, 0], tone(440, 3))


def test_what_is_missing_at_the_end_is_silence_and_what_is_too_much_is_left_out(tmp_path: Path) -> None:
    tape(tmp_path / "left.wav", tone(440, 1))
    tape(tmp_path / "right.wav", tone(700, 4))
    finish(tmp_path, wanted(2, samples=3 * RATE))
    sound = heard(tmp_path / "sound.wav")[1]
    assert sound.shape == (3 * RATE, 2)
    assert not sound[RATE:, 0].any()


def test_silence_at_both_ends_is_cut_with_a_margin_and_moments_move(tmp_path: Path) -> None:
    spoken = Happening(2 * RATE, HappeningKind.SPEECH_START, CallId(7), "bob")
    joined = Happening(0, HappeningKind.JOIN, CallId(7))
    left = Happening(9 * RATE, HappeningKind.LEAVE, CallId(7))
    faint = tone(300, 9, level=0.002)  # -57 dB RMS
    faint[2 * RATE : 5 * RATE] = tone(440, 3)
    tape(tmp_path / "mix.wav", faint)
    made = finish(tmp_path, wanted(trimmed=True, happenings=(joined, spoken, left)))
    tenth = RATE // 10
    assert (made.cut_samples, made.samples) == (2 * RATE - tenth, 3 * RATE + 2 * tenth)
    assert [(one.sample, one.kind, one.call) for one in made.moments] == [
        (0, "join", CallId(7).hex),
        (tenth, "speech-start", CallId(7).hex),
        (made.samples, "leave", CallId(7).hex),
    ]
    assert made.moments[1].label == "bob"
    assert made.began_unix_ms == 1_000_000 + 1_900
    sound = heard(tmp_path / "sound.wav")[1][:, 0]
    assert np.array_equal(sound, faint[2 * RATE - tenth : 5 * RATE + tenth])


def test_an_impulse_alone_is_found_by_whoever_trims(tmp_path: Path) -> None:
    sound = silence(60)
    sound[31 * RATE + 5] = 20_000
    tape(tmp_path / "mix.wav", sound)
    made = finish(tmp_path, wanted(trimmed=True))
    kept = heard(tmp_path / "sound.wav")[1][:, 0]
    assert int(np.abs(kept).argmax()) + made.cut_samples == 31 * RATE + 5
    assert len(kept) <= RATE // 4


@pytest.mark.parametrize(
    ("sound", "trimmed"), [(silence(2), False), (silence(2), True), (tone(300, 2, 0.002), True)]
)
def test_nothing_is_kept_of_silence(tmp_path: Path, sound: np.ndarray, trimmed: bool) -> None:
    tape(tmp_path / "mix.wav", sound)
    made = finish(tmp_path, wanted(trimmed=trimmed))
    assert not sidecar.finished(made).heard
    assert sorted(one.name for one in tmp_path.iterdir()) == ["moments.json"]


def test_faint_sound_is_kept_where_nobody_wished_to_trim(tmp_path: Path) -> None:
    tape(tmp_path / "mix.wav", tone(300, 2, 0.002))
    assert sidecar.finished(finish(tmp_path, wanted())).heard


def test_participants_tracks_are_aligned_to_the_sample(tmp_path: Path) -> None:
    names = [track_of(CallId(number)) for number in range(1, 9)]
    places = [RATE + 977 * number for number in range(8)]
    mix = silence(3)
    for name, place in zip(names, places, strict=True):
        sound = silence(3)
        sound[place] = mix[place] = 12_000
        tape(tmp_path / f"{name}.wav", sound)
    tape(tmp_path / "mix.wav", mix)
    made = finish(tmp_path, wanted(tracks=tuple(names), trimmed=True))
    together = heard(tmp_path / "tracks.flac")[1]
    assert together.shape == (made.samples, 8)
    for channel, (name, place) in enumerate(zip(names, places, strict=True)):
        alone = heard(tmp_path / f"{name}.flac")[1][:, 0]
        assert int(alone.argmax()) == place - made.cut_samples
        assert np.array_equal(alone, together[:, channel])
    assert [one.name for one in made.files] == [
        "sound.wav",
        *[f"{name}.flac" for name in names],
        "tracks.flac",
    ]


def test_more_than_eight_tracks_are_kept_one_by_one(tmp_path: Path) -> None:
    names = [track_of(CallId(number)) for number in range(1, 10)]
    for name in (*names, "mix"):
        tape(tmp_path / f"{name}.wav", tone(440, 0.2))
    made = finish(tmp_path, wanted(tracks=tuple(names)))
    assert made.file("tracks") is None
    assert len(made.files) == 10


def test_a_thousand_tracks_need_no_thousand_files_at_once(tmp_path: Path) -> None:
    names = tuple(track_of(CallId(number)) for number in range(1, 201))
    for number, name in enumerate(names):
        tape(tmp_path / f"{name}.wav", np.full(RATE // 10, 1_000 + number, np.int16))
    tape(tmp_path / "mix.wav", tone(440, 0.1))
    most, (soft, hard) = resource.RLIMIT_NOFILE, resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(most, (len(list(Path("/proc/self/fd").iterdir())) + 3 * finishing.TOGETHER, hard))
    try:
        made = finish(tmp_path, wanted(tracks=names))
    finally:
        resource.setrlimit(most, (soft, hard))
    assert len(made.files) == 201
    assert heard(tmp_path / f"{names[150]}.flac")[1][0, 0] == 1_150


def test_names_of_tracks_lead_nowhere_else(tmp_path: Path) -> None:
    folder = tmp_path / "one"
    tape(folder / "mix.wav", tone(440, 0.2))
    tape(tmp_path / "secret.wav", tone(440, 0.2))
    made = finish(folder, wanted(tracks=("../secret", "a/b", "", "x" * 65)))
    assert [one.name for one in made.files] == ["sound.wav"]


def test_what_is_no_track_is_told_and_kept(tmp_path: Path) -> None:
    (tmp_path / "mix.wav").write_bytes(b"x" * 100)
    with pytest.raises(NotWave):
        finish(tmp_path, wanted())
    assert (tmp_path / "mix.wav").exists()


@pytest.mark.parametrize("content", [None, b"", b"RIFF"])
def test_nothing_recorded(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "mix.wav").write_bytes(content)
    with pytest.raises(Nothing):
        finish(tmp_path, wanted())


def test_a_stop_leaves_the_tracks(tmp_path: Path) -> None:
    tape(tmp_path / "mix.wav", tone(440, 5))
    with pytest.raises(Stopped):
        finishing.finish(tmp_path, wanted(), Form.FLAC, lambda: False)
    assert [one.name for one in tmp_path.iterdir()] == ["mix.wav"]
    assert finish(tmp_path, wanted()).samples == 5 * RATE


PROGRAM = """
import resource, sys
from pathlib import Path
from roomtone.archive import finishing
from roomtone.archive.forms import Form
from roomtone.core.ids import RecordingId
from roomtone.core.recording.finishing import Finishing
folder, most = Path(sys.argv[1]), int(sys.argv[2])
if most:
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
print("go", flush=True)
wish = Finishing(RecordingId(0xABC), 2, 16000, 1000000, tracks=("call-" + "0" * 31 + "1",))
finishing.finish(folder, wish, Form(sys.argv[3]), lambda: True)
"""


def long_tapes(folder: Path) -> None:
    rng = np.random.default_rng(1)
    for name in ("left", "right", track_of(CallId(1))):
        tape(folder / f"{name}.wav", rng.integers(-9_000, 9_000, 120 * RATE).astype(np.int16))


def run(folder: Path, most: int = 0, form: str = "flac") -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder), str(most), form],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


@pytest.mark.parametrize("until", ["sound.flac.part", "sound.flac", "call-" + "0" * 31 + "1.flac.part"])
def test_one_that_was_killed_is_taken_up_again(tmp_path: Path, until: str) -> None:
    long_tapes(tmp_path)
    killed = run(tmp_path)
    deadline = time.monotonic() + 60
    while not (tmp_path / until).exists() and killed.poll() is None and time.monotonic() < deadline:
        time.sleep(0.001)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    fresh = tmp_path / "fresh"
    long_tapes(fresh)
    how = Finishing(ID, 2, RATE, 1_000_000, tracks=(track_of(CallId(1)),))
    assert finish(tmp_path, how, Form.FLAC) == finish(fresh, how, Form.FLAC)
    left = {one.name for one in tmp_path.iterdir() if one.is_file()}
    assert left == {one.name for one in fresh.iterdir()}


@pytest.mark.parametrize("form", ["wav", "flac"])
def test_a_full_disk_keeps_the_tracks(tmp_path: Path, form: str) -> None:
    long_tapes(tmp_path)
    before = {one.name: one.stat().st_size for one in tmp_path.iterdir()}
    full = run(tmp_path, 1_000_000, form)
    _, told = full.communicate(timeout=100)
    assert full.returncode == 1
    assert b"OSError: [Errno 27]" in told
    assert {one.name: one.stat().st_size for one in tmp_path.iterdir()} == before


def test_the_sidecar_is_json_for_others(tmp_path: Path) -> None:
    tape(tmp_path / "mix.wav", tone(440, 1))
    made = finish(tmp_path, wanted(lost_samples=5))
    read = json.loads((tmp_path / sidecar.NAME).read_text())
    assert (read["version"], read["rate_hz"], read["samples"], read["lost_samples"]) == (1, RATE, RATE, 5)
    assert read["files"][0]["sha256"] == made.files[0].sha256


def test_a_long_recording_is_not_held_whole(tmp_path: Path) -> None:
    """By its own account of what numpy and Python allocate: 77 MB of sound, a few of them at a time."""
    import tracemalloc

    for name in ("left", "right"):
        tape(tmp_path / f"{name}.wav", tone(440, 1))
        with (tmp_path / f"{name}.wav").open("r+b") as file:
            file.truncate(44 + 1_200 * RATE * 2)  # a hole, as where nobody spoke
    tracemalloc.start()
    try:
        made = finish(tmp_path, wanted(2))
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert made.samples == 1_200 * RATE
    assert most < 20_000_000
    with WaveReader(tmp_path / "sound.wav") as sound:
        assert level_db(sound.read(0, RATE)[:, 1], 440) > -13
