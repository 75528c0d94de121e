"""What a call is sent while nothing plays to it: silence, so that nobody takes the line for a dead one.

Phones and carriers hang up on a call whose sound has stopped. A call that waits for a document, a key, or its turn in a
queue is seated alone, with nothing to hear; whatever plays to it next, or whoever it is connected with, seats it anew.
"""

from __future__ import annotations

from roomtone.core.conference.mix import MixPlan, Seat, Towards
from roomtone.cxml import messages as cxml
from roomtone.switchboard.ledger import Ledger
from roomtone.switchboard.life_side import LifeSide
from roomtone.switchboard.ports import Clock, Media

SILENT = (
    cxml.FetchDocument,
    cxml.FetchAudio,
    cxml.FetchSpeech,
    cxml.Wait,
    cxml.EnterQueue,
    cxml.DialQueue,
    cxml.ReferCaller,
    cxml.ConnectStream,
)
"""Orders that take their time, and let nothing be heard before it is over."""


class Resting:
    """Of one call."""

    def __init__(self, ledger: Ledger, life: LifeSide, media: Media, clock: Clock) -> None:
        self._ledger = ledger
        self._life = life
        self._media = media
        self._clock = clock

    def before(self, order: cxml.Order) -> None:
        """Seat an answered call alone, if what it is about to do lets it hear nothing."""
        if isinstance(order, SILENT):
            self.lie_down()

    def lie_down(self) -> None:
        """Seat an answered call alone."""
        if self._life.is_answered:
            call = self._ledger.call.id
            seat = Seat(call, Towards.NOBODY, hears=f"rest:{call}")
            self._media.apply(call, MixPlan(self._clock.now().wall_ms, (seat,)))
