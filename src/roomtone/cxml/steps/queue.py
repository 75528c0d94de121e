"""The steps of an Enqueue, and of what a call hears while it waits: a script of its own, inside the call's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from roomtone.core.exchange import Parameters
from roomtone.core.values import Document, HouseMusic
from roomtone.cxml.messages import (
    ConnectCaller,
    Enqueued,
    EnqueueEnded,
    FetchDocument,
    HangUp,
    LeaveQueue,
    Message,
    Order,
    PlayHouseMusic,
    QueueTaken,
    Started,
    Wait,
    Warn,
)
from roomtone.cxml.oddities import Oddity, Warned
from roomtone.cxml.standing import (
    REST_S,
    Onward,
    Outcome,
    Role,
    Script,
    ScriptStep,
    Stage,
    heard,
    past,
    verb_of,
)
from roomtone.cxml.steps.documents import ask
from roomtone.cxml.verbs import Enqueue, QueueResult
from roomtone.cxml.verbs.enqueue import action_parameters

Walk = Callable[[Script, Message], ScriptStep]
"""How a script goes on: `roomtone.cxml.script.step`."""


def queued(script: Script, message: Message, walk: Walk) -> Outcome:
    """Wait in a queue: what the call hears there is a script of its own, inside this one."""
    verb = verb_of(script)
    assert isinstance(verb, Enqueue), "a script is queued at an Enqueue only"
    match message:
        case Enqueued(since_ms):
            return _waiting(replace(script, queued_ms=since_ms), verb, walk)
        case QueueTaken(None):
            return ScriptStep(replace(script, inner=None), (ConnectCaller(),))
        case QueueTaken(greeting) if greeting is not None:
            return _inner(script, Script(asked=greeting, answered=True, role=Role.GREETING), Started(), walk)
        case EnqueueEnded(result, told):
            return _dequeued(heard(replace(script, inner=None, queued_ms=None)), verb, result, told)
        case _ if script.inner is not None:
            return _inner(script, script.inner, message, walk)
    return ScriptStep(script)


def _waiting(script: Script, verb: Enqueue, walk: Walk) -> Outcome:
    match verb.wait:
        case Document() as document:
            inner = Script(asked=document, answered=True, role=Role.WAIT, top=document)
            return _inner(script, inner, Started(), walk)
        case HouseMusic():
            return ScriptStep(replace(script, inner=None), (PlayHouseMusic(),))
    return ScriptStep(replace(script, inner=None))


def _inner(script: Script, inner: Script, message: Message, walk: Walk) -> Outcome:
    """Step the script inside; its end is never the call's, unless it says so."""
    outcome = walk(inner, message)
    last = outcome.orders[-1] if outcome.orders else None
    if outcome.script.stage is not Stage.OVER or not isinstance(last, HangUp):
        return ScriptStep(replace(script, inner=outcome.script), outcome.orders)
    if not last.failed:
        return ScriptStep(replace(script, stage=Stage.OVER, inner=None), outcome.orders)
    after = ConnectCaller() if inner.role is Role.GREETING else PlayHouseMusic()
    return ScriptStep(replace(script, inner=None), (*outcome.orders[:-1], after))


def inner_ended(script: Script, *before: Order) -> Outcome:
    """Come to the end of a document inside: a greeting is over; a wait begins again, after a rest if it was short."""
    if script.role is Role.CALLEE:
        return ScriptStep(replace(script, stage=Stage.CONNECTED), (*before, ConnectCaller()))
    if script.role is Role.GREETING or script.top is None:
        return ScriptStep(replace(script, stage=Stage.OVER), (*before, ConnectCaller()))
    if script.unheard:
        return ScriptStep(replace(script, stage=Stage.RESTING), (*before, Wait(REST_S)))
    return ask(script, script.top, (), *before)


def leaving_queue(script: Script, *before: Order) -> Outcome:
    """Leave the queue, if the call is in one."""
    if script.role is Role.WAIT:
        return ScriptStep(replace(script, stage=Stage.OVER), (*before, LeaveQueue()))
    warned = Warned(Oddity.LEAVE_OUTSIDE_QUEUE, "<Leave> is without effect outside a queue; skipped")
    return Onward(past(script), (*before, Warn(warned)))


def parting(script: Script, result: QueueResult, told: Parameters) -> FetchDocument | None:
    """Give what is asked when a call in a queue hangs up or is sent elsewhere: the action, whose answer nobody hears."""
    verb = verb_of(script) if script.stage is Stage.QUEUED else None
    if not isinstance(verb, Enqueue) or verb.action is None:
        return None
    return FetchDocument(verb.action, verb.method, action_parameters(result) + told)


def _dequeued(script: Script, verb: Enqueue, result: QueueResult, told: Parameters) -> Outcome:
    if verb.action is None:
        return Onward(past(script))
    return ask(script, Document(verb.action, verb.method), action_parameters(result) + told)
