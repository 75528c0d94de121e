"""Transitions, frame by frame: nothing is heard for even 20 ms by somebody who must not hear it.

Every phone records all it receives; each claim looks at all of it, in windows of 40 ms every 20 ms.
"""

from __future__ import annotations

from stage.ears import MARGIN_S, recording, settle
from stage.scene import ANNOUNCE_HZ, HOLD_HZ, Scene, now_s
from stage.sipp import SippCaller


def pitch(caller: SippCaller) -> float:
    assert caller.phone.settings.pitch_hz is not None
    return caller.phone.settings.pitch_hz


def heard(listener: SippCaller, hz: float, since_s: float, until_s: float) -> list[float]:
    return recording(listener.phone).frames_with(hz, since_s, until_s)


async def some_time(scene: Scene, frames: int = 25) -> None:
    await settle(list(scene.phones.values()), frames)


async def test_a_whisper_is_never_in_the_room(scene: Scene) -> None:
    """From monitor to whisper and back: the others hear not one frame of the coach, the coached does."""
    number, listens = await scene.open_line("whisper"), await scene.open_line("whisper", muted="true")
    bob, cat = await scene.enter("bob", number), await scene.enter("cat", number)
    ann = await scene.enter("ann", listens)
    await scene.update(ann, Coaching="true", CallSidToCoach=bob.call_sid)
    began_s = now_s()
    await some_time(scene)
    await scene.update(ann, Muted="false")
    await some_time(scene)
    await scene.update(ann, Muted="true")
    await some_time(scene)
    assert heard(cat, pitch(ann), began_s - 0.3, now_s()) == []
    assert len(heard(bob, pitch(ann), began_s, now_s())) >= 20


async def test_a_speaker_who_becomes_a_coach_is_gone_from_the_room_at_once(scene: Scene) -> None:
    ann, bob, cat = await scene.gather(3, "becomes coach")
    await some_time(scene)
    await scene.update(ann, Coaching="true", CallSidToCoach=bob.call_sid)
    quiet_s = now_s() + MARGIN_S
    await some_time(scene, 40)
    assert heard(cat, pitch(ann), quiet_s, now_s()) == []
    assert heard(cat, pitch(bob), quiet_s, now_s()), "the others go on"


async def test_a_whisper_does_not_turn_public_when_the_coached_leaves(scene: Scene) -> None:
    ann, bob, cat = await scene.gather(3, "coached leaves")
    await scene.update(ann, Coaching="true", CallSidToCoach=bob.call_sid)
    quiet_s = now_s() + MARGIN_S
    await some_time(scene)
    await bob.hang_up()
    await scene.customer.wait_for_event("participant-leave", bob.call_sid)
    await some_time(scene, 40)
    assert heard(cat, pitch(ann), quiet_s, now_s()) == []
    participant = (await scene.rest.get(scene.path(ann))).body
    assert (participant["coaching"], participant["call_sid_to_coach"]) == (True, bob.call_sid)


async def test_the_held_hear_nothing_of_the_room_and_are_not_heard(scene: Scene) -> None:
    ann, bob, cat = await scene.gather(3, "hold")
    music = scene.customer.host_tone("/hold.wav", HOLD_HZ)
    await scene.update(bob, Hold="true", HoldUrl=music)
    held_s = now_s() + MARGIN_S
    await some_time(scene, 40)
    until_s = now_s()
    await scene.update(bob, Hold="false")
    for other in (ann, cat):
        assert heard(bob, pitch(other), held_s, until_s) == []
        assert heard(other, pitch(bob), held_s, until_s) == []
        assert heard(other, HOLD_HZ, held_s - 0.5, until_s) == []
    assert heard(bob, HOLD_HZ, held_s, until_s)


async def test_hold_music_stops_with_the_hold(scene: Scene) -> None:
    _, bob = await scene.gather(2, "unhold")
    await scene.update(bob, Hold="true", HoldUrl=scene.customer.host_tone("/hold.wav", HOLD_HZ))
    await some_time(scene)
    await scene.update(bob, Hold="false")
    quiet_s = now_s() + MARGIN_S
    await some_time(scene)
    assert heard(bob, HOLD_HZ, quiet_s, now_s()) == []


async def test_the_muted_are_not_heard_from_the_answer_on(scene: Scene) -> None:
    ann, bob = await scene.gather(2, "mute")
    await scene.update(bob, Muted="true")
    quiet_s = now_s() + MARGIN_S
    await some_time(scene, 40)
    until_s = now_s()
    await scene.update(bob, Muted="false")
    await some_time(scene)
    assert heard(ann, pitch(bob), quiet_s, until_s) == []
    assert heard(ann, pitch(bob), until_s, now_s())


async def test_who_joins_muted_is_never_heard(scene: Scene) -> None:
    began_s = now_s()
    number, muted = await scene.open_line("muted join"), await scene.open_line("muted join", muted="true")
    ann = await scene.enter("ann", number)
    bob = await scene.enter("bob", muted)
    await some_time(scene, 40)
    assert heard(ann, pitch(bob), began_s, now_s()) == []
    assert heard(bob, pitch(ann), began_s, now_s())


async def test_an_announcement_to_one_is_heard_by_no_other(scene: Scene) -> None:
    ann, bob, cat = await scene.gather(3, "announcement")
    began_s = now_s()
    url = scene.customer.host_tone("/announcement.wav", ANNOUNCE_HZ, 0.6)
    await scene.update(bob, AnnounceUrl=url)
    await scene.customer.wait(lambda visit: visit.path == "/announcement.wav")
    await some_time(scene, 50)
    assert heard(ann, ANNOUNCE_HZ, began_s - 0.3, now_s()) == []
    assert heard(cat, ANNOUNCE_HZ, began_s - 0.3, now_s()) == []
    frames = heard(bob, ANNOUNCE_HZ, began_s, now_s())
    assert 0.5 <= len(frames) * 0.02 <= 0.75, "all of it, once"


async def test_streams_stay_whole_through_every_change(scene: Scene) -> None:
    """Sequence numbers, timestamps and SSRC go on across mute, hold, music and whisper."""
    ann, bob, _ = await scene.gather(3, "continuity")
    music = scene.customer.host_tone("/hold.wav", HOLD_HZ)
    for form in (
        {"Hold": "true", "HoldUrl": music}, {"Hold": "false", "Muted": "true"}, {"Muted": "false"},
        {"Coaching": "true", "CallSidToCoach": ann.call_sid}, {"Coaching": "false"},
    ):  # fmt: skip
        await scene.update(bob, **form)
        await some_time(scene, 10)
    for caller in scene.callers.values():
        assert caller.phone.discontinuities() == [], caller.name
