"""Where a call stands in its documents, and the small moves that every verb makes. Pure values.

A verb's steps (`roomtone.cxml.steps`) answer a message with a `ScriptStep`, which waits for the next one, or with an
`Onward`, which goes on with the verb at the script's position at once; `roomtone.cxml.script` walks on until
something is waited for, so that no verb needs to know another.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from roomtone.core.exchange import Parameters
from roomtone.core.values import Document
from roomtone.cxml.gathering import Gathering
from roomtone.cxml.messages import Answer, DialStatus, Order
from roomtone.cxml.parse import parse
from roomtone.cxml.verbs import Verb

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

    RECORDING = "recording"
    """What the caller says; `gathering` holds the key that ended it."""

    GATHERING = "gathering"
    """Keys, and the prompts before them."""

    DIALLING = "dialling"
    REFERRING = "referring"
    """The phone was asked to call somebody else, and has not told yet what came of it."""

    STREAMING = "streaming"
    """Connected with a server, both ways."""

    CONNECTED = "connected"
    """With whoever had the call dialled."""

    OVER = "over"


class Role(StrEnum):
    """What a script is for."""

    CALL = "call"
    WAIT = "wait"
    """What a call hears in a queue: at its end it begins again; it cannot dial, enqueue or reject."""

    GREETING = "greeting"
    """What a call hears before it is connected; same verbs."""

    CALLEE = "callee"
    """What somebody who was dialled hears before they are connected; same verbs, and the call is theirs to steer."""


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


@dataclass(frozen=True, slots=True)
class Onward:
    """The answer of a verb's steps that are over: the verb at the script's position is next."""

    script: Script
    orders: tuple[Order, ...] = ()
    """To be performed before those of that verb."""


Outcome = ScriptStep | Onward


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


def begin_callee(greeting: Document | None) -> Script:
    """Make the script of somebody who is dialled: it starts when they answer, and ends in `ConnectCaller`.

    Args:
        greeting: What they hear before; None: nothing.
    """
    text = "" if greeting else "<Response/>"
    return Script(asked=greeting or Document(""), text=text, answered=True, role=Role.CALLEE)


def verb_of(script: Script) -> Verb | None:
    """Give the verb at the script's position; None past the end."""
    return settled(script)[1]


def settled(script: Script) -> tuple[Script, Verb | None]:
    """Move the position on to the next verb, if it is at none, and give that verb; None past the end."""
    found = parse(script.text, script.url).next_verb(script.position) if script.text else None
    if found is None:
        return script, None
    return replace(script, position=found[0]), found[1]


def past(script: Script) -> Script:
    """Leave the verb at the position behind."""
    return replace(script, position=script.position + 1)


def heard(script: Script) -> Script:
    """Note that the caller has heard something, or had to do something: nothing of it goes in circles for nothing."""
    return replace(script, unheard=0, on_fallback=False)


def answering(script: Script, *before: Order, after: Order) -> ScriptStep:
    """Order something that needs the caller's ear: the call is answered first, if it is not yet."""
    answer = () if script.answered else (Answer(),)
    return ScriptStep(replace(script, answered=True), (*before, *answer, after))
