"""The steps of a Record: listen to the caller, then ask what to do."""

from __future__ import annotations

from dataclasses import replace

from roomtone.core.values import Document
from roomtone.cxml.gathering import Gathering
from roomtone.cxml.messages import (
    DigitPressed,
    FetchDocument,
    Listen,
    Listened,
    Message,
    Order,
    StopListening,
)
from roomtone.cxml.standing import Onward, Outcome, Script, ScriptStep, Stage, answering, heard, past, verb_of
from roomtone.cxml.steps.documents import ask
from roomtone.cxml.verbs import Record
from roomtone.cxml.verbs.record import HUNG_UP, action_parameters


def recording(script: Script, verb: Record, *before: Order) -> Outcome:
    """Begin."""
    begun = replace(script, stage=Stage.RECORDING, gathering=Gathering())
    return answering(begun, *before, after=Listen(verb.beep, verb.timeout_s, verb.max_length_s, verb))


def farewell(script: Script, so_far: Listened) -> FetchDocument | None:
    """Give what is asked when the caller hangs up in a Record: the action, whose answer nobody hears (Twilio, "Record").

    Who said nothing has nothing that could be asked about.
    """
    verb = verb_of(script) if script.stage is Stage.RECORDING else None
    if not isinstance(verb, Record) or not so_far.spoke:
        return None
    return FetchDocument(
        verb.action or script.url,
        verb.method,
        action_parameters(so_far.duration_s, HUNG_UP, so_far.recording),
    )


def recorded(script: Script, message: Message) -> Outcome:
    """Go on by one message: a key may end it; a caller who said nothing comes to the next verb (Twilio, "Record")."""
    verb = verb_of(script)
    assert isinstance(verb, Record), "a script is recording at a Record only"
    match message:
        case DigitPressed(digit) if digit in verb.finish_keys and not script.gathering.digits:
            return ScriptStep(replace(script, gathering=Gathering(digits=digit)), (StopListening(),))
        case Listened(duration_s, spoke, kept) if spoke or script.gathering.digits:
            told = action_parameters(duration_s, script.gathering.digits, kept)
            return ask(heard(script), Document(verb.action or script.url, verb.method), told)
        case Listened():
            return Onward(past(heard(script)))
    return ScriptStep(script)
