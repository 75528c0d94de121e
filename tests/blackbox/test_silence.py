"""Silence: left out towards phones that agree to comfort noise, filled or not, and what becomes of phones that send none."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from roomtone.testing.rtp import Packet
from roomtone.testing.rtp_phone import RtpPhone
from roomtone.testing.tones import PITCHES_HZ, loudness_db
from stage.ears import settle
from stage.scene import Scene, now_s
from stage.server import Server, serving

NOISE = 13
"""Payload type of comfort noise (RFC 3551, table 4)."""

WITHIN_S = 20.0


@pytest.fixture(scope="module")
def server(program: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that fills silence with noise, and hangs up who is silent for 10 s."""
    options = (
        "--drain-s",
        "0",
        "--silent-hang-up-s",
        "10",
        "--noise-floor-db",
        "-60",
        "--automatic-gain",
        "true",
    )
    with serving(tmp_path_factory.mktemp("server"), *options) as one:
        yield one


async def until(clock: RtpPhone, true: Callable[[], bool], what: str) -> None:
    """Wait, by the packets of a phone that is sent some, until something is true."""
    deadline_s = now_s() + WITHIN_S
    while not true():
        assert now_s() < deadline_s, what
        await clock.wait_for_packets(5, within_s=WITHIN_S)


def sound(phone: RtpPhone, window_ms: int) -> list[Packet]:
    """The packets of sound that a phone was sent lately."""
    return [one.packet for one in phone.recent(window_ms) if one.packet.payload_type != NOISE]


async def test_silence_is_told_once_a_second_to_a_phone_that_agrees_and_sound_follows_marked(
    scene: Scene,
) -> None:
    number = await scene.open_line("told silence")
    ann = await scene.enter("ann", number, payload_types="0 13 101")
    bob = await scene.enter("bob", number, pitch_hz=None)
    await until(
        bob.phone, lambda: not sound(ann.phone, 1_500), "ann, who speaks alone, is still sent silence"
    )
    noises = [one.packet for one in ann.phone.recent(5_000) if one.packet.payload_type == NOISE]
    assert noises, "she has been told"
    assert all(len(packet.payload) == 1 and not packet.marker for packet in noises)
    bob.phone.say(PITCHES_HZ[4])
    await until(bob.phone, lambda: len(sound(ann.phone, 600)) >= 20, "bob speaks and ann is not sent it")
    resumed = [one.packet for one in ann.phone.received if one.packet.marker]
    assert len(resumed) >= 2, "the first packet of all, and the first after the silence"
    await until(bob.phone, lambda: ann.phone.heard((PITCHES_HZ[4],)) == {PITCHES_HZ[4]}, "ann hears bob")
    numbers = [one.packet.seq for one in ann.phone.received]
    steps = {(later - earlier) & 0xFFFF for earlier, later in itertools.pairwise(numbers)}
    assert steps == {1}, "sound and noise are numbered as one"


@pytest.mark.parametrize("verb", ["<Gather timeout='60'/>", "<Enqueue waitUrl=''>quiet</Enqueue>"])
async def test_who_waits_with_nothing_to_hear_is_sent_packets_all_the_same(scene: Scene, verb: str) -> None:
    number = await scene.claim(scene.customer.host("/voice/waits", f"<Response>{verb}</Response>"))
    ann = await (await scene.try_to_dial("ann", number)).answered()
    await ann.phone.wait_for_packets(50, within_s=WITHIN_S)


async def test_a_phone_that_agrees_to_nothing_is_sent_all_and_hears_a_faint_noise(scene: Scene) -> None:
    number = await scene.open_line("a floor")
    ann = await scene.enter("ann", number, pitch_hz=None)
    bob = await scene.enter("bob", number, pitch_hz=None)
    await settle([ann.phone, bob.phone], 20)

    def lies_on_the_floor() -> bool:
        return ann.phone.flowed(400) and abs(loudness_db(ann.phone.pcm(400)) + 57) < 4

    # A sine of full scale is 3 dB below the square wave that the setting counts from.
    await until(ann.phone, lies_on_the_floor, "silence is filled")


async def test_a_phone_that_tells_of_its_silence_is_heard_again_and_has_lost_nothing(scene: Scene) -> None:
    number = await scene.open_line("tells")
    ann = await scene.enter("ann", number, payload_types="0 13 101")
    bob = await scene.enter("bob", number, pitch_hz=None)
    pitch_hz = PITCHES_HZ[0]
    await until(bob.phone, lambda: bob.phone.heard((pitch_hz,)) == {pitch_hz}, "bob hears ann")
    await ann.phone.pause()
    ann.phone.send_next(NOISE, bytes([60]))
    await until(bob.phone, lambda: loudness_db(bob.phone.pcm(400)) < -50, "ann has fallen silent")
    ann.phone.resume()
    await until(bob.phone, lambda: bob.phone.heard((pitch_hz,)) == {pitch_hz}, "bob hears ann again")


@pytest.mark.slow
async def test_a_phone_that_sends_nothing_any_more_is_hung_up_and_the_others_stay(scene: Scene) -> None:
    ann, bob = await scene.gather(2, "vanished")
    await ann.phone.pause()
    await ann.over(within_s=60)
    left = await scene.customer.wait_for_event("participant-leave", ann.call_sid)
    assert left.parameters["CallSid"] == ann.call_sid
    assert bob.is_up
