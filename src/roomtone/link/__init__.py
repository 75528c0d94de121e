"""Under floor 2: the engine protocol's client. Connects, asks, tells, starts the engine and watches it.

Knows nothing of what is being carried: no calls, no conferences, only orders, replies and facts. The messages are
generated from ``engine/wire/protocol.toml``, whose head describes the framing.
"""

from __future__ import annotations

from roomtone.link.client import Link, Settings
from roomtone.link.connection import OrderRefused, VersionRefused
from roomtone.link.process import EngineFailed, EngineProcess, EngineSettings

__all__ = [
    "EngineFailed",
    "EngineProcess",
    "EngineSettings",
    "Link",
    "OrderRefused",
    "Settings",
    "VersionRefused",
]
