"""The exporter: spans go to a collector by OTLP over HTTP, in the background, from a thread of the library's."""

from __future__ import annotations

import asyncio
import logging
from threading import Thread

from roomtone import __version__
from roomtone.traces.book import Book

log = logging.getLogger(__name__)

EVERY_MS = 1_000
"""How long a finished span waits for others to go with."""

LEAVING_S = 2.0
"""How long the last ones may take when the server ends."""

MOST_WAITING = 16_384
"""Finished spans that wait for the collector; what comes on top is not kept."""


class Traces:
    """The book of spans, and what carries them away.

    Args:
        collector: Where a collector takes OTLP over HTTP, without ``/v1/traces``.
        share: Of the traces that begin here, how many are kept, 0 to 1; one that began elsewhere is kept if it is kept there.

    Raises:
        ImportError: The packages of ``roomtone[traces]`` are not installed.
    """

    def __init__(self, collector: str, share: float) -> None:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio

        self._provider = TracerProvider(
            sampler=ParentBasedTraceIdRatio(share),
            resource=Resource.create({"service.name": "roomtone", "service.version": __version__}),
            shutdown_on_exit=False,
        )
        exporter = OTLPSpanExporter(endpoint=f"{collector}/v1/traces")
        self._provider.add_span_processor(
            BatchSpanProcessor(exporter, max_queue_size=MOST_WAITING, schedule_delay_millis=EVERY_MS)
        )
        self.book = Book(self._provider.get_tracer("roomtone", __version__))

    async def close(self) -> None:
        """Have the last ones carried away, if that takes no longer than a moment."""
        leaving = Thread(target=self._provider.shutdown, name="last traces", daemon=True)
        leaving.start()
        await asyncio.to_thread(leaving.join, LEAVING_S)
        if leaving.is_alive():
            log.warning("the collector of traces does not answer: the last ones are lost")
