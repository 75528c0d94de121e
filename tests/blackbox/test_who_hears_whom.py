"""The truth table: for each state of a participant, who hears whom, measured from received RTP.

Signalling by SIPp, sound by RTP endpoints with a pitch each. Sources: contract of both vendors as told in
`core.conference.mix` (SignalWire "Update a Participant": mute, hold, monitor, coach, barge; Twilio "Participant").
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from stage.scene import ANNOUNCE_HZ, HOLD_HZ, WAIT_HZ, Scene, everybody_hears_the_others

Hearing = dict[str, set[str]]
Form = Callable[[dict[str, str]], dict[str, str]]
"""Makes a form of what it needs: sids of ann and bob, URLs of hold music and announcement."""


@dataclass(frozen=True)
class State:
    """What is done to one caller, what that means for everybody, and how it is undone."""

    who: str
    form: Form
    changes: Callable[[Hearing], Hearing]
    """Makes the table of this state out of that of an ordinary conference."""

    undo: Form | None = None


def not_heard(name: str, by: set[str] | None = None) -> Callable[[Hearing], Hearing]:
    """Nobody (or nobody but these) hears `name`."""
    return lambda table: {
        one: heard - ({name} if one not in (by or set()) else set()) for one, heard in table.items()
    }


def on_hold(name: str, hears: str = "hold") -> Callable[[Hearing], Hearing]:
    """`name` hears one thing only, and nobody hears them."""
    return lambda table: {**not_heard(name)(table), name: {hears}}


def hears_too(name: str, what: str) -> Callable[[Hearing], Hearing]:
    """`name` hears something besides."""
    return lambda table: {**table, name: table[name] | {what}}


STATES: dict[str, State] = {
    "normal": State("bob", lambda _: {}, lambda table: table),
    "muted": State("bob", lambda _: {"Muted": "true"}, not_heard("bob"), lambda _: {"Muted": "false"}),
    "held": State(
        "bob", lambda know: {"Hold": "true", "HoldUrl": know["hold"]}, on_hold("bob"), lambda _: {"Hold": "false"}
    ),
    "held and muted": State(
        "bob",
        lambda know: {"Hold": "true", "HoldUrl": know["hold"], "Muted": "true"},
        on_hold("bob"),
        lambda _: {"Hold": "false", "Muted": "false"},
    ),
    "monitor": State(
        "ann",
        lambda know: {"Muted": "true", "Coaching": "true", "CallSidToCoach": know["bob"]},
        not_heard("ann"),
    ),
    "whisper": State(
        "ann",
        lambda know: {"Muted": "false", "Coaching": "true", "CallSidToCoach": know["bob"]},
        not_heard("ann", {"bob"}),
    ),
    "barge": State(
        "ann", lambda _: {"Muted": "false", "Coaching": "false", "CallSidToCoach": ""}, lambda table: table
    ),
    "announce": State(
        "bob", lambda know: {"AnnounceUrl": know["announcement"]}, hears_too("bob", "announcement")
    ),
}  # fmt: skip


async def prepare(scene: Scene, size: int) -> dict[str, str]:
    callers = await scene.gather(size, f"table of {size}")
    urls = {
        "hold": scene.customer.host_tone("/hold.wav", HOLD_HZ),
        "announcement": scene.customer.host_tone("/announcement.wav", ANNOUNCE_HZ, 2.0),
    }
    return {"ann": callers[0].call_sid, "bob": callers[1].call_sid} | urls


async def check_all_states(scene: Scene, size: int) -> None:
    know = await prepare(scene, size)
    ordinary = everybody_hears_the_others(list(scene.callers))
    for name, state in STATES.items():
        who = scene.callers[state.who]
        await scene.update(who, **state.form(know))
        await scene.expect(state.changes(ordinary), name)
        if state.undo is not None:
            await scene.update(who, **state.undo(know))
    # Bob's own may still play: what is to all has a queue of its own, and is heard by the others all the same.
    await scene.rest.made(f"Conferences/{scene.conference}.json", {"AnnounceUrl": know["announcement"]})
    heard = {name: table | {"announcement"} for name, table in ordinary.items()}
    await scene.expect(heard, "announce to all")


@pytest.mark.slow
@pytest.mark.parametrize("size", [2, 3, 5])
async def test_every_state_in_a_signalwire_project(scene: Scene, size: int) -> None:
    await check_all_states(scene, size)


@pytest.mark.slow
async def test_every_state_in_a_twilio_project(twilio_scene: Scene) -> None:
    await check_all_states(twilio_scene, 3)


@pytest.mark.parametrize("size", [2, 3, 5])
async def test_those_who_wait_hear_the_wait_music_and_nobody_hears_them(scene: Scene, size: int) -> None:
    music = scene.customer.host_tone("/wait.wav", WAIT_HZ)
    number = await scene.open_line(f"waiting {size}", startConferenceOnEnter="false", waitUrl=music)
    for name in ("ann", "bob", "cat", "dan", "eve")[:size]:
        await scene.enter(name, number)
    await scene.expect({name: {"wait"} for name in scene.callers})
    assert (await scene.conference_now())["status"] == "init"


async def test_a_held_party_is_isolated_even_when_everybody_is_held(scene: Scene) -> None:
    callers = await scene.gather(2, "all held")
    music = scene.customer.host_tone("/hold.wav", HOLD_HZ)
    for caller in callers:
        await scene.update(caller, Hold="true", HoldUrl=music)
    await scene.expect({"ann": {"hold"}, "bob": {"hold"}})
    assert (await scene.conference_now())["status"] == "in-progress"


async def test_flags_survive_each_other(scene: Scene) -> None:
    """Muted before, during and after hold; unhold brings back a muted participant."""
    _, bob, _ = await scene.gather(3, "flags")
    await scene.update(bob, Muted="true")
    await scene.update(bob, Hold="true", HoldUrl=scene.customer.host_tone("/hold.wav", HOLD_HZ))
    after = await scene.update(bob, Hold="false")
    assert (after["muted"], after["hold"]) == (True, False)
    await scene.expect({"ann": {"cat"}, "bob": {"ann", "cat"}, "cat": {"ann"}})


async def test_two_conferences_do_not_hear_each_other(scene: Scene) -> None:
    await scene.gather(2, "one")
    number = await scene.open_line("two")
    for name in ("cat", "dan"):
        await scene.enter(name, number)
    await scene.expect({"ann": {"bob"}, "bob": {"ann"}, "cat": {"dan"}, "dan": {"cat"}})
