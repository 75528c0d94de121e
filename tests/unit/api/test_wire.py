"""What comes off the socket and is no request: heads that never end, or are too large; bytes that are no HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from doors import Doors
from roomtone.api.listening import Listening, bind
from roomtone.api.wire import LARGEST_HEAD, protocol, refusals

PATH = b"/2010-04-01/Accounts/AC00000000000000000000000000000072/Calls.json"
WHOLE = b"GET " + PATH + b" HTTP/1.1\r\nHost: h\r\n\r\n"


@asynccontextmanager
async def serving(patience_s: float) -> AsyncIterator[int]:
    wire = protocol(refusals("https://room.example:8443"), patience_s)
    listening = Listening(Doors().app, bind("127.0.0.1", 0), wire=wire)
    listening.start()
    yield listening.port
    await listening.stop()


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """A server that waits a twentieth of a second for a head."""
    async with serving(0.05) as port:
        yield port


@pytest.fixture
async def patient() -> AsyncIterator[int]:
    """A server that waits longer for a head than a busy machine keeps a client waiting."""
    async with serving(3.0) as port:
        yield port


async def sent(port: int, *pieces: bytes, ends: bool = False) -> bytes:
    """Send pieces one by one and give all that comes back until the other end closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0)
    if ends:
        writer.write_eof()
    got = b""
    try:
        async with asyncio.timeout(20):
            while piece := await reader.read(65536):
                got += piece
    except ConnectionResetError:
        pass
    finally:
        await closed(writer)
    return got


async def closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


def told(answer: bytes) -> tuple[int, Any]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/json" in head.lower()
    assert b"\r\nhint: " in head.lower()
    return int(head.split()[1]), json.loads(body)


@pytest.mark.parametrize(
    "rubbish",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"INVITE sip:a@b SIP/2.0\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET " + PATH + b" HTTP/1.1\r\nHost h\r\n\r\n",
        b"GET " + PATH + b" HTTP/1.1\r\nX: a\r\n b: \x00\r\n\r\n",
        b"POST " + PATH + b" HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST " + PATH + b" HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /\x80\xff HTTP/1.1 \r\n\r\n\x00",
    ],
)
async def test_what_is_no_http_is_told_so_in_json(patient: int, rubbish: bytes) -> None:
    status, body = told(await sent(patient, rubbish, ends=True))
    assert (status, body["status"]) == (400, 400)
    assert body["code"] in {90000, 20422}
    assert list(body) == ["code", "message", "more_info", "status"]


async def test_a_head_that_never_ends_is_given_up(port: int) -> None:
    for begun in (WHOLE[:-2], b"GET /2010-04-01", WHOLE[:-4] + b"\r\nX-A: b"):
        status, body = told(await sent(port, begun))
        assert (status, body["status"]) == (408, 408)
        assert "did not come" in body["message"]


async def test_a_head_that_trickles_is_given_up(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    got = asyncio.create_task(reader.read())
    for byte in WHOLE * 50:
        if got.done() or writer.is_closing():
            break
        writer.write(bytes([byte]) if byte != 10 else b"a")
        await asyncio.sleep(0.005)
    with contextlib.suppress(ConnectionResetError):  # what was on its way still may cost the answer
        assert told(await got)[0] == 408
    await closed(writer)


async def test_a_connection_on_which_nothing_comes_is_closed(port: int) -> None:
    assert await sent(port) == b""


async def test_the_second_head_on_a_connection_has_its_own_time(patient: int) -> None:
    answers = await sent(patient, WHOLE, WHOLE, b"GET / HT")
    assert answers.count(b"HTTP/1.1 401") == 2
    assert answers.count(b"HTTP/1.1 408") == 1


async def test_a_head_too_large_is_told_so(patient: int) -> None:
    line = b"X-Long: " + b"a" * 8_000 + b"\r\n"
    status, body = told(await sent(patient, WHOLE[:-2], *[line] * (LARGEST_HEAD // 8_000 + 1)))
    assert (status, body["status"]) == (431, 431)
    assert told(await sent(patient, b"GET /" + b"a" * LARGEST_HEAD * 2))[0] == 431


async def test_a_body_is_no_head(patient: int) -> None:
    body = b"a" * (LARGEST_HEAD + 10)
    head = b"POST %b HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % (
        PATH,
        len(body),
    )
    answer = await sent(patient, head + body)
    assert answer.startswith(b"HTTP/1.1 401"), "whoever is not let in is told that, whatever they bring"


async def test_a_hundred_that_hang_keep_nobody_out(patient: int) -> None:
    hanging = [asyncio.create_task(sent(patient, WHOLE[:-2])) for _ in range(100)]
    status, _ = told(await sent(patient, WHOLE.replace(b"Host: h", b"Host: h\r\nConnection: close")))
    assert status == 401
    assert {told(one)[0] for one in await asyncio.gather(*hanging)} == {408}


async def test_an_upgrade_is_not_made(patient: int) -> None:
    asked = WHOLE[:-2] + b"Connection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n"
    assert (await sent(patient, asked)).startswith(b"HTTP/1.1 401")
