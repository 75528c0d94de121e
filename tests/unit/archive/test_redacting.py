from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from roomtone.archive import Archive, Form, Settings, finishing, redacting, sidecar
from roomtone.archive.coding import blocks_of
from roomtone.core.ids import CallId
from roomtone.core.recording.finishing import track_of
from roomtone.core.recording.sidecar import Redaction

from .tapes import ID, RATE, heard, level_db, tape, tone, wanted
from .test_archive import content

TRACK = track_of(CallId(1))
SPAN = Redaction(RATE, 2 * RATE)


def recorded(folder: Path, form: Form = Form.WAV) -> None:
    for name, hz in (("left", 440), ("right", 1_000), (TRACK, 700)):
        tape(folder / f"{name}.wav", tone(hz, 4))
    finishing.finish(folder, wanted(2, tracks=(TRACK,)), form, lambda: True)


def nothing_to_bring(name: str) -> None:
    """Everything is here."""


@pytest.mark.parametrize("form", [Form.WAV, Form.FLAC])
def test_the_span_is_silent_in_every_file_and_nothing_else_is(tmp_path: Path, form: Form) -> None:
    recorded(tmp_path, form)
    before = sidecar.read(tmp_path)
    made = redacting.redact(tmp_path, SPAN, nothing_to_bring)
    assert before is not None
    assert made is not None
    assert made.redactions == (SPAN,)
    assert sidecar.read(tmp_path) == made
    for old, new in zip(before.files, made.files, strict=True):
        path = tmp_path / new.name
        assert old.sha256 != new.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        sound = heard(path)[1]
        assert not sound[RATE : 2 * RATE].any()
        assert np.abs(sound[RATE - 40 : RATE]).max() > 1_000
        assert np.abs(sound[2 * RATE : 2 * RATE + 40]).max() > 1_000
        assert len(sound) == 4 * RATE
    assert not (tmp_path / redacting.INTENT).exists()


@pytest.mark.parametrize("span", [(-5, 10), (3 * RATE, 9 * RATE), (0, 1 << 40)])
def test_what_is_beyond_the_ends_is_passed_over(tmp_path: Path, span: tuple[int, int]) -> None:
    recorded(tmp_path)
    made = redacting.redact(tmp_path, Redaction(*span), nothing_to_bring)
    assert made is not None
    assert made.redactions == (Redaction(max(0, span[0]), min(4 * RATE, span[1])),)
    assert made.samples == 4 * RATE


@pytest.mark.parametrize("span", [(5, 5), (9, 3), (5 * RATE, 6 * RATE)])
def test_an_empty_span_changes_nothing(tmp_path: Path, span: tuple[int, int]) -> None:
    recorded(tmp_path)
    before = sidecar.read(tmp_path)
    assert redacting.redact(tmp_path, Redaction(*span), nothing_to_bring) == before
    assert sidecar.read(tmp_path) == before


def test_one_that_was_broken_off_is_done_at_the_next_start(tmp_path: Path) -> None:
    recorded(tmp_path)
    brought = []

    def broken(name: str) -> None:
        brought.append(name)
        if len(brought) == 2:
            raise OSError(5, "power is gone")

    with pytest.raises(OSError, match="power"):
        redacting.redact(tmp_path, SPAN, broken)
    assert redacting.resume(tmp_path, nothing_to_bring)
    assert not redacting.resume(tmp_path, nothing_to_bring)
    made = sidecar.read(tmp_path)
    assert made is not None
    assert made.redactions == (SPAN,)
    for one in made.files:
        sound = np.concatenate(list(blocks_of(tmp_path / one.name, sidecar.form_of(one), made.samples)))
        assert not sound[RATE : 2 * RATE].any()
        assert one.sha256 == hashlib.sha256((tmp_path / one.name).read_bytes()).hexdigest()


def test_one_that_was_broken_off_is_not_forgotten_for_the_next(tmp_path: Path) -> None:
    recorded(tmp_path)

    def broken(_name: str) -> None:
        raise OSError(5, "the bucket is away")

    with pytest.raises(OSError, match="bucket"):
        redacting.redact(tmp_path, SPAN, broken)
    later = Redaction(3 * RATE, 4 * RATE)
    made = redacting.redact(tmp_path, later, nothing_to_bring)
    assert made is not None
    assert made.redactions == (SPAN, later)
    for one in made.files:
        sound = np.concatenate(list(blocks_of(tmp_path / one.name, sidecar.form_of(one), made.samples)))
        assert not sound[RATE : 2 * RATE].any()


@pytest.mark.parametrize("form", list(Form))
async def test_it_is_heard_in_no_form_any_more(tmp_path: Path, form: Form) -> None:
    archive = Archive(Settings(tmp_path))
    recorded(Path(str(await archive.folder(ID))))
    before = await archive.sound(ID, form, 1)
    assert before is not None
    before.close()
    assert await archive.redact(ID, RATE, 2 * RATE) is not None
    sound = await archive.sound(ID, form, 1)
    assert sound is not None
    assert sound.sha256 != before.sha256
    path = tmp_path / f"after.{form}"
    path.write_bytes(await content(sound))
    rate, after = heard(path)
    middle = after[rate * 5 // 4 : rate * 7 // 4, 0]
    assert level_db(middle, 440, rate) < -80
    assert level_db(middle, 1_000, rate) < -80
    assert level_db(after[rate * 9 // 4 : rate * 11 // 4, 0], 440, rate) > -14
    kept = [one for one in (tmp_path / "recordings-cache").rglob("*") if before.sha256 in one.name]
    assert form is Form.WAV or kept == []
    await archive.close()


async def test_one_that_was_broken_off_is_ended_before_anything_is_given(tmp_path: Path) -> None:
    """The files are new and the sidecar is old: by its digest one sound would pass for another."""
    archive = Archive(Settings(tmp_path))
    folder = Path(str(await archive.folder(ID)))
    recorded(folder)
    before = await archive.sound(ID)
    brought = []

    def killed(name: str) -> None:
        brought.append(name)
        if len(brought) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        redacting.redact(folder, SPAN, killed)
    after = await archive.sound(ID)
    assert before is not None
    assert after is not None
    assert after.sha256 != before.sha256
    body = await content(after)
    assert hashlib.sha256(body).hexdigest() == after.sha256
    (tmp_path / "after.wav").write_bytes(body)
    assert not heard(tmp_path / "after.wav")[1][RATE : 2 * RATE].any()
    before.close()
    await archive.close()


@pytest.mark.parametrize("form", [Form.WAV, Form.FLAC])
@pytest.mark.parametrize("left", [0.0, 0.5])
def test_a_damaged_file_is_not_silenced_into_nothing_and_holds_nothing_up(
    tmp_path: Path, form: Form, left: float
) -> None:
    recorded(tmp_path, form)
    path = tmp_path / f"sound.{form}"
    kept = path.read_bytes()[: int(path.stat().st_size * left)] or b"fLaC" + b"\xff" * 100
    path.write_bytes(kept)
    with pytest.raises(OSError, match="is damaged"):
        redacting.redact(tmp_path, SPAN, nothing_to_bring)
    assert path.read_bytes() == kept
    assert not (tmp_path / redacting.INTENT).exists()
    known = sidecar.read(tmp_path)
    assert known is not None
    assert known.redactions == ()
    others = [note for note in known.files if note.name != path.name]
    assert others
    for note in others:
        assert note.sha256 == hashlib.sha256((tmp_path / note.name).read_bytes()).hexdigest()
        assert not heard(tmp_path / note.name)[1][RATE : 2 * RATE].any()


async def test_there_is_nothing_to_redact(tmp_path: Path) -> None:
    archive = Archive(Settings(tmp_path))
    assert await archive.redact(ID, 0, 10) is None
    await archive.folder(ID)
    assert await archive.redact(ID, 0, 10) is None
    await archive.close()
