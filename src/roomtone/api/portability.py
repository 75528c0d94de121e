"""Notes what projects use that one of the vendors lacks: once each in the log, and in the store for `lint-compat`."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from roomtone.api.ports import Clock
from roomtone.api.ports_of_accounts import Uses
from roomtone.core.ids import ProjectId
from roomtone.core.project import Project
from roomtone.core.usage import Use

_log = logging.getLogger(__name__)


class Tally:
    """What was noted already, so that a request costs a look-up and no more."""

    def __init__(self, store: Uses, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._noted: set[tuple[ProjectId, str]] = set()

    async def note(self, project: Project, features: Iterable[tuple[str, str]]) -> None:
        """Note what a project's request uses, and who lacks it."""
        for feature, lacking in features:
            if (project.id, feature) in self._noted:
                continue
            self._noted.add((project.id, feature))
            _log.info("not portable project=%s uses=%r lacking=%r", project.id, feature, lacking)
            await self._keep(Use(project.id, feature, lacking, self._clock.now().wall_ms))

    async def _keep(self, use: Use) -> None:
        """Have it kept; what was asked is done by now, so a store that cannot answer is no reason to refuse it."""
        try:
            await self._store.note_use(use)
        except OSError as fault:
            self._noted.discard((use.project, use.feature))
            _log.warning("not noted project=%s uses=%r fault=%r", use.project, use.feature, fault)
