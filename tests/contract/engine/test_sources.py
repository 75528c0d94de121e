"""What sources play, and what is told of their end."""

from __future__ import annotations

import asyncio

import pytest

from roomtone.link import OrderRefused
from roomtone.link import messages as m
from roomtone.testing.tones import PITCHES_HZ, tone

from .conftest import MUSIC_HZ, VOICE_OVER_HZ, Stage, content_of


@pytest.fixture
async def listener(stage: Stage) -> Stage:
    """A stage on which A hears the source `music` and nothing else."""
    await stage.phone("A", pitch_hz=None)
    await stage.plan(stage.seat("A", "nobody", "music"))
    return stage


async def load(stage: Stage, clip: str, hz: float, duration_s: float, rate_hz: int = 8_000) -> None:
    pcm = tone(hz, duration_s, rate_hz=rate_hz).astype("<i2").tobytes()
    await stage.link.ask(m.LoadClip(n=0, clip=clip, rate_hz=rate_hz, pcm=pcm))


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 44_100, 48_000])
async def test_a_clip_of_any_rate_is_heard_at_its_pitch(listener: Stage, rate_hz: int) -> None:
    await load(listener, "one", MUSIC_HZ, 2.0, rate_hz)
    await listener.start("music", clip="one", loops=0)
    await listener.hears(A="music")
    level = await listener.level_db("A", MUSIC_HZ)
    assert level == pytest.approx(-13, abs=1.5), "played as loud as it was loaded"


async def test_a_clip_that_loops_goes_on_beyond_its_length(listener: Stage) -> None:
    await load(listener, "short", MUSIC_HZ, 0.1)
    await listener.start("music", clip="short", loops=0)
    await listener.hears(A="music")
    await listener.phones["A"].wait_for_packets(50)
    await listener.hears(A="music")
    assert not any(isinstance(fact, m.SourceEnded) for fact in listener.facts)


async def test_the_end_is_told_once_with_its_turn_when_all_is_played(listener: Stage) -> None:
    await load(listener, "short", MUSIC_HZ, 0.3)
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    await listener.start("music", turn=41, clip="short", loops=2)
    await listener.hears(A="music")
    ended = await listener.fact(m.SourceEnded)
    assert (ended.source, ended.turn) == ("music", 41)
    assert 0.45 < loop.time() - began_s < 1.5
    await listener.hears(A="")
    assert not any(isinstance(fact, m.SourceEnded) for fact in listener.facts)


async def test_a_source_that_nobody_hears_ends_as_well(stage: Stage) -> None:
    await load(stage, "short", MUSIC_HZ, 0.1)
    await stage.start("unheard", turn=3, clip="short")
    assert (await stage.fact(m.SourceEnded)).turn == 3


@pytest.mark.parametrize("content", [{"tone_hz": MUSIC_HZ, "duration_ms": 200}, {"duration_ms": 200}])
async def test_tones_and_silences_end_after_their_duration(stage: Stage, content: dict) -> None:
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    await stage.start("any", turn=2, **content)
    assert (await stage.fact(m.SourceEnded)).turn == 2
    assert 0.15 < loop.time() - began_s < 1.0


async def test_a_tone_has_the_level_that_was_asked_for(listener: Stage) -> None:
    await listener.start("music", tone_hz=MUSIC_HZ, level_db=-20.0)
    await listener.hears(A="music")
    assert await listener.level_db("A", MUSIC_HZ) == pytest.approx(-20, abs=1)


async def test_what_replaces_a_source_is_heard_and_only_its_end_is_told(listener: Stage) -> None:
    await listener.start("music", turn=1, tone_hz=MUSIC_HZ, duration_ms=1_000)
    await heard_once(listener, "A", "music")
    await listener.start("music", turn=2, tone_hz=VOICE_OVER_HZ, duration_ms=1_500)
    await heard_once(listener, "A", "voice-over")
    assert (await listener.fact(m.SourceEnded)).turn == 2
    assert listener.facts == [] or not any(isinstance(fact, m.SourceEnded) for fact in listener.facts)


async def test_a_stopped_source_is_silent_and_no_end_is_told(listener: Stage) -> None:
    await listener.start("music", tone_hz=MUSIC_HZ, duration_ms=1_000)
    await listener.hears(A="music")
    for _ in range(2):
        await listener.link.ask(m.StopSource(n=0, source="music"))
    await listener.hears(A="")
    await listener.phones["A"].wait_for_packets(25)
    assert not any(isinstance(fact, m.SourceEnded) for fact in listener.facts)


async def test_an_ended_source_may_play_again(listener: Stage) -> None:
    await listener.start("music", turn=1, tone_hz=MUSIC_HZ, duration_ms=40)
    await listener.fact(m.SourceEnded, turn=1)
    await listener.start("music", turn=2, tone_hz=MUSIC_HZ)
    await listener.hears(A="music")


async def test_a_clip_that_is_not_loaded_is_refused_and_what_plays_goes_on(listener: Stage) -> None:
    await listener.start("music", tone_hz=MUSIC_HZ)
    await listener.hears(A="music")
    with pytest.raises(OrderRefused, match="unknown-clip"):
        await listener.start("music", turn=2, clip="nowhere")
    beep = content_of(clip="nowhere")
    order = m.PlayOnce(n=0, conference=f"{1:032x}", content=beep, calls=[listener.calls["A"]])
    with pytest.raises(OrderRefused, match="unknown-clip"):
        await listener.link.ask(order)
    await listener.hears(A="music")


async def test_a_dropped_clip_plays_to_its_end_and_is_unknown_then(listener: Stage) -> None:
    await load(listener, "one", MUSIC_HZ, 1.5)
    await listener.start("music", turn=1, clip="one")
    for _ in range(2):
        await listener.link.ask(m.DropClip(n=0, clip="one"))
    await heard_once(listener, "A", "music")
    await listener.fact(m.SourceEnded, turn=1)
    with pytest.raises(OrderRefused, match="unknown-clip"):
        await listener.start("music", turn=2, clip="one")


async def test_a_clip_is_known_by_its_name_and_loaded_once(listener: Stage) -> None:
    await load(listener, "one", MUSIC_HZ, 1.0)
    await load(listener, "one", VOICE_OVER_HZ, 1.0)
    snapshot = await listener.snapshot()
    assert snapshot.clips == ["one"]
    await listener.start("music", clip="one", loops=0)
    await listener.hears(A="music")


@pytest.mark.parametrize(
    "content",
    [
        {"tone_hz": 440.0, "clip": "one"},
        {"tone_hz": 0.0},
        {"tone_hz": -5.0},
        {"tone_hz": 4_000.0},
        {"tone_hz": float("nan")},
    ],
)
async def test_what_cannot_be_played_is_refused(stage: Stage, content: dict) -> None:
    await load(stage, "one", MUSIC_HZ, 0.1)
    with pytest.raises(OrderRefused, match="bad-content"):
        await stage.start("x", **content)
    assert (await stage.snapshot()).sources == []


async def test_what_is_played_once_must_have_an_end(stage: Stage) -> None:
    for endless in (content_of(tone_hz=MUSIC_HZ), content_of()):
        with pytest.raises(OrderRefused, match="endless"):
            await stage.link.ask(m.PlayOnce(n=0, conference=f"{1:032x}", content=endless, calls=[]))


@pytest.mark.parametrize(("rate_hz", "pcm"), [(0, b"\0\0"), (1_000_000, b"\0\0"), (8_000, b"\0")])
async def test_a_clip_that_is_no_audio_is_refused(stage: Stage, rate_hz: int, pcm: bytes) -> None:
    with pytest.raises(OrderRefused, match="bad-clip"):
        await stage.link.ask(m.LoadClip(n=0, clip="bad", rate_hz=rate_hz, pcm=pcm))


async def test_an_empty_clip_ends_at_once_however_often_it_loops(stage: Stage) -> None:
    await stage.link.ask(m.LoadClip(n=0, clip="empty", rate_hz=8_000, pcm=b""))
    await stage.start("nothing", turn=9, clip="empty", loops=0)
    assert (await stage.fact(m.SourceEnded)).turn == 9


async def test_the_snapshot_tells_sources_and_which_have_ended(stage: Stage) -> None:
    await stage.start("goes on", turn=4, tone_hz=PITCHES_HZ[0])
    await stage.start("ends", turn=5, tone_hz=PITCHES_HZ[0], duration_ms=20)
    await stage.fact(m.SourceEnded, source="ends")
    snapshot = await stage.snapshot()
    told = {(one.source, one.turn, one.ended) for one in snapshot.sources}
    assert told == {("goes on", 4, False), ("ends", 5, True)}


async def test_a_beep_may_be_a_clip(stage: Stage) -> None:
    await stage.party("AB")
    await stage.everybody_talks()
    await stage.hears(A="B", B="A")
    await load(stage, "ding", VOICE_OVER_HZ, 0.5)
    beep = content_of(clip="ding")
    await stage.link.ask(m.PlayOnce(n=0, conference=f"{1:032x}", content=beep, calls=[stage.calls["B"]]))
    await heard_once(stage, "B", "A voice-over")
    await stage.hears(A="B", B="A")


async def heard_once(stage: Stage, letter: str, expected: str) -> None:
    """Wait until somebody hears exactly this, if only for a moment."""
    async with asyncio.timeout(5):
        while stage.heard(letter) != expected:
            await stage.phones[letter].wait_for_packets(1)
