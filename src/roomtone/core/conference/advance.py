"""One turn of a conference's crank, for the one who owns it: advance, commit, perform, reply."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from roomtone.core.conference.messages import Effect, Event, Message
from roomtone.core.conference.notices import ConferenceNotice, notices
from roomtone.core.conference.state import Conference
from roomtone.core.conference.step import fold
from roomtone.core.moment import Moment


@dataclass(frozen=True, slots=True)
class Advance:
    """All that comes of the messages of one request."""

    state: Conference
    """To be committed, with events and notices; the very state that was given in, if nothing came of it."""

    events: tuple[Event, ...] = ()
    notices: tuple[ConferenceNotice, ...] = ()
    effects: tuple[Effect, ...] = ()
    """To be performed in this order, after the commit."""


def advance(conference: Conference, messages: Sequence[Message], now: Moment) -> Advance:
    """Take all messages of one request, or none; see `fold` and `notices`.

    Returns:
        What to commit and perform. If its state *is* the one given in (same revision), there is nothing to commit and
        nothing to perform.

    Raises:
        Refused: Nothing has happened.
    """
    step = fold(conference, messages, now)
    state, told = notices(step, now)
    return Advance(state, step.events, told, step.effects)
