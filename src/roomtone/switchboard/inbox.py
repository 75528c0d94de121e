"""What comes to a leg: the engine's word of its call, customers' wishes, what came of its own doings."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from roomtone.core.call.messages import (
    CallAnswered,
    CallConfirmed,
    CallEnded,
    CallProgressed,
    CallReanswered,
    CallReoffered,
    DigitPressed,
    EngineReplaced,
    PeerAsked,
    StreamFigures,
    StreamWasHeard,
    StreamWentSilent,
)
from roomtone.core.call.silence import SilenceOver
from roomtone.core.call.state import Call
from roomtone.core.call.wishes import Dismissed, TimeOver, Wish
from roomtone.core.conference.messages import SpeechStarted, SpeechStopped
from roomtone.cxml import messages as cxml
from roomtone.cxml import script as machine
from roomtone.switchboard.handover import Moving
from roomtone.switchboard.undertaking import Outcome

StreamSignal = SpeechStarted | SpeechStopped | StreamFigures | StreamWentSilent | StreamWasHeard | SilenceOver
"""How a call's audio fares."""

LegSignal = (
    CallProgressed
    | CallAnswered
    | CallConfirmed
    | CallReoffered
    | CallReanswered
    | EngineReplaced
    | CallEnded
    | DigitPressed
    | StreamSignal
    | PeerAsked
)
"""What the engine can say about one call."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A customer's wish, and who waits for what came of it."""

    wish: Wish
    reply: asyncio.Future[Call]


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be done first: the record is kept."""

    orders: Sequence[cxml.Order]
    script: machine.Script
    """As it was then: one that has been led elsewhere meanwhile has other things to do."""


Message = LegSignal | cxml.Message | Outcome | Asked | Due | TimeOver | Dismissed | Moving
