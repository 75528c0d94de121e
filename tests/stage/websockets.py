"""A customer's WebSocket server: keeps what it is sent, and says what the test wants it to say."""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Self

import numpy as np
from aiohttp import WSMsgType, web

from roomtone.testing.g711 import Codec, Pcm, decode, encode
from roomtone.testing.tones import Tone, pitches_in

WITHIN_S = 30.0
FRAME = 160


class Socket:
    """One connection from the server."""

    def __init__(self, ws: web.WebSocketResponse, headers: dict[str, str]) -> None:
        self.headers = headers
        self.messages: list[dict[str, Any]] = []
        self.closed = False
        self._ws = ws
        self._news = asyncio.Condition()

    async def read(self) -> None:
        """Keep what comes until the other side closes."""
        async for message in self._ws:
            if message.type is not WSMsgType.TEXT:
                continue
            async with self._news:
                self.messages.append(json.loads(message.data))
                self._news.notify_all()
        async with self._news:
            self.closed = True
            self._news.notify_all()

    async def wait(self, wanted: Callable[[], Any], within_s: float = WITHIN_S) -> Any:
        """Wait until something is so, looking after each message."""
        async with asyncio.timeout(within_s), self._news:
            return await self._news.wait_for(wanted)

    async def wait_for(self, event: str) -> dict[str, Any]:
        """Wait for a message of this event."""
        await self.wait(lambda: self.of(event))
        return self.of(event)[0]

    async def ended(self) -> None:
        """Wait until the other side has closed."""
        await self.wait(lambda: self.closed)

    def of(self, event: str) -> list[dict[str, Any]]:
        """List the messages of an event."""
        return [one for one in self.messages if one["event"] == event]

    def heard(self, track: str, frames: int = 15) -> Pcm:
        """Give what came last on a track, decoded from PCMU."""
        media = [one["media"] for one in self.of("media") if one["media"]["track"] == track]
        raw = b"".join(base64.b64decode(one["payload"]) for one in media[-frames:])
        return decode(Codec.PCMU, raw)

    async def hears(self, track: str, wanted: set[float], among: tuple[float, ...]) -> None:
        """Wait until just these pitches are on a track."""
        await self.wait(lambda: pitches_in(self.heard(track), among) == wanted and len(self.heard(track)) > 0)

    async def say(self, message: dict[str, Any]) -> None:
        """Send a message."""
        await self._ws.send_json(message)

    async def send(self, text: str) -> None:
        """Send any text."""
        await self._ws.send_str(text)

    async def sing(self, hz: float, duration_s: float) -> None:
        """Send a tone, all at once."""
        tone = Tone(hz)
        for _ in range(round(duration_s * 50)):
            payload = base64.b64encode(encode(Codec.PCMU, tone.take(FRAME))).decode()
            await self.say({"event": "media", "media": {"payload": payload}})

    async def close(self) -> None:
        """Close as one should."""
        await self._ws.close()


class WebSockets:
    """Runs in the test's own loop, on a free port."""

    def __init__(self, certificate: tuple[Path, Path] | None = None) -> None:
        """Be asked by `wss:` if there is a certificate, and its key."""
        self.context: ssl.SSLContext | None = None
        if certificate is not None:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*certificate)
        self.sockets: list[Socket] = []
        self.url = ""
        self.treat: Callable[[Socket], Awaitable[None]] | None = None
        """What is done with each connection, beside keeping what comes."""

        self.refuse: int | None = None
        """HTTP status that everybody gets instead."""

        self._runner: web.AppRunner | None = None
        self._came = asyncio.Condition()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._take)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self.context).start()
        scheme = "ws" if self.context is None else "wss"
        self.url = f"{scheme}://127.0.0.1:{self._runner.addresses[0][1]}/stream"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def connected(self, count: int = 1) -> Socket:
        """Wait for so many connections, and give the last."""
        async with asyncio.timeout(WITHIN_S), self._came:
            await self._came.wait_for(lambda: len(self.sockets) >= count)
        return self.sockets[count - 1]

    async def _take(self, request: web.Request) -> web.StreamResponse:
        if self.refuse is not None:
            return web.Response(status=self.refuse)
        ws = web.WebSocketResponse(max_msg_size=1 << 22)
        await ws.prepare(request)
        socket = Socket(ws, dict(request.headers))
        async with self._came:
            self.sockets.append(socket)
            self._came.notify_all()
        treating = None if self.treat is None else asyncio.ensure_future(self.treat(socket))
        try:
            await socket.read()
        finally:
            if treating is not None:
                treating.cancel()
        return ws


def is_silent(pcm: Pcm) -> bool:
    """Say whether nothing can be heard."""
    return len(pcm) > 0 and int(np.abs(pcm.astype(np.int32)).max()) < 200
