from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from documents.audio import loudest_hz, tone_file
from roomtone.core.audio_file import LONGEST_S, AudioFile
from roomtone.core.exchange import FetchedAudio, FetchFailed, FetchRequest
from roomtone.core.ids import AudioFileId, ProjectId
from roomtone.core.project import Project
from roomtone.core.values import Method
from roomtone.dialects import document_patience
from roomtone.dialects.sids import dashed, prefixed
from roomtone.documents.audio_files import AudioFiles
from roomtone.documents.fetcher import Fetcher
from roomtone.net.words import Answer, NetFault, Question

HERE = "http://127.0.0.1:8080/audio-files/"
PROJECT = Project(ProjectId(1), "p", "twilio", "key", 0)
FILE = AudioFile(AudioFileId(7), PROJECT.id, "gong", "audio/wav", 0, 0.0, 1_700_000_000_000)


class Nobody:
    async def ask(self, question: Question) -> Answer | NetFault:
        raise AssertionError(question.url)


@pytest.fixture
def files(tmp_path: Path) -> AudioFiles:
    return AudioFiles(tmp_path / "audio-files")


@pytest.fixture
def fetcher(files: AudioFiles) -> Fetcher:
    made = Fetcher(Nobody(), sign=lambda *_: {}, patience=document_patience)
    made.keep(HERE, files.clip)
    return made


def request(end: str, *, audio_only: bool) -> FetchRequest:
    return FetchRequest(PROJECT, HERE + end, Method.POST, (), audio_only=audio_only)


@pytest.mark.parametrize("audio_only", [False, True])
@pytest.mark.parametrize("spell", [dashed, prefixed])
async def test_a_kept_file_is_played_without_asking_anybody(
    files: AudioFiles, fetcher: Fetcher, spell: object, *, audio_only: bool
) -> None:
    assert callable(spell)
    await files.keep(FILE, tone_file("mp3", hz=1_000.0, seconds=1.0, rate_hz=16_000))
    fetched = await fetcher.fetch(request(spell(FILE.id), audio_only=audio_only))
    assert isinstance(fetched, FetchedAudio)
    assert abs(loudest_hz(fetched.clip.pcm, fetched.clip.rate_hz) - 1_000.0) < 5.0


async def test_what_is_announced_waits_for_no_upload(files: AudioFiles) -> None:
    await files.keep(FILE, tone_file())
    long = tone_file("mp3", seconds=300.0)
    others = [replace(FILE, id=AudioFileId(at)) for at in (8, 9, 10)]
    uploads = [asyncio.create_task(files.keep(one, long)) for one in others]
    await asyncio.sleep(0)  # they have begun
    assert await files.clip(prefixed(FILE.id)) is not None
    assert not uploads[-1].done(), "it is behind two others"
    await asyncio.gather(*uploads)


@pytest.mark.parametrize("end", ["#rt=5000&rc=0", "?a=b", "?a=b#rt=1"])
async def test_what_follows_the_path_changes_nothing(files: AudioFiles, fetcher: Fetcher, end: str) -> None:
    await files.keep(FILE, tone_file("mp3", hz=1_000.0, seconds=1.0, rate_hz=16_000))
    fetched = await fetcher.fetch(request(prefixed(FILE.id) + end, audio_only=True))
    assert isinstance(fetched, FetchedAudio)


@pytest.mark.parametrize("end", ["", "none", "0" * 32, f"../{FILE.id.hex}", "AF" + "0" * 32])
async def test_a_file_that_is_not_there_fails(fetcher: Fetcher, end: str) -> None:
    assert isinstance(await fetcher.fetch(request(end, audio_only=True)), FetchFailed)


async def test_a_file_that_was_damaged_fails_and_says_why(
    files: AudioFiles, fetcher: Fetcher, tmp_path: Path
) -> None:
    await files.keep(FILE, tone_file())
    (path,) = (tmp_path / "audio-files").glob("*/*")
    path.write_bytes(path.read_bytes().partition(b"\n")[0] + b"\nnothing")
    fetched = await fetcher.fetch(request(prefixed(FILE.id), audio_only=False))
    assert isinstance(fetched, FetchFailed)
    assert "not usable audio" in fetched.problem


async def test_many_who_want_one_file_have_it_decoded_and_a_removed_one_is_gone(files: AudioFiles) -> None:
    await files.keep(FILE, tone_file())
    found = await asyncio.gather(*(files.clip(prefixed(FILE.id)) for _ in range(20)))
    assert len({one.name for one in found if one}) == 1
    assert await files.remove(PROJECT.id, FILE.id)
    assert not await files.remove(PROJECT.id, FILE.id)
    assert await files.clip(prefixed(FILE.id)) is None


async def test_a_file_that_plays_too_long_is_not_kept(files: AudioFiles) -> None:
    with pytest.raises(ValueError, match="longer than 600 s"):
        await files.keep(FILE, tone_file("mp3", seconds=LONGEST_S + 5))


async def test_nothing_is_left_of_one_that_could_not_be_written(files: AudioFiles, tmp_path: Path) -> None:
    (tmp_path / "audio-files").mkdir()
    (tmp_path / "audio-files" / PROJECT.id.hex).write_text("in the way")
    with pytest.raises(OSError, match="exist"):
        await files.keep(FILE, tone_file())
    assert await files.content(FILE.id) is None


async def test_what_is_known_outlives_the_house(files: AudioFiles, tmp_path: Path) -> None:
    kept = await files.keep(replace(FILE, name="Glocke \u202e 鐘"), tone_file(seconds=0.25))
    assert kept.duration_s == 0.25
    assert await AudioFiles(tmp_path / "audio-files").find(PROJECT.id, FILE.id) == kept
