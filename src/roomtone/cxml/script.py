"""The document machine of a call: from its first URL to the hang-up, one verb after the other.

Pure: `step(script, message)` gives the next state and the orders to perform. It fetches, plays and waits nothing by
itself, and it needs no clock: time comes back to it as `PauseEnded` and `PlaybackEnded`. A script is a value that can
be stored (`dump`, `load`), so that a brain that comes back goes on where the call stands.

Decided here, by verb: the call is answered before the first thing that needs the caller's ear, and before a plain end;
`Reject` refuses it unanswered; a `Pause` or a `Redirect` before that leaves it ringing.

Sources: SignalWire cXML and Twilio TwiML ("Dial", "Gather", "Play", "Pause", "Redirect",
"Hangup", "Reject", fallback URL).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

import msgspec

from roomtone.core.values import Document
from roomtone.cxml import gathering as gathering_machine
from roomtone.cxml.messages import (
    Answer,
    AudioArrived,
    DialBridged,
    DialEnded,
    DialRefused,
    DialStatus,
    DigitPressed,
    DocumentArrived,
    DocumentFailed,
    EchoBack,
    EnterQueue,
    FetchAudio,
    FetchDocument,
    FetchSpeech,
    HangUp,
    Message,
    Order,
    PauseEnded,
    PlaybackEnded,
    PlayKeys,
    Redirected,
    ReferEnded,
    RejectCall,
    Resumed,
    ResumeStream,
    Started,
    StreamEnded,
    TimeLimitReached,
    Transferred,
    Wait,
    Warn,
)
from roomtone.cxml.oddities import Oddity, Warned
from roomtone.cxml.standing import (
    FORMAT,
    MAX_UNHEARD,
    Onward,
    Outcome,
    Role,
    Script,
    ScriptStep,
    Stage,
    answering,
    begin,
    begin_callee,
    heard,
    past,
    settled,
    verb_of,
)
from roomtone.cxml.steps.dial import dial_of, dialled, dialling, leaving, refused, time_limit_s, transferred
from roomtone.cxml.steps.documents import arrived, ask, start
from roomtone.cxml.steps.gather import gathered, gathering
from roomtone.cxml.steps.queue import inner_ended, leaving_queue, parting, queued
from roomtone.cxml.steps.record import farewell, recorded, recording
from roomtone.cxml.steps.refer import refer_of, referred, referring
from roomtone.cxml.steps.stream import streamed, streaming
from roomtone.cxml.verbs import (
    Connect,
    Dial,
    Echo,
    Enqueue,
    Gather,
    Hangup,
    Leave,
    Pause,
    Play,
    PlayDigits,
    Record,
    Redirect,
    Refer,
    Reject,
    Say,
    Start,
    Stop,
)

__all__ = [
    "MAX_UNHEARD",
    "Script",
    "ScriptStep",
    "Stage",
    "begin",
    "begin_callee",
    "dial_of",
    "dump",
    "farewell",
    "load",
    "parting",
    "refer_of",
    "step",
    "time_limit_s",
]


def step(script: Script, message: Message) -> ScriptStep:
    """Go on by one message.

    Never raises for a document; a message that does not fit the stage (news that crossed an order) changes nothing.
    """
    if not isinstance(message, Redirected):
        return _walk(_go_on(script, message))
    if script.stage is Stage.OVER:
        return ScriptStep(script)
    fallback = message.fallback or script.fallback
    begun = begin(message.document, fallback, message.text, answered=script.answered)
    return _walk(start(replace(begun, asked_with=message.parameters)))


def _walk(outcome: Outcome) -> ScriptStep:
    """Do verb after verb until one waits for something."""
    while isinstance(outcome, Onward):
        outcome = _run(outcome.script, *outcome.orders)
    return outcome


def _go_on(script: Script, message: Message) -> Outcome:  # noqa: C901, PLR0912 - one arm for each message
    match message, script.stage:
        case Started(), Stage.FRESH:
            return start(script)
        case DocumentArrived() | AudioArrived() | DocumentFailed(), Stage.FETCHING | Stage.LOADING:
            return arrived(script, message)
        case (PlaybackEnded(), Stage.PLAYING) | (PauseEnded(), Stage.PAUSING):
            return Onward(past(script))
        case _, Stage.QUEUED if not isinstance(message, Resumed):
            return queued(script, message, step)
        case PauseEnded(), Stage.RESTING:
            return ask(script, script.top or script.asked)
        case _, Stage.GATHERING if not isinstance(message, Resumed):
            return gathering(script, message)
        case _, Stage.RECORDING if not isinstance(message, Resumed):
            return recorded(script, message)
        case DialBridged(), Stage.DIALLING if not script.answered:
            return ScriptStep(replace(script, answered=True), (Answer(),))
        case DialEnded(), Stage.DIALLING:
            return dialled(script, message)
        case DialRefused(), Stage.DIALLING:
            return refused(script, message)
        case ((DigitPressed() | TimeLimitReached()), Stage.DIALLING):
            return leaving(script, message)
        case Transferred(party), Stage.DIALLING:
            return transferred(script, party)
        case ReferEnded(), Stage.REFERRING:
            return referred(script, message)
        case StreamEnded(), Stage.STREAMING:
            return streamed(script, message)
        case Resumed(), _:
            return _resumed(script, message)
    return ScriptStep(script)


def dump(script: Script) -> str:
    """Write a script as versioned JSON."""
    return msgspec.json.encode({"version": FORMAT, "script": script}).decode()


def load(text: str) -> Script:
    """Read what `dump` wrote.

    Raises:
        ValueError: It is something else, or of a version this release does not know.
    """
    stored = msgspec.json.decode(text, type=_Stored)  # its errors are ValueErrors
    if stored.version != FORMAT:
        raise ValueError(f"a script of version {stored.version}; this release reads {FORMAT}")
    return stored.script


@dataclass(frozen=True, slots=True)
class _Stored:
    version: int
    script: Script


def _run(  # noqa: C901, PLR0912 - one arm for each verb
    script: Script, *before: Order
) -> Outcome:
    """Do the verb at the script's position."""
    script, verb = settled(script)
    match verb:
        case None if script.role is not Role.CALL:
            return inner_ended(script, *before)
        case None | Hangup():
            return answering(replace(script, stage=Stage.OVER), *before, after=HangUp())
        case Play(url):
            return answering(replace(script, stage=Stage.LOADING), *before, after=FetchAudio(url))
        case PlayDigits(digits, loops):
            playing = replace(heard(script), stage=Stage.PLAYING)
            return answering(playing, *before, after=PlayKeys(digits, loops))
        case Say(utterance):
            return answering(replace(script, stage=Stage.LOADING), *before, after=FetchSpeech(utterance))
        case Connect() | Start() | Stop() | Dial() | Echo() | Enqueue() | Record() | Refer() | Reject() if (
            script.role is not Role.CALL
        ):
            name = type(verb).__name__
            detail = f"<{name}> is not allowed in a document that is heard before a connection; skipped"
            return Onward(past(script), (*before, Warn(Warned(Oddity.VERB_NOT_ALLOWED, detail))))
        case Enqueue():
            waiting = replace(script, stage=Stage.QUEUED, inner=None, queued_ms=None)
            return answering(waiting, *before, after=EnterQueue(verb))
        case Leave():
            return leaving_queue(script, *before)
        case Gather():
            begun = gathering_machine.begin(verb)
            return gathered(replace(script, stage=Stage.GATHERING), begun, *before)
        case Dial():
            return dialling(replace(script, stage=Stage.DIALLING), verb, *before)
        case Record():
            return recording(script, verb, *before)
        case Pause(length_s):
            rested = heard(script) if length_s else script
            return ScriptStep(replace(rested, stage=Stage.PAUSING), (*before, Wait(length_s)))
        case Echo(timeout_s):
            return answering(replace(heard(script), stage=Stage.PAUSING), *before, after=EchoBack(timeout_s))
        case Redirect(url, method):
            return ask(script, Document(url, method), (), *before)
        case Refer():
            return referring(script, verb, *before)
        case Reject():
            return _rejecting(script, verb, *before)
        case Start() | Stop() | Connect():
            return streaming(script, verb, *before)
    assert_never(verb)


def _rejecting(script: Script, verb: Reject, *before: Order) -> ScriptStep:
    over = replace(script, stage=Stage.OVER)
    if script.answered:
        warned = Warned(
            Oddity.REJECT_TOO_LATE, "<Reject> came after the call was answered; the call is hung up"
        )
        return ScriptStep(over, (*before, Warn(warned), HangUp()))
    return ScriptStep(over, (*before, RejectCall(verb.reason)))


def _dial_lost(script: Script, message: Resumed) -> Outcome:
    """Go on after a dial that ended while no brain was there: parties that still rang were let go."""
    if dial_of(script) is None:
        return dialled(script, DialEnded())
    return dialled(script, DialEnded(DialStatus.COMPLETED if message.was_connected else DialStatus.FAILED))


def _resumed(script: Script, message: Resumed) -> Outcome:  # noqa: C901 - one arm for each stage
    """Take up a stored script: a fetch is asked again, sound and silence are over, a conference goes on."""
    match script.stage:
        case Stage.FRESH | Stage.RESTING:
            return start(script)
        case Stage.QUEUED:
            verb = verb_of(script)
            if not isinstance(verb, Enqueue) or script.queued_ms is None:
                return Onward(script)
            return ScriptStep(replace(script, inner=None), (EnterQueue(verb, script.queued_ms),))
        case Stage.FETCHING:
            return ScriptStep(
                script, (FetchDocument(script.asked.url, script.asked.method, script.asked_with),)
            )
        case Stage.LOADING | Stage.GATHERING | Stage.RECORDING:
            return Onward(script)
        case Stage.PLAYING | Stage.PAUSING:
            return Onward(past(script))
        case Stage.REFERRING:
            return referred(script, ReferEnded())
        case Stage.STREAMING:
            return ScriptStep(script, (ResumeStream(),))
        case Stage.DIALLING:
            return ScriptStep(script) if message.in_conference else _dial_lost(script, message)
        case Stage.CONNECTED if message.in_conference:
            return ScriptStep(script)
        case Stage.CONNECTED | Stage.OVER:
            return ScriptStep(replace(script, stage=Stage.OVER), (HangUp(),))
    assert_never(script.stage)
