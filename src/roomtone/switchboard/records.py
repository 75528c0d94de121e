"""Calls kept, and whoever is owed word of it: one commit for both. Shared by legs and by a brain that comes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from roomtone.core.call.notices import notices
from roomtone.core.call.state import Call
from roomtone.core.call.step import revised
from roomtone.switchboard.ports import Clock, Store

Kept = Callable[[Call | None, Call], None]
"""Told of a commit: the call as it was, None if it is new, and as it is. Neither waits nor raises."""


@dataclass(frozen=True, slots=True)
class Records:
    """Keeps calls."""

    store: Store
    clock: Clock
    committed: Callable[[], None]
    """Called after each commit that owes somebody a callback."""

    kept: Kept | None = None

    async def keep(self, stored: Call | None, call: Call) -> Call:
        """Commit a call and the notices of what has become of it; nothing is committed if nothing has.

        Args:
            stored: As last committed; None: never.
            call: As it is now.

        Returns:
            The call as it is committed.

        Raises:
            StaleRevision: Somebody else has committed it meanwhile.
            OSError: The store does not answer; nothing is kept, and nobody is owed anything.
        """
        changed = revised(stored, call)
        if changed == stored:
            return stored
        now = self.clock.now()
        kept, owed = notices(stored, changed, now)
        await self.store.commit_call(kept, owed, now)
        if self.kept is not None:
            self.kept(stored, kept)
        if owed:
            self.committed()
        return kept
