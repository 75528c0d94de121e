"""The little machine inside a Gather: prompts, then patience, and keys at any time.

Pure, with the same words as the script it belongs to. It ends in `Collected`; what comes then is the script's to say.

Sources: SignalWire cXML and Twilio TwiML, "Gather" (timeout, finishOnKey, numDigits).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from roomtone.cxml.messages import (
    AudioArrived,
    DigitPressed,
    DocumentFailed,
    FetchAudio,
    FetchSpeech,
    Message,
    Order,
    PauseEnded,
    PlayAudio,
    PlaybackEnded,
    PlayKeys,
    Wait,
    Warn,
)
from roomtone.cxml.oddities import Oddity, Warned
from roomtone.cxml.verbs import Gather, Pause, Play, PlayDigits, Say

MOST_KEYS = 1_000
"""So many keys end it in any case."""


@dataclass(frozen=True, slots=True)
class Gathering:
    """Where a Gather stands."""

    prompt: int = 0
    """Index of the prompt under way; past the last one: only keys are waited for."""

    digits: str = ""
    """What was pressed so far."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The answer of the machine to one message."""

    gathering: Gathering
    orders: tuple[Order, ...] = ()


@dataclass(frozen=True, slots=True)
class Collected:
    """It is over."""

    digits: str
    """Without the key that ended it; may be empty."""


def begin(verb: Gather) -> Gathered:
    """Start the first prompt, or the wait for keys."""
    return _prompting(verb, Gathering())


def step(verb: Gather, gathering: Gathering, message: Message) -> Gathered | Collected:
    """Go on by one message; one that does not fit changes nothing."""
    match message:
        case DigitPressed(digit):
            return _pressed(verb, gathering, digit)
        case PauseEnded() if gathering.prompt >= len(verb.prompts):
            return Collected(gathering.digits)
        case PauseEnded() | PlaybackEnded():
            return _prompting(verb, replace(gathering, prompt=gathering.prompt + 1))
        case AudioArrived(url):
            return Gathered(gathering, (PlayAudio(url, _loops(verb, gathering)),))
        case DocumentFailed(code, problem, url):
            warned = Warned(Oddity.AUDIO_UNPLAYABLE, f"{problem} ({url}); skipped", code)
            return _prompting(verb, replace(gathering, prompt=gathering.prompt + 1), Warn(warned))
    return Gathered(gathering)


def _pressed(verb: Gather, gathering: Gathering, digit: str) -> Gathered | Collected:
    if not verb.collects_keys:
        return Gathered(gathering)
    if digit == verb.finish_key:
        return Collected(gathering.digits)
    digits = gathering.digits + digit
    if len(digits) >= (verb.num_digits or MOST_KEYS):
        return Collected(digits)
    # A new wait takes the place of whatever is under way: the prompt stops, the patience begins anew.
    return Gathered(Gathering(len(verb.prompts), digits), (Wait(verb.timeout_s),))


def _prompting(verb: Gather, gathering: Gathering, *before: Order) -> Gathered:
    if gathering.prompt >= len(verb.prompts):
        return Gathered(gathering, (*before, Wait(verb.timeout_s)))
    match verb.prompts[gathering.prompt]:
        case Play(url):
            return Gathered(gathering, (*before, FetchAudio(url)))
        case PlayDigits(digits, loops):
            return Gathered(gathering, (*before, PlayKeys(digits, loops)))
        case Say(utterance):
            return Gathered(gathering, (*before, FetchSpeech(utterance)))
        case Pause(length_s):
            return Gathered(gathering, (*before, Wait(length_s)))


def _loops(verb: Gather, gathering: Gathering) -> int:
    prompt = verb.prompts[gathering.prompt] if gathering.prompt < len(verb.prompts) else None
    return prompt.loops if isinstance(prompt, Play | Say) else 1
