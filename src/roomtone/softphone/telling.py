"""What happens to the phone, in words for people or as JSON for programs: one line each."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from roomtone.testing.tones import SILENT_DB


def _db(level_db: float) -> str:
    return "silent" if level_db <= SILENT_DB else f"{level_db:.0f} dB"


def _ended(told: dict[str, Any]) -> str:
    who = {"us": "ended here", "them": "ended by them", "nobody": "failed"}[told["by"]]
    if told["status"] or not told["seconds"]:
        return f"{who}: {told['status'] or ''} {told['reason']}".strip().rstrip(":")
    loudest = _db(told["loudest_heard_db"])
    return (
        f"{who} after {told['seconds']:g} s: {told['received']} packets heard, {told['lost']} lost, "
        f"loudest {loudest}"
    )


WORDS: dict[str, Callable[[dict[str, Any]], str]] = {
    "listening": lambda told: f"listening as {told['uri']}",
    "registered": lambda told: f"registered as {told['uri']} for {told['expires_s']} s",
    "unregistered": lambda told: f"no longer registered: {told['why']}",
    "calling": lambda told: f"calling {told['other']}",
    "ringing": lambda told: f"it rings at {told['other']}",
    "early": lambda told: f"sound before the answer ({told['codec']})",
    "incoming": lambda told: f"{told['other']} calls",
    "answered": lambda told: f"connected with {told['other']} ({told['codec']})",
    "pressed": lambda told: f"pressed {told['keys']}",
    "key": lambda told: f"they pressed {told['key']}",
    "level": lambda told: f"you {_db(told['spoken_db'])}   them {_db(told['heard_db'])}",
    "ended": _ended,
}
"""Every kind of news, and how it is said."""


def words(kind: str, told: dict[str, Any]) -> str:
    """Say it in a sentence."""
    return WORDS[kind](told)


def line(kind: str, told: dict[str, Any], *, as_json: bool) -> str:
    """Say it in a line."""
    return json.dumps({"event": kind, **told}) if as_json else words(kind, told)
