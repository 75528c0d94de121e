"""A phone of the browser, unmodified JsSIP, registers over a WebSocket, plain and secure, and is called there."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from stage.rest import Rest
from stage.server import Credentials, Server, serving

JS = Path(__file__).parent / "js"
PASSWORD = "wonderland-7"
WITHIN_S = 30


@pytest.fixture(scope="module")
def server(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that listens for TLS, too."""
    options = ("--drain-s", "0", "--sips", "127.0.0.1:0", "--calls-per-s", "0")
    with serving(tmp_path_factory.mktemp("server"), *options) as one:
        yield one


@pytest.fixture(scope="module")
def alice(server: Server, twilio_project: Credentials) -> str:
    """A phone that may register; gives its name."""
    command = [*server.program, "endpoint", "add", "--data", str(server.data), "--sid", twilio_project.sid]
    subprocess.run([*command, "--name", "alice", "--password", PASSWORD], check=True, capture_output=True)
    return "alice"


def url(server: Server, scheme: str) -> str:
    host, port = server.sips_address if scheme == "wss" else server.sip_address
    return f"{scheme}://{host}:{port}"


class Phone:
    """JsSIP in a process of its own."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def tells(self, what: str) -> dict[str, Any]:
        """Wait until it tells this."""
        assert self._process.stdout is not None
        async with asyncio.timeout(WITHIN_S):
            while True:
                line = await self._process.stdout.readline()
                assert line, "the phone has gone"
                told: dict[str, Any] = json.loads(line)
                if told["what"] == what:
                    return told


@asynccontextmanager
async def phone(server: Server, scheme: str, name: str, password: str = PASSWORD) -> AsyncIterator[Phone]:
    """Start a phone that refuses all calls as busy."""
    if not (JS / "node_modules" / "jssip").is_dir():
        pytest.skip("JsSIP is not installed: run make test")
    settings = {
        "url": url(server, scheme),
        "uri": f"sip:{name}@127.0.0.1",
        "password": password,
        "refusal": 486,
    }
    process = await asyncio.create_subprocess_exec(
        "node", str(JS / "phone.cjs"), json.dumps(settings), stdin=PIPE, stdout=PIPE,
        env=os.environ | {"NODE_EXTRA_CA_CERTS": str(server.ca)},
    )  # fmt: skip
    try:
        yield Phone(process)
    finally:
        process.kill()
        await process.wait()


@pytest.mark.parametrize("scheme", ["ws", "wss"])
async def test_a_phone_registers_by_websocket_and_is_called_there(
    server: Server, twilio_project: Credentials, alice: str, scheme: str
) -> None:
    async with phone(server, scheme, alice) as one, aiohttp.ClientSession() as session:
        rest = Rest(session, server.ready["http"], twilio_project)
        await one.tells("registered")
        made = await rest.made(
            "Calls.json", {"To": "client:alice", "From": "+15550199", "Twiml": "<Response/>"}
        )
        invited = await one.tells("invited")
        assert f"SIP/2.0/{scheme.upper()} 127.0.0.1" in invited["via"]
        assert invited["sdp"]
        assert await status_of(rest, made["sid"], "busy")


async def status_of(rest: Rest, call: str, wanted: str) -> bool:
    """Wait until a call has this status."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            if (await rest.get(f"Calls/{call}.json")).body["status"] == wanted:
                return True
            await asyncio.sleep(0.05)


async def test_a_wrong_password_registers_nobody(server: Server, alice: str) -> None:
    async with phone(server, "wss", alice, "looking-glass") as one:
        await one.tells("refused")


@pytest.mark.parametrize("offered", [(), ("chat",)])
async def test_a_websocket_is_for_sip(server: Server, offered: tuple[str, ...]) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as no:
            await session.ws_connect(url(server, "ws").replace("ws:", "http:"), protocols=offered)
        assert no.value.status == 400


async def test_a_keepalive_in_a_websocket_is_answered(server: Server) -> None:
    async with aiohttp.ClientSession() as session:
        address = url(server, "ws").replace("ws:", "http:")
        async with session.ws_connect(address, protocols=("chat", "sip")) as socket:
            assert socket.protocol == "sip"
            await socket.send_str("\r\n\r\n")
            assert await socket.receive_str(timeout=WITHIN_S) == "\r\n"
