"""Streams where there are none: what the switchboard is given by whoever carries nothing."""

from __future__ import annotations

from roomtone.core.ids import StreamId
from roomtone.core.streaming import HeldRelays, Located, NotLocated, Stream, StreamFault


class NoRelays:
    """Carries nothing."""

    async def open(self, *_: object) -> str | None:
        """Refuse."""
        return "there are no streams here"

    def tune(self, stream: Stream, voices: tuple[str, ...]) -> None:
        """Do nothing."""

    def tell(self, stream: StreamId, text: str) -> None:
        """Do nothing."""

    def close(self, stream: StreamId, farewell: str) -> None:
        """Do nothing."""

    async def held(self) -> HeldRelays:
        """Give none."""
        return HeldRelays()


class NoSockets:
    """Finds nothing."""

    async def locate(self, url: str) -> Located | NotLocated:
        """Find nothing."""
        return NotLocated(StreamFault.GENERAL, f"there are no streams here: {url.partition('?')[0]}")
