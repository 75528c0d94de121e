"""The steps of Start, Stop and Connect: the first two are over at once, the last when its server is done."""

from __future__ import annotations

from dataclasses import replace

from roomtone.core.values import Document
from roomtone.cxml.messages import ConnectStream, Order, StartStream, StopStream, StreamEnded
from roomtone.cxml.standing import Onward, Outcome, Script, Stage, answering, heard, past, verb_of
from roomtone.cxml.steps.documents import ask
from roomtone.cxml.verbs import Connect, Start, Stop


def streaming(script: Script, verb: Start | Stop | Connect, *before: Order) -> Outcome:
    """Do one of them."""
    match verb:
        case Start(wish):
            return Onward(past(script), (*before, StartStream(wish)))
        case Stop(name):
            return Onward(past(script), (*before, StopStream(name)))
        case Connect(wish):
            return answering(replace(script, stage=Stage.STREAMING), *before, after=ConnectStream(wish))


def streamed(script: Script, message: StreamEnded) -> Outcome:
    """Go on after a Connect: ask its action, or come to the next verb."""
    verb = verb_of(script)
    spent = heard(script) if message.lasted else script
    if not isinstance(verb, Connect) or verb.action is None:
        return Onward(past(spent))
    return ask(spent, Document(verb.action, verb.method))
