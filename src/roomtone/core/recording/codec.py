"""What happened in recordings, to and from versioned JSON, for whoever keeps it. The spelling is `core.shapes`'s."""

from __future__ import annotations

from typing import cast

from roomtone.core.recording.finishing import Happening
from roomtone.core.shapes import Shape

_HAPPENING = Shape(Happening)


def happening_to_json(happening: Happening) -> str:
    """Spell one happening."""
    return _HAPPENING.to_json(happening)


def happening_from_json(text: str) -> Happening:
    """Read a happening.

    Raises:
        ValueError: Of another version, or not a happening.
    """
    return cast("Happening", _HAPPENING.from_json(text))
