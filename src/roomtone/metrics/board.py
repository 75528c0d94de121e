"""Counts what happens. Each method is a listener that `server.py` hands to whoever does it; none waits or raises."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

from roomtone.api.measuring import Served
from roomtone.core.call.state import Call
from roomtone.core.pressure import Figures, Pressure
from roomtone.link import messages
from roomtone.metrics.definitions import DEFINITIONS, Definition, Kind

PACKETS = ("received", "sent", "lost", "late", "duplicate", "refused")
QUANTILES = {"0.5": "late_p50_us", "0.99": "late_p99_us", "0.999": "late_p999_us", "1": "late_max_us"}
"""Of a thread's lateness: how each is called here, and in the engine's fact."""


class Board:
    """All figures, by name."""

    def __init__(self, engine_pid: Callable[[], int | None] = lambda: None) -> None:
        prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self._counters: dict[str, Counter] = {}
        self._gauges: dict[str, Gauge] = {}
        self._histograms: dict[str, Histogram] = {}
        for one in DEFINITIONS:
            self._make(one)
        ProcessCollector(registry=self.registry)
        ProcessCollector(
            namespace="roomtone_engine", pid=lambda: engine_pid() or "none", registry=self.registry
        )
        self._answered = cache(self.counter("roomtone_api_requests_total").labels)
        self._took = cache(self._histograms["roomtone_api_request_seconds"].labels)

    def counter(self, name: str) -> Counter:
        """Give a counter."""
        return self._counters[name]

    def gauge(self, name: str) -> Gauge:
        """Give a gauge."""
        return self._gauges[name]

    def histogram(self, name: str) -> Histogram:
        """Give a histogram."""
        return self._histograms[name]

    # What happens -----------------------------------------------------------------------------------------------------

    def served(self, one: Served) -> None:
        """A request was answered."""
        self._answered(one.route, one.method, one.status).inc()
        self._took(one.route).observe(one.seconds)

    def call_kept(self, before: Call | None, after: Call) -> None:
        """A call's record was committed."""
        direction = after.caller.direction.value
        if before is None:
            self.counter("roomtone_calls_begun_total").labels(direction).inc()
        if not after.over or (before is not None and before.over):
            return
        self.counter("roomtone_calls_ended_total").labels(direction, after.status.value).inc()
        if after.sip_status is not None:
            self.counter("roomtone_call_sip_finals_total").labels(direction, after.sip_status).inc()
        if after.started_ms is not None and after.ended_ms is not None:
            seconds = max(0, after.ended_ms - after.started_ms) / 1_000
            self.histogram("roomtone_call_seconds").labels(direction).observe(seconds)

    def tried(self, outcome: str, latency_ms: int) -> None:
        """A callback was delivered, postponed or given_up."""
        self.counter("roomtone_callback_attempts_total").labels(outcome).inc()
        self.histogram("roomtone_callback_seconds").observe(latency_ms / 1_000)

    def committed(self, seconds: float, jobs: int) -> None:
        """The store has committed; told by its writing thread."""
        self.histogram("roomtone_store_commit_seconds").observe(seconds)
        self.counter("roomtone_store_jobs_total").inc(jobs)

    def looked(self, pressure: Pressure, figures: Figures) -> None:
        """Somebody has looked how much there is to do."""
        self.gauge("roomtone_load").set(pressure.load)
        self.gauge("roomtone_loop_late_seconds").set(figures.loop_late_s)
        self.gauge("roomtone_store_late_seconds").set(figures.store_late_s)

    def engine_lost(self) -> None:
        """The engine stopped answering."""
        self.counter("roomtone_engine_link_losses_total").inc()

    def engine_new(self, _: messages.Welcome) -> None:
        """Another engine took the place of one that died; its threads begin anew."""
        self.counter("roomtone_engine_replaced_total").inc()
        for name in (one.name for one in DEFINITIONS if one.kind is Kind.GAUGE and "thread" in one.labels):
            self.gauge(name).clear()

    def fact(self, fact: messages.Fact) -> None:
        """The engine told something; a few kinds are figures."""
        match fact:
            case messages.TickStatistics():
                self._ticked(fact)
            case messages.StreamStatistics(last=True):
                for kind in PACKETS:
                    count = getattr(fact, f"packets_{kind}")
                    self.counter("roomtone_media_packets_total").labels(kind).inc(max(0, count))
            case messages.FactsDropped(count=count):
                self.counter("roomtone_engine_facts_dropped_total").inc(count)

    def _ticked(self, fact: messages.TickStatistics) -> None:
        thread = str(fact.thread)
        self.counter("roomtone_media_ticks_total").labels(thread).inc(fact.ticks)
        self.counter("roomtone_media_ticks_skipped_total").labels(thread).inc(fact.skipped)
        self.gauge("roomtone_media_busy_ratio").labels(thread).set((fact.busy_permille or 0) / 1_000)
        self.gauge("roomtone_media_streams").labels(thread).set(fact.streams)
        self.gauge("roomtone_media_conferences").labels(thread).set(fact.conferences)
        self.counter("roomtone_media_packets_unsent_total").labels(thread).inc(fact.packets_unsent)
        for quantile, name in QUANTILES.items():
            late_s = getattr(fact, name) / 1e6
            self.gauge("roomtone_media_tick_lateness_seconds").labels(thread, quantile).set(late_s)

    def _make(self, one: Definition) -> None:
        match one.kind:
            case Kind.COUNTER:
                self._counters[one.name] = Counter(one.name, one.text, one.labels, registry=self.registry)
            case Kind.GAUGE:
                self._gauges[one.name] = Gauge(one.name, one.text, one.labels, registry=self.registry)
            case Kind.HISTOGRAM:
                self._histograms[one.name] = Histogram(
                    one.name, one.text, one.labels, registry=self.registry, buckets=one.buckets
                )
