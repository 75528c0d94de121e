from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doors import PROJECTS, TOKEN, Doors, Reply, Speaker, basic
from roomtone.api import addresses, sound_paths
from roomtone.archive import Archive, Settings
from roomtone.core.call.state import Call
from roomtone.core.ids import CallId, ProjectId, RecordingId
from roomtone.core.recording.finishing import Finished, Finishing, track_of
from roomtone.core.recording.state import Recording, RecordingSource, RecordingStatus
from roomtone.core.values import Caller
from unit.archive.tapes import RATE, heard, level_db, tape, tone

CALL = CallId(7)
ID = RecordingId(1)


@dataclass
class House:
    doors: Doors
    customer: Speaker
    done: Finished

    @property
    def sid(self) -> str:
        return self.customer.dialect.sids.show(ID)

    async def get(self, path: str, method: str = "GET", **headers: str) -> Reply:
        lines = [(name.replace("_", "-"), text) for name, text in headers.items()]
        return await self.customer.ask(method, path, headers=lines)

    async def stranger(self, path: str, *headers: tuple[str, str]) -> Reply:
        return await self.doors.call("GET", f"{self.customer.root}/{path}", headers=headers)


@pytest.fixture(params=["signalwire", "twilio"])
async def house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[House]:
    archive = Archive(Settings(tmp_path))
    doors = Doors(archive=archive)
    customer = doors.speaker(request.param)
    own = customer.project.id
    await doors.store.commit_call(Call(CALL, own, Caller("+1", "+2"), 1, 1, revision=1))
    for id_ in (ID, RecordingId(2)):  # the second has no sound yet
        await doors.store.add_recording(
            Recording(id_, own, 1, 1, RecordingSource.DIAL, RecordingStatus.COMPLETED, CALL, channels=2)
        )
    folder = Path(str(await archive.folder(ID)))
    for name, hz in (("left", 440), ("right", 1_000), (track_of(CALL), 700)):
        tape(folder / f"{name}.wav", tone(hz, 2))
    done = await archive.finish(Finishing(ID, 2, RATE, 0, tracks=(track_of(CALL),)))
    assert isinstance(done, Finished)
    yield House(doors, customer, done)
    await archive.close()


@pytest.mark.parametrize(
    ("suffix", "media_type"),
    [
        ("", "audio/x-wav"),
        (".wav", "audio/x-wav"),
        (".mp3", "audio/mpeg"),
        (".flac", "audio/flac"),
        (".ogg", "audio/ogg"),
    ],
)
async def test_sound_in_every_form(house: House, tmp_path: Path, suffix: str, media_type: str) -> None:
    reply = await house.get(f"Recordings/{house.sid}{suffix}")
    assert (reply.status, reply.headers["content-type"]) == (200, media_type)
    assert reply.headers["etag"] == f'"{hashlib.sha256(reply.content).hexdigest()}"'
    assert int(reply.headers["content-length"]) == len(reply.content)
    name = house.sid + (suffix or ".wav")
    assert reply.headers["content-disposition"] == f'inline; filename="{name}"'
    path = tmp_path / "delivered"
    path.write_bytes(reply.content)
    rate, sound = heard(path)
    assert level_db(sound[rate // 2 : rate, 0], 440, rate) > -14
    assert level_db(sound[rate // 2 : rate, 1], 1_000, rate) > -14


async def test_metadata_is_what_asks_for_json(house: House) -> None:
    reply = await house.get(f"Recordings/{house.sid}.json")
    assert reply.json["sid"] == house.sid


async def test_one_channel_of_two(house: House, tmp_path: Path) -> None:
    reply = await house.get(f"Recordings/{house.sid}.wav?RequestedChannels=1")
    (tmp_path / "one.wav").write_bytes(reply.content)
    assert heard(tmp_path / "one.wav")[1].shape[1] == 1
    assert (await house.get(f"Recordings/{house.sid}.wav?RequestedChannels=3")).status in {400, 422}


async def test_parts(house: House) -> None:
    path = f"Recordings/{house.sid}.wav"
    whole = await house.get(path)
    size = len(whole.content)
    part = await house.get(path, range="bytes=100-199")
    assert (part.status, part.content) == (206, whole.content[100:200])
    assert (part.headers["content-range"], part.headers["content-length"]) == (f"bytes 100-199/{size}", "100")
    beyond = await house.get(path, range=f"bytes={size}-")
    assert (beyond.status, beyond.content, beyond.headers["content-range"]) == (416, b"", f"bytes */{size}")
    same = await house.get(path, if_none_match=whole.headers["etag"])
    assert (same.status, same.content) == (304, b"")
    assert "content-length" not in same.headers
    head = await house.get(path, "HEAD")
    assert (head.status, head.content, head.headers["content-length"]) == (200, b"", str(size))


@pytest.mark.parametrize(
    "path",
    ["Recordings/{}", "Recordings/{}.wav", "Calls/{call}/Recordings/{}.mp3", "Recordings/{}/Tracks.flac"],
)
async def test_nobody_hears_it_without_credentials(house: House, path: str) -> None:
    where = path.format(house.sid, call=house.customer.show(CALL))
    assert (await house.get(where)).status == 200
    nobody = await house.stranger(where)
    assert (nobody.status, nobody.headers["www-authenticate"][:5]) == (401, "Basic")
    assert nobody.json
    other = PROJECTS["twilio" if house.customer.dialect.name == "signalwire" else "signalwire"]
    wrong = basic(other.id.hex, TOKEN)
    assert (await house.stranger(where, wrong)).status == 401


async def test_everybody_hears_it_where_that_is_wished(house: House) -> None:
    open_ = Doors(archive=house.doors.archive, store=house.doors.store, public_recordings=True)
    house = replace(house, doors=open_)
    assert (await house.stranger(f"Recordings/{house.sid}.mp3")).status == 200
    assert (await house.stranger(f"Recordings/{house.sid}")).status == 200
    assert (await house.stranger(f"Recordings/{house.sid}.json")).status == 401
    assert (await house.stranger("Recordings")).status == 401
    for account in (house.customer.dialect.sids.show(ProjectId(5)), "x"):
        path = house.customer.root.replace(house.customer.sid, account)
        assert (await open_.call("GET", f"{path}/Recordings/{house.sid}.wav")).status == 404


async def test_below_its_call_and_below_no_other(house: House) -> None:
    calls = f"Calls/{house.customer.show(CALL)}/Recordings/{house.sid}"
    assert (await house.get(f"{calls}.mp3")).status == 200
    assert (await house.get(f"{calls}.json")).json["sid"] == house.sid
    assert (await house.get(calls)).json["sid"] == house.sid
    other = f"Calls/{house.customer.show(CallId(8))}/Recordings/{house.sid}"
    assert (await house.get(f"{other}.mp3")).status == 404
    assert (await house.get(f"Conferences/{house.sid}/Recordings/{house.sid}.wav")).status == 404


async def test_tracks(house: House, tmp_path: Path) -> None:
    for name in (
        "Tracks.flac",
        f"Tracks/{house.customer.show(CALL)}.flac",
        f"Tracks/{house.customer.show(CALL)}.mp3",
    ):
        reply = await house.get(f"Recordings/{house.sid}/{name}")
        assert reply.status == 200
        (tmp_path / "track").write_bytes(reply.content)
        rate, sound = heard(tmp_path / "track")
        assert level_db(sound[rate // 2 : rate, 0], 700, rate) > -14
    assert (
        await house.get(f"Recordings/{house.sid}/Tracks/{house.customer.show(CallId(9))}.flac")
    ).status == 404


async def test_what_is_not_there(house: House) -> None:
    waiting = house.customer.dialect.sids.show(RecordingId(2))
    unknown = house.customer.dialect.sids.show(RecordingId(3))
    for name in (waiting, unknown, "x", "..", "%2e%2e%2fsound", f"{house.sid}.mp3.wav", f"{house.sid}%00"):
        for suffix in ("", ".wav", ".ogg"):
            reply = await house.get(f"Recordings/{name}{suffix}")
            assert reply.status == 404
            assert reply.json
    assert (await house.get(f"Recordings/{house.sid}.aiff")).status == 404


async def test_a_strict_project_has_what_its_vendor_has(house: House) -> None:
    house.doors.store.put_project(replace(house.customer.project, strict=True), TOKEN)
    assert (await house.get(f"Recordings/{house.sid}")).status == 200
    assert (await house.get(f"Recordings/{house.sid}.mp3")).status == 200
    for path in (
        f"Recordings/{house.sid}.ogg",
        f"Recordings/{ID.hex}.wav",
        f"Recordings/{house.sid}/Tracks.flac",
    ):
        assert (await house.get(path)).status == 404


@given(
    st.lists(st.text(min_size=0, max_size=12), max_size=5), st.sampled_from(["", ".wav", ".flac", ".mp3.ogg"])
)
def test_any_path_is_read_or_left_alone(parts: list[str], suffix: str) -> None:
    address = addresses.Address("A", ("Recordings", *parts), "")
    found = sound_paths.read("GET", address)
    if found is not None:
        assert found.form in sound_paths.FORMS
    tricks = addresses.Address("A", ("Recordings", *parts, f"../x/..{suffix}"), "")
    found = sound_paths.read("GET", tricks)
    assert found is None or found.form in sound_paths.FORMS
