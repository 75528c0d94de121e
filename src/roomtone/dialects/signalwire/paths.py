"""SignalWire's addresses: one resource with ``.json``, a list without; a hosted document without, too.

Source: examples in SignalWire's Compatibility API specification.
"""

from __future__ import annotations

from roomtone.dialects.paths import VERSION, Paths

PATHS = Paths(prefix=f"/api/laml/{VERSION}", item_suffix=".json", list_suffix="", bin_suffix="")
