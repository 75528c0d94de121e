"""Who waits for the end of which source.

The engine says "source so and so, turn so and so, has ended"; whoever started it waits here. Turns grow with the wall
clock, so that a turn of an earlier brain is never mistaken for one of ours. What only fills in for something else plays
under an odd turn, so that the next brain knows it for what it is.
"""

from __future__ import annotations

import asyncio
from itertools import count

from roomtone.core.call.messages import SourceEnded
from roomtone.core.exchange import Sound
from roomtone.switchboard.ports import Clock, Media


class Sources:
    """The playing sources of all rooms and legs."""

    def __init__(self, media: Media, clock: Clock) -> None:
        self._media = media
        self._turns = count(2 * clock.now().wall_ms, 2)
        self._waiting: dict[tuple[str, int], asyncio.Future[None]] = {}

    async def play(self, key: str, sound: Sound) -> None:
        """Play something from a source and wait for its end; what plays for ever is waited for forever.

        Raises:
            EngineUnavailable: No engine answers.
        """
        turn = next(self._turns)
        ended = self._expect(key, turn)
        try:
            await self._media.play(key, turn, sound)
            await ended
        finally:
            self._waiting.pop((key, turn), None)

    async def fill_in(self, key: str, sound: Sound) -> None:
        """Play something from a source until what belongs there has come; its end is nobody's business.

        Raises:
            EngineUnavailable: No engine answers.
        """
        await self._media.play(key, next(self._turns) + 1, sound)

    def left_behind(self, key: str, turn: int) -> asyncio.Future[None] | None:
        """Give the end of what an earlier brain started, to be waited for; None: that only fills in."""
        return None if turn % 2 else self._expect(key, turn)

    def stop(self, key: str) -> None:
        """Silence a source."""
        self._media.stop(key)

    def ended(self, signal: SourceEnded) -> None:
        """Take the engine's word that a source has ended; one that nobody waits for is old news."""
        waiting = self._waiting.pop((signal.key, signal.turn), None)
        if waiting is not None and not waiting.done():
            waiting.set_result(None)

    def lost_but(self, playing: frozenset[tuple[str, int]]) -> None:
        """Take what went with an engine as ended, but for these, which play again."""
        for key, turn in self._waiting.keys() - playing:
            self.ended(SourceEnded(key, turn))

    def _expect(self, key: str, turn: int) -> asyncio.Future[None]:
        ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[key, turn] = ended
        return ended
