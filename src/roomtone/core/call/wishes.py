"""What a customer may wish of calls: that one is made, led elsewhere, or ended. Plain values."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from roomtone.core.call.state import CallCallback
from roomtone.core.ids import CallId
from roomtone.core.recording.wishes import RecordingWish
from roomtone.core.refusals import Reason, Refused
from roomtone.core.values import Document, Method

RING_S = 60
"""How long a call rings unless told otherwise (both vendors: ``Timeout``)."""

LONGEST_S = 14_400
"""How long a call may last unless told otherwise: four hours (both vendors' ``timeLimit``)."""


@dataclass(frozen=True, slots=True)
class Instructions:
    """What a call does: a document to be fetched, or one that was handed over with the wish."""

    document: Document | None = None
    fallback: Document | None = None
    text: str = ""
    """The document itself, when it is not fetched."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """Whom to call, as whom, and for how long."""

    to: str
    """As the customer wrote it."""

    from_: str
    caller_id: str | None = None
    """Shown instead of `from_`."""

    display_name: str = ""
    timeout_s: int = RING_S
    """How long it may ring."""

    time_limit_s: int = LONGEST_S
    """How long the call may last once it is answered."""

    username: str | None = None
    """For the challenge of whoever is called; None: the trunk's, if it has one."""

    password: str | None = field(default=None, repr=False)
    callback: CallCallback | None = None
    """Where it is told how the call fares."""

    keys: str = ""
    """To be pressed once they have answered; ``w`` and ``W`` wait half a second and a second."""

    headers: tuple[tuple[str, str], ...] = ()
    """To go into the INVITE: ``X-…`` and ``User-to-User``, checked."""

    codecs: tuple[str, ...] = ()
    """The only ones to offer, by their names in SDP, upper case; none: all there are."""

    record: RecordingWish | None = None
    """How the call is recorded from its answer; None: it is not."""


class Finish(StrEnum):
    """How a customer ends a call."""

    CANCELED = "canceled"
    """Only before it is answered."""

    COMPLETED = "completed"


@dataclass(frozen=True, slots=True)
class TimeOver:
    """The call has lasted as long as it may."""


@dataclass(frozen=True, slots=True)
class Dismissed:
    """Whoever had this call dialled does not want it any more."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is said anew of a living call; None: nothing."""

    callback_url: str | None = None
    """Where it is told how the call fares, from now on; empty: nowhere."""

    callback_method: Method | None = None
    time_limit_s: int | None = None
    """How long the call may last from its answer on; of a caller who has none yet, from now on."""

    def callback(self, stored: CallCallback | None) -> CallCallback | None:
        """Give where the call's life is told; of what, stays as it is."""
        url = self.callback_url if self.callback_url is not None else stored.url if stored else ""
        if not url:
            return None
        one = stored or CallCallback(url)
        return replace(one, url=url, method=self.callback_method or one.method)


@dataclass(frozen=True, slots=True)
class Change:
    """New terms for a call, and what else becomes of it: all of that, or none."""

    terms: Terms
    then: Instructions | Finish | None = None


Wish = Instructions | Finish | Change
"""What may be wished of a living call: new instructions, its end, or other terms."""


def too_late(call: CallId, wish: Wish) -> Refused:
    """Say that a call is over: to whoever leads it elsewhere in the words that applications look for."""
    then = wish.then if isinstance(wish, Change) else wish
    redirected = isinstance(then, Instructions)
    return Refused(Reason.CALL_NOT_IN_PROGRESS if redirected else Reason.CALL_OVER, call=call.hex)
