"""Twilio's patience. Source: Twilio, "Webhooks: connection overrides"."""

from __future__ import annotations

from types import MappingProxyType

from roomtone.dialects.limits import Limits, Override, Patience

LIMITS = Limits(
    documents=Patience(connect_s=5, read_s=15, total_s=15, redirects=10, attempts=2),
    callbacks=Patience(connect_s=5, read_s=15, total_s=15, redirects=10, attempts=2),
    overrides=MappingProxyType(
        {
            "ct": Override("connect_s", 100, 10_000),
            "rt": Override("read_s", 100, 15_000),
            "tt": Override("total_s", 100, 15_000),
            "rc": Override("retries", 0, 5, unit=1),
            "rp": Override("retry_after"),
        }
    ),
)
