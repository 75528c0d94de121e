from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from roomtone.archive import Archive, FileSound, Form, Settings, StoredSound
from roomtone.core.ids import CallId, RecordingId
from roomtone.core.recording.finishing import Finished, FinishFailed, FinishFault, track_of

from .tapes import ID, heard, level_db, silence, tape, tone, wanted


@pytest.fixture
async def archive(tmp_path: Path) -> AsyncIterator[Archive]:
    made = Archive(Settings(tmp_path))
    yield made
    await made.close()


async def record(archive: Archive, **tracks: np.ndarray) -> Finished:
    folder = await archive.folder(ID)
    assert isinstance(folder, str)
    for name, sound in tracks.items():
        tape(Path(folder) / f"{name.replace('_', '-')}.wav", sound)
    each = tuple(name.replace("_", "-") for name in tracks if name.startswith("call"))
    done = await archive.finish(wanted(2 if "left" in tracks else 1, tracks=each))
    assert isinstance(done, Finished)
    return done


def files_in(folder: Path) -> list[Path]:
    return [one for one in folder.rglob("*") if one.is_file()]


async def content(sound: FileSound | StoredSound | None) -> bytes:
    assert sound is not None
    try:
        return b"".join([piece async for piece in sound.pieces(0, sound.size_bytes)])
    finally:
        sound.close()


async def test_what_is_finished_can_be_fetched(archive: Archive) -> None:
    done = await record(archive, mix=tone(440, 1))
    sound = await archive.sound(ID)
    assert sound is not None
    assert (sound.size_bytes, sound.media_type, sound.sha256) == (done.size_bytes, "audio/x-wav", done.sha256)
    assert hashlib.sha256(await content(sound)).hexdigest() == done.sha256
    assert await archive.left_over() == []


@pytest.mark.parametrize("form", list(Form))
@pytest.mark.parametrize("channels", [None, 1, 2])
async def test_every_form_sounds_the_same(
    archive: Archive, tmp_path: Path, form: Form, channels: int | None
) -> None:
    await record(archive, left=tone(440, 2), right=np.concatenate([silence(1), tone(1_000, 1)]))
    path = tmp_path / f"delivered.{form}"
    path.write_bytes(await content(await archive.sound(ID, form, channels)))
    rate, sound = heard(path)
    assert abs(len(sound) / rate - 2) < 0.05
    assert sound.shape[1] == (channels or 2)
    early, late = sound[rate // 10 : rate * 9 // 10], sound[rate * 11 // 10 : rate * 19 // 10]
    other = sound.shape[1] - 1
    assert level_db(early[:, 0], 440, rate) > -14
    assert level_db(late[:, other], 1_000, rate) > -14
    assert level_db(early[:, other], 1_000, rate) < -50
    assert (level_db(late[:, other], 440, rate) > -14) == (channels == 1)


async def test_a_conversion_is_kept_and_named_by_its_digest(archive: Archive) -> None:
    await record(archive, mix=tone(440, 1))
    first = await archive.sound(ID, Form.MP3)
    both = await asyncio.gather(archive.sound(ID, Form.MP3), archive.sound(ID, Form.MP3, 2))
    assert first is not None
    digest = first.sha256
    assert hashlib.sha256(await content(first)).hexdigest() == digest
    for one in both:
        assert one is not None
        assert one.sha256 == digest
        one.close()


async def test_what_was_wanted_longest_ago_makes_room(tmp_path: Path) -> None:
    archive = Archive(Settings(tmp_path, cache_bytes=20_000))
    await record(archive, mix=tone(440, 1))
    for number, form in enumerate((Form.MP3, Form.OGG, Form.FLAC)):
        sound = await archive.sound(ID, form)
        assert sound is not None
        sound.close()
        for path in (tmp_path / "recordings-cache").glob(f"*/*.{form}"):
            os.utime(path, (number, number))
    assert {one.suffix for one in (tmp_path / "recordings-cache").glob("*/*")} == {".flac"}
    await archive.close()


async def test_a_participants_track(archive: Archive, tmp_path: Path) -> None:
    name = track_of(CallId(1))
    await record(archive, mix=tone(440, 1), **{name.replace("-", "_"): tone(700, 1)})
    path = tmp_path / "track.flac"
    path.write_bytes(await content(await archive.track(ID, name)))
    assert np.array_equal(heard(path)[1][:, 0], tone(700, 1))
    assert await archive.track(ID, "../sound") is None


async def test_nothing_is_left_of_what_is_removed(archive: Archive, tmp_path: Path) -> None:
    await record(archive, mix=tone(440, 1))
    held = await archive.sound(ID, Form.OGG)
    await archive.remove(ID)
    await archive.remove(ID)
    assert await archive.sound(ID) is None
    assert await archive.about(ID) is None
    assert files_in(tmp_path) == []
    assert len(await content(held)) > 1_000  # whoever is being served is served to the end
    assert isinstance(await archive.finish(wanted()), FinishFailed)


async def test_what_was_begun_is_left_over(archive: Archive, tmp_path: Path) -> None:
    assert await archive.left_over() == []
    await archive.folder(ID)
    await archive.folder(RecordingId(1))
    (tmp_path / "recordings" / "stray").mkdir()
    assert await archive.left_over() == [RecordingId(1), ID]
    await archive.remove(RecordingId(1))
    assert await archive.left_over() == [ID]


async def test_faults_are_told(archive: Archive, tmp_path: Path) -> None:
    assert await archive.finish(wanted()) == FinishFailed(
        ID, FinishFault.NOTHING_RECORDED, "nothing was recorded"
    )
    folder = Path(str(await archive.folder(ID)))
    (folder / "mix.wav").write_bytes(b"x" * 100)
    told = await archive.finish(wanted())
    assert isinstance(told, FinishFailed)
    assert told.fault is FinishFault.UNREADABLE
    (tmp_path / "elsewhere").write_text("")
    blocked = Archive(Settings(tmp_path / "elsewhere"))
    for answer in (await blocked.folder(ID), await blocked.finish(wanted())):
        assert isinstance(answer, FinishFailed)
        assert answer.fault is FinishFault.CANNOT_WRITE
    await blocked.close()


@pytest.mark.parametrize("form", [Form.MP3, Form.OGG])
@pytest.mark.parametrize("left", [0.0, 0.5])
async def test_a_damaged_file_is_not_converted_to_half_of_it(tmp_path: Path, form: Form, left: float) -> None:
    archive = Archive(Settings(tmp_path, form=Form.FLAC))
    await record(archive, mix=tone(440, 1))
    path = tmp_path / "recordings" / ID.hex / "sound.flac"
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * left)] or b"fLaC" + b"\xff" * 100)
    with pytest.raises(OSError, match=r"sound.flac is damaged: \d+ samples can be read of"):
        await archive.sound(ID, form)
    assert not list((tmp_path / "recordings-cache").rglob("*.*"))
    await archive.close()


async def test_the_loop_goes_on_while_sound_is_made(archive: Archive) -> None:
    """Counted, not timed: the loop has many turns while two minutes are coded."""
    await archive.folder(ID)
    tape(Path(str(await archive.folder(ID))) / "mix.wav", tone(440, 120))
    turns = 0
    making = asyncio.create_task(archive.finish(wanted()))
    while not making.done():
        turns += 1
        await asyncio.sleep(0.001)
    assert turns > 5


def test_the_archive_loads_nothing_heavy() -> None:
    import subprocess
    import sys

    program = "import roomtone.archive, sys; print({'numpy', 'av', 'obstore'} & {*sys.modules})"
    told = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert told.stdout.strip() == b"set()"
