"""SignalWire's ids: UUIDs. Source: SignalWire Compatibility API, ``format: uuid`` on every sid."""

from __future__ import annotations

from roomtone.dialects.sids import dashed as show
from roomtone.dialects.sids import parse

__all__ = ["parse", "show"]
