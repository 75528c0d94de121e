"""Keeps what customers should know about their documents. Never waits, never fails: what cannot be kept is logged."""

from __future__ import annotations

import asyncio
import logging

from roomtone.core.ids import CallId, NotificationId
from roomtone.core.notification import MAX_TEXT, Notification
from roomtone.core.project import Project
from roomtone.core.values import Document
from roomtone.cxml.numbers import number_of
from roomtone.cxml.oddities import Oddity, Warned
from roomtone.dialects import by_name
from roomtone.switchboard.ports import Clock, Dice, Store

log = logging.getLogger(__name__)

MOST_UNDER_WAY = 1_000
"""Notifications that may wait for the store; one more is in the log alone."""


class Notifier:
    """Writes notifications in the background."""

    def __init__(self, store: Store, dice: Dice, clock: Clock) -> None:
        self._store = store
        self._dice = dice
        self._clock = clock
        self._under_way: set[asyncio.Task[None]] = set()

    def warn(self, project: Project, call: CallId | None, warned: Warned, document: Document) -> None:
        """Keep a warning about a document."""
        if len(self._under_way) >= MOST_UNDER_WAY:
            return
        made = Notification(
            NotificationId(self._dice.bits128()),
            project.id,
            self._clock.now().wall_ms,
            number_of(warned, by_name(project.dialect).requests.unknown_verb()),
            warned.detail[:MAX_TEXT],
            call,
            failed=warned.reason is Oddity.DOCUMENT_UNUSABLE,
            url=document.url,
            method=document.method,
        )
        task = asyncio.create_task(self._keep(made), name=f"notification {made.id}")
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def settle(self) -> None:
        """Wait until all that was told is kept."""
        await asyncio.gather(*self._under_way)

    async def _keep(self, made: Notification) -> None:
        try:
            await self._store.add_notification(made)
        except OSError as fault:
            log.warning("notification=%s not kept: %s", made.id, fault)
