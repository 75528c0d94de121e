"""Who hears whom, by ear: real UDP, real tones, as the plan says."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import msgspec
import numpy as np
import pytest

from roomtone.link import OrderRefused
from roomtone.link import messages as m
from roomtone.testing.tones import PITCHES_HZ, level_db

from .conftest import LETTERS, MUSIC_HZ, NAME_OF, PITCH_OF, VOICE_OVER_HZ, Stage, content_of


def others(letters: str, *, without: str = "") -> str:
    return " ".join(letter for letter in letters if letter not in without)


@pytest.mark.parametrize("size", [2, 3, 5])
class TestTruthTable:
    """For 2, 3 and 5 parties, G.711 of both kinds mixed."""

    async def test_everybody_hears_everybody_else(self, stage: Stage, size: int) -> None:
        letters = LETTERS[:size]
        await stage.party(letters)
        await stage.everybody_talks()
        await stage.hears(**{one: others(letters, without=one) for one in letters})

    async def test_the_muted_hears_and_is_not_heard(self, stage: Stage, size: int) -> None:
        letters = LETTERS[:size]
        await stage.party(letters)
        await stage.plan(stage.seat("A", talks="nobody"), *map(stage.seat, letters[1:]))
        expected = {one: others(letters, without="A" + one) for one in letters}
        await stage.hears(**expected)

    async def test_the_held_hears_music_and_nobody_hears_them(self, stage: Stage, size: int) -> None:
        letters = LETTERS[:size]
        await stage.party(letters)
        await stage.start("hold:A", tone_hz=MUSIC_HZ)
        await stage.plan(stage.seat("A", "nobody", "hold:A"), *map(stage.seat, letters[1:]))
        expected = {one: others(letters, without="A" + one) for one in letters}
        await stage.hears(**expected | {"A": "music"})

    async def test_an_overlay_goes_over_the_room_in_one_ear(self, stage: Stage, size: int) -> None:
        letters = LETTERS[:size]
        await stage.party(letters)
        await stage.start("announce:A", tone_hz=VOICE_OVER_HZ)
        await stage.plan(stage.seat("A", overlays=["announce:A"]), *map(stage.seat, letters[1:]))
        expected = {one: others(letters, without=one) for one in letters}
        await stage.hears(**expected | {"A": f"{expected['A']} voice-over"})


@pytest.mark.parametrize("size", [3, 5])
class TestSupervision:
    """A is on the phone with the others; B listens in, whispers, joins."""

    async def test_who_monitors_hears_all_and_is_heard_by_nobody(self, stage: Stage, size: int) -> None:
        letters = LETTERS[:size]
        await stage.party(letters)
        await stage.plan(stage.seat("B", talks="nobody"), *(stage.seat(one) for one in letters if one != "B"))
        await stage.hears(**{one: others(letters, without="B" + one) for one in letters})

    async def test_a_whisper_is_heard_by_one(self, stage: Stage, size: int) -> None:
        letters = LETTERS[:size]
        await stage.party(letters)
        await stage.plan(stage.seat("B", talks="A"), *(stage.seat(one) for one in letters if one != "B"))
        expected = {one: others(letters, without="B" + one) for one in letters}
        await stage.hears(**expected | {"A": others(letters, without="A")})

    async def test_monitor_whisper_barge_in_one_call(self, stage: Stage, size: int) -> None:
        letters = LETTERS[:size]
        await stage.party(letters)
        rest = [stage.seat(one) for one in letters if one != "B"]
        quiet = {one: others(letters, without="B" + one) for one in letters}
        await stage.plan(stage.seat("B", talks="nobody"), *rest)
        await stage.hears(**quiet)
        await stage.plan(stage.seat("B", talks="A"), *rest)
        await stage.hears(**quiet | {"A": others(letters, without="A")})
        await stage.plan(stage.seat("B"), *rest)
        await stage.hears(**{one: others(letters, without=one) for one in letters})


async def test_a_whisper_to_somebody_who_left_is_heard_by_nobody(stage: Stage) -> None:
    await stage.party("ABC")
    await stage.plan(stage.seat("A"), stage.seat("B"), stage.seat("C", talks="somebody gone"))
    await stage.hears(A="B", B="A", C="A B")


async def test_a_whisper_does_not_reach_who_is_on_hold(stage: Stage) -> None:
    await stage.party("ABC")
    await stage.start("hold:A", tone_hz=MUSIC_HZ)
    await stage.plan(stage.seat("A", "nobody", "hold:A"), stage.seat("B", talks="A"), stage.seat("C"))
    await stage.hears(A="music", B="C", C="")


async def test_two_whisper_to_one_and_do_not_hear_each_other(stage: Stage) -> None:
    await stage.party("ABC")
    await stage.plan(stage.seat("A"), stage.seat("B", talks="A"), stage.seat("C", talks="A"))
    await stage.hears(A="B C", B="A", C="A")


async def test_who_hears_nothing_hears_nothing_but_overlays(stage: Stage) -> None:
    await stage.party("AB")
    await stage.start("announce:A", tone_hz=VOICE_OVER_HZ)
    await stage.plan(stage.seat("A", hears="nothing"), stage.seat("B"))
    await stage.hears(A="", B="A")
    await stage.plan(stage.seat("A", hears="nothing", overlays=["announce:A"]), stage.seat("B"))
    await stage.hears(A="voice-over", B="A")


async def test_an_overlay_goes_over_hold_music_too(stage: Stage) -> None:
    await stage.party("AB")
    await stage.start("hold:A", tone_hz=MUSIC_HZ)
    await stage.start("announce:A", tone_hz=VOICE_OVER_HZ)
    await stage.plan(stage.seat("A", "nobody", "hold:A", ["announce:A"]), stage.seat("B"))
    await stage.hears(A="music voice-over", B="")


async def test_two_listeners_of_one_source_hear_the_same(stage: Stage) -> None:
    await stage.party("ABC")
    await stage.start("wait", tone_hz=MUSIC_HZ)
    await stage.plan(stage.seat("A", "nobody", "wait"), stage.seat("B", "nobody", "wait"), stage.seat("C"))
    await stage.hears(A="music", B="music", C="")


async def test_a_source_that_nobody_started_is_silence(stage: Stage) -> None:
    await stage.party("AB")
    await stage.plan(stage.seat("A", "nobody", "hold:A", ["announce:A"]), stage.seat("B"))
    await stage.hears(A="", B="")
    await stage.start("hold:A", tone_hz=MUSIC_HZ)
    await stage.hears(A="music", B="")


class TestPlans:
    """Plans replace one another whole."""

    async def test_an_older_plan_is_ignored(self, stage: Stage) -> None:
        await stage.party("AB")
        await stage.plan(stage.seat("A"), stage.seat("B"), revision=7)
        await stage.plan(stage.seat("A", talks="nobody"), stage.seat("B"), revision=6)
        await stage.hears(A="B", B="A")
        snapshot = await stage.snapshot()
        assert [(plan.conference, plan.revision) for plan in snapshot.plans] == [(f"{1:032x}", 7)]

    async def test_a_plan_that_contradicts_itself_is_refused_whole(self, stage: Stage) -> None:
        await stage.party("AB")
        await stage.everybody_talks()
        seat, replace_in = stage.seat, msgspec.structs.replace
        for wrong in (
            [seat("A", talks="nobody"), seat("A")],
            [seat("A", talks="nobody"), replace_in(seat("B", talks="A"), target=None)],
            [seat("A", talks="nobody"), replace_in(seat("B", hears="hold"), source=None)],
        ):
            with pytest.raises(OrderRefused, match="bad-plan"):
                await stage.plan(*wrong)
        await stage.hears(A="B", B="A")

    async def test_the_same_plan_twice_changes_nothing(self, stage: Stage) -> None:
        await stage.party("AB")
        for _ in range(2):
            await stage.plan(stage.seat("A"), stage.seat("B"), revision=7)
        await stage.hears(A="B", B="A")

    async def test_a_stream_without_a_plan_hears_and_says_nothing(self, stage: Stage) -> None:
        await stage.party("ABC")
        await stage.plan(stage.seat("A"), stage.seat("B"))
        await stage.hears(A="B", B="A", C="")

    async def test_who_is_no_longer_in_the_plan_is_out(self, stage: Stage) -> None:
        await stage.party("ABC")
        await stage.everybody_talks()
        await stage.hears(A="B C", B="A C", C="A B")
        await stage.plan(stage.seat("A"), stage.seat("B"))
        await stage.hears(A="B", B="A", C="")

    async def test_a_stream_sits_in_the_plan_that_named_it_last(self, stage: Stage) -> None:
        await stage.party("ABC")
        await stage.everybody_talks()
        await stage.plan(stage.seat("C"), conference=2)
        await stage.hears(A="B", B="A", C="")
        snapshot = await stage.snapshot()
        where = {stream.call: stream.conference for stream in snapshot.streams}
        assert {one: where[stage.calls[one]] for one in "ABC"} == {
            "A": f"{1:032x}",
            "B": f"{1:032x}",
            "C": f"{2:032x}",
        }

    async def test_a_private_plan_for_a_call_and_back_to_the_room(self, stage: Stage) -> None:
        await stage.party("AB")
        own = int(stage.calls["A"], 16)
        await stage.start("say:A", tone_hz=MUSIC_HZ)
        await stage.plan(stage.seat("A", "nobody", "say:A"), conference=own)
        await stage.hears(A="music", B="")
        await stage.everybody_talks()
        await stage.hears(A="B", B="A")

    async def test_two_conferences_do_not_hear_each_other(self, stage: Stage) -> None:
        await stage.party("ABCD")
        await stage.plan(stage.seat("A"), stage.seat("B"))
        await stage.plan(stage.seat("C"), stage.seat("D"), conference=2)
        await stage.hears(A="B", B="A", C="D", D="C")

    async def test_a_dropped_conference_is_silent_and_may_begin_again(self, stage: Stage) -> None:
        await stage.party("AB")
        await stage.plan(stage.seat("A"), stage.seat("B"), revision=9)
        await stage.hears(A="B", B="A")
        for _ in range(2):
            await stage.link.ask(m.DropConference(n=0, conference=f"{1:032x}"))
        await stage.hears(A="", B="")
        await stage.plan(stage.seat("A"), stage.seat("B"), revision=1)
        await stage.hears(A="B", B="A")

    async def test_a_seat_may_be_there_before_its_stream(self, stage: Stage) -> None:
        await stage.party("A")
        stage.calls["B"] = f"{77:032x}"
        await stage.plan(stage.seat("A"), stage.seat("B"))
        await stage.hears(A="")
        await stage.phone("B")
        stage.calls["B"], late = f"{77:032x}", stage.calls["B"]
        await stage.link.ask(m.CloseStream(n=0, call=late))
        opened = await stage.link.ask(stage.opening("B"), m.Opened)
        stage.phones["B"].point("127.0.0.1", opened.port)
        await stage.hears(A="B", B="A")


async def test_a_whisper_never_leaks_while_plans_change(stage: Stage) -> None:
    await stage.party("ABC")
    rest = [stage.seat("A"), stage.seat("C")]
    await stage.plan(stage.seat("B", talks="A"), *rest)
    await stage.hears(A="B C", B="A C", C="A")
    for _ in range(10):
        await stage.plan(stage.seat("B", talks="nobody"), *rest)
        await stage.phones["C"].wait_for_packets(2)
        await stage.plan(stage.seat("B", talks="A"), *rest)
        await stage.phones["C"].wait_for_packets(2)
    assert loudest(stage, "C", PITCH_OF["B"]) < -40


async def test_a_beep_is_heard_by_those_it_is_for(stage: Stage) -> None:
    await stage.party("ABC")
    await stage.start("hold:B", tone_hz=MUSIC_HZ)
    await stage.plan(stage.seat("A"), stage.seat("B", "nobody", "hold:B"), stage.seat("C"))
    await stage.hears(A="C", B="music", C="A")
    beep = content_of(tone_hz=VOICE_OVER_HZ, duration_ms=400)
    ears = [stage.calls["A"], stage.calls["B"]]
    await stage.link.ask(m.PlayOnce(n=0, conference=f"{1:032x}", content=beep, calls=ears))
    await asyncio.gather(*(phone.wait_for_packets(50) for phone in stage.phones.values()))
    assert loudest(stage, "A", VOICE_OVER_HZ) == pytest.approx(-13, abs=2)
    assert loudest(stage, "B", VOICE_OVER_HZ) == pytest.approx(-13, abs=2)
    assert loudest(stage, "C", VOICE_OVER_HZ) < -40
    await stage.hears(A="C", B="music", C="A")


def loudest(stage: Stage, letter: str, hz: float, window_ms: int = 1_200) -> float:
    """Give the level of a pitch at its loudest, over pieces of 200 ms."""
    pcm = stage.phones[letter].pcm(window_ms)
    return max(level_db(pcm[start : start + 1_600], hz) for start in range(0, len(pcm) - 1_600, 400))


async def test_who_talks_to_their_own_call_hears_themselves_and_nobody_else_does(stage: Stage) -> None:
    await stage.party("ABC")
    await stage.plan(stage.seat("A", "A"), stage.seat("B"), stage.seat("C"))
    await stage.hears(A="A B C", B="C", C="B")
    await stage.plan(stage.seat("A"), stage.seat("B"), stage.seat("C"))
    await stage.hears(A="B C", B="A C", C="A B")


async def test_many_loud_voices_are_limited_and_never_wrap_round(stage: Stage) -> None:
    """Four low tones at −2 dB add up to more than full scale; only wrapping round jumps from one end to the other."""
    await stage.party("ABCDE")
    for index, phone in enumerate(stage.phones.values()):
        phone.settings = replace(phone.settings, level_db=-2.0)
        phone.say(200.0 + 20 * index)
    await stage.everybody_talks()
    await stage.phones["A"].wait_for_packets(50)
    pcm = stage.phones["A"].pcm(400).astype(int)
    assert np.max(np.abs(pcm)) > 20_000
    assert np.max(np.abs(np.diff(pcm))) < 35_000


def test_no_pitch_of_the_suite_is_taken_for_another() -> None:
    assert len(NAME_OF) == 8
    assert set(NAME_OF) <= set(PITCHES_HZ)
