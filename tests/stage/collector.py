"""A collector of traces: takes OTLP over HTTP in the test's own loop and keeps every span."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)


@dataclass(frozen=True)
class Seen:
    """One span; ids as 16 and 32 hex digits, as ``traceparent`` has them."""

    name: str
    kind: int
    trace: str
    id: str
    parent: str
    attributes: dict[str, Any]
    events: tuple[str, ...]
    links: tuple[str, ...]
    lasted_ns: int


class Collector:
    """Runs on a free port."""

    def __init__(self) -> None:
        self.spans: list[Seen] = []
        self.base = ""
        self._news = asyncio.Condition()
        self._runner: web.AppRunner | None = None

    async def open(self) -> Self:
        app = web.Application(client_max_size=1 << 24)
        app.router.add_post("/v1/traces", self._take)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.base = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def close(self) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def wait(self, wanted: Callable[[Seen], bool], within_s: float = 30.0) -> Seen:
        """Wait until a span like this has come, and give the first."""
        found: list[Seen] = []

        def come() -> bool:
            found[:] = [span for span in self.spans if wanted(span)]
            return bool(found)

        try:
            async with asyncio.timeout(within_s), self._news:
                await self._news.wait_for(come)
        except TimeoutError:
            raise AssertionError(f"no such span among {self.spans}") from None
        return found[0]

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.read()
        if body[:2] == b"\x1f\x8b":
            body = gzip.decompress(body)
        told = ExportTraceServiceRequest.FromString(body)
        async with self._news:
            self.spans += [
                _seen(one)
                for resource in told.resource_spans
                for scope in resource.scope_spans
                for one in scope.spans
            ]
            self._news.notify_all()
        content = ExportTraceServiceResponse().SerializeToString()
        return web.Response(body=content, content_type="application/x-protobuf")


def _seen(one: Any) -> Seen:
    values = {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in one.attributes}
    return Seen(
        one.name,
        one.kind,
        one.trace_id.hex(),
        one.span_id.hex(),
        one.parent_span_id.hex(),
        values,
        tuple(each.name for each in one.events),
        tuple(each.span_id.hex() for each in one.links),
        one.end_time_unix_nano - one.start_time_unix_nano,
    )
