from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest

from roomtone.archive import Archive, Bucket, Form, Settings, moving, read_url
from roomtone.archive.storage import S3, Storage
from roomtone.core.ids import CallId
from roomtone.core.recording.finishing import Finished, track_of

from .conftest import S3Server
from .tapes import ID, RATE, heard, level_db, tape, tone, wanted
from .test_archive import content

TRACK = track_of(CallId(1))
NAMES = {f"{ID.hex}/{name}" for name in ("sound.wav", "moments.json", "tracks.flac", f"{TRACK}.flac")}


@asynccontextmanager
async def running(
    data: Path, bucket: Bucket | None, storage: Storage | None = None
) -> AsyncIterator[Archive]:
    archive = Archive(Settings(data, bucket=bucket), storage)
    archive._carrier._first_s = 0.05
    carrying = asyncio.create_task(archive.keep_carrying())
    yield archive
    carrying.cancel()
    with suppress(asyncio.CancelledError):
        await carrying
    await archive.close()


async def record(archive: Archive, seconds: float = 2) -> Finished:
    folder = Path(str(await archive.folder(ID)))
    tape(folder / "left.wav", tone(440, seconds))
    tape(folder / "right.wav", tone(1_000, seconds))
    tape(folder / f"{TRACK}.wav", tone(700, seconds))
    done = await archive.finish(wanted(2, tracks=(TRACK,)))
    assert isinstance(done, Finished)
    return done


async def until(true: Callable[[], bool | Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while True:
            answer = true()
            if answer if isinstance(answer, bool) else await answer:
                return
            await asyncio.sleep(0.01)


def is_away(data: Path) -> bool:
    folder = data / "recordings" / ID.hex
    return not list(folder.glob("*.wav")) and not list(folder.glob("*.flac"))


async def test_finished_sound_is_brought_to_the_bucket_and_served_from_there(
    tmp_path: Path, s3: S3Server
) -> None:
    async with running(tmp_path, s3.bucket("deep/er")) as archive:
        done = await record(archive)
        await until(lambda: is_away(tmp_path))
        assert s3.keys() == {f"deep/er/{name}" for name in NAMES}
        sound = await archive.sound(ID)
        assert sound is not None
        assert (sound.sha256, sound.size_bytes) == (done.sha256, done.size_bytes)
        whole = await content(sound)
        assert whole == s3.content(f"deep/er/{ID.hex}/sound.wav")
        assert b"".join([piece async for piece in sound.pieces(1_000, 2_000)]) == whole[1_000:2_000]
        (tmp_path / "heard.mp3").write_bytes(await content(await archive.sound(ID, Form.MP3)))
        assert level_db(heard(tmp_path / "heard.mp3")[1][RATE // 2 : RATE, 0], 440) > -14
        assert is_away(tmp_path)


async def test_large_files_go_in_parts(tmp_path: Path, s3: S3Server) -> None:
    (tmp_path / "large").write_bytes(bytes(range(256)) * 80_000)  # 20 MB, three parts
    storage = S3(s3.bucket())
    await asyncio.to_thread(storage.put, "a/b", tmp_path / "large", "f" * 64)
    assert await asyncio.to_thread(s3.content, "a/b") == (tmp_path / "large").read_bytes()
    with (tmp_path / "back").open("wb") as file:
        await asyncio.to_thread(storage.fetch, "a/b", file)
    assert (tmp_path / "back").read_bytes() == (tmp_path / "large").read_bytes()


async def test_a_bucket_that_denies_leaves_it_here_and_is_asked_again(
    tmp_path: Path, s3: S3Server, caplog: pytest.LogCaptureFixture
) -> None:
    s3.deny(True)
    async with running(tmp_path, s3.bucket()) as archive:
        done = await record(archive)
        await until(lambda: archive.waits(ID))
        assert f"recording={ID.hex}" in caplog.text
        sound = await archive.sound(ID)
        assert len(await content(sound)) == done.size_bytes
        s3.deny(False)
        await until(lambda: is_away(tmp_path))
        await until(lambda: not archive.waits(ID))
        assert s3.keys() == NAMES


async def test_a_bucket_that_is_not_there(tmp_path: Path) -> None:
    nowhere = Bucket("sound", "", "http://127.0.0.1:1", "us-east-1", "key", "secret", patience_s=0.1)
    async with running(tmp_path, nowhere) as archive:
        await record(archive)
        await until(lambda: archive.waits(ID))
        assert len(await content(await archive.sound(ID))) > 1_000


class Failing:
    """The bucket, but an upload fails that is not the first."""

    def __init__(self, storage: Storage, most: int = 1_000) -> None:
        self._storage = storage
        self._most = most
        self.put_keys: list[str] = []

    def put(self, key: str, path: Path, sha256: str) -> None:
        if len(self.put_keys) >= self._most:
            raise OSError(5, "no")
        self.put_keys.append(key)
        self._storage.put(key, path, sha256)

    def fetch(self, key: str, file: BinaryIO) -> None:
        self._storage.fetch(key, file)

    def read(self, key: str, first: int, last: int, sha256: str) -> bytes:
        return self._storage.read(key, first, last, sha256)

    def remove_all(self, beginning: str) -> None:
        self._storage.remove_all(beginning)


async def test_a_restart_goes_on_with_the_file_that_was_not_brought(tmp_path: Path, s3: S3Server) -> None:
    failing = Failing(S3(s3.bucket()), 1)
    async with running(tmp_path, None, failing) as archive:
        await record(archive)
        await until(lambda: archive.waits(ID))
    assert failing.put_keys == [f"{ID.hex}/sound.wav"]
    again = Failing(S3(s3.bucket()))
    async with running(tmp_path, None, again):
        await until(lambda: is_away(tmp_path))
    assert set(again.put_keys) == NAMES - {f"{ID.hex}/sound.wav"}
    assert s3.keys() == NAMES


async def test_a_redaction_reaches_the_bucket(tmp_path: Path, s3: S3Server) -> None:
    async with running(tmp_path, s3.bucket()) as archive:
        done = await record(archive)
        await until(lambda: is_away(tmp_path))
        await content(await archive.sound(ID, Form.OGG))
        made = await archive.redact(ID, RATE // 2, RATE)
        assert made is not None
        assert made.files[0].sha256 != done.sha256
        await until(lambda: is_away(tmp_path) and not moving.waits(tmp_path / "recordings" / ID.hex))
    (tmp_path / "bucket.wav").write_bytes(s3.content(f"{ID.hex}/sound.wav"))
    sound = heard(tmp_path / "bucket.wav")[1]
    assert not sound[RATE // 2 : RATE].any()
    assert np.array_equal(sound[: RATE // 2, 0], tone(440, 2)[: RATE // 2])
    assert b'"redactions"' in s3.content(f"{ID.hex}/moments.json")


async def test_who_began_to_read_before_a_redaction_is_given_nothing_of_the_new_sound(
    tmp_path: Path, s3: S3Server
) -> None:
    async with running(tmp_path, s3.bucket()) as archive:
        await record(archive)
        await until(lambda: is_away(tmp_path))
        before = await archive.sound(ID)
        assert before is not None
        assert len(b"".join([piece async for piece in before.pieces(0, 1_000)])) == 1_000
        await archive.redact(ID, RATE // 2, RATE)
        await until(lambda: is_away(tmp_path) and not moving.waits(tmp_path / "recordings" / ID.hex))
        with pytest.raises(OSError, match="taken its place"):
            [piece async for piece in before.pieces(1_000, 2_000)]
        after = await archive.sound(ID)
        assert after is not None
        assert after.sha256 != before.sha256
        assert len(await content(after)) == before.size_bytes


async def test_what_an_earlier_version_brought_is_read(tmp_path: Path, s3: S3Server) -> None:
    s3.ask("PUT", "/sound/a/b", b"0123456789")  # without its digest
    assert await asyncio.to_thread(S3(s3.bucket()).read, "a/b", 2, 5, "f" * 64) == b"234"


async def test_what_was_changed_in_the_bucket_is_not_taken_for_ours(tmp_path: Path, s3: S3Server) -> None:
    async with running(tmp_path, s3.bucket()) as archive:
        await record(archive)
        await until(lambda: is_away(tmp_path))
        (tmp_path / "other").write_bytes(b"something else")
        other = S3(s3.bucket())
        await asyncio.to_thread(other.put, f"{ID.hex}/sound.wav", tmp_path / "other", "f" * 64)
        with pytest.raises(OSError, match="not what was brought"):
            await archive.redact(ID, 0, RATE)
        with pytest.raises(OSError, match="not what was brought"):
            await archive.sound(ID)  # what is to be silent is not given before it is


async def test_removing_removes_from_the_bucket_once_it_can_be_reached(tmp_path: Path, s3: S3Server) -> None:
    async with running(tmp_path, s3.bucket()) as archive:
        await record(archive)
        await until(lambda: is_away(tmp_path))
        s3.deny(True)
        await archive.remove(ID)
        assert await archive.sound(ID) is None
        await until(lambda: bool(archive._carrier.waiting))
    s3.deny(False)
    async with running(tmp_path, s3.bucket()):
        await until(lambda: not s3.keys())
        await until(lambda: not list((tmp_path / "recordings").iterdir()))


def test_addresses_of_buckets() -> None:
    assert read_url("s3://a/b/c/") == Bucket("a", "b/c")
    assert read_url("s3://a") == Bucket("a")
    for bad in ("s3://", "http://a/b", "s3://key:secret@a/b", "s3://a/b?x=1", "a"):
        with pytest.raises(ValueError, match="takes s3://"):
            read_url(bad)
    assert "secret" not in repr(Bucket("a", secret="hush")).replace("secret=", "")
