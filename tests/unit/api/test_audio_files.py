from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest

from doors import Doors, Reply, Speaker
from roomtone.core.audio_file import LARGEST_BYTES, MOST
from roomtone.dialects import DIALECTS
from roomtone.documents.audio_files import AudioFiles
from unit.documents.audio import tone_file

WAV = tone_file(seconds=0.5)
TYPE = (("content-type", "audio/wav"),)
NO_AUDIO = (b"<svg onload=alert(1)>", b"\0" * 4_000, b"RIFF\0\0\0\0WAVE", b"#EXTM3U\nhttp://127.0.0.1/\n")


@pytest.fixture
def doors(tmp_path: Path) -> Doors:
    return Doors(audio_files=AudioFiles(tmp_path))


@pytest.fixture(params=list(DIALECTS))
def customer(request: pytest.FixtureRequest, doors: Doors) -> Speaker:
    return doors.speaker(request.param)


async def keep(customer: Speaker, content: bytes = WAV, name: str = "gong.wav") -> Reply:
    return await customer.ask("POST", f"AudioFiles?FriendlyName={name}", content, TYPE)


async def test_the_life_of_a_file(doors: Doors, customer: Speaker) -> None:
    reply = await keep(customer)
    made = reply.json
    assert (reply.status, made["friendly_name"], made["content_type"]) == (201, "gong.wav", "audio/wav")
    assert (made["size_bytes"], made["duration_s"]) == (len(WAV), 0.5)
    assert made["url"] == f"https://room.example:8443/audio-files/{made['sid']}"
    assert (await customer.get(f"AudioFiles/{made['sid']}")).json == made
    assert (await customer.get("AudioFiles")).json["audio_files"] == [made]
    assert (await customer.delete(f"AudioFiles/{made['sid']}")).status == 204
    for method in ("GET", "DELETE"):
        assert (await customer.ask(method, f"AudioFiles/{made['sid']}")).status == 404
    assert (await doors.call("GET", f"/audio-files/{made['sid']}")).status == 404
    assert (await customer.get("AudioFiles")).json["audio_files"] == []


async def test_a_file_goes_in_a_form_and_in_json_too(customer: Speaker) -> None:
    fields = {"FriendlyName": "gong", "Content": b64encode(WAV).decode()}
    for reply in (await customer.post("AudioFiles", fields), await customer.post_json("AudioFiles", fields)):
        assert (reply.status, reply.json["size_bytes"]) == (201, len(WAV))


async def test_whoever_knows_the_address_may_have_it_and_no_browser_takes_it_for_a_page(
    doors: Doors, customer: Speaker
) -> None:
    sid = (await keep(customer)).json["sid"]
    reply = await doors.call("GET", f"/audio-files/{sid}")
    assert (reply.status, reply.content, reply.headers["content-type"]) == (200, WAV, "audio/wav")
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert (await doors.call("HEAD", f"/audio-files/{sid}")).content == b""
    assert (await doors.call("POST", f"/audio-files/{sid}")).status == 405
    for path in ("", "x", sid[:-1], f"../{sid}", f"{sid}/", "0" * 32):
        assert (await doors.call("GET", f"/audio-files/{path}")).status == 404


async def test_what_is_said_to_be_a_page_is_kept_as_no_page(doors: Doors, customer: Speaker) -> None:
    made = await customer.ask("POST", "AudioFiles", WAV, (("content-type", "text/html"),))
    assert (made.status, made.json["content_type"]) == (201, None)
    reply = await doors.call("GET", f"/audio-files/{made.json['sid']}")
    assert reply.headers["content-type"] == "application/octet-stream"


@pytest.mark.parametrize("content", NO_AUDIO)
async def test_an_upload_that_is_no_audio_is_refused_and_says_so(customer: Speaker, content: bytes) -> None:
    reply = await keep(customer, content)
    assert reply.status in {400, 422}
    assert "must be an audio file" in reply.json["message"]
    assert (await customer.get("AudioFiles")).json["audio_files"] == []


async def test_an_upload_that_is_too_large_is_refused(customer: Speaker) -> None:
    assert (await keep(customer, b"\0" * (LARGEST_BYTES + 1))).status == 413


@pytest.mark.parametrize("content", ["", "no base64!", "AAAA"])
async def test_a_form_that_holds_no_file(customer: Speaker, content: str) -> None:
    assert (await customer.post("AudioFiles", Content=content)).status in {400, 422}


async def test_another_project_sees_none_of_it(signalwire: Speaker, twilio: Speaker) -> None:
    sid = (await keep(signalwire)).json["sid"]
    for method in ("GET", "DELETE"):
        assert (await twilio.ask(method, f"AudioFiles/{sid}")).status == 404
    assert (await twilio.get("AudioFiles")).json["audio_files"] == []
    assert (await signalwire.get(f"AudioFiles/{sid}")).status == 200


async def test_the_newest_come_first_page_by_page(doors: Doors, customer: Speaker) -> None:
    names = [f"{number}.wav" for number in range(5)]
    for name in names:
        doors.clock.advance(1)
        await keep(customer, name=name)
    found, path = [], "AudioFiles?PageSize=2"
    while path:
        page = (await customer.get(path)).json
        found += [one["friendly_name"] for one in page["audio_files"]]
        path = page["next_page_uri"]
    assert found == names[::-1]


async def test_a_project_keeps_no_more_than_so_many(doors: Doors, customer: Speaker) -> None:
    for _ in range(MOST):
        assert (await keep(customer)).status == 201
    reply = await keep(customer)
    assert reply.status in {400, 422}
    assert "remove one first" in reply.json["message"]


async def test_a_house_that_keeps_none_says_so(customer: Speaker) -> None:
    customer.doors = Doors(audio_files=None)
    assert (await customer.get("AudioFiles")).status == 503
    assert (await customer.doors.call("GET", "/audio-files/" + "0" * 32)).status == 404


async def test_no_other_route_takes_a_file(customer: Speaker) -> None:
    reply = await customer.ask("POST", "LamlBins", WAV, TYPE)
    assert reply.status == 400
    assert "audio/wav is not taken" in reply.json["message"]
