"""Brings finished sound to the storage, one recording after the other, and tries again what failed, ever more seldom.

Takes up at the start what an earlier run has left: uploads, removals, redactions. A recording that cannot be brought stays
where it is, is served from there, and is told of in the log.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from roomtone.archive import disk, moving
from roomtone.archive.storage import Storage

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

REMOVED = ".removed"
"""Ending of the folder of a recording that is removed here, and perhaps not yet in the storage."""

_FIRST_S = 5.0
_MOST_S = 600.0
_LOOK_AGAIN_S = 600.0
"""Seconds between looks at all folders: another process may have changed one."""


class Carrier:
    """The errands between folders and the storage."""

    def __init__(self, folder: Path, storage: Storage | None, first_s: float = _FIRST_S) -> None:
        self._folder = folder
        self._storage = storage
        self._first_s = first_s
        self._failed: dict[str, int] = {}
        self._due_s: dict[str, float] = {}
        """When what has failed is tried again, by the loop's clock: each at its own pace."""

        self._new: set[str] = set()
        self._news = asyncio.Event()

    @property
    def waiting(self) -> frozenset[str]:
        """The names of folders with which something is still to be done because it failed."""
        return frozenset(self._failed)

    def wake(self, name: str) -> None:
        """Say that there is something to be done with a folder."""
        self._new.add(name)
        self._news.set()

    async def run(self) -> None:
        """Go on until cancelled."""
        loop = asyncio.get_running_loop()
        look_s = loop.time()
        while True:
            self._news.clear()
            names, self._new = {*self._new, *self._ripe(loop.time())}, set()
            if loop.time() >= look_s:
                names |= await daemonly(self._due) - self._failed.keys()
                look_s = loop.time() + _LOOK_AGAIN_S
            for name in sorted(names):
                await self._carry(name)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pause_s(loop.time())):
                    await self._news.wait()

    def _ripe(self, now_s: float) -> set[str]:
        """Name those that have failed and have rested long enough."""
        return {name for name, due_s in self._due_s.items() if due_s <= now_s}

    def _pause_s(self, now_s: float) -> float:
        """How long to wait: until the first of those that have failed is tried again."""
        first_s: float = min((due_s - now_s for due_s in self._due_s.values()), default=_LOOK_AGAIN_S)
        return max(0.0, first_s)

    def _rest_s(self, times: int) -> float:
        return min(_MOST_S, self._first_s * 2.0 ** min(times - 1, 20))

    def _due(self) -> set[str]:
        """Name the folders with which something is to be done."""
        found = set()
        with suppress(FileNotFoundError):
            for path in self._folder.iterdir():
                with suppress(OSError):  # it is removed just now
                    if self._has_errand(path):
                        found.add(path.name)
        return found

    def _has_errand(self, path: Path) -> bool:
        if path.name.endswith(REMOVED) or redacting(path):
            return True
        return self._storage is not None and moving.waits(path)

    async def _carry(self, name: str) -> None:
        try:
            await daemonly(lambda: self._errand(self._folder / name))
        except Exception as fault:  # noqa: BLE001 - a file that cannot be read stops no other's way
            times = self._failed[name] = self._failed.get(name, 0) + 1
            self._due_s[name] = asyncio.get_running_loop().time() + self._rest_s(times)
            _log.warning(
                "recording waits here for its storage recording=%s times=%d fault=%s", name, times, fault
            )
        else:
            self._due_s.pop(name, None)
            if self._failed.pop(name, None):
                _log.info("recording no longer waits recording=%s", name)

    def _errand(self, folder: Path) -> None:
        if folder.name.endswith(REMOVED):
            remove_everywhere(folder, self._storage)
            return
        if redacting(folder):
            from roomtone.archive.redacting import resume

            with suppress(FileNotFoundError), disk.locked(folder):
                resume(folder, lambda name: moving.bring_back(folder, name, self._storage))
        if self._storage is not None and moving.waits(folder):
            moving.bring_all(folder, self._storage)


def redacting(folder: Path) -> bool:
    """Whether a redaction was begun and not ended."""
    return (folder / "redaction.json").exists()


def remove_everywhere(gone: Path, storage: Storage | None) -> None:
    """Remove what is left of a recording whose folder has the ending `REMOVED`.

    Raises:
        OSError: The storage cannot be reached, or denies; the folder stays as a reminder.
    """
    if storage is not None:
        storage.remove_all(gone.name.removesuffix(REMOVED))
    with suppress(FileNotFoundError):
        shutil.rmtree(gone)


async def daemonly(work: Callable[[], _T]) -> _T:
    """Do what blocks in a thread that nobody waits for at the end: an upload may take long, and may be cut off."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[_T] = loop.create_future()

    def tell(result: _T | None, fault: Exception | None) -> None:
        if done.cancelled():
            return
        if fault is None:
            done.set_result(result)  # type: ignore[arg-type]  # it is what the work gave
        else:
            done.set_exception(fault)

    def run() -> None:
        try:
            result, fault = work(), None
        except Exception as raised:  # noqa: BLE001 - handed over to whoever waits
            result, fault = None, raised
        with suppress(RuntimeError):  # the loop is closed: nobody waits
            loop.call_soon_threadsafe(tell, result, fault)

    threading.Thread(target=run, name="carrier", daemon=True).start()
    return await done
