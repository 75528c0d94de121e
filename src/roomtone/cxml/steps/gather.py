"""The steps of a Gather: its prompts, the keys, and what is asked with them."""

from __future__ import annotations

from dataclasses import replace

from roomtone.core.values import Document
from roomtone.cxml import gathering as machine
from roomtone.cxml.gathering import Collected, Gathered
from roomtone.cxml.messages import AudioArrived, Message, Order
from roomtone.cxml.standing import (
    AUDIBLE_S,
    Onward,
    Outcome,
    Script,
    ScriptStep,
    answering,
    heard,
    past,
    verb_of,
)
from roomtone.cxml.steps.documents import ask
from roomtone.cxml.verbs import Gather
from roomtone.cxml.verbs.gather import action_parameters


def gathering(script: Script, message: Message) -> Outcome:
    """Go on by one message."""
    verb = verb_of(script)
    assert isinstance(verb, Gather), "a script is gathering at a Gather only"
    outcome = machine.step(verb, script.gathering, message)
    if isinstance(message, AudioArrived) and message.duration_s >= AUDIBLE_S:
        script = heard(script)
    if isinstance(outcome, Gathered):
        return gathered(script, outcome)
    return _collected(heard(script) if verb.timeout_s or outcome.digits else script, verb, outcome)


def gathered(script: Script, outcome: Gathered, *before: Order) -> Outcome:
    """Order what its little machine wants."""
    going_on = replace(script, gathering=outcome.gathering)
    if not outcome.orders:
        return ScriptStep(going_on, before)
    return answering(going_on, *before, *outcome.orders[:-1], after=outcome.orders[-1])


def _collected(script: Script, verb: Gather, outcome: Collected) -> Outcome:
    if not outcome.digits and not verb.action_on_empty:
        return Onward(past(script))
    action = Document(verb.action or script.url, verb.method)
    return ask(script, action, action_parameters(outcome.digits))
