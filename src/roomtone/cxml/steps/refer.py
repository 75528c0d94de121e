"""The steps of a Refer: ask the phone, wait for what it tells, then ask what to do."""

from __future__ import annotations

from dataclasses import replace

from roomtone.core.exchange import Parameters
from roomtone.core.values import Document
from roomtone.cxml.messages import Order, ReferCaller, ReferEnded
from roomtone.cxml.standing import Onward, Outcome, Script, ScriptStep, Stage, answering, heard, past, verb_of
from roomtone.cxml.steps.documents import ask
from roomtone.cxml.verbs import Refer


def referring(script: Script, verb: Refer, *before: Order) -> ScriptStep:
    """Begin."""
    return answering(replace(script, stage=Stage.REFERRING), *before, after=ReferCaller(verb.target))


def referred(script: Script, message: ReferEnded) -> Outcome:
    """Go on after it: ask its action, or come to the next verb."""
    verb = verb_of(script)
    spent = heard(script) if message.taken_up else script
    if not isinstance(verb, Refer) or verb.action is None:
        return Onward(past(spent))
    return ask(spent, Document(verb.action, verb.method), message.parameters)


def refer_of(script: Script) -> Refer | None:
    """Give the Refer that is under way; None: there is none."""
    verb = verb_of(script) if script.stage is Stage.REFERRING else None
    return verb if isinstance(verb, Refer) else None


def is_outcome(parameters: Parameters) -> bool:
    """Say whether these are what an action is told of a Refer."""
    return any(name.startswith(("ReferCall", "ReferSip")) for name, _ in parameters)
