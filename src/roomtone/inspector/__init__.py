"""The inspector: reads the delivery log, has callbacks told again, and forwards what comes to an application.

`roomtone callbacks tail|show|replay` and `roomtone listen`. It reads and writes the store beside a running server, and
never asks a customer's server itself: a replay is the courier's to deliver.
"""

from __future__ import annotations

from roomtone.inspector.command import callbacks, listen

__all__ = ["callbacks", "listen"]
