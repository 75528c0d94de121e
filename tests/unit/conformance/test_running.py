"""The suite against our own server, over real HTTP, in both dialects; and that a difference is seen and told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from doors import TOKEN, Doors, Speaker, join
from roomtone.api.listening import Listening, bind
from roomtone.cli import main
from roomtone.conformance import Target, run_conformance
from roomtone.conformance.differences import differences
from roomtone.conformance.running import TargetProblem, dialect_of
from roomtone.core.call.state import Call, CallStatus
from roomtone.core.ids import CallId, NotificationId, RecordingId, TranscriptionId
from roomtone.core.notification import Notification
from roomtone.core.recording.state import Recording, RecordingSource, RecordingStatus
from roomtone.core.transcription import Transcription
from roomtone.core.values import Caller


@pytest.fixture
async def server() -> AsyncIterator[tuple[Doors, str]]:
    doors = Doors()

    async def app(scope, receive, send) -> None:
        await doors.app(scope, receive, send)

    listening = Listening(app, bind("127.0.0.1", 0))
    listening.start()
    yield doors, f"http://127.0.0.1:{listening.port}"
    await listening.stop()


async def furnish(customer: Speaker) -> None:
    """One of everything that can be listed."""
    room = await customer.doors.open(customer.project, "Room", 1, join(2, label="two"))
    call = Call(
        CallId(7), customer.project.id, Caller("+1", "+2"), 1, 1, CallStatus.BUSY, ended_ms=9, revision=1
    )
    await customer.doors.store.commit_call(call)
    await customer.doors.store.add_recording(
        Recording(
            RecordingId(8),
            customer.project.id,
            1,
            1,
            RecordingSource.DIAL,
            RecordingStatus.COMPLETED,
            call.id,
            room.id,
        )
    )
    await customer.doors.store.add_transcription(
        Transcription(TranscriptionId(10), customer.project.id, RecordingId(8), 1, 1, 1_000)
    )
    await customer.doors.store.add_notification(
        Notification(NotificationId(9), customer.project.id, 1, 13314, "It is odd", call.id, False, "")
    )
    await customer.post("IncomingPhoneNumbers", PhoneNumber="+15550001111")
    await customer.post("LamlBins", Name="a")
    await customer.post("Applications", FriendlyName="a")
    await customer.post("Queues", FriendlyName="a")
    await customer.post("Keys", FriendlyName="a")
    await customer.post("SIP/Domains", DomainName="a.example")
    await customer.post("SIP/CredentialLists", FriendlyName="a")
    await customer.post("SIP/IpAccessControlLists", FriendlyName="a")


async def asked(target: Target, *, as_json: bool = False) -> tuple[int, list[str]]:
    said: list[str] = []
    return await asyncio.to_thread(run_conformance, target, said.append, as_json=as_json), said


@pytest.mark.parametrize("dialect", ["signalwire", "twilio"])
async def test_our_own_server_is_as_our_tables_say(server: tuple[Doors, str], dialect: str) -> None:
    doors, url = server
    customer = doors.speaker(dialect)
    await furnish(customer)
    before = (await customer.get("Applications")).json["applications"]
    code, said = await asked(Target(url, customer.sid, TOKEN, write=True))
    assert code == 0, "\n".join(said)
    assert any(line.startswith("ok") and "calls.fetch" in line for line in said)
    assert [line for line in said if line.startswith("skipped")] == []
    assert (await customer.get("Applications")).json["applications"] == before, "what was made is gone again"


async def test_nothing_is_changed_unless_it_may_be(server: tuple[Doors, str]) -> None:
    doors, url = server
    requests: list[str] = []
    inner = doors.app

    async def app(scope: Mapping[str, object], receive, send) -> None:
        requests.append(str(scope["method"]))
        await inner(scope, receive, send)

    doors.app = app
    code, said = await asked(Target(url, doors.speaker("twilio").sid, TOKEN))
    assert code == 0, "\n".join(said)
    assert set(requests) == {"GET", "PUT"}, "PUT is asked of a list, which nobody serves"
    assert any(line.startswith("skipped") for line in said), "there was nothing to fetch"


async def test_a_difference_is_told_field_by_field(server: tuple[Doors, str]) -> None:
    doors, url = server
    customer = doors.speaker("twilio")
    await furnish(customer)
    code, said = await asked(Target(url, customer.sid, TOKEN, dialect="signalwire"), as_json=True)
    assert code == 1
    found = {one["probe"]: one["differences"] for one in json.loads(said[0])}
    fields = {one["field"]: (one["expected"], one["found"]) for one in found["calls.list"]}
    assert fields[".calls[0].formatted_to"] == ("present", "absent")
    assert fields[".calls[0].duration"] == ("integer", "'0'")
    assert fields[".start"] == ("absent", "0")
    assert {"field": "status", "expected": "422", "found": "400"} in found["a page of nothing"]


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        (Target("ftp://h", "AC" + "0" * 32, "t"), "no http"),
        (Target("http://127.0.0.1:9", "nobody", "t"), "neither"),
        (Target("http://127.0.0.1:9", "AC" + "0" * 32, "t"), "127.0.0.1"),
    ],
)
async def test_a_target_that_is_none(target: Target, problem: str) -> None:
    with pytest.raises(TargetProblem, match=problem):
        await asked(target)


def test_whose_shapes_are_expected() -> None:
    target = Target("http://h", "AC" + "0" * 32, "t")
    assert dialect_of(target).name == "twilio"
    assert dialect_of(replace(target, project="00000000-0000-0000-0000-000000000001")).name == "signalwire"
    assert dialect_of(replace(target, dialect="signalwire")).name == "signalwire"


def test_differences() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": ["string", "null"], "pattern": "^x"}, "b": {"type": "array", "items": {"type": "boolean"}}},
        "required": ["a", "b"],
    }  # fmt: skip
    assert list(differences(schema, {"a": None, "b": [True]})) == []
    told = [(one.field, one.expected, one.found) for one in differences(schema, {"a": "y", "b": [1], "c": 2})]
    assert told == [(".a", "matching ^x", "'y'"), (".b[0]", "boolean", "1"), (".c", "absent", "2")]
    assert [one.field for one in differences(schema, "text")] == ["."]
    assert [one.found for one in differences(schema, {"a": "x"})] == ["absent"]


async def test_the_command(server: tuple[Doors, str], tmp_path: Path) -> None:
    doors, url = server
    arguments = [
        "conformance",
        "--target",
        url,
        "--project",
        doors.speaker("signalwire").sid,
        "--token",
        "wrong",
    ]
    done = await asyncio.to_thread(CliRunner().invoke, main, arguments)
    assert done.exit_code == 1
    assert "expected 200, found 401" in done.output
    refused = await asyncio.to_thread(
        CliRunner().invoke, main, [*arguments[:4], "x", "--token", str(tmp_path)]
    )
    assert refused.exit_code == 1
    assert "--project" in refused.output
