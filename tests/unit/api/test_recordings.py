from __future__ import annotations

from doors import Speaker
from roomtone.core.call.state import Call
from roomtone.core.ids import CallId, RecordingId
from roomtone.core.recording.state import Recording, RecordingSource, RecordingStatus
from roomtone.core.recording.wishes import RecordingCallback, RecordingTopic
from roomtone.core.values import Caller, Method

OVER = RecordingStatus.COMPLETED


async def test_one_table_in_three_views(customer: Speaker) -> None:
    store, own, sid = customer.doors.store, customer.project.id, customer.dialect.sids.show
    room = await customer.doors.open(customer.project, "Room", 1)
    for call in (CallId(1), CallId(2)):
        await store.commit_call(Call(call, own, Caller("+1", "+2"), 1, 1, revision=1))
    for id_, more in ((1, {"call": CallId(1)}), (2, {"call": CallId(2)}), (3, {"conference": room.id})):
        await store.add_recording(
            Recording(RecordingId(id_), own, id_, id_, RecordingSource.DIAL, OVER, **more)
        )

    async def found(path: str, **query: str) -> list[str]:
        return [one["sid"] for one in (await customer.get(path, **query)).json["recordings"]]

    one, two, three = (sid(RecordingId(id_)) for id_ in (1, 2, 3))
    assert await found("Recordings") == [three, two, one]
    assert await found("Recordings", CallSid=sid(CallId(1))) == [one]
    assert await found("Recordings", ConferenceSid=sid(room.id)) == [three]
    assert await found("Recordings", DateCreated="1970-01-02") == []
    assert await found(f"Calls/{sid(CallId(2))}/Recordings") == [two]
    assert await found(f"Conferences/{sid(room.id)}/Recordings", **{"DateCreated<": "1970-01-01"}) == [three]
    for path in (f"Calls/{sid(CallId(1))}/Recordings/{two}", f"Conferences/{sid(room.id)}/Recordings/{one}"):
        assert (await customer.get(path)).status == 404
        assert (await customer.delete(path)).status == 404
    for path in (
        f"Calls/{sid(CallId(2))}/Recordings/{two}",
        f"Conferences/{sid(room.id)}/Recordings/{three}",
        f"Recordings/{one}",
    ):
        assert (await customer.get(path)).status == 200
        assert (await customer.delete(path)).status == 204
        assert (await customer.get(path)).status == 404
    assert await found("Recordings") == []


async def test_there_is_nothing_of_an_unknown_call_or_conference(customer: Speaker) -> None:
    for path in (f"Calls/{customer.show(CallId(9))}/Recordings", "Conferences/x/Recordings"):
        assert (await customer.get(path)).status == 404
    assert (await customer.get("Recordings", CallSid="x")).status in {400, 422}


async def test_a_recording_that_runs_is_not_deleted(customer: Speaker) -> None:
    running = Recording(RecordingId(1), customer.project.id, 1, 1, RecordingSource.DIAL, call=CallId(1))
    await customer.doors.store.add_recording(running)
    path = f"Recordings/{customer.dialect.sids.show(running.id)}"
    assert (await customer.delete(path)).status == 400
    assert (await customer.get(path)).status == 200


async def test_each_dialect_has_its_own_words(signalwire: Speaker, twilio: Speaker) -> None:
    for speaker in (signalwire, twilio):
        made = Recording(
            RecordingId(int(speaker is twilio) + 1), speaker.project.id, 1, 1, RecordingSource.CALL_STARTED, OVER,
            CallId(1), channels=2, started_ms=0, ended_ms=7_900,
        )  # fmt: skip
        await speaker.doors.store.add_recording(made)
    theirs = (await signalwire.get("Recordings")).json["recordings"][0]
    ours = (await twilio.get("Recordings")).json["recordings"][0]
    assert (theirs["channels"], theirs["duration"], theirs["source"]) == ("2", 7, "StartCallRecordingApi")
    assert (ours["channels"], ours["duration"], ours["source"]) == (2, "7", "StartCallRecordingAPI")


async def recorded(customer: Speaker) -> str:
    """A call of which a recording runs; gives the path of its recordings."""
    await customer.doors.store.commit_call(
        Call(CallId(1), customer.project.id, Caller("+1", "+2"), 1, 1, revision=1)
    )
    return f"Calls/{customer.show(CallId(1))}/Recordings"


async def test_a_call_is_recorded_and_its_recording_is_steered(customer: Speaker) -> None:
    path = await recorded(customer)
    made = await customer.post(
        path,
        RecordingChannels="dual",
        RecordingTrack="inbound",
        Trim="trim-silence",
        RecordingStatusCallback="https://app/r",
        RecordingStatusCallbackEvent="in-progress completed",
        RecordingStatusCallbackMethod="GET",
    )
    assert made.status == customer.dialect.call_made
    assert made.json["status"] == "in-progress"
    assert int(made.json["channels"]) == 2
    (kept,) = await customer.doors.store.running_recordings()
    assert (kept.source, kept.track, kept.trimmed) == (RecordingSource.CALL_STARTED, "inbound", True)
    assert kept.callback == RecordingCallback(
        "https://app/r", Method.GET, frozenset({RecordingTopic.IN_PROGRESS, RecordingTopic.COMPLETED})
    )
    sid = made.json["sid"]
    for one in (sid, "Twilio.CURRENT"):
        paused = await customer.post(f"{path}/{one}", Status="paused", PauseBehavior="skip")
        assert (paused.status, paused.json["status"]) == (200, "paused")
        assert (await customer.post(f"{path}/{one}", Status="in-progress")).json["status"] == "in-progress"
    assert (await customer.delete(f"{path}/{sid}")).status == 400
    assert (await customer.post(f"{path}/{sid}", Status="stopped")).json["status"] == "stopped"
    over = await customer.post(f"{path}/{sid}", Status="in-progress")
    assert (over.status, over.json["code"]) in {(422, 10000), (400, 16114)}
    assert (await customer.post(f"{path}/Twilio.CURRENT", Status="paused")).status == 404


async def test_a_wish_to_steer_is_checked(customer: Speaker) -> None:
    path = await recorded(customer)
    assert (await customer.post(path, RecordingChannels="stereo")).status in {400, 422}
    assert (await customer.post(path, RecordingStatusCallbackEvent="never")).status in {400, 422}
    sid = (await customer.post(path)).json["sid"]
    assert (await customer.post(f"{path}/{sid}", Status="halted")).status in {400, 422}
    assert (await customer.post(f"{path}/{sid}", Status="paused", PauseBehavior="x")).status in {400, 422}
    assert (await customer.post(f"{path}/{sid}")).status in {400, 422}


async def test_a_call_that_is_not_up_is_not_recorded(customer: Speaker) -> None:
    over = Call(CallId(2), customer.project.id, Caller("+1", "+2"), 1, 1, ended_ms=2, revision=1)
    await customer.doors.store.commit_call(over)
    no = await customer.post(f"Calls/{customer.show(CallId(2))}/Recordings")
    assert (no.status, no.json["code"]) == (400, 21220)


async def test_a_conference_is_recorded_once_it_has_started(customer: Speaker) -> None:
    waiting = await customer.doors.open(customer.project, "Waiting", 1)
    no = await customer.post(f"Conferences/{customer.show(waiting.id)}/Recordings")
    assert no.status in {400, 409, 422}
    room = await customer.doors.open(customer.project, "Room", 2, 3, id_=0xC1)
    made = await customer.post(f"Conferences/{customer.show(room.id)}/Recordings", Trim="trim-silence")
    assert (made.status, made.json["status"]) == (201, "in-progress")
    assert made.json["source"].startswith("StartConferenceRecording")
    current = await customer.post(
        f"Conferences/{customer.show(room.id)}/Recordings/Twilio.CURRENT", Status="stopped"
    )
    assert (current.status, current.json["sid"]) == (200, made.json["sid"])
