"""The scribe over a store: what is due is made, tried again, given up, and told; with a real archive and programs."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from roomtone.archive import Archive, Settings
from roomtone.archive.forms import Form
from roomtone.core import transcription as machine
from roomtone.core.ids import CallId, ProjectId, TranscriptionId
from roomtone.core.listing import NotificationFilter, TranscriptionFilter, Window
from roomtone.core.recording.finishing import Finished, Finishing, track_of
from roomtone.core.recording.state import Recording, RecordingSource, RecordingStatus
from roomtone.core.transcription import Segment, Transcription, TranscriptionNotice, TranscriptionStatus
from roomtone.core.values import Document
from roomtone.testing.memory_store import MemoryStore
from roomtone.testing.virtual_clock import CountingDice, VirtualClock
from roomtone.transcripts import Scribe, Tools, Transcriber
from unit.archive.tapes import ID, RATE, tape, tone

OWNER = ProjectId(2)
TELLING = """
import json, pathlib, sys, wave
path = pathlib.Path(sys.argv[1])
with wave.open(str(path)) as heard:
    seconds = heard.getnframes() / heard.getframerate()
print(json.dumps([{"text": f"{path.stem} {seconds:.1f}", "start": 0.5, "end": 1.0}]))
"""


@dataclass
class Study:
    """A scribe and all it works with."""

    folder: Path
    store: MemoryStore = field(default_factory=MemoryStore)
    clock: VirtualClock = field(default_factory=VirtualClock)
    told: int = 0
    archive: Archive = field(init=False)
    runs: Path = field(init=False)

    def __post_init__(self) -> None:
        self.archive = Archive(Settings(self.folder))
        self.runs = self.folder / "runs"

    def program(self, text: str) -> Transcriber:
        path = self.folder / "transcriber.py"
        path.write_text(f"with open({str(self.runs)!r}, 'a') as log: log.write('.')\n{text}")
        return Transcriber((sys.executable, "-S", str(path), "{path}"))

    async def recorded(self, *tracks: str, channels: int = 1) -> Recording:
        folder = Path(str(await self.archive.folder(ID)))
        for number, name in enumerate((*(("left", "right") if channels == 2 else ("mix",)), *tracks)):
            tape(folder / f"{name}.wav", tone(440 + 100 * number, 2))
        done = await self.archive.finish(Finishing(ID, channels, RATE, 1, tracks=tracks))
        assert isinstance(done, Finished)
        made = Recording(
            ID,
            OWNER,
            1,
            1,
            RecordingSource.RECORD_VERB,
            RecordingStatus.COMPLETED,
            CallId(3),
            duration_ms=2_000,
        )
        await self.store.add_recording(made)
        return made

    async def asked(self, recording: Recording) -> Transcription:
        where = Document("https://app.example/said")
        made = machine.begun(TranscriptionId(9), recording, where, self.clock.now())
        await self.store.add_transcription(made)
        return made

    async def now(self) -> Transcription:
        found = await self.store.transcription(OWNER, TranscriptionId(9))
        assert found is not None
        return found

    async def until(self, true: Callable[[Transcription], bool]) -> Transcription:
        async with asyncio.timeout(20):
            while not true(found := await self.now()):  # noqa: ASYNC110 - a store has no events
                await asyncio.sleep(0.01)
        return found

    def count(self) -> None:
        self.told += 1

    @asynccontextmanager
    async def scribe(self, transcriber: Transcriber | None) -> AsyncIterator[Scribe]:
        rooms = self.folder / "transcribing"
        tools = Tools(self.store, self.archive, self.clock, CountingDice(), rooms, self.count)
        one = Scribe(transcriber, tools)
        task = asyncio.create_task(one.run())
        try:
            yield one
        finally:
            task.cancel()
            (ended,) = await asyncio.gather(task, return_exceptions=True)
            assert isinstance(ended, asyncio.CancelledError), ended
            assert not list(rooms.glob("*/*")), "no sound is left lying about"


@pytest.fixture
async def study(tmp_path: Path) -> AsyncIterator[Study]:
    one = Study(tmp_path)
    yield one
    await one.archive.close()


async def test_each_voice_is_written_down_and_the_customer_is_told(study: Study) -> None:
    ann, bob = track_of(CallId(3)), track_of(CallId(4))
    await study.asked(await study.recorded(ann, bob))
    async with study.scribe(study.program(TELLING)):
        done = await study.until(lambda one: one.over)
    assert done.status is TranscriptionStatus.COMPLETED
    assert set(done.heard.segments) == {Segment(500, 1_000, f"{voice} 2.0", voice) for voice in (ann, bob)}, (
        "the tracks, not the mix"
    )
    (told,) = study.store.notices
    assert isinstance(told, TranscriptionNotice)
    assert (told.state, told.record is not None, study.told) == (done, True, 1)


async def test_channels_are_voices_where_there_are_no_tracks(study: Study) -> None:
    await study.asked(await study.recorded(channels=2))
    async with study.scribe(study.program(TELLING)):
        done = await study.until(lambda one: one.over)
    assert [one.voice for one in done.heard.segments] == ["left", "right"]


async def test_what_fails_is_tried_three_times(study: Study) -> None:
    await study.asked(await study.recorded())
    async with study.scribe(study.program("raise SystemExit('no model')")) as scribe:
        for revision in range(2, 2 * machine.TRIES + 1, 2):  # one when it begins, one when it failed
            await study.until(lambda one, revision=revision: one.revision == revision)  # type: ignore[misc]
            study.clock.advance(301)
            scribe.wake()
        done = await study.until(lambda one: one.over)
    assert (done.status, study.runs.read_text()) == (TranscriptionStatus.FAILED, "...")
    assert "no model" in (done.problem or "")
    assert len(study.store.notices) == 1


async def test_what_a_kill_cut_short_is_made_by_the_next_life(study: Study) -> None:
    await study.asked(await study.recorded())
    slow = "import sys, time\nsys.stdout.flush()\ntime.sleep(600)"
    async with study.scribe(study.program(slow)):
        await study.until(lambda one: one.tries == 1 and study.runs.exists())
    assert not (await study.now()).over
    async with study.scribe(study.program(TELLING)):
        done = await study.until(lambda one: one.over)
    assert (done.status, done.tries) == (TranscriptionStatus.COMPLETED, 2)


async def test_without_a_transcriber_it_fails_at_once_and_says_why(study: Study) -> None:
    await study.asked(await study.recorded())
    async with study.scribe(None):
        done = await study.until(lambda one: one.over)
    assert (done.status, done.tries) == (TranscriptionStatus.FAILED, 0)
    (warned,) = await study.store.notifications(OWNER, NotificationFilter(), Window(9))
    assert "setting transcriber" in warned.text
    assert warned.call == CallId(3)


async def test_what_was_deleted_meanwhile_stays_deleted(study: Study) -> None:
    recording = await study.recorded()
    await study.asked(recording)
    waiting = f"import pathlib, time\nwhile pathlib.Path({str(study.folder / 'hold')!r}).exists(): time.sleep(0.01)\n"
    (study.folder / "hold").touch()
    async with study.scribe(study.program(waiting + TELLING)) as scribe:
        await study.until(lambda one: one.tries == 1 and study.runs.exists())
        await study.store.remove_transcription(OWNER, TranscriptionId(9))
        (study.folder / "hold").unlink()
        later = machine.begun(TranscriptionId(10), recording, None, study.clock.now())
        await study.store.add_transcription(later)
        scribe.wake()
        async with asyncio.timeout(20):
            while (await study.store.transcription(OWNER, later.id) or later).due_ms is not None:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    assert study.store.notices == []
    listed = await study.store.transcriptions(OWNER, TranscriptionFilter(), Window(9))
    assert [one.id for one in listed] == [later.id]


async def test_what_was_heard_before_a_span_was_silenced_is_not_kept(study: Study) -> None:
    await study.asked(await study.recorded())
    hold = study.folder / "hold"
    hold.touch()
    waiting = f"import pathlib, time\nwhile pathlib.Path({str(hold)!r}).exists(): time.sleep(0.01)\n"
    async with study.scribe(study.program(waiting + TELLING)) as scribe:
        await study.until(lambda one: one.tries == 1 and study.runs.exists())
        now = study.clock.now()
        await study.store.change_transcriptions(OWNER, ID, lambda one: machine.silenced(one, 0, 900, now))
        hold.unlink()
        scribe.wake()
        await study.until(lambda one: one.over)
    assert study.runs.read_text() == "..", "it was listened to anew"


async def test_a_recording_that_is_gone_is_not_tried_again(study: Study) -> None:
    recording = await study.recorded()
    await study.archive.remove(recording.id)
    await study.asked(replace(recording))
    async with study.scribe(study.program(TELLING)):
        done = await study.until(lambda one: one.over)
    assert (done.status, done.tries) == (TranscriptionStatus.FAILED, 1)


@pytest.mark.parametrize("form", [Form.WAV, Form.FLAC])
async def test_damaged_sound_fails_its_own_transcription_alone(study: Study, form: Form) -> None:
    await study.archive.close()
    study.archive = Archive(Settings(study.folder, form=form))
    recording = await study.recorded()
    (sound,) = await asyncio.to_thread(lambda: list(study.folder.rglob(f"sound.{form.value}")))
    sound.write_bytes(b"fLaC" + b"\xff" * 100)
    await study.asked(recording)
    async with study.scribe(study.program(TELLING)) as scribe:
        for revision in range(2, 2 * machine.TRIES + 1, 2):
            await study.until(lambda one, revision=revision: one.revision == revision or one.over)  # type: ignore[misc]
            study.clock.advance(301)
            scribe.wake()
        done = await study.until(lambda one: one.over)
    assert (done.status, study.runs.exists()) == (TranscriptionStatus.FAILED, False)


async def test_what_kills_its_scribe_each_time_is_given_up(study: Study) -> None:
    one = await study.asked(await study.recorded())
    for _ in range(machine.TRIES):
        begun = machine.tried(one, study.clock.now(), 0)
        assert await study.store.commit_transcription(begun, (), study.clock.now())
        one = begun
    async with study.scribe(study.program(TELLING)):
        done = await study.until(lambda one: one.over)
    assert (done.status, done.tries) == (TranscriptionStatus.FAILED, machine.TRIES)
    assert "cut short" in (done.problem or "")
    assert (study.runs.exists(), len(study.store.notices)) == (False, 1)
