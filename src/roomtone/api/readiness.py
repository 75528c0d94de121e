"""Whether the house can be given work: what `/readyz` tells load balancers and supervisors.

`/healthz` says that the process answers; this says that a call or a request would be served now.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

Check = Callable[[], Awaitable[bool]]
"""Says whether something that is needed is there; an OSError says no."""

PATIENCE_S = 1.0
"""How long a check may take: a store that answers no sooner is as good as away."""


class Readiness:
    """Starting, then open as far as all checks say yes, then draining."""

    def __init__(
        self,
        checks: Mapping[str, Check] | None = None,
        *,
        opened: bool = True,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._checks = dict(checks or {})
        self._patience_s = patience_s
        self._opened = asyncio.Event()
        self._draining = False
        if opened:
            self._opened.set()

    def open(self) -> None:
        """Everything is there: let requests in."""
        self._opened.set()

    def drain(self) -> None:
        """Say that there should come no more."""
        self._draining = True

    async def until_open(self) -> None:
        """Wait for `open`: who asks while the house starts is answered once it can answer."""
        await self._opened.wait()

    async def missing(self) -> tuple[str, ...]:
        """Name what keeps the house from taking work; nothing: it is ready."""
        if not self._opened.is_set():
            return ("starting",)
        found = await asyncio.gather(*(_holds(check, self._patience_s) for check in self._checks.values()))
        away = tuple(name for name, there in zip(self._checks, found, strict=True) if not there)
        return ("draining", *away) if self._draining else away


async def _holds(check: Check, within_s: float) -> bool:
    try:
        async with asyncio.timeout(within_s):
            return await check()
    except OSError:  # TimeoutError is one
        return False
