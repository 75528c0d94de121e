"""What is in recordings, by ear: callers with a pitch each, and the file that is fetched, looked at 100 ms at a time."""

from __future__ import annotations

import asyncio
import io
import itertools
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from aiohttp import web

from roomtone.testing.tones import PITCHES_HZ, level_db
from stage.baresip import BaresipCaller
from stage.customer import Visit
from stage.ears import settle
from stage.rest import Rest, basic
from stage.scene import ANNOUNCE_HZ, HOLD_HZ, Scene

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

HEARD_DB = -35.0
WINDOW_S = 0.1
WITHIN_S = 40.0
SECOND = 50
"""Frames of 20 ms."""


@dataclass(frozen=True)
class Sound:
    """A file of a recording."""

    channels: list[npt.NDArray[np.int16]]
    rate_hz: int

    @property
    def duration_s(self) -> float:
        return len(self.channels[0]) / self.rate_hz

    def windows(self, hz: float, channel: int = 0) -> list[bool]:
        """Say of each 100 ms whether a pitch is in it."""
        size = round(self.rate_hz * WINDOW_S)
        pcm = self.channels[channel]
        return [
            level_db(pcm[at : at + size], hz, self.rate_hz) > HEARD_DB
            for at in range(0, len(pcm) - size + 1, size)
        ]

    def seconds_of(self, hz: float, channel: int = 0) -> float:
        return sum(self.windows(hz, channel)) * WINDOW_S


def gap(heard: list[bool]) -> tuple[int, int]:
    """Give the longest stretch without, between two with: its first window, and the one after it."""
    inside = [at for at, there in enumerate(heard) if there]
    assert inside, "it is nowhere"
    pairs = itertools.pairwise(inside)
    first, last = max(pairs, key=lambda pair: pair[1] - pair[0], default=(0, 0))
    return first + 1, last


async def fetched(rest: Rest, url: str) -> Sound:
    reply = await rest._session.get(url, headers=basic(rest.who.sid, rest.who.token))
    assert reply.status == 200, await reply.text()
    with wave.open(io.BytesIO(await reply.read())) as file:
        pcm = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
        count = file.getnchannels()
        return Sound([pcm[channel::count] for channel in range(count)], file.getframerate())


async def told(scene: Scene, path: str, *statuses: str) -> dict[str, str]:
    """Wait until a recording's callback says one of these; an engine that does not record yet skips the test."""
    visit = await scene.customer.wait(
        lambda one: one.path == path and one.parameters.get("RecordingStatus") in {*statuses, "failed"},
        WITHIN_S,
    )
    if visit.parameters["RecordingStatus"] == "failed" and "failed" not in statuses:
        if "not-media" in scene.server.log.read_text():
            pytest.skip("this engine does not record yet")
        raise AssertionError(visit.parameters)
    return visit.parameters


def pitch(scene: Scene, name: str) -> float:
    found = scene.callers[name].phone.settings.pitch_hz
    assert found is not None
    return found


EVENTS = "in-progress completed absent failed"
RECORDED = {
    "record": "record-from-start", "trim": "do-not-trim", "recordingStatusCallbackEvent": EVENTS,
}  # fmt: skip


def recorded(scene: Scene) -> dict[str, str]:
    return {**RECORDED, "recordingStatusCallback": f"{scene.customer.base}/recorded"}


async def seconds(scene: Scene, count: float) -> None:
    """Let so much sound pass."""
    await settle(list(scene.phones.values()), round(count * SECOND))


async def end(scene: Scene) -> None:
    await scene.rest.made(f"Conferences/{scene.conference}.json", {"Status": "completed"})


async def test_who_is_in_a_conference_s_recording_at_which_second(twilio_scene: Scene) -> None:
    """Ann speaks throughout; bob is held for a while; cat whispers to ann, then joins in; all hear an announcement."""
    scene = twilio_scene
    ann, bob = await scene.gather(2, "recorded", **recorded(scene))
    await told(scene, "/recorded", "in-progress")
    cat = await scene.enter("cat", await scene.open_line("recorded", coach=ann.call_sid))
    await scene.expect({"ann": {"bob", "cat"}, "bob": {"ann"}, "cat": {"ann", "bob"}}, "cat whispers")
    await seconds(scene, 1.5)
    await scene.update(bob, Hold="true", HoldUrl=scene.customer.host_tone("/hold.wav", HOLD_HZ))
    await seconds(scene, 2)
    await scene.update(bob, Hold="false")
    await seconds(scene, 1.5)
    await scene.update(cat, Coaching="false", CallSidToCoach="")
    await seconds(scene, 1.5)
    tone = scene.customer.host_tone("/announcement.wav", ANNOUNCE_HZ, 1.0)
    await scene.rest.made(f"Conferences/{scene.conference}.json", {"AnnounceUrl": tone})
    await scene.customer.wait_for_event("announcement-end", within_s=WITHIN_S)
    await end(scene)
    done = await told(scene, "/recorded", "completed")
    sound = await fetched(scene.rest, done["RecordingUrl"])
    assert abs(sound.duration_s - int(done["RecordingDuration"])) <= 1
    speaks = {name: sound.windows(pitch(scene, name)) for name in scene.callers}
    held, back = gap(speaks["bob"])
    assert (back - held) * WINDOW_S > 1.2, "bob is not in it while held"
    assert sum(speaks["ann"][held:back]) > 0.8 * (back - held), "ann is, all the while"
    joined = speaks["cat"].index(True)
    assert joined > back, "what cat whispers is not in it"
    assert sound.seconds_of(pitch(scene, "cat")) > 0.8
    assert sound.seconds_of(HOLD_HZ) == 0
    assert 0.5 < sound.seconds_of(ANNOUNCE_HZ) < 1.6
    await checked(scene, done, "Conference")


async def test_a_recording_can_be_fetched_inside_the_callback_that_tells_of_its_end(scene: Scene) -> None:
    seen: dict[str, tuple[int, str, float]] = {}

    async def answer(visit: Visit) -> web.Response:
        done = visit.parameters
        resource = await scene.rest.get(f"Recordings/{done['RecordingSid']}.json")
        sound = (
            (await fetched(scene.rest, done["RecordingUrl"])).duration_s
            if done["RecordingStatus"] == "completed"
            else 0.0
        )
        seen[done["RecordingStatus"]] = (resource.status, resource.body["status"], sound)
        return web.Response(status=204)

    scene.customer.answer_with("/recorded", answer)
    await scene.gather(2, "told inside", **recorded(scene))
    await told(scene, "/recorded", "in-progress")
    await seconds(scene, 1)
    await end(scene)
    await told(scene, "/recorded", "completed")
    status, word, sound_s = seen["completed"]
    assert (status, word) == (200, "completed")
    assert sound_s > 0.5


async def checked(scene: Scene, done: dict[str, str], source: str) -> None:
    """The resource agrees with the callback, is listed, and is deleted with its sound."""
    path = f"Recordings/{done['RecordingSid']}.json"
    resource = (await scene.rest.get(path)).body
    assert (resource["status"], resource["source"], str(resource["duration"])) == (
        "completed",
        source,
        done["RecordingDuration"],
    )
    listed = (await scene.rest.get("Recordings.json")).body["recordings"]
    assert done["RecordingSid"] in {one["sid"] for one in listed}
    assert (await scene.rest.delete(path)).status == 204
    gone = await scene.rest._session.get(
        done["RecordingUrl"], headers=basic(scene.rest.who.sid, scene.rest.who.token)
    )
    assert gone.status == 404


@pytest.mark.parametrize("behaviour", ["silence", "skip"])
async def test_a_pause_is_silence_or_is_left_out(scene: Scene, behaviour: str) -> None:
    await scene.gather(2, f"paused as {behaviour}", **recorded(scene))
    await told(scene, "/recorded", "in-progress")
    await seconds(scene, 1)
    current = f"Conferences/{scene.conference}/Recordings/Twilio.CURRENT.json"
    loop = asyncio.get_running_loop()
    paused = await scene.rest.made(current, {"Status": "paused", "PauseBehavior": behaviour})
    assert paused["status"] == "paused"
    began_s = loop.time()
    await seconds(scene, 2)
    await scene.rest.made(current, {"Status": "in-progress"})
    lasted_s = loop.time() - began_s
    await seconds(scene, 1)
    assert (await scene.rest.made(current, {"Status": "stopped"}))["status"] == "stopped"
    done = await told(scene, "/recorded", "completed")
    again = await scene.rest.post(
        f"Conferences/{scene.conference}/Recordings/{done['RecordingSid']}.json", {"Status": "in-progress"}
    )
    assert again.status == 422
    sound = await fetched(scene.rest, done["RecordingUrl"])
    heard = sound.windows(pitch(scene, "ann"))
    first, last = gap(heard)
    missing_s = (last - first) * WINDOW_S
    if behaviour == "skip":
        assert missing_s < 1.0
    else:
        assert lasted_s - 0.7 < missing_s < lasted_s + 0.7
    assert sum(heard) * WINDOW_S > 1.2


async def test_a_call_has_what_is_said_left_and_what_is_heard_right(twilio_scene: Scene) -> None:
    scene = twilio_scene
    tone = scene.customer.host_tone("/tone.wav", ANNOUNCE_HZ)
    voice = scene.customer.host("/voice/dual", f'<Response><Play loop="0">{tone}</Play></Response>')
    caller = await scene.dial("ann", await scene.claim(voice))
    asked = await scene.customer.wait(lambda one: one.path == "/voice/dual")
    await scene.expect({"ann": {"announcement"}})
    path = f"Calls/{asked.call}/Recordings"
    reply = await scene.rest.post(
        f"{path}.json",
        {
            "RecordingChannels": "dual",
            "RecordingStatusCallback": f"{scene.customer.base}/recorded",
            "RecordingStatusCallbackEvent": EVENTS,
        },
    )
    if reply.status == 503 and "not-media" in scene.server.log.read_text():
        pytest.skip("this engine does not record yet")
    assert reply.status == 201, reply
    assert (await scene.rest.post(f"{path}.json", {})).body["code"] == 16108
    assert (await scene.rest.delete(f"{path}/{reply.body['sid']}.json")).status == 400
    await seconds(scene, 2)
    await caller.hang_up()
    done = await told(scene, "/recorded", "completed")
    sound = await fetched(scene.rest, done["RecordingUrl"])
    assert (len(sound.channels), done["RecordingChannels"], done["RecordingTrack"]) == (2, "2", "both")
    own = pitch(scene, "ann")
    assert sound.seconds_of(own, 0) > 1
    assert sound.seconds_of(ANNOUNCE_HZ, 1) > 1
    assert sound.seconds_of(own, 1) == 0
    assert sound.seconds_of(ANNOUNCE_HZ, 0) == 0
    await checked(scene, done, "StartCallRecordingAPI")


async def test_what_is_said_after_the_tone_is_kept_and_the_action_is_told(twilio_scene: Scene) -> None:
    scene = twilio_scene
    said = scene.customer.host("/said", "<Response><Hangup/></Response>")
    verb = (
        f'<Record action="{said}" timeout="60" trim="do-not-trim" '
        f'recordingStatusCallback="{scene.customer.base}/recorded" recordingStatusCallbackEvent="{EVENTS}"/>'
    )
    voice = scene.customer.host("/voice/record", f"<Response>{verb}</Response>")
    ann = await scene.dial("ann", await scene.claim(voice))
    await told(scene, "/recorded", "in-progress")
    await seconds(scene, 2)
    ann.phone.press("#")
    done = await told(scene, "/recorded", "completed")
    asked = (await scene.customer.wait(lambda one: one.path == "/said", WITHIN_S)).parameters
    assert asked["Digits"] == "#"
    assert asked["RecordingUrl"] == done["RecordingUrl"]
    assert (asked["RecordingSid"], asked["RecordingDuration"]) == (
        done["RecordingSid"],
        done["RecordingDuration"],
    )
    sound = await fetched(scene.rest, done["RecordingUrl"])
    assert sound.seconds_of(pitch(scene, "ann")) > 1
    assert sound.seconds_of(1_000.0) == 0, "the tone is not in it"
    await checked(scene, done, "RecordVerb")


@pytest.mark.usefixtures("baresip")
async def test_a_dial_has_who_dialled_left_and_who_was_dialled_right(
    twilio_scene: Scene, tmp_path: Path
) -> None:
    scene = twilio_scene
    bob_hz = PITCHES_HZ[4]
    bob = await BaresipCaller.wait_to_be_called("bob", tmp_path / "bob", pitch_hz=bob_hz, answers=True)
    try:
        after = scene.customer.host("/after", "<Response><Hangup/></Response>")
        dial = (
            f'<Dial action="{after}" timeLimit="3" record="record-from-answer-dual" '
            f'recordingStatusCallback="{scene.customer.base}/recorded" '
            f'recordingStatusCallbackEvent="{EVENTS}"><Sip>{bob.uri}</Sip></Dial>'
        )
        voice = scene.customer.host("/voice/dial", f"<Response>{dial}</Response>")
        await scene.dial("ann", await scene.claim(voice))
        done = await told(scene, "/recorded", "completed")
        asked = (await scene.customer.wait(lambda one: one.path == "/after", WITHIN_S)).parameters
        assert (asked["RecordingUrl"], asked["DialCallStatus"]) == (done["RecordingUrl"], "completed")
        sound = await fetched(scene.rest, done["RecordingUrl"])
        own = pitch(scene, "ann")
        assert sound.seconds_of(own, 0) > 1
        assert sound.seconds_of(bob_hz, 1) > 1
        assert (sound.seconds_of(bob_hz, 0), sound.seconds_of(own, 1)) == (0, 0)
        await checked(scene, done, "DialVerb")
    finally:
        await bob.close()
