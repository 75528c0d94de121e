"""What nobody may read in a log: every secret that the tests have made, and where it would be found.

Whatever makes a secret notes it here. Each server looks through its logs when it is stopped, and what the tests' own process
logs is looked at line by line (`tests/conftest.py`).
"""

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

KNOWN: set[str] = set()
SHORTEST = 8
"""Characters; shorter ones might stand anywhere."""

FIELDS = frozenset({"auth_token", "secret", "token", "signing_key", "password", "psk"})
"""Of answers of the API, in small letters."""


def note(*secrets: str, user: str = "") -> None:
    """Remember secrets, as they are and as they travel: in Basic headers, in URLs."""
    for one in secrets:
        if len(one) < SHORTEST or one == "redacted":
            continue
        KNOWN.add(one)
        KNOWN.add(quote(one, safe=""))
        if user:
            KNOWN.add(b64encode(f"{user}:{one}".encode()).decode())


def note_answer(body: object) -> None:
    """Remember what an answer of the API tells that is to stay secret."""
    if isinstance(body, dict):
        note(*(value for name, value in body.items() if name.lower() in FIELDS and isinstance(value, str)))


def leaked(text: str) -> list[str]:
    """Give the secrets that stand in a text."""
    return sorted(one for one in KNOWN if one in text)


def leaked_in(files: Iterable[Path]) -> list[str]:
    """Give files and the secrets that stand in them."""
    found = (
        (file, one) for file in files if file.exists() for one in leaked(file.read_text(errors="replace"))
    )
    return [f"{file}: {one}" for file, one in found]


class Eavesdropper(logging.Handler):
    """Hears every line that this process logs, and keeps those with a secret in them."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Listen."""
        try:
            text = self.format(record)
        except (TypeError, ValueError):
            return
        self.heard += [text for _ in leaked(text)]
