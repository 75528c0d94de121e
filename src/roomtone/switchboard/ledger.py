"""The record of one call as it is now, and as it was last kept."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

from roomtone.core.call.state import Call
from roomtone.switchboard.records import Records

log = logging.getLogger(__name__)


class Ledger:
    """Of one call. Whoever changes `call` commits it."""

    def __init__(self, call: Call, records: Records) -> None:
        self.call = call
        self._stored: Call | None = call if call.revision else None
        self._records = records
        self._keeping = asyncio.Lock()

    async def commit(self) -> bool:
        """Keep the call as it is now, and say whether it is kept.

        A store that does not answer ends no call: it goes on, and the next commit keeps all of it.
        """
        async with self._keeping:
            call = self.call
            try:
                kept = await self._records.keep(self._stored, call)
            except OSError as fault:
                log.error("call=%s the store does not answer: %s", call.id, fault)  # noqa: TRY400
                return False
            self._stored = kept
            changed = self.call is not call  # meanwhile: the caller hung up while the ringing was being kept
            self.call = replace(self.call, last_sequence=kept.last_sequence) if changed else kept
        return True
