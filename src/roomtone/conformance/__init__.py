"""One suite of requests and expectations, against this server or a vendor's account: where do the two differ?

What is expected is read from the tables that serve here, so a difference found at a vendor is a mistake in our tables, a
deliberate departure (docs/compat.md), or news. Asks nothing but the server that is named, follows no redirect, and
changes nothing there unless told that it may.
"""

from __future__ import annotations

from roomtone.conformance.running import Target, run_conformance

__all__ = ["Target", "run_conformance"]
