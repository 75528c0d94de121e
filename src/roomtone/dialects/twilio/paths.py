"""Twilio's addresses: everything with ``.json``. Source: examples in Twilio's API specification."""

from __future__ import annotations

from roomtone.dialects.paths import VERSION, Paths

PATHS = Paths(prefix=f"/{VERSION}", item_suffix=".json", list_suffix=".json", bin_suffix=".json")
