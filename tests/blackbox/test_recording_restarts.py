"""Recordings outlive the brain, with a track for each participant, and end where their files end if the engine dies."""

from __future__ import annotations

import pytest

from stage.scene import Scene
from stage.server import in_thread

from .test_recordings import end, fetched, pitch, recorded, seconds, told

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


@pytest.fixture
def serve_options() -> tuple[str, ...]:
    return ("--recording-tracks", "true")


async def test_the_engine_records_on_without_the_brain(stage: Scene) -> None:
    await stage.gather(2, "orphaned", **recorded(stage))
    begun = await told(stage, "/recorded", "in-progress")
    await seconds(stage, 1)
    stage.server.kill_brain()
    await seconds(stage, 2)
    await in_thread(stage.server.start_again)
    await seconds(stage, 1)
    await end(stage)
    done = await told(stage, "/recorded", "completed")
    assert done["RecordingSid"] == begun["RecordingSid"]
    sound = await fetched(stage.rest, done["RecordingUrl"])
    assert sound.seconds_of(pitch(stage, "ann")) > 3
    assert sound.seconds_of(pitch(stage, "ann")) > 0.8 * sound.duration_s
    for name, caller in stage.callers.items():
        own = await fetched(stage.rest, f"{done['RecordingUrl']}/Tracks/{caller.call_sid}.wav")
        heard = {other for other in stage.callers if own.seconds_of(pitch(stage, other)) > 1}
        assert heard == {name}
        assert abs(own.duration_s - sound.duration_s) < 0.1


async def test_what_a_dead_engine_has_written_can_be_fetched(stage: Scene) -> None:
    await stage.gather(2, "bereft", **recorded(stage))
    await told(stage, "/recorded", "in-progress")
    await seconds(stage, 3)
    stage.server.kill_engine()
    done = await told(stage, "/recorded", "completed")
    sound = await fetched(stage.rest, done["RecordingUrl"])
    assert sound.seconds_of(pitch(stage, "bob")) > 1.5, "it plays up to the last second"
