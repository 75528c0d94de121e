"""Forwarding to an application what comes for it, so that it can be seen on the way.

A small HTTP server to which callback and document URLs are pointed. What comes in goes out as it is: method, path, query,
headers (Host, too) and body, so that signatures hold as if nobody stood between. The application's answer goes back the
same way. Besides, copies of a project's callbacks that go elsewhere can be forwarded, from the delivery log.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from types import MappingProxyType
from typing import Self
from urllib.parse import urlencode, urlsplit

import aiohttp
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from roomtone.core.inspection import Said

HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Headers of one connection alone (RFC 9110, section 7.6.1)."""

LARGEST_BYTES = 1 << 25
PATIENCE_S = 30.0
"""How long the application may take: longer than either vendor waits."""


@dataclass(frozen=True, slots=True)
class Passed:
    """One request that was forwarded."""

    method: str
    path: str
    """With its query."""

    parameters: Mapping[str, str]
    status: int | None
    """What the application answered; None: it did not."""

    problem: str | None
    latency_ms: int
    copied: bool = False
    """Whether it went elsewhere, too, and nobody waits for the answer."""


Tell = Callable[[Passed], None]


class Forwarder:
    """Forwards to one application."""

    def __init__(self, target: str, tell: Tell) -> None:
        self._target = target.rstrip("/")
        self._tell = tell
        self._session: aiohttp.ClientSession | None = None
        self._runner: web.AppRunner | None = None
        self.address = ("", 0)
        """Where it listens, once it does."""

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=PATIENCE_S),
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        if self._session is not None:
            await self._session.close()

    async def listen(self, host: str, port: int) -> None:
        """Take requests from now on.

        Raises:
            OSError: Somebody else does there.
        """
        app = web.Application(client_max_size=LARGEST_BYTES)
        app.router.add_route("*", "/{path:.*}", self._take)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        self.address = self._runner.addresses[0][:2]

    async def copy(self, said: Said) -> None:
        """Forward once more what was said to another server."""
        parts = urlsplit(said.url)
        query = parts.query
        body = b""
        headers = CIMultiDict(said.headers)
        headers["Host"] = parts.netloc
        headers["X-Forwarded-Proto"] = parts.scheme
        if said.method == "GET":
            query = "&".join(filter(None, (query, urlencode(said.form))))
        else:
            body = urlencode(said.form).encode()
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"
        path = (parts.path or "/") + (f"?{query}" if query else "")
        await self._pass(said.method, path, headers, body, MappingProxyType(dict(said.form)), copied=True)

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.read()
        form = await request.post() if request.method == "POST" else request.query
        parameters = {name: str(value) for name, value in form.items()}
        headers = CIMultiDict(
            (name, value) for name, value in request.headers.items() if name.lower() not in HOP_BY_HOP
        )
        return await self._pass(request.method, request.raw_path, headers, body, parameters)

    async def _pass(
        self,
        method: str,
        path: str,
        headers: CIMultiDict[str],
        body: bytes,
        parameters: Mapping[str, str],
        *,
        copied: bool = False,
    ) -> web.Response:
        assert self._session is not None, "it was entered"
        began = monotonic()
        problem = None
        try:
            url = URL(self._target + path, encoded=True)
            async with self._session.request(
                method, url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                passed = await _answer(answer)
        except (aiohttp.ClientError, OSError, TimeoutError) as why:
            problem = str(why) or "it did not answer in time"
            passed = web.Response(status=502, text=f"roomtone listen: {self._target}: {problem}\n")
        latency_ms = int((monotonic() - began) * 1_000)
        status = None if problem else passed.status
        self._tell(Passed(method, path, parameters, status, problem, latency_ms, copied))
        return passed


async def _answer(answer: aiohttp.ClientResponse) -> web.Response:
    """Give an answer as it came, but for what is of its connection alone."""
    body = await answer.read()
    left_out = HOP_BY_HOP | {"content-length"}
    headers = CIMultiDict(
        (name, value) for name, value in answer.headers.items() if name.lower() not in left_out
    )
    return web.Response(status=answer.status, reason=answer.reason, headers=headers, body=body)
