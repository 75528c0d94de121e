"""The media adapter with the reference engine behind it: what it orders, what it hears, what it remembers."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from roomtone.core.call.messages import (
    CallSignal,
    DigitPressed,
    SourceEnded,
    StreamWasHeard,
    StreamWentSilent,
)
from roomtone.core.conference.messages import SpeechStarted, SpeechStopped
from roomtone.core.conference.mix import MixPlan, Seat, Towards
from roomtone.core.exchange import Clip, EngineUnavailable, PlayClip, PlaySilence, PlayTone
from roomtone.core.ids import CallId, ConferenceId
from roomtone.link import Link
from roomtone.link import Settings as LinkSettings
from roomtone.link import messages as m
from roomtone.link.frames import LIMIT_BYTES
from roomtone.media import EngineMedia, Settings
from roomtone.media.adapter import signal_of
from roomtone.media.orders import EXIT_TONE
from roomtone.sdp.agreement import Agreement, Codec, Flow
from roomtone.testing.reference_engine import ReferenceEngine
from roomtone.testing.reference_engine import Settings as EngineSettings

A, B = CallId(0xA), CallId(0xB)
ROOM = ConferenceId(9)
AGREED = Agreement(Codec.PCMU, 0, 101, 20, "127.0.0.1", 4_000, Flow.SENDRECV)
CLIP = Clip("ding", 8_000, bytes(3_200))


@dataclass
class Stage:
    """An engine, a link, the adapter, and what it told."""

    engine: ReferenceEngine
    link: Link
    media: EngineMedia
    signals: list[CallSignal] = field(default_factory=list)
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, signal: CallSignal) -> None:
        self.signals.append(signal)
        self.heard.set()

    async def signal(self) -> CallSignal:
        async with asyncio.timeout(5):
            while not self.signals:
                self.heard.clear()
                await self.heard.wait()
        return self.signals.pop(0)

    def loads(self) -> list[str]:
        return [order.clip for order in self.engine.told if isinstance(order, m.LoadClip)]


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    folder = Path(tempfile.mkdtemp(prefix="rt"))
    engine = ReferenceEngine(EngineSettings(folder / "s", rtp_first=33_000, rtp_last=33_003))
    await engine.start()
    link = Link(folder / "s", LinkSettings(retry_first_s=0.01, retry_last_s=0.02))
    await link.start()
    one = Stage(engine, link, None)
    one.media = EngineMedia(link, one.take, Settings(address="127.0.0.1", clips_limit_bytes=10_000))
    await one.media.view()
    yield one
    await link.stop()
    await one.engine.stop()
    shutil.rmtree(folder)


async def test_streams_open_change_and_close(stage: Stage) -> None:
    port = await stage.media.open_stream(A, AGREED)
    assert await stage.media.open_stream(A, AGREED) == port
    await stage.media.change_stream(A, AGREED)
    assert (await stage.media.view()).streams == {A}
    for _ in range(2):
        await stage.media.close_stream(A)
    assert (await stage.media.view()).streams == frozenset()
    await stage.media.change_stream(A, AGREED)  # gone: nothing to follow
    assert stage.media.address == "127.0.0.1"


async def test_without_a_port_there_is_no_engine(stage: Stage) -> None:
    for number in (1, 2):
        await stage.media.open_stream(CallId(number), AGREED)
    with pytest.raises(EngineUnavailable, match="no-port"):
        await stage.media.open_stream(CallId(3), AGREED)


async def test_figures_are_asked_of_the_engine(stage: Stage) -> None:
    assert await stage.media.figures(A) is None
    await stage.media.open_stream(A, AGREED)
    told = await stage.media.figures(A)
    assert told is not None
    assert (told.call, told.packets_received) == (A, 0)
    await stage.engine.stop()
    assert await stage.media.figures(A) is None


async def test_plans_are_posted_and_dropped(stage: Stage) -> None:
    stage.media.apply(ROOM, MixPlan(1, (Seat(A, Towards.ROOM, None),)))
    stage.media.apply(A, MixPlan(1))
    assert (await stage.media.view()).plans == {ROOM.hex, A.hex}
    stage.media.drop(ROOM)
    assert (await stage.media.view()).plans == {A.hex}


async def test_a_clip_is_handed_over_once(stage: Stage) -> None:
    for turn in (1, 2):
        await stage.media.play("hold", turn, PlayClip(CLIP, loops=0))
    await stage.media.play("wait", 1, PlayClip(CLIP, loops=0))
    assert stage.loads() == ["ding"]
    assert (await stage.media.view()).sources == {("hold", 2), ("wait", 1)}


async def test_two_who_play_the_same_at_once_hand_it_over_once(stage: Stage) -> None:
    async with asyncio.TaskGroup() as tasks:
        for key in "abc":
            tasks.create_task(stage.media.play(key, 1, PlayClip(CLIP, loops=0)))
    assert stage.loads() == ["ding"]


async def test_clips_beyond_the_limit_are_dropped_longest_unused_first(stage: Stage) -> None:
    for name in "abcd":
        await stage.media.play("key", 1, PlayClip(Clip(name, 8_000, bytes(4_000))))
    assert sorted(stage.engine.media.clips) == ["c", "d"]
    await stage.media.play("key", 1, PlayClip(Clip("a", 8_000, bytes(4_000))))
    assert stage.loads() == ["a", "b", "c", "d", "a"]


async def test_a_clip_the_engine_lost_is_handed_over_again(stage: Stage) -> None:
    await stage.media.play("hold", 1, PlayClip(CLIP))
    stage.engine.media.clips.clear()
    await stage.media.play("hold", 2, PlayClip(CLIP, loops=0))
    assert stage.loads() == ["ding", "ding"]
    assert (await stage.media.view()).sources == {("hold", 2)}
    assert SourceEnded("hold", 2) not in stage.signals


async def test_the_end_of_a_source_is_told(stage: Stage) -> None:
    await stage.media.play("a", 1, PlayTone(440.0, -10.0, 20))
    assert await stage.signal() == SourceEnded("a", 1)
    await stage.media.play("a", 2, PlaySilence(20))
    assert await stage.signal() == SourceEnded("a", 2)
    await stage.media.play("a", 3, PlayTone(440.0, -10.0, 0))
    stage.media.stop("a")
    assert (await stage.media.view()).sources == frozenset()
    assert stage.signals == []


@pytest.mark.parametrize(
    "sound",
    [
        PlayTone(9_999.0, -10.0, 20),
        PlayClip(Clip("odd", 8_000, b"\0")),
        PlayClip(Clip("endless", 8_000, bytes(LIMIT_BYTES))),
    ],
    ids=["impossible tone", "no audio", "too large"],
)
async def test_what_cannot_be_played_has_ended_at_once(stage: Stage, sound: PlayTone | PlayClip) -> None:
    await stage.media.play("a", 5, sound)
    assert await stage.signal() == SourceEnded("a", 5)


async def test_the_beep_goes_to_these_ears_and_to_none_if_there_are_none(stage: Stage) -> None:
    stage.media.beep(ROOM, entering=True, calls=[])
    stage.media.beep(ROOM, entering=False, calls=[A, B])
    order = await stage.engine.wait_for(m.PlayOnce)
    assert (order.conference, order.content, order.calls) == (ROOM.hex, EXIT_TONE, [A.hex, B.hex])
    assert sum(isinstance(one, m.PlayOnce) for one in stage.engine.told) == 1


async def test_the_beep_is_the_sound_of_the_house_if_it_has_one(stage: Stage) -> None:
    media = EngineMedia(stage.link, stage.take, Settings(entry=CLIP))
    for _ in range(2):
        media.beep(ROOM, entering=True, calls=[A])
    media.beep(ROOM, entering=False, calls=[A])
    async with asyncio.timeout(10):
        while True:
            if sum(isinstance(one, m.PlayOnce) for one in stage.engine.told) == 3:
                break
            await asyncio.sleep(0)
    played = [one.content for one in stage.engine.told if isinstance(one, m.PlayOnce)]
    assert [one.clip for one in played] == ["ding", "ding", None]
    assert sum(isinstance(one, m.LoadClip) for one in stage.engine.told) == 1, "handed over once"


async def test_digits_come_up(stage: Stage) -> None:
    stage.engine.press(A.hex, "5", 80)
    assert await stage.signal() == DigitPressed(A, "5", 80)


@pytest.mark.parametrize(
    ("fact", "signal"),
    [
        (m.SpeechStarted(call=A.hex), SpeechStarted(A)),
        (m.SpeechStopped(call=A.hex), SpeechStopped(A)),
        (m.StreamSilent(call=A.hex, silent_ms=5_000), StreamWentSilent(A, 5_000)),
        (m.StreamHeard(call=A.hex, remote_host="127.0.0.1", remote_port=4), StreamWasHeard(A)),
        (m.SourceEnded(source="a", turn=3), SourceEnded("a", 3)),
        (m.FactsDropped(count=3), None),
        (m.Confirmed(call=A.hex, sdp=None), None),
    ],
)
def test_facts_about_sound_become_signals(fact: m.Fact, signal: CallSignal | None) -> None:
    assert signal_of(fact) == signal


async def test_lost_facts_are_logged(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    stage.engine._tell(m.FactsDropped(count=42))
    await stage.media.open_stream(A, AGREED)
    await stage.media.close_stream(A)
    await stage.media.view()
    assert "count=42" in caplog.text


class TestAnotherEngine:
    """What is remembered of one engine is not believed of another."""

    async def replace(self, stage: Stage) -> None:
        back = asyncio.Event()
        stage.link.on_back(lambda _: back.set())
        await stage.engine.stop()
        stage.engine = ReferenceEngine(stage.engine.settings)
        await stage.engine.start()
        async with asyncio.timeout(5):
            await back.wait()

    async def test_a_new_engine_gets_the_clips_anew(self, stage: Stage) -> None:
        await stage.media.play("hold", 1, PlayClip(CLIP, loops=0))
        await self.replace(stage)
        await stage.media.play("hold", 2, PlayClip(CLIP, loops=0))
        assert stage.loads() == ["ding"]
        assert (await stage.media.view()).sources == {("hold", 2)}

    async def test_the_same_engine_keeps_them_when_only_the_connection_was_lost(self, stage: Stage) -> None:
        await stage.media.play("hold", 1, PlayClip(CLIP, loops=0))
        back = asyncio.Event()
        stage.link.on_back(lambda _: back.set())
        stage.engine._brain.transport.abort()
        async with asyncio.timeout(5):
            await back.wait()
        await stage.media.view()
        await stage.media.play("hold", 2, PlayClip(CLIP, loops=0))
        assert stage.loads() == ["ding"]

    async def test_more_music_than_the_link_holds_unsent_plays_on_in_the_new_engine(
        self, stage: Stage
    ) -> None:
        stage.link._settings = replace(stage.link._settings, unsent_limit_bytes=1 << 20)
        clips = [Clip(f"music {number}", 8_000, bytes(1 << 20)) for number in range(6)]
        for turn, clip in enumerate(clips):
            await stage.media.play(clip.name, turn, PlayClip(clip, loops=0))
        stage.media.apply(ROOM, MixPlan(1))
        await self.replace(stage)
        wanted = frozenset((clip.name, turn) for turn, clip in enumerate(clips))
        assert await stage.media.renew() == wanted
        view = await stage.media.view()
        assert (view.sources, view.plans) == (wanted, {ROOM.hex})
        told = [order for order in stage.engine.told if isinstance(order, m.ApplyPlan | m.LoadClip)]
        assert isinstance(told[0], m.ApplyPlan), "plans first"

    async def test_what_was_replaced_while_clips_were_handed_over_is_not_begun_again(
        self, stage: Stage
    ) -> None:
        await stage.media.play("hold", 1, PlayClip(CLIP, loops=0))
        await self.replace(stage)
        renewing = asyncio.create_task(stage.media.renew())
        await asyncio.sleep(0)
        await stage.media.play("hold", 2, PlayTone(440.0, -10.0, 0))
        assert await renewing == {("hold", 2)}
        assert (await stage.media.view()).sources == {("hold", 2)}

    async def test_without_an_engine_asks_fail_and_posts_are_dropped(self, stage: Stage) -> None:
        lost = asyncio.Event()
        stage.link.on_lost(lost.set)
        await stage.engine.stop()
        async with asyncio.timeout(5):
            await lost.wait()
        for ask in (
            stage.media.open_stream(A, AGREED),
            stage.media.change_stream(A, AGREED),
            stage.media.close_stream(A),
            stage.media.play("a", 1, PlayClip(CLIP)),
            stage.media.view(),
        ):
            with pytest.raises(EngineUnavailable):
                await ask
        stage.media.apply(ROOM, MixPlan(1))
        stage.media.drop(ROOM)
        stage.media.stop("a")
        stage.media.beep(ROOM, entering=True, calls=[A])
        await stage.engine.start()
