"""Yes and no in every spelling that clients send.

``true`` (JavaScript, curl), ``True`` (Python), ``1`` (PHP, and JavaScript callers who pass a number) and their
opposites; JSON's own booleans have become text by then. Nothing else is guessed at.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_WORDS: Mapping[str, bool] = MappingProxyType({"true": True, "1": True, "false": False, "0": False})


def read(text: str) -> bool | None:
    """Read yes or no, in any case; None if it is neither."""
    return _WORDS.get(text.strip().lower())


def write(value: bool) -> str:  # noqa: FBT001 - the value itself is the subject
    """Write yes or no as callbacks do."""
    return "true" if value else "false"
