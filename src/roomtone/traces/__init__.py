"""Traces for OpenTelemetry: one story of what a request, a call, its documents, callbacks and conferences had to do with each other.

`definitions` names every span; `book` begins and ends them, as it is told by whoever does what they are about; `edges` stand where
HTTP comes in and goes out; `opening` makes the exporter. Where the setting `traces` is off, none of it is loaded.

Sources: OpenTelemetry specification (traces, semantic conventions of HTTP); W3C Trace Context.
"""

from __future__ import annotations

from roomtone.traces.definitions import SPANS, Definition
from roomtone.traces.wiring import Wiring, both, wire_up

__all__ = ["SPANS", "Definition", "Wiring", "both", "wire_up"]
