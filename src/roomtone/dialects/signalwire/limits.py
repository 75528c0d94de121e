"""SignalWire's patience. Source: SignalWire, "Webhook timeouts" and "Retries" of the cXML guides."""

from __future__ import annotations

from types import MappingProxyType

from roomtone.dialects.limits import Limits, Override, Patience, Trouble

LIMITS = Limits(
    documents=Patience(connect_s=2, read_s=5, total_s=15, redirects=3),
    callbacks=Patience(
        connect_s=2, read_s=5, total_s=15, redirects=3, attempts=3, retry_after=frozenset(Trouble)
    ),
    overrides=MappingProxyType(
        {
            "ot": Override("connect_s", 100, 10_000),
            "rt": Override("read_s", 100, 15_000),
            "tt": Override("total_s", 100, 15_000),
        }
    ),
)
