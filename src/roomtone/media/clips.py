"""Which clips the engine has already been handed, so that each is sent once. Pure."""

from __future__ import annotations

from collections import OrderedDict

from roomtone.core.exchange import Clip


class LoadedClips:
    """Names and sizes of the clips one engine instance holds, the longest unused first."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._sizes: OrderedDict[str, int] = OrderedDict()

    def __contains__(self, name: object) -> bool:
        return name in self._sizes

    def clear(self) -> None:
        """Forget all: another engine has taken over and holds nothing."""
        self._sizes.clear()

    def forget(self, name: str) -> None:
        """Take note that the engine does not have this clip after all."""
        self._sizes.pop(name, None)

    def keep_only(self, names: frozenset[str]) -> None:
        """Take the engine's own word for what it has."""
        for name in [name for name in self._sizes if name not in names]:
            del self._sizes[name]

    def use(self, clip: Clip) -> list[str]:
        """Take note that a clip is there and used now.

        Returns:
            Names of the clips to drop so that the sum stays within the limit; never the one in use.
        """
        self._sizes[clip.name] = len(clip.pcm)
        self._sizes.move_to_end(clip.name)
        dropped = []
        while len(self._sizes) > 1 and sum(self._sizes.values()) > self._limit_bytes:
            name, _ = self._sizes.popitem(last=False)
            dropped.append(name)
        return dropped
