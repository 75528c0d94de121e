"""Transcriptions by REST: in both dialects' shapes, of a project and of a recording, asked for and deleted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from doors import Doors, Speaker
from roomtone.core import transcription as machine
from roomtone.core.ids import CallId, RecordingId, TranscriptionId
from roomtone.core.recording.finishing import track_of
from roomtone.core.recording.state import Recording, RecordingSource, RecordingStatus
from roomtone.core.transcription import Heard, Segment, Transcription

CALL, ID = CallId(7), RecordingId(1)
VENDORS = [
    "account_sid", "api_version", "date_created", "date_updated", "duration", "price", "price_unit", "recording_sid",
    "sid", "status", "transcription_text", "type", "uri",
]  # fmt: skip


@pytest.fixture(params=["signalwire", "twilio"])
async def customer(request: pytest.FixtureRequest) -> Speaker:
    one = Doors().speaker(request.param)
    await one.doors.store.add_recording(recording(one))
    return one


def recording(customer: Speaker, number: int = 1) -> Recording:
    return Recording(
        RecordingId(number), customer.project.id, 1, 1, RecordingSource.RECORD_VERB, RecordingStatus.COMPLETED, CALL,
        duration_ms=5_400,
    )  # fmt: skip


async def written(customer: Speaker, number: int = 1) -> Transcription:
    now = customer.doors.clock.now()
    made = machine.begun(TranscriptionId(number), recording(customer), None, now)
    await customer.doors.store.add_transcription(made)
    heard = Heard((Segment(400, 900, "hello", track_of(CALL)), Segment(900, 1_000, "hm", "mix")), "en")
    done = machine.completed(made, heard, now)
    assert await customer.doors.store.commit_transcription(done, (), now)
    return done


def shown(customer: Speaker, number: int = 1) -> str:
    return customer.show(TranscriptionId(number))


async def test_it_has_the_vendors_fields(customer: Speaker) -> None:
    await written(customer)
    told: dict[str, Any] = (await customer.get(f"Transcriptions/{shown(customer)}.json")).json
    assert sorted(told) == VENDORS
    assert (told["status"], told["transcription_text"], told["type"]) == ("completed", "hello\nhm", "fast")
    assert told["duration"] == ("5" if customer.dialect.name == "twilio" else 5)
    assert told["recording_sid"] == customer.show(ID)
    below = f"Recordings/{customer.show(ID)}/Transcriptions"
    assert (await customer.get(f"{below}/{shown(customer)}.json")).json == told
    for path in ("Transcriptions.json", f"{below}.json"):
        assert (await customer.get(path)).json["transcriptions"] == [told]


async def test_who_said_what_and_when(customer: Speaker) -> None:
    await written(customer)
    told = (await customer.get(f"Transcriptions/{shown(customer)}/Segments.json")).json
    assert (told["language"], told["status"], told["problem"]) == ("en", "completed", None)
    assert told["segments"] == [
        {"from_s": 0.4, "to_s": 0.9, "text": "hello", "call_sid": customer.show(CALL), "channel": None},
        {"from_s": 0.9, "to_s": 1.0, "text": "hm", "call_sid": None, "channel": "mix"},
    ]


async def test_lists_have_pages(customer: Speaker) -> None:
    for number in range(1, 4):
        customer.doors.clock.advance(1)
        await written(customer, number)
    first = (await customer.get("Transcriptions.json?PageSize=2")).json
    assert [one["sid"] for one in first["transcriptions"]] == [shown(customer, 3), shown(customer, 2)]
    second = (await customer.ask("GET", first["next_page_uri"])).json
    assert [one["sid"] for one in second["transcriptions"]] == [shown(customer, 1)]


async def test_what_is_deleted_is_gone(customer: Speaker) -> None:
    await written(customer)
    await written(customer, 2)
    assert (await customer.delete(f"Transcriptions/{shown(customer)}.json")).status == 204
    assert (await customer.delete(f"Transcriptions/{shown(customer)}.json")).status == 404
    below = f"Recordings/{customer.show(ID)}/Transcriptions/{shown(customer, 2)}.json"
    assert (await customer.delete(below)).status == 204
    assert (await customer.get("Transcriptions.json")).json["transcriptions"] == []


async def test_of_another_recording_there_is_none(customer: Speaker) -> None:
    await written(customer)
    await customer.doors.store.add_recording(recording(customer, 2))
    for path in (
        f"Recordings/{customer.show(RecordingId(2))}/Transcriptions/{shown(customer)}",
        f"Recordings/{customer.show(RecordingId(3))}/Transcriptions",
        f"Transcriptions/{shown(customer, 5)}",
        "Transcriptions/nonsense",
    ):
        assert (await customer.get(path)).status == 404, path
    assert (await customer.get(f"Recordings/{customer.show(RecordingId(2))}/Transcriptions")).json[
        "transcriptions"
    ] == []


async def test_where_nothing_transcribes_asking_is_refused(customer: Speaker) -> None:
    refused = await customer.post(f"Recordings/{customer.show(ID)}/Transcriptions.json")
    assert (refused.status, refused.json["code"]) == (501, 20501)


@pytest.mark.parametrize("dialect", ["signalwire", "twilio"])
async def test_any_recording_with_sound_can_be_written_down(dialect: str) -> None:
    told: list[int] = []
    customer = Doors(transcribe=lambda: told.append(1)).speaker(dialect)
    await customer.doors.store.add_recording(recording(customer))
    path = f"Recordings/{customer.show(ID)}/Transcriptions.json"
    assert (await customer.post(path, {"TranscribeCallback": "nowhere"})).status in {400, 422}
    made = await customer.post(path, {"TranscribeCallback": "https://app.example/said"})
    assert (made.status, made.json["status"], made.json["transcription_text"]) == (201, "in-progress", "")
    assert told == [1]
    due = await customer.doors.store.due_transcription()
    assert due is not None
    assert due.callback is not None
    assert (customer.show(due.id), due.callback.url) == (made.json["sid"], "https://app.example/said")
    again = await customer.post(path)
    assert again.status in {409, 422}, "one at a time"
    assert (told, (await customer.get(path)).json["transcriptions"][1:]) == ([1], [])
    silent = replace(recording(customer, 2), duration_ms=None, status=RecordingStatus.ABSENT)
    await customer.doors.store.add_recording(silent)
    without = await customer.post(f"Recordings/{customer.show(RecordingId(2))}/Transcriptions.json")
    assert without.status in {400, 422}
