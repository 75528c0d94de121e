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
from enum import StrEnum
from typing import assert_never

import msgspec

from roomtone.core.exchange import Parameters
from roomtone.core.values import Document, HouseMusic
from roomtone.cxml import gathering
from roomtone.cxml.gathering import Collected, Gathered, Gathering
from roomtone.cxml.messages import (
    Answer,
    AudioArrived,
    ConnectCaller,
    DialBridged,
    DialEnded,
    DialParties,
    DialQueue,
    DialRefused,
    DialStatus,
    DigitPressed,
    DocumentArrived,
    DocumentFailed,
    Enqueued,
    EnqueueEnded,
    EnterQueue,
    FetchAudio,
    FetchDocument,
    FetchSpeech,
    HangUp,
    JoinConference,
    LeaveConference,
    LeaveQueue,
    Message,
    Order,
    PauseEnded,
    PlayAudio,
    PlaybackEnded,
    PlayHouseMusic,
    PlayKeys,
    QueueTaken,
    Redirected,
    RejectCall,
    Resumed,
    Started,
    TimeLimitReached,
    Wait,
    Warn,
)
from roomtone.cxml.oddities import Oddity, Warned
from roomtone.cxml.parse import parse
from roomtone.cxml.problems import Problem, Unreadable
from roomtone.cxml.verbs import (
    Conference,
    Dial,
    Enqueue,
    Gather,
    Hangup,
    Leave,
    Pause,
    Play,
    PlayDigits,
    QueueResult,
    Redirect,
    Reject,
    Say,
    Verb,
    Waiting,
    enqueue,
    gather,
)
from roomtone.cxml.verbs.dial import action_parameters
from roomtone.cxml.verbs.parameters import fallback_parameters

MAX_UNHEARD = 100
"""Documents in a row that gave the caller nothing: with one more the script fails, so that none redirects for ever."""

AUDIBLE_S = 0.2
"""Shorter audio does not count as something heard: a click must not keep a loop alive."""

SPENT = frozenset({DialStatus.ANSWERED, DialStatus.COMPLETED, DialStatus.NO_ANSWER})
"""Dials that took their time; others may be over at once and must not keep a loop alive."""

REST_S = 1
"""How long a wait document that gave nothing to hear rests before it is asked for again."""

FORMAT = 1
"""Version of the stored form."""


class Stage(StrEnum):
    """What the script waits for."""

    FRESH = "fresh"
    FETCHING = "fetching"
    """A document."""

    LOADING = "loading"
    """The audio of a Play or a Say."""

    PLAYING = "playing"
    PAUSING = "pausing"
    QUEUED = "queued"
    """The end of the time in a queue; meanwhile `inner` runs."""

    RESTING = "resting"
    """Between a wait document that was over too soon and its next round."""

    GATHERING = "gathering"
    """Keys, and the prompts before them."""

    DIALLING = "dialling"
    OVER = "over"


class Role(StrEnum):
    """What a script is for."""

    CALL = "call"
    WAIT = "wait"
    """What a call hears in a queue: at its end it begins again; it cannot dial, enqueue or reject."""

    GREETING = "greeting"
    """What a call hears before it is connected; same verbs."""


@dataclass(frozen=True, slots=True)
class Script:
    """Where a call stands in its documents."""

    asked: Document
    """The document fetched last, or being fetched."""

    asked_with: Parameters = ()
    """The extra parameters of that fetch."""

    fallback: Document | None = None
    stage: Stage = Stage.FRESH
    text: str = ""
    """The document being run."""

    url: str = ""
    """Where it came from."""

    position: int = 0
    """Which child of the document's root is under way or next, from 0. Not an index of verbs: a later release may
    know verbs that this one skips."""

    answered: bool = False
    on_fallback: bool = False
    """Whether the fallback was tried since the caller last heard something; it is tried only once."""

    unheard: int = 0
    """Documents since the caller last heard something."""

    gathering: Gathering = Gathering()
    """Where the Gather stands that is under way."""

    role: Role = Role.CALL
    top: Document | None = None
    """Where a WAIT script begins again."""

    inner: Script | None = None
    """While QUEUED: what the call hears there; None: the house's music, silence, or somebody it is connected with."""

    queued_ms: int | None = None
    """While QUEUED: since when, ms since 1970 UTC."""


@dataclass(frozen=True, slots=True)
class ScriptStep:
    """The answer of the machine to one message."""

    script: Script
    orders: tuple[Order, ...] = ()
    """To be performed in order; only the last one can be answered."""


def begin(
    document: Document | None, fallback: Document | None = None, text: str = "", *, answered: bool = False
) -> Script:
    """Make the script of a call that has not started; `Started` sets it off.

    Args:
        document: To be fetched; None: `text` is the document.
        fallback: To be fetched when the document is of no use.
        text: A document that nobody hosts. The addresses in it are whole ones.
        answered: Whether the call is answered already when it starts.
    """
    return Script(asked=document or Document(""), fallback=fallback, text=text, answered=answered)


def step(script: Script, message: Message) -> ScriptStep:
    """Go on by one message.

    Never raises for a document; a message that does not fit the stage (news that crossed an order) changes nothing.
    """
    if not isinstance(message, Redirected):
        return _go_on(script, message)
    if script.stage is Stage.OVER:
        return ScriptStep(script)
    fallback = message.fallback or script.fallback
    return _start(begin(message.document, fallback, message.text, answered=script.answered))


def _go_on(script: Script, message: Message) -> ScriptStep:  # noqa: C901 - one arm for each message
    match message, script.stage:
        case Started(), Stage.FRESH:
            return _start(script)
        case DocumentArrived() | AudioArrived() | DocumentFailed(), Stage.FETCHING | Stage.LOADING:
            return _arrived(script, message)
        case (PlaybackEnded(), Stage.PLAYING) | (PauseEnded(), Stage.PAUSING):
            return _run(_past(script))
        case _, Stage.QUEUED if not isinstance(message, Resumed):
            return _queued(script, message)
        case PauseEnded(), Stage.RESTING:
            return _ask(script, script.top or script.asked)
        case _, Stage.GATHERING if not isinstance(message, Resumed):
            return _gathering(script, message)
        case DialBridged(), Stage.DIALLING if not script.answered:
            return ScriptStep(replace(script, answered=True), (Answer(),))
        case DialEnded(), Stage.DIALLING:
            return _dialled(script, message)
        case DialRefused(problem), Stage.DIALLING:
            warned = Warned(Oddity.DIAL_REFUSED, f"the conference did not let the call in: {problem}")
            return _run(_past(script), Warn(warned))
        case ((DigitPressed() | TimeLimitReached()), Stage.DIALLING):
            return _leaving(script, message)
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


# Documents -----------------------------------------------------------------------------------------------------------


def _start(script: Script) -> ScriptStep:
    return _read(script, script.text, "") if script.text else _ask(script, script.asked)


def _ask(script: Script, document: Document, parameters: Parameters = (), *before: Order) -> ScriptStep:
    if script.unheard >= MAX_UNHEARD:
        detail = f"{MAX_UNHEARD} documents in a row gave the caller nothing to hear"
        return _failed(script, DocumentFailed(Problem.TOO_MANY_REDIRECTS, detail, document.url), *before)
    asking = replace(
        script, asked=document, asked_with=parameters, stage=Stage.FETCHING, unheard=script.unheard + 1
    )
    return ScriptStep(asking, (*before, FetchDocument(document.url, document.method, parameters)))


def _arrived(script: Script, message: DocumentArrived | AudioArrived | DocumentFailed) -> ScriptStep:
    match message, script.stage:
        case DocumentArrived(text, url), Stage.FETCHING:
            return _read(script, text, url)
        case AudioArrived(), Stage.FETCHING:  # a document URL that answers with audio: play it, then the end
            playing = replace(script, text="", url=message.url, position=0)
            return _play(playing, message, 1)
        case AudioArrived(), Stage.LOADING:
            verb = _verb(script)
            return _play(script, message, verb.loops if isinstance(verb, Play | Say) else 1)
        case DocumentFailed(), Stage.LOADING:
            warned = Warned(
                Oddity.AUDIO_UNPLAYABLE, f"{message.problem} ({message.url}); skipped", message.code
            )
            return _run(_past(script), Warn(warned))
        case DocumentFailed(), _:
            return _failed(script, message)
    return ScriptStep(script)


def _read(script: Script, text: str, url: str) -> ScriptStep:
    try:
        warnings = parse(text, url).warnings
    except Unreadable as why:
        return _failed(script, DocumentFailed(why.problem, why.detail, url))
    return _run(replace(script, text=text, url=url, position=0), *(Warn(warned) for warned in warnings))


def _failed(script: Script, failure: DocumentFailed, *before: Order) -> ScriptStep:
    """Turn to the fallback once; without one, or after it, the call ends."""
    warned = Warned(Oddity.DOCUMENT_UNUSABLE, f"{failure.problem} ({failure.url})", failure.code)
    orders = (*before, Warn(warned))
    if script.fallback is None or script.on_fallback or script.unheard >= MAX_UNHEARD:
        return ScriptStep(replace(script, stage=Stage.OVER), (*orders, HangUp(failed=True)))
    parameters = fallback_parameters(failure.code, failure.url)
    return _ask(replace(script, on_fallback=True), script.fallback, parameters, *orders)


# Verbs ---------------------------------------------------------------------------------------------------------------


def _verb(script: Script) -> Verb | None:
    """Give the verb at the script's position; None past the end."""
    return _settled(script)[1]


def _settled(script: Script) -> tuple[Script, Verb | None]:
    """Move the position on to the next verb, if it is at none, and give that verb; None past the end."""
    found = parse(script.text, script.url).next_verb(script.position) if script.text else None
    if found is None:
        return script, None
    return replace(script, position=found[0]), found[1]


def _past(script: Script) -> Script:
    return replace(script, position=script.position + 1)


def _run(  # noqa: C901, PLR0912 - one arm for each verb
    script: Script, *before: Order
) -> ScriptStep:
    """Do the verb at the script's position."""
    script, verb = _settled(script)
    match verb:
        case None if script.role is not Role.CALL:
            return _inner_ended(script, *before)
        case None | Hangup():
            return _answering(replace(script, stage=Stage.OVER), *before, after=HangUp())
        case Play(url):
            return _answering(replace(script, stage=Stage.LOADING), *before, after=FetchAudio(url))
        case PlayDigits(digits, loops):
            playing = replace(_heard(script), stage=Stage.PLAYING)
            return _answering(playing, *before, after=PlayKeys(digits, loops))
        case Say(utterance):
            return _answering(replace(script, stage=Stage.LOADING), *before, after=FetchSpeech(utterance))
        case Dial() | Enqueue() | Reject() if script.role is not Role.CALL:
            name = type(verb).__name__
            detail = f"<{name}> is not allowed in a document that is heard in a queue; skipped"
            return _run(_past(script), *before, Warn(Warned(Oddity.VERB_NOT_ALLOWED, detail)))
        case Enqueue():
            waiting = replace(script, stage=Stage.QUEUED, inner=None, queued_ms=None)
            return _answering(waiting, *before, after=EnterQueue(verb))
        case Leave():
            return _leaving_queue(script, *before)
        case Gather():
            begun = gathering.begin(verb)
            return _gathered(replace(script, stage=Stage.GATHERING), begun, *before)
        case Dial():
            return _dialling(replace(script, stage=Stage.DIALLING), verb, *before)
        case Pause(length_s):
            heard = _heard(script) if length_s else script
            return ScriptStep(replace(heard, stage=Stage.PAUSING), (*before, Wait(length_s)))
        case Redirect(url, method):
            return _ask(script, Document(url, method), (), *before)
        case Reject():
            return _rejecting(script, verb, *before)
    assert_never(verb)


def _answering(script: Script, *before: Order, after: Order) -> ScriptStep:
    answer = () if script.answered else (Answer(),)
    return ScriptStep(replace(script, answered=True), (*before, *answer, after))


def _rejecting(script: Script, verb: Reject, *before: Order) -> ScriptStep:
    over = replace(script, stage=Stage.OVER)
    if script.answered:
        warned = Warned(
            Oddity.REJECT_TOO_LATE, "<Reject> came after the call was answered; the call is hung up"
        )
        return ScriptStep(over, (*before, Warn(warned), HangUp()))
    return ScriptStep(over, (*before, RejectCall(verb.reason)))


def _play(script: Script, audio: AudioArrived, loops: int) -> ScriptStep:
    audible = audio.duration_s >= AUDIBLE_S
    playing = replace(_heard(script) if audible else script, stage=Stage.PLAYING)
    return _answering(playing, after=PlayAudio(audio.url, loops))


def _heard(script: Script) -> Script:
    return replace(script, unheard=0, on_fallback=False)


# Gather --------------------------------------------------------------------------------------------------------------


def _gathering(script: Script, message: Message) -> ScriptStep:
    verb = _verb(script)
    assert isinstance(verb, Gather), "a script is gathering at a Gather only"
    outcome = gathering.step(verb, script.gathering, message)
    if isinstance(message, AudioArrived) and message.duration_s >= AUDIBLE_S:
        script = _heard(script)
    if isinstance(outcome, Gathered):
        return _gathered(script, outcome)
    return _collected(_heard(script) if verb.timeout_s or outcome.digits else script, verb, outcome)


def _gathered(script: Script, outcome: Gathered, *before: Order) -> ScriptStep:
    going_on = replace(script, gathering=outcome.gathering)
    if not outcome.orders:
        return ScriptStep(going_on, before)
    return _answering(going_on, *before, *outcome.orders[:-1], after=outcome.orders[-1])


def _collected(script: Script, verb: Gather, outcome: Collected) -> ScriptStep:
    if not outcome.digits and not verb.action_on_empty:
        return _run(_past(script))
    action = Document(verb.action or script.url, verb.method)
    return _ask(script, action, gather.action_parameters(outcome.digits))


# Enqueue -------------------------------------------------------------------------------------------------------------


def _queued(script: Script, message: Message) -> ScriptStep:
    """Wait in a queue: what the call hears there is a script of its own, inside this one."""
    verb = _verb(script)
    assert isinstance(verb, Enqueue), "a script is queued at an Enqueue only"
    match message:
        case Enqueued(since_ms):
            return _waiting(replace(script, queued_ms=since_ms), verb)
        case QueueTaken(None):
            return ScriptStep(replace(script, inner=None), (ConnectCaller(),))
        case QueueTaken(greeting) if greeting is not None:
            return _inner(script, Script(asked=greeting, answered=True, role=Role.GREETING), Started())
        case EnqueueEnded(result, told):
            return _dequeued(_heard(replace(script, inner=None, queued_ms=None)), verb, result, told)
        case _ if script.inner is not None:
            return _inner(script, script.inner, message)
    return ScriptStep(script)


def _waiting(script: Script, verb: Enqueue) -> ScriptStep:
    match verb.wait:
        case Document() as document:
            inner = Script(asked=document, answered=True, role=Role.WAIT, top=document)
            return _inner(script, inner, Started())
        case HouseMusic():
            return ScriptStep(replace(script, inner=None), (PlayHouseMusic(),))
    return ScriptStep(replace(script, inner=None))


def _inner(script: Script, inner: Script, message: Message) -> ScriptStep:
    """Step the script inside; its end is never the call's, unless it says so."""
    outcome = step(inner, message)
    last = outcome.orders[-1] if outcome.orders else None
    if outcome.script.stage is not Stage.OVER or not isinstance(last, HangUp):
        return ScriptStep(replace(script, inner=outcome.script), outcome.orders)
    if not last.failed:
        return ScriptStep(replace(script, stage=Stage.OVER, inner=None), outcome.orders)
    after = ConnectCaller() if inner.role is Role.GREETING else PlayHouseMusic()
    return ScriptStep(replace(script, inner=None), (*outcome.orders[:-1], after))


def _inner_ended(script: Script, *before: Order) -> ScriptStep:
    """Come to the end of a document inside: a greeting is over; a wait begins again, after a rest if it was short."""
    if script.role is Role.GREETING or script.top is None:
        return ScriptStep(replace(script, stage=Stage.OVER), (*before, ConnectCaller()))
    if script.unheard:
        return ScriptStep(replace(script, stage=Stage.RESTING), (*before, Wait(REST_S)))
    return _ask(script, script.top, (), *before)


def _leaving_queue(script: Script, *before: Order) -> ScriptStep:
    if script.role is Role.WAIT:
        return ScriptStep(replace(script, stage=Stage.OVER), (*before, LeaveQueue()))
    warned = Warned(Oddity.LEAVE_OUTSIDE_QUEUE, "<Leave> is without effect outside a queue; skipped")
    return _run(_past(script), *before, Warn(warned))


def _dequeued(script: Script, verb: Enqueue, result: QueueResult, told: Parameters) -> ScriptStep:
    if verb.action is None:
        return _run(_past(script))
    return _ask(script, Document(verb.action, verb.method), enqueue.action_parameters(result) + told)


# Dial ----------------------------------------------------------------------------------------------------------------


def _dialling(script: Script, verb: Dial, *before: Order) -> ScriptStep:
    match verb.to:
        case Conference():
            return _answering(script, *before, after=JoinConference(verb))
        case Waiting():
            return _answering(script, *before, after=DialQueue(verb))
        case ():
            return _dialled(script, DialEnded(DialStatus.FAILED), *before)
    if verb.answer_on_bridge:
        return ScriptStep(script, (*before, DialParties(verb)))
    return _answering(script, *before, after=DialParties(verb))


def _dialled(script: Script, message: DialEnded, *before: Order) -> ScriptStep:
    verb = _verb(script)
    heard = _heard(script) if message.status in SPENT else script
    if not isinstance(verb, Dial) or verb.action is None:
        return _run(_past(heard), *before)
    parameters = action_parameters(message.status.value) + message.parameters
    return _ask(heard, Document(verb.action, verb.method), parameters, *before)


def _leaving(script: Script, message: DigitPressed | TimeLimitReached) -> ScriptStep:
    match message:
        case DigitPressed(digit):
            verb = _verb(script)
            leaves = digit == "*" and isinstance(verb, Dial) and verb.hangup_on_star
        case TimeLimitReached():
            leaves = True
        case _:
            assert_never(message)
    return ScriptStep(script, (LeaveConference(),) if leaves else ())


# Coming back ---------------------------------------------------------------------------------------------------------


def _resumed(script: Script, message: Resumed) -> ScriptStep:
    """Take up a stored script: a fetch is asked again, sound and silence are over, a conference goes on."""
    match script.stage:
        case Stage.FRESH | Stage.RESTING:
            return _start(script)
        case Stage.QUEUED:
            verb = _verb(script)
            if not isinstance(verb, Enqueue) or script.queued_ms is None:
                return _run(script)
            return ScriptStep(replace(script, inner=None), (EnterQueue(verb, script.queued_ms),))
        case Stage.FETCHING:
            return ScriptStep(
                script, (FetchDocument(script.asked.url, script.asked.method, script.asked_with),)
            )
        case Stage.LOADING | Stage.GATHERING:
            return _run(script)
        case Stage.PLAYING | Stage.PAUSING:
            return _run(_past(script))
        case Stage.DIALLING:
            return ScriptStep(script) if message.in_conference else _dialled(script, DialEnded())
        case Stage.OVER:
            return ScriptStep(script, (HangUp(),))
    assert_never(script.stage)


def time_limit_s(script: Script) -> int:
    """Say how long the call may stay in the conference it is in, in seconds from its joining."""
    verb = _verb(script)
    return verb.time_limit_s if isinstance(verb, Dial) else 0
