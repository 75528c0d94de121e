from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from doors import Doors, Speaker
from roomtone.archive import Archive, Settings
from roomtone.core.ids import CallId, RecordingId
from roomtone.core.recording.finishing import Finishing, Happening, HappeningKind, track_of
from roomtone.core.recording.state import Recording, RecordingSource, RecordingStatus
from unit.archive.tapes import RATE, heard, tape, tone

CALL, ID = CallId(7), RecordingId(1)


@dataclass
class House:
    customer: Speaker

    def path(self, rest: str = "", id_: RecordingId = ID) -> str:
        return f"Recordings/{self.customer.dialect.sids.show(id_)}{rest}"


@pytest.fixture(params=["signalwire", "twilio"])
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    archive = Archive(Settings(tmp_path))
    customer = Doors(archive=archive).speaker(request.param)
    for id_ in (ID, RecordingId(2)):
        await customer.doors.store.add_recording(
            Recording(
                id_, customer.project.id, 1, 1, RecordingSource.CONFERENCE, RecordingStatus.COMPLETED, CALL
            )
        )
    folder = Path(str(await archive.folder(ID)))
    tape(folder / "mix.wav", tone(440, 4))
    tape(folder / f"{track_of(CALL)}.wav", tone(700, 4))
    joined = Happening(RATE, HappeningKind.JOIN, CALL, "bob")
    await archive.finish(Finishing(ID, 1, RATE, 5_000, tracks=(track_of(CALL),), happenings=(joined,)))
    yield House(customer)
    await archive.close()


async def test_moments(house: House) -> None:
    told = (await house.customer.get(house.path("/Moments.json"))).json
    assert told["recording_sid"] == house.customer.dialect.sids.show(ID)
    assert (told["rate_hz"], told["samples"], told["duration_s"], told["began_unix_ms"]) == (
        RATE, 4 * RATE, 4.0, 5_000,
    )  # fmt: skip
    assert told["moments"] == [
        {
            "sample": RATE,
            "kind": "join",
            "call_sid": house.customer.show(CALL),
            "label": "bob",
            "at_unix_ms": None,
        }
    ]
    assert (told["redactions"], told["waits_for_storage"]) == ([], False)


async def test_tracks(house: House) -> None:
    told = (await house.customer.get(house.path("/Tracks"))).json
    assert [one["call_sid"] for one in told["tracks"]] == [house.customer.show(CALL)] == told["together"]
    track = await house.customer.get(house.path(f"/Tracks/{house.customer.show(CALL)}.flac"))
    assert track.headers["etag"] == f'"{told["tracks"][0]["sha256"]}"'


async def test_a_span_is_silenced(house: House, tmp_path: Path) -> None:
    before = await house.customer.get(house.path(".wav"))
    done = await house.customer.post(house.path("/Redactions.json"), From="1", To="2.00001")
    assert done.status == 201
    span = done.json["redactions"][0]
    assert (span["from_sample"], span["to_sample"], span["from_s"]) == (RATE, 2 * RATE + 1, 1.0)
    after = await house.customer.get(house.path(".wav"))
    assert after.headers["etag"] == f'"{done.json["sha256"]}"' != before.headers["etag"]
    (tmp_path / "after.wav").write_bytes(after.content)
    sound = heard(tmp_path / "after.wav")[1]
    assert not sound[RATE : 2 * RATE + 1].any()
    assert sound[:RATE].any()
    assert (await house.customer.get(house.path("/Moments"))).json["redactions"] == [span]


@pytest.mark.parametrize(
    ("first", "last"), [("", "1"), ("1", ""), ("-1", "2"), ("2", "2"), ("3", "1"), ("nan", "1"), ("0", "inf"), ("4", "5"), ("x", "1")]
)  # fmt: skip
async def test_what_is_no_span_is_refused(house: House, first: str, last: str) -> None:
    reply = await house.customer.post(house.path("/Redactions"), From=first, To=last)
    assert reply.status in {400, 422}
    assert (await house.customer.get(house.path("/Moments"))).json["redactions"] == []


async def test_what_has_no_sound_has_none_of_it(house: House) -> None:
    for id_ in (RecordingId(2), RecordingId(3)):
        assert (await house.customer.get(house.path("/Moments", id_))).status == 404
        assert (await house.customer.get(house.path("/Tracks", id_))).status == 404
        assert (await house.customer.post(house.path("/Redactions", id_), From="0", To="1")).status == 404
