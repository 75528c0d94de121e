"""The part of the store that forgets which answers for trunks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from roomtone.core.refusals import Reason, Refused
from roomtone.core.routing import Trunk


class MemoryTrunks:
    """Trunks in a dictionary, by name."""

    def __init__(self) -> None:
        super().__init__()
        self._trunks: dict[str, Trunk] = {}

    async def trunks(self) -> Sequence[Trunk]:
        """Give all, oldest first."""
        return list(self._trunks.values())

    async def add_trunk(self, trunk: Trunk, now_ms: int) -> None:  # noqa: ARG002 - dictionaries know who came first
        """Keep a new trunk.

        Raises:
            Refused: TRUNK_NAME_TAKEN.
        """
        if trunk.name in self._trunks:
            raise Refused(Reason.TRUNK_NAME_TAKEN)
        self._trunks[trunk.name] = trunk

    async def change_trunk(self, name: str, change: Callable[[Trunk], Trunk]) -> Trunk | None:
        """Keep ``change(kept)`` and give it; None: there is no such trunk."""
        if name not in self._trunks:
            return None
        self._trunks[name] = change(self._trunks[name])
        return self._trunks[name]

    async def remove_trunk(self, name: str) -> bool:
        """Delete a trunk; False: there is no such trunk."""
        return self._trunks.pop(name, None) is not None
