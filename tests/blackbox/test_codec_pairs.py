"""The truth table for every two codecs: all of them in one conference, two phones each, and each in turn acts.

Signalling by SIPp; the sound is coded and decoded by libavcodec. Twelve pitches at once, so that a look at one table is a
look at all 36 pairs of codecs, each way.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from stage.coded_phone import CODINGS, CodedPhone
from stage.ears import matrix
from stage.scene import ANNOUNCE_HZ, HOLD_HZ, SETTLING_FRAMES, Scene, everybody_hears_the_others, now_s
from stage.sipp import SippCaller

PITCHES_HZ = (397.0, 541.0, 683.0, 829.0, 977.0, 1123.0, 1277.0, 1427.0, 1543.0, 1733.0, 1871.0, 1997.0)
QUIET_DB = -23.0
"""So that eleven of them sum up to less than full scale."""

WITHIN_S = 30.0
WORDS = [coding.word for coding in CODINGS]

Hearing = dict[str, set[str]]


async def gather(scene: Scene) -> dict[str, SippCaller]:
    number = await scene.open_line("all codecs")
    pitches_hz: Iterator[float] = iter(PITCHES_HZ)
    callers = {}
    for who, coding in itertools.product(("ann", "bob"), CODINGS):
        phone = await CodedPhone.speaking(coding, next(pitches_hz), QUIET_DB)
        name = f"{who}-{coding.word}"
        callers[name] = await scene.enter(
            name, number, pitch_hz=None, phone=phone, payload_types=f"{coding.payload_type} 101"
        )
    return callers


def without(table: Hearing, names: set[str]) -> Hearing:
    return {listener: heard - names for listener, heard in table.items()}


async def stands(scene: Scene, table: Hearing) -> None:
    """Insist that a table comes to be, and is the same in a second look: twelve phones of one busy process may stumble."""
    deadline_s, looks = now_s() + WITHIN_S, 0
    while looks < 2:
        found = await matrix(scene.phones, scene.pitches_hz, settling=SETTLING_FRAMES)
        looks = looks + 1 if found == table else 0
        assert looks or now_s() < deadline_s, differences(found, table)


def differences(found: Hearing, table: Hearing) -> dict[str, tuple[set[str], set[str]]]:
    """For each listener, who was heard and should not be, and who should be and was not."""
    return {
        name: (found[name] - heard, heard - found[name])
        for name, heard in table.items()
        if found[name] != heard
    }


@pytest.mark.slow
@pytest.mark.timeout(240)
async def test_every_state_with_every_two_codecs(scene: Scene, subtests: pytest.Subtests) -> None:
    callers = await gather(scene)
    ordinary = everybody_hears_the_others(list(callers))
    await stands(scene, ordinary)
    for word in WORDS:
        await check_bob(scene, callers, word, subtests)
    for turn in range(len(WORDS)):
        await check_coaches(scene, callers, turn, subtests)
    with subtests.test(state="announce"):
        await check_announcements(scene, callers)


async def check_bob(
    scene: Scene, callers: dict[str, SippCaller], word: str, subtests: pytest.Subtests
) -> None:
    """Let bob with this codec be muted, and held."""
    name, ordinary = f"bob-{word}", everybody_hears_the_others(list(callers))
    bob = callers[name]
    held = {"Hold": "true", "HoldUrl": scene.customer.host_tone("/hold.wav", HOLD_HZ)}
    steps: list[tuple[str, dict[str, str], Hearing]] = [
        ("muted", {"Muted": "true"}, without(ordinary, {name})),
        ("held and muted", held, without(ordinary, {name}) | {name: {"hold"}}),
        ("held", {"Muted": "false"}, without(ordinary, {name}) | {name: {"hold"}}),
        ("normal", {"Hold": "false"}, ordinary),
    ]
    for what, form, table in steps:
        with subtests.test(bob=word, state=what):
            await scene.update(bob, **form)
            await stands(scene, table)


async def check_coaches(
    scene: Scene, callers: dict[str, SippCaller], turn: int, subtests: pytest.Subtests
) -> None:
    """Let each ann watch, then coach, then join one bob; each bob is another codec's each turn, and each has one coach."""
    bobs = {f"ann-{word}": f"bob-{WORDS[(at + turn) % len(WORDS)]}" for at, word in enumerate(WORDS)}
    ordinary = everybody_hears_the_others(list(callers))
    watched = without(ordinary, set(bobs))
    whispered = watched | {bob: watched[bob] | {ann} for ann, bob in bobs.items()}
    for what, flags, table in (
        ("monitor", {"Muted": "true", "Coaching": "true"}, watched),
        ("whisper", {"Muted": "false", "Coaching": "true"}, whispered),
        ("barge", {"Muted": "false", "Coaching": "false"}, ordinary),
    ):
        with subtests.test(turn=turn, state=what):
            for ann, bob in bobs.items():
                target = callers[bob].call_sid if what != "barge" else ""
                await scene.update(callers[ann], **flags, CallSidToCoach=target)
            await stands(scene, table)


async def check_announcements(scene: Scene, callers: dict[str, SippCaller]) -> None:
    """Let every bob hear an announcement of their own, and no ann."""
    announcement = scene.customer.host_tone("/announcement.wav", ANNOUNCE_HZ, 20.0)
    ordinary = everybody_hears_the_others(list(callers))
    bobs = [name for name in callers if name.startswith("bob")]
    for name in bobs:
        await scene.update(callers[name], AnnounceUrl=announcement)
    table = ordinary | {name: ordinary[name] | {"announcement"} for name in bobs}
    await stands(scene, table)
