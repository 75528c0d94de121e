"""Calls to and from versioned JSON, for whoever keeps them. The spelling is that of `roomtone.core.shapes`."""

from __future__ import annotations

from typing import cast

from roomtone.core.call.state import Call
from roomtone.core.shapes import Shape

_CALL = Shape(Call)


def call_to_json(call: Call) -> str:
    """Spell a call; its document stays the opaque text it is."""
    return _CALL.to_json(call)


def call_from_json(text: str) -> Call:
    """Read a call.

    Raises:
        ValueError: Of another version, or not a call.
    """
    return cast("Call", _CALL.from_json(text))
