"""One party that a Dial rings: what their call tells the dial, and the dial them.

The two run in tasks of their own and never wait for one another: news goes up through a queue, and the one word that
goes down, that the call is not wanted any more, into the called leg's inbox.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from roomtone.core.call.state import Call, CallStatus
from roomtone.cxml.verbs import Party, Sip

FAILURES = {CallStatus.BUSY: 486, CallStatus.NO_ANSWER: 408, CallStatus.FAILED: 503}
"""What a transfer to somebody who was not reached is told, where no response of theirs says it."""


class What(StrEnum):
    """What became of a party."""

    EARLY_SOUND = "early sound"
    """It rings, and something is to be heard from there already."""

    ANSWERED = "answered"
    READY = "ready"
    """They have heard what they were to hear first, and can be connected."""

    GONE = "gone"
    """Their call is over, or a customer has led it elsewhere."""

    STOPPED = "stopped"
    """Nothing of theirs: the dial itself is given up."""


@dataclass(frozen=True, slots=True)
class News:
    """One thing that became of a party."""

    what: What
    attempt: Attempt | None = None


class Attempt:
    """One party being rung, or connected."""

    def __init__(self, party: Party, news: asyncio.Queue[News]) -> None:
        self.party = party
        self.call: Call | None = None
        """Their call as it was when something was last heard of it; None: none was made."""

        self.sip_call_id = ""
        self.gone = False
        """Whether their call is over, or led elsewhere."""

        self._news = news
        self._dismiss: Callable[[], None] | None = None
        self._unwanted = False

    @property
    def status(self) -> CallStatus:
        """How their call stands; a party that may not be called has failed."""
        return CallStatus.FAILED if self.call is None else self.call.status

    @property
    def failure(self) -> int:
        """The SIP status that says why they were not reached."""
        if self.call is None:
            return 403
        if self.call.sip_status is not None and self.call.sip_status >= 300:
            return self.call.sip_status
        return FAILURES.get(self.call.status, 487)

    @property
    def dialled_by_address(self) -> bool:
        """Whether it was dialled by its SIP address."""
        return isinstance(self.party, Sip)

    # What the called leg tells ---------------------------------------------------------------------------------------

    def begun(self, call: Call, dismiss: Callable[[], None]) -> None:
        """Note the call that rings them, and how to let go of it: at once, if the dial was given up meanwhile."""
        self.call = call
        self._dismiss = dismiss
        if self._unwanted:
            dismiss()

    def sounds(self) -> None:
        """Something is to be heard from there before the answer."""
        self._tell(What.EARLY_SOUND)

    def answered(self, call: Call, sip_call_id: str) -> None:
        """They have answered."""
        self.call, self.sip_call_id = call, sip_call_id or self.sip_call_id
        self._tell(What.ANSWERED)

    def ready(self) -> None:
        """They can be connected."""
        self._tell(What.READY)

    def left(self, call: Call) -> None:
        """Their call is over, or led elsewhere: it is no business of the dial any more."""
        if not self.gone:
            self.call, self.gone = call, True
            self._tell(What.GONE)

    def _tell(self, what: What) -> None:
        self._news.put_nowait(News(what, self))

    def adopt(self, news: asyncio.Queue[News]) -> None:
        """Tell another dial from now on; what happened before is told at once."""
        self._news = news
        if self.gone:
            self._tell(What.GONE)

    # What the dial tells ---------------------------------------------------------------------------------------------

    def dismiss(self) -> None:
        """End their call, whatever it does, or as soon as it begins. Idempotent."""
        self._unwanted = True
        if not self.gone and self._dismiss is not None:
            self._dismiss()
