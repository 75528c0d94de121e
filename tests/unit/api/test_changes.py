from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from doors import SIGNALWIRE_PROJECT, TWILIO_PROJECT, Doors, Speaker, basic
from roomtone.api.changes import LISTENERS, Changes
from roomtone.core.ids import CallId, ConferenceId, Id, ProjectId
from roomtone.core.refusals import Refused
from roomtone.dialects import TWILIO

PROJECT, OTHER = ProjectId(1), ProjectId(2)
WITHIN_S = 30.0


def spell(one: Id) -> str:
    return f"{type(one).__name__}:{one.value:x}"


async def news(pieces: AsyncIterator[bytes]) -> list[dict[str, str]]:
    """Give the events of the next piece that has some."""
    while True:
        async with asyncio.timeout(WITHIN_S):
            text = (await anext(pieces)).decode()
        found = [
            dict(line.split(": ", 1) for line in block.splitlines())
            for block in text.split("\n\n")
            if "event: " in block
        ]
        if found:
            return found


async def begin(changes: Changes, last_id: str | None = None) -> tuple[AsyncIterator[bytes], str]:
    """Listen, and give the id that the stream begins with."""
    pieces = changes.listen(PROJECT, last_id, spell)
    first = await news(pieces)
    return pieces, first[-1]["id"]


async def test_who_begins_is_told_to_ask_for_everything() -> None:
    assert [one["event"] for one in await news(Changes().listen(PROJECT, None, spell))] == ["reset"]


async def test_what_changes_is_named_once_and_only_the_last_has_the_id() -> None:
    changes = Changes()
    pieces, _ = await begin(changes)
    for what in (ConferenceId(7), CallId(8), ConferenceId(7)):
        changes.tell(PROJECT, what)
    changes.tell(OTHER, CallId(9))
    told = await news(pieces)
    assert [json.loads(one["data"]) for one in told] == [
        {"conference_sid": "ConferenceId:7"},
        {"call_sid": "CallId:8"},
    ]
    assert ["id" in one for one in told] == [False, True]


async def test_who_comes_back_misses_nothing() -> None:
    changes = Changes(run=5)
    pieces, seen = await begin(changes)
    await pieces.aclose()  # type: ignore[attr-defined]
    changes.tell(PROJECT, ConferenceId(7))
    told = await news(changes.listen(PROJECT, seen, spell))
    assert [json.loads(one["data"]) for one in told] == [{"conference_sid": "ConferenceId:7"}]


@pytest.mark.parametrize(
    "seen", ["", "x", "000000000000-", "000000000000--1", "000000000001-0", "000000000000-9", "9" * 5000]
)
async def test_an_id_that_is_none_of_ours_is_a_gap(seen: str) -> None:
    changes = Changes(run=0)
    assert (await begin(changes, seen))[1].endswith("-0")


async def test_who_comes_back_too_late_is_told_to_ask_for_everything() -> None:
    changes = Changes(kept=2)
    _, seen = await begin(changes)
    for number in range(3):
        changes.tell(PROJECT, CallId(number))
    assert [one["event"] for one in await news(changes.listen(PROJECT, seen, spell))] == ["reset"]


async def test_a_stream_ends_with_its_time_and_with_the_house() -> None:
    brief = Changes(lasts_s=0.2)
    async with asyncio.timeout(WITHIN_S):
        assert len([piece async for piece in brief.listen(PROJECT, None, spell)]) >= 2
    changes = Changes()
    pieces, _ = await begin(changes)
    changes.close()
    async with asyncio.timeout(WITHIN_S):
        assert [piece async for piece in pieces] == []


async def test_only_so_many_listen_to_a_project_at_a_time() -> None:
    changes = Changes()
    streams = [await begin(changes) for _ in range(LISTENERS)]
    with pytest.raises(Refused):
        changes.listen(PROJECT, None, spell)
    await streams[0][0].aclose()  # type: ignore[attr-defined]
    assert (await begin(changes))[1]


class Listener:
    """Asks for a project's changes, as uvicorn would hand that on, and can hang up."""

    def __init__(self, doors: Doors, who: Speaker) -> None:
        self.sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._left = asyncio.Event()
        name, text = who.authorization
        path = f"{who.root}/Changes"
        scope = {
            "type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"",
            "headers": [(name.encode(), text.encode())],
        }  # fmt: skip
        self.task = asyncio.create_task(doors.app(scope, self._receive, self.sent.put))

    async def _receive(self) -> dict[str, Any]:
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def hang_up(self) -> None:
        self._left.set()
        async with asyncio.timeout(WITHIN_S):
            await self.task


async def test_the_door_streams_until_the_listener_leaves() -> None:
    doors = Doors()
    listener = Listener(doors, doors.speaker("twilio"))
    async with asyncio.timeout(WITHIN_S):
        start = await listener.sent.get()
        headers = dict(start["headers"])
        while b"reset" not in (await listener.sent.get())["body"]:
            pass
        doors.changes.tell(TWILIO_PROJECT.id, ConferenceId(7))
        body = (await listener.sent.get())["body"]
    assert (start["status"], headers[b"content-type"]) == (200, b"text/event-stream; charset=utf-8")
    assert headers[b"cache-control"] == b"no-store"
    assert TWILIO.sids.show(ConferenceId(7)).encode() in body
    await listener.hang_up()


async def test_strangers_and_strict_projects_hear_nothing() -> None:
    doors = Doors()
    who = doors.speaker("signalwire")
    assert (await doors.call("GET", f"{who.root}/Changes")).status == 401
    wrong = (basic(who.sid, "wrong"),)
    assert (await doors.call("GET", f"{who.root}/Changes", headers=wrong)).status == 401
    doors.store.put_project(replace(SIGNALWIRE_PROJECT, strict=True), "s3cret")
    assert (await who.get("Changes")).status == 404
    assert (await doors.speaker("twilio").post("Changes")).status == 404


async def test_an_id_longer_than_any_of_ours_is_none_of_ours() -> None:
    changes = Changes()
    _, known = await begin(changes)
    run = known.partition("-")[0]
    assert [one["event"] for one in await news(changes.listen(PROJECT, f"{run}-{'9' * 5_000}", spell))] == [
        "reset"
    ]
