"""The steps of a Dial: whom it leads to, how it ends, and what is asked then."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from roomtone.core.values import Document
from roomtone.cxml.messages import (
    DialEnded,
    DialParties,
    DialQueue,
    DialRefused,
    DialStatus,
    DigitPressed,
    JoinConference,
    LeaveConference,
    Order,
    TimeLimitReached,
    Warn,
)
from roomtone.cxml.oddities import Oddity, Warned
from roomtone.cxml.standing import (
    SPENT,
    Onward,
    Outcome,
    Script,
    ScriptStep,
    Stage,
    answering,
    heard,
    past,
    verb_of,
)
from roomtone.cxml.steps.documents import ask
from roomtone.cxml.verbs import Conference, Dial, Party, Waiting
from roomtone.cxml.verbs.dial import action_parameters


def dialling(script: Script, verb: Dial, *before: Order) -> Outcome:
    """Begin; whoever has not been answered is answered now, unless they wait for the bridge."""
    match verb.to:
        case Conference():
            return answering(script, *before, after=JoinConference(verb))
        case Waiting():
            return answering(script, *before, after=DialQueue(verb))
        case ():
            return dialled(script, DialEnded(DialStatus.FAILED), *before)
    if verb.answer_on_bridge:
        return ScriptStep(script, (*before, DialParties(verb)))
    return answering(script, *before, after=DialParties(verb))


def dialled(script: Script, message: DialEnded, *before: Order) -> Outcome:
    """Go on after the dial: ask its action, or come to the next verb."""
    verb = verb_of(script)
    spent = heard(script) if message.status in SPENT else script
    if not isinstance(verb, Dial) or verb.action is None:
        return Onward(past(spent), before)
    parameters = action_parameters(message.status.value) + message.parameters
    return ask(spent, Document(verb.action, verb.method), parameters, *before)


def refused(script: Script, message: DialRefused) -> Outcome:
    """Go on as a call that a conference did not let in: both vendors ask the action if the coached is not there."""
    told = Warn(Warned(message.oddity, f"the conference did not let the call in: {message.problem}"))
    if message.oddity is Oddity.COACHED_NOT_THERE:
        return dialled(script, DialEnded(DialStatus.FAILED), told)
    return Onward(past(script), (told,))


def leaving(script: Script, message: DigitPressed | TimeLimitReached) -> Outcome:
    """End the dial if the key or the clock says so."""
    match message:
        case DigitPressed(digit):
            verb = verb_of(script)
            leaves = digit == "*" and isinstance(verb, Dial) and verb.hangup_on_star
        case TimeLimitReached():
            leaves = True
        case _:
            assert_never(message)
    return ScriptStep(script, (LeaveConference(),) if leaves else ())


def transferred(script: Script, party: Party) -> ScriptStep:
    """Ring somebody else in place of whom the call was connected with; the dial ends when that is over."""
    verb = verb_of(script)
    if not isinstance(verb, Dial) or not isinstance(verb.to, tuple):
        return ScriptStep(script)
    return ScriptStep(script, (DialParties(replace(verb, to=(party,))),))


def dial_of(script: Script) -> Dial | None:
    """Give the dial to parties that is under way; None: there is none."""
    verb = verb_of(script) if script.stage is Stage.DIALLING else None
    return verb if isinstance(verb, Dial) and isinstance(verb.to, tuple) else None


def time_limit_s(script: Script) -> int:
    """Say how long the call may stay in the conference it is in, in seconds from its joining."""
    verb = verb_of(script)
    return verb.time_limit_s if isinstance(verb, Dial) else 0
