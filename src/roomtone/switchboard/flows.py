"""Which connections still lead to whom. Phones behind TCP, TLS and WebSocket are reached by the connection they made alone.

The record of a closed one may be written after its end was told, and an engine that dies tells no ends: so it is asked
here, too, and not only left to the store.

Source: RFC 5626, section 5.3 (a registrar forgets a flow that has failed).
"""

from __future__ import annotations

from typing import Protocol

REMEMBERED = 4_096
"""Closed ones that are known as such: far more than can be under way at a time."""


class Engine(Protocol):
    """Whose connections they are."""

    @property
    def instance(self) -> str:
        """The beginning of their names, up to a dot."""


class Flows:
    """All connections that phones have registered over."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._closed: dict[str, None] = {}

    def close(self, flow: str) -> None:
        """Note that one is closed."""
        self._closed[flow] = None
        if len(self._closed) > REMEMBERED:
            del self._closed[next(iter(self._closed))]

    def leads(self, flow: str) -> bool:
        """Say whether one leads to its phone; the empty one, of UDP, always does."""
        instance, _, _ = flow.partition(".")
        return not flow or (instance == self._engine.instance and flow not in self._closed)
