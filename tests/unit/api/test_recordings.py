from __future__ import annotations

from doors import Speaker
from roomtone.core.call.state import Call
from roomtone.core.ids import CallId, RecordingId
from roomtone.core.recording.state import Recording, RecordingSource, RecordingStatus
from roomtone.core.values import Caller

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


async def test_a_recording_cannot_be_paused_yet(customer: Speaker) -> None:
    running = Recording(RecordingId(1), customer.project.id, 1, 1, RecordingSource.DIAL, call=CallId(1))
    await customer.doors.store.commit_call(
        Call(CallId(1), customer.project.id, Caller("+1", "+2"), 1, 1, revision=1)
    )
    await customer.doors.store.add_recording(running)
    path = f"Calls/{customer.show(CallId(1))}/Recordings/"
    sid = customer.dialect.sids.show(running.id)
    assert (await customer.post(path + sid, Status="paused")).json["code"] == 20501
    assert (await customer.post(path + sid, Status="halted")).status in {400, 422}
    assert (await customer.post(path + sid)).status in {400, 422}
    assert (await customer.post(path + "Twilio.CURRENT", Status="paused")).status == 404
