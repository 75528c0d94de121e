"""Twilio's ids: two letters and 32 hex digits. Source: Twilio REST API, "String Identifier"."""

from __future__ import annotations

from roomtone.dialects.sids import parse
from roomtone.dialects.sids import prefixed as show

__all__ = ["parse", "show"]
