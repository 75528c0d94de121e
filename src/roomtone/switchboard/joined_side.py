"""A leg that an attended transfer has connected with another: two calls that were up already, and hear each other now.

Whatever connected each of them before (a Dial of its own or of somebody else's, a queue) lasts as long as the new
connection does, and goes on after it as if it had led there.

Sources: RFC 3891; RFC 5589, section 7 (attended transfer).
"""

from __future__ import annotations

from collections.abc import Callable

from roomtone.core.call.wishes import Dismissed
from roomtone.core.ids import CallId
from roomtone.core.project import Project
from roomtone.cxml import messages as cxml
from roomtone.cxml import script as machine
from roomtone.cxml.verbs import QueueResult
from roomtone.cxml.verbs.dial import party_parameters
from roomtone.dialects import by_name
from roomtone.switchboard.handover import Joined
from roomtone.switchboard.queue_side import QueueSide
from roomtone.switchboard.spelling import dial_extras


class JoinedSide:
    """Of one call; idle unless a transfer has connected it."""

    def __init__(self, project: Project, queue: QueueSide, tell: Callable[[Dismissed], None]) -> None:
        self.partner: CallId | None = None
        """Whom it is connected with."""

        self._project = project
        self._queue = queue
        self._tell = tell

    async def join(self, joined: Joined, stage: machine.Stage) -> cxml.Message:
        """Be connected until one of the two, or a customer, ends it; gives what the script is told."""
        self.partner = joined.other
        try:
            if joined.bridge.start():
                await joined.bridge.until_ended()
        finally:
            self.partner = None
            lasted_s = joined.bridge.duration_s
            joined.bridge.end()
        match stage:
            case machine.Stage.QUEUED:
                return cxml.EnqueueEnded(QueueResult.BRIDGED, self._queue.place)
            case machine.Stage.DIALLING:
                sid = by_name(self._project.dialect).sids.show(joined.other)
                told = (*party_parameters(sid, lasted_s), *dial_extras(self._project))
                return cxml.DialEnded(cxml.DialStatus.COMPLETED, told)
        self._tell(Dismissed())  # one who was dialled has nothing of its own to go on with
        return cxml.PauseEnded()
