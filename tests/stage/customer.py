"""A customer's application: hosts documents and audio, keeps every request it gets, and can behave badly on purpose."""

from __future__ import annotations

import asyncio
import io
import wave
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Self

from aiohttp import web

from roomtone.testing.tones import tone

XML = "application/xml"
WITHIN_S = 20.0
MOST_SHOWN = 40
"""Visits told when something did not come."""


@dataclass(frozen=True)
class Visit:
    """One request from the server."""

    method: str
    path: str
    url: str
    """As it was asked for, query included."""

    parameters: dict[str, str]
    """The form of a POST, the query of a GET."""

    headers: dict[str, str]

    @property
    def event(self) -> str:
        """StatusCallbackEvent, or nothing."""
        return self.parameters.get("StatusCallbackEvent", "")

    @property
    def call(self) -> str:
        """CallSid, or nothing."""
        return self.parameters.get("CallSid", "")


Answer = Callable[[Visit], Awaitable[web.StreamResponse]]


class Customer:
    """Runs in the test's own loop, on a free port."""

    def __init__(self) -> None:
        self.visits: list[Visit] = []
        self.base = ""
        self._answers: dict[str, Answer] = {}
        self._news = asyncio.Condition()
        self._runner: web.AppRunner | None = None

    async def open(self) -> Self:
        """Start to answer."""
        app = web.Application(client_max_size=1 << 24)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.base = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def close(self) -> None:
        """Stop."""
        assert self._runner is not None
        await self._runner.cleanup()

    # What it hosts ----------------------------------------------------------------------------------------------------

    def host(self, path: str, body: str | bytes, content_type: str = XML, status: int = 200) -> str:
        """Answer this path always so; gives the URL."""

        async def answer(_: Visit) -> web.Response:
            raw = body.encode() if isinstance(body, str) else body
            return web.Response(body=raw, content_type=content_type, status=status)

        return self.answer_with(path, answer)

    def answer_with(self, path: str, answer: Answer) -> str:
        """Answer this path with whatever the function says; gives the URL."""
        self._answers[path] = answer
        return self.base + path

    def host_tone(self, path: str, hz: float, duration_s: float = 30.0) -> str:
        """Host a WAV file of one pitch; gives the URL."""
        return self.host(path, wav(hz, duration_s), "audio/wav")

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        form = {name: str(value) for name, value in (await request.post()).items()}
        visit = Visit(
            request.method, request.path, str(request.url), form or dict(request.query), dict(request.headers)
        )
        answer = self._answers.get(request.path)
        reply = await answer(visit) if answer else web.Response(status=204)
        async with self._news:
            self.visits.append(visit)
            self._news.notify_all()
        return reply

    # What it saw -------------------------------------------------------------------------------------------------------

    async def wait(self, wanted: Callable[[Visit], bool], within_s: float = WITHIN_S) -> Visit:
        """Wait until a visit like this has been, and give the first."""
        found: list[Visit] = []

        def come() -> bool:
            found[:] = [visit for visit in self.visits if wanted(visit)]
            return bool(found)

        await self.until(come, within_s)
        return found[0]

    async def until(self, there: Callable[[], bool], within_s: float = WITHIN_S) -> None:
        """Wait until something is so, looked at once after each visit."""
        try:
            async with asyncio.timeout(within_s), self._news:
                await self._news.wait_for(there)
        except TimeoutError:
            seen = [(visit.path, visit.event or visit.call) for visit in self.visits[-MOST_SHOWN:]]
            told = f"of {len(self.visits)} the last: {seen}"
            raise AssertionError(f"no such request in {within_s} s; {told}") from None

    async def wait_for_event(self, event: str, call: str = "", within_s: float = WITHIN_S) -> Visit:
        """Wait for a conference callback with this event (and call)."""
        return await self.wait(lambda visit: visit.event == event and call in {"", visit.call}, within_s)

    def events(self, path: str = "/status") -> list[Visit]:
        """All conference callbacks so far, in order of arrival."""
        return [visit for visit in self.visits if visit.path == path and visit.event]


def wav(hz: float, duration_s: float) -> bytes:
    """Make a WAV file, 8 kHz mono, of one pitch."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(tone(hz, duration_s).tobytes())
    return file.getvalue()
