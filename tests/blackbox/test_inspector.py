"""The delivery log, callbacks told again, keys exchanged while calls come in, and an application behind `roomtone listen`.

Everything is asked of a running server: by REST, and by the command line beside it.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from twilio.request_validator import RequestValidator

from roomtone.dialects.signatures import digest
from stage.customer import Customer, Visit
from stage.rest import Rest
from stage.scene import Scene
from stage.server import PROGRAM, Server, in_thread

HELLO = "<Response><Pause length='1'/></Response>"


def run(server: Server, *words: str) -> list[dict[str, Any]]:
    """Run a command beside the server; what it prints are JSON objects, one a line."""
    command = [str(PROGRAM), *words, "--data", str(server.data)]
    done = subprocess.run(command, check=True, capture_output=True, timeout=60, text=True)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


async def log_of(scene: Scene, path: str, what: str) -> list[dict[str, Any]]:
    """Give the lines of one kind of a log; it may take the server a moment to write them."""
    async with asyncio.timeout(15):
        while True:
            reply = await scene.rest.get(f"{path}/Deliveries.json")
            assert reply.status == 200, reply
            lines = [one for one in reply.body["deliveries"] if one["what"] == what]
            if lines:
                return lines
            await asyncio.sleep(0.05)


def pairs(listed: list[dict[str, str]]) -> dict[str, str]:
    return {one["name"]: one["value"] for one in listed}


async def test_the_log_tells_what_was_signed_and_what_came_back(scene: Scene) -> None:
    ann = await scene.enter("ann", await scene.open_line("log"))
    (document,) = await log_of(scene, f"Calls/{ann.call_sid}", "document")
    assert (document["status"], document["event_id"]) == (200, None)
    assert document["response"]["body"].startswith("<Response><Dial>")
    (joined,) = await log_of(scene, f"Conferences/{scene.conference}", "participant-joined")
    assert (joined["status"], joined["attempt"], joined["call_sid"]) == (204, 1, ann.call_sid)
    for line in (document, joined):
        headers, key = pairs(line["request"]["headers"]), scene.rest.who.signing_key
        assert (
            digest(key, line["signed"]) == headers["X-Twilio-Signature"] == headers["X-SignalWire-Signature"]
        )
        form = pairs(line["request"]["parameters"])
        assert RequestValidator(key).validate(line["request"]["url"], form, headers["X-Twilio-Signature"])
        assert key not in json.dumps(line)
    told = await scene.customer.wait_for_event("participant-join", ann.call_sid)
    assert told.headers["Roomtone-Event-Id"] == joined["event_id"]


async def test_a_callback_is_shown_and_told_again_beside_the_server(scene: Scene) -> None:
    ann = await scene.enter("ann", await scene.open_line("again"))
    (joined,) = await log_of(scene, f"Calls/{ann.call_sid}", "participant-joined")
    event, server = joined["event_id"], scene.server
    assert await in_thread(run, server, "callbacks", "show", event, "--json") == [joined]
    tail = await in_thread(
        run, server, "callbacks", "tail", "--json", "--call", ann.call_sid, "--only", "callbacks"
    )
    assert joined in tail
    assert await in_thread(run, server, "callbacks", "replay", event) == [{"replayed": 1}]

    def told() -> list[Visit]:
        return [one for one in scene.customer.visits if one.headers.get("Roomtone-Event-Id") == event]

    await scene.customer.until(lambda: len(told()) > 1, within_s=30)
    first, second = told()
    assert first.parameters == second.parameters
    assert first.headers["X-Twilio-Signature"] == second.headers["X-Twilio-Signature"]


def lets_in(customer: Customer, path: str, body: str, keys: list[str]) -> str:
    """Answer there only whom an official validator lets in with one of these keys; 403 to others."""

    async def answer(visit: Visit) -> web.Response:
        signature = visit.headers["X-Twilio-Signature"]
        if any(RequestValidator(key).validate(visit.url, visit.parameters, signature) for key in keys):
            return web.Response(text=body, content_type="application/xml")
        return web.Response(status=403)

    return customer.answer_with(path, answer)


async def test_keys_are_exchanged_while_an_application_knows_one_after_the_other(
    scene: Scene, session: aiohttp.ClientSession
) -> None:
    server, who = scene.server, scene.server.create_project("twilio")
    scene.rest = Rest(session, server.ready["http"], who)
    known = [who.signing_key]
    status = lets_in(scene.customer, "/told", "", known)
    voice = lets_in(scene.customer, "/voice/keys", HELLO, known)
    number = await scene.claim(voice, StatusCallback=status)

    async def call(name: str) -> list[int]:
        """Call once; how often the application refused meanwhile."""
        visits = len(scene.customer.visits)
        caller = await scene.dial(name, number)
        await caller.over()
        await scene.customer.wait(lambda one: one.path == "/told" and name in one.parameters["From"])
        paths = [one.path for one in scene.customer.visits[visits:]]
        return [paths.count("/voice/keys"), paths.count("/told")]

    assert await call("ann") == [1, 1]
    (changed,) = await in_thread(run, server, "project", "rotate-key", "--sid", who.sid, "--overlap", "1h")
    assert changed["signing_key"] != who.signing_key
    assert (await call("bob"))[0] == 2, "it was refused, and asked once more with the former key's signature"
    known[:] = [changed["signing_key"]]
    assert (await call("cat"))[0] == 1
    last = next(one for one in reversed(scene.customer.visits) if one.path == "/voice/keys")
    former = last.headers["X-Twilio-Signature-Previous"]
    assert RequestValidator(who.signing_key).validate(last.url, last.parameters, former)
    (done,) = await in_thread(run, server, "project", "rotate-key", "--sid", who.sid, "--done")
    assert (done["signing_key"], done["previous_until"]) == (changed["signing_key"], None)
    await call("dan")
    last = next(one for one in reversed(scene.customer.visits) if one.path == "/voice/keys")
    assert "X-Twilio-Signature-Previous" not in last.headers


@asynccontextmanager
async def listening(target: str, *words: str) -> AsyncIterator[tuple[str, asyncio.StreamReader]]:
    """Run `roomtone listen`; gives its address, and what it tells after that."""
    process = await asyncio.create_subprocess_exec(
        str(PROGRAM), "listen", "--forward", target, "--on", "127.0.0.1:0", "--json", *words,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        async with asyncio.timeout(30):
            line = (await process.stdout.readline()).decode()
        assert line.startswith("roomtone listen ready "), line
        yield json.loads(line.removeprefix("roomtone listen ready "))["url"], process.stdout
    finally:
        process.terminate()
        await process.wait()


async def test_an_application_behind_listen_is_signed_as_it_sees_itself(
    sipp: str, program: Path, customer: Customer, session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    public = "https://app.example.com"
    async with listening(customer.base) as (url, told):
        server = Server(tmp_path / "data", ("--drain-s", "0", "--sign-as", f"{url}={public}"))
        await in_thread(server.start)
        try:
            scene = Scene(
                server,
                Rest(session, server.ready["http"], server.create_project("twilio")),
                customer,
                tmp_path,
            )
            customer.host("/voice/behind", HELLO)
            number = await scene.claim(f"{url}/voice/behind?shop=1", StatusCallback=f"{url}/told")
            caller = await scene.dial("ann", number)
            await caller.over()
            visits = [
                await customer.wait(lambda one, path=path: one.path == path)
                for path in ("/voice/behind", "/told")
            ]
            for visit in visits:
                assert visit.url.startswith(url), "the Host is the one that was asked"
                seen = public + visit.url.removeprefix(url)
                signature = visit.headers["X-Twilio-Signature"]
                assert RequestValidator(server_key(scene)).validate(seen, visit.parameters, signature)
                assert not RequestValidator(server_key(scene)).validate(
                    visit.url, visit.parameters, signature
                )
            async with asyncio.timeout(15):
                lines = [json.loads(await told.readline()) for _ in visits]
            assert [(line["path"], line["status"]) for line in lines] == [
                ("/voice/behind?shop=1", 200),
                ("/told", 204),
            ]
            await scene.close()
        finally:
            await in_thread(server.stop)


def server_key(scene: Scene) -> str:
    return scene.rest.who.signing_key


async def test_copies_of_a_projects_callbacks_can_be_forwarded(scene: Scene) -> None:
    other = await Customer().open()
    try:
        who, data = scene.rest.who, str(scene.server.data)
        async with listening(other.base, "--sid", who.sid, "--data", data):
            ann = await scene.enter("ann", await scene.open_line("copied"))
            copy = await other.wait_for_event("participant-join", ann.call_sid, within_s=30)
        told = await scene.customer.wait_for_event("participant-join", ann.call_sid)
        assert (copy.path, copy.parameters, copy.url) == (told.path, told.parameters, told.url)
        assert copy.headers["X-Twilio-Signature"] == told.headers["X-Twilio-Signature"]
    finally:
        await other.close()
