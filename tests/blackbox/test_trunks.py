"""Trunks, made from the command line: the next address when one fails, and calls from there."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.callee import answer
from engine.phone import Phone
from roomtone.testing.tones import HEARD_DB, PITCHES_HZ
from stage.baresip import BaresipCaller
from stage.scene import Scene
from stage.server import PROGRAM, Server, serving

pytestmark = pytest.mark.usefixtures("baresip")


@pytest.fixture(scope="module")
def server(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that makes calls as fast as they come."""
    with serving(tmp_path_factory.mktemp("server"), "--drain-s", "0", "--calls-per-s", "0") as one:
        yield one


def trunk(server: Server, *words: str) -> list[dict[str, object]]:
    """Run `roomtone trunk` beside the server, and give what it prints."""
    command = [str(PROGRAM), "trunk", words[0], "--data", str(server.data), *words[1:]]
    done = subprocess.run(command, check=True, capture_output=True, timeout=60)
    return [json.loads(line) for line in done.stdout.splitlines()]


async def test_a_call_goes_to_the_next_address_when_the_first_one_fails(scene: Scene, tmp_path: Path) -> None:
    carrier = await Phone(scene.server.sip_address).open()
    second = await BaresipCaller.wait_to_be_called("+4930123", tmp_path / "second", pitch_hz=PITCHES_HZ[4])
    first, other = f"sip:127.0.0.1:{carrier.address[1]}", f"sip:{second.uri.partition('@')[2]}"
    try:
        made = trunk(
            scene.server, "add", "--name", "carrier", "--uri", first, "--uri", other, "--prefix", "+4930",
            "--options-s", "3600", "--codec", "PCMU",
        )  # fmt: skip
        assert made[0]["uris"] == [first, other]
        options = await carrier.asked("OPTIONS", within_s=30)
        carrier.respond(options)
        await scene.gather(2, "Over a trunk")
        await scene.rest.made(
            f"Conferences/{scene.conference}/Participants.json", {"To": "+4930123", "From": "+15550199"}
        )
        invite = await carrier.asked("INVITE", within_s=20)
        assert invite.start.startswith("INVITE sip:+4930123@")
        assert "a=rtpmap:0 PCMU/8000" in invite.body
        assert "opus" not in invite.body
        answer(carrier, invite, "503 Service Unavailable")
        await second.wait_for_samples(8_000, 30)
        heard = second.levels(PITCHES_HZ[:2])
        assert min(heard.values()) > HEARD_DB, heard
    finally:
        trunk(scene.server, "remove", "--name", "carrier")
        await second.close()
        await carrier.close()
    assert trunk(scene.server, "list") == []
    refused = await scene.rest.post(
        "Calls.json", {"To": "+4930123", "From": "+15550199", "Url": "http://127.0.0.1:9/"}
    )
    assert refused.body["code"] in {21215, "21215"}
