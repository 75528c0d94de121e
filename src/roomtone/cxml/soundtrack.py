"""The document machine of a soundtrack: wait music, hold music, announcements.

The same grip and words as `roomtone.cxml.script`, with fewer verbs: Play, Say, Pause and Redirect; all others are skipped
with a warning. Pure. What plays when a soundtrack fails or ends is not decided here.

Sources: SignalWire and Twilio, documents at waitUrl, holdUrl and announceUrl.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

from roomtone.core.values import Document
from roomtone.cxml.messages import (
    AudioArrived,
    DocumentArrived,
    DocumentFailed,
    EndSoundtrack,
    FailSoundtrack,
    FetchAudio,
    FetchDocument,
    FetchSpeech,
    PauseEnded,
    PlayAudio,
    PlaybackEnded,
    SoundtrackMessage,
    SoundtrackOrder,
    Started,
    Wait,
    Warn,
)
from roomtone.cxml.oddities import Oddity, Warned
from roomtone.cxml.parse import parse
from roomtone.cxml.problems import Problem, Unreadable
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
    Verb,
)

MAX_UNHEARD = 20
"""Documents in a row that held neither audio nor silence: with one more the soundtrack fails."""

MIN_ROUND_S = 1.0
"""A document that sends on to another takes at least so long; the rest is waited for, so that no loop spins."""


class Stage(StrEnum):
    """What the soundtrack waits for."""

    FRESH = "fresh"
    FETCHING = "fetching"
    LOADING = "loading"
    PLAYING = "playing"
    PAUSING = "pausing"
    RESTING = "resting"
    """Between a document that was over too soon and the next."""

    OVER = "over"


@dataclass(frozen=True, slots=True)
class Soundtrack:
    """Where a soundtrack stands in its documents."""

    asked: Document
    """The document fetched last, being fetched, or next."""

    loop_audio: bool = False
    """Whether a URL that answers with audio itself is played for ever; else once."""

    stage: Stage = Stage.FRESH
    verbs: tuple[Verb, ...] = ()
    position: int = 0
    """Index of the verb under way or next."""

    round_s: float = 0.0
    """Seconds of audio and silence in this document so far."""

    unheard: int = 0
    """Documents since something was played or waited for."""

    heard: bool = False
    """Whether any audio has played at all."""

    failure: DocumentFailed | None = None
    """The last audio that could not be had."""


@dataclass(frozen=True, slots=True)
class SoundtrackStep:
    """The answer of the machine to one message."""

    soundtrack: Soundtrack
    orders: tuple[SoundtrackOrder, ...] = ()
    """To be performed in order; only the last one can be answered."""


def begin(document: Document, *, loop_audio: bool = False) -> Soundtrack:
    """Make a soundtrack that has not started; `Started` sets it off."""
    return Soundtrack(document, loop_audio)


def step(soundtrack: Soundtrack, message: SoundtrackMessage) -> SoundtrackStep:
    """Go on by one message.

    Never raises for a document; a message that does not fit the stage changes nothing.
    """
    match message, soundtrack.stage:
        case Started(), Stage.FRESH:
            return _ask(soundtrack)
        case DocumentArrived() | AudioArrived() | DocumentFailed(), Stage.FETCHING | Stage.LOADING:
            return _arrived(soundtrack, message)
        case (PlaybackEnded(), Stage.PLAYING) | (PauseEnded(), Stage.PAUSING):
            return _run(replace(soundtrack, position=soundtrack.position + 1))
        case PauseEnded(), Stage.RESTING:
            return _ask(soundtrack)
    return SoundtrackStep(soundtrack)


def _ask(soundtrack: Soundtrack) -> SoundtrackStep:
    asked = soundtrack.asked
    if soundtrack.unheard >= MAX_UNHEARD:
        problem = f"{MAX_UNHEARD} documents in a row had nothing to hear"
        return _failed(soundtrack, DocumentFailed(Problem.TOO_MANY_REDIRECTS, problem, asked.url))
    fetching = replace(soundtrack, stage=Stage.FETCHING, round_s=0.0, unheard=soundtrack.unheard + 1)
    return SoundtrackStep(fetching, (FetchDocument(asked.url, asked.method),))


def _arrived(
    soundtrack: Soundtrack, message: DocumentArrived | AudioArrived | DocumentFailed
) -> SoundtrackStep:
    match message, soundtrack.stage:
        case DocumentArrived(text, url), Stage.FETCHING:
            return _read(soundtrack, text, url)
        case AudioArrived(), Stage.FETCHING:
            return _play(
                replace(soundtrack, verbs=(), position=0), message, 0 if soundtrack.loop_audio else 1
            )
        case AudioArrived(), Stage.LOADING:
            verb = soundtrack.verbs[soundtrack.position]
            return _play(soundtrack, message, verb.loops if isinstance(verb, Play | Say) else 1)
        case DocumentFailed(), Stage.LOADING:
            warned = Warned(
                Oddity.AUDIO_UNPLAYABLE, f"{message.problem} ({message.url}); skipped", message.code
            )
            past = replace(soundtrack, position=soundtrack.position + 1, failure=message)
            return _run(past, Warn(warned))
        case DocumentFailed(), _:
            return _failed(soundtrack, message)
    return SoundtrackStep(soundtrack)


def _read(soundtrack: Soundtrack, text: str, url: str) -> SoundtrackStep:
    try:
        parsed = parse(text, url)
    except Unreadable as why:
        return _failed(soundtrack, DocumentFailed(why.problem, why.detail, url))
    running = replace(soundtrack, verbs=parsed.verbs, position=0)
    return _run(running, *(Warn(warned) for warned in parsed.warnings))


def _run(soundtrack: Soundtrack, *before: SoundtrackOrder) -> SoundtrackStep:
    """Do the next verb that a soundtrack may have."""
    while soundtrack.position < len(soundtrack.verbs):
        verb = soundtrack.verbs[soundtrack.position]
        match verb:
            case Play(url):
                return SoundtrackStep(replace(soundtrack, stage=Stage.LOADING), (*before, FetchAudio(url)))
            case Say(utterance):
                order = FetchSpeech(utterance)
                return SoundtrackStep(replace(soundtrack, stage=Stage.LOADING), (*before, order))
            case Pause(length_s):
                pausing = replace(_spent(soundtrack, length_s), stage=Stage.PAUSING)
                return SoundtrackStep(pausing, (*before, Wait(length_s)))
            case Redirect(url, method):
                return _redirected(replace(soundtrack, asked=Document(url, method)), *before)
            case (
                Connect() | Start() | Stop() | Dial() | Echo() | Enqueue() | Gather() | Hangup() | Leave() | PlayDigits() | Record() | Refer() | Reject()
            ):  # fmt: skip
                name = "Play digits" if isinstance(verb, PlayDigits) else type(verb).__name__
                detail = f"<{name}> is not allowed in a wait, hold or announcement document; skipped"
                before = (*before, Warn(Warned(Oddity.VERB_NOT_ALLOWED, detail)))
                soundtrack = replace(soundtrack, position=soundtrack.position + 1)
            case _:
                assert_never(verb)
    return _ended(soundtrack, *before)


def _redirected(soundtrack: Soundtrack, *before: SoundtrackOrder) -> SoundtrackStep:
    if (rest_s := MIN_ROUND_S - soundtrack.round_s) > 0:
        return SoundtrackStep(replace(soundtrack, stage=Stage.RESTING), (*before, Wait(rest_s)))
    asked = _ask(soundtrack)
    return SoundtrackStep(asked.soundtrack, (*before, *asked.orders))


def _play(soundtrack: Soundtrack, audio: AudioArrived, loops: int) -> SoundtrackStep:
    playing = replace(_spent(soundtrack, audio.duration_s * loops), stage=Stage.PLAYING, heard=True)
    return SoundtrackStep(playing, (PlayAudio(audio.url, loops),))


def _spent(soundtrack: Soundtrack, seconds: float) -> Soundtrack:
    unheard = soundtrack.unheard if seconds <= 0 else 0
    return replace(soundtrack, round_s=soundtrack.round_s + seconds, unheard=unheard)


def _ended(soundtrack: Soundtrack, *before: SoundtrackOrder) -> SoundtrackStep:
    """Come to the end of the last document; one whose every audio failed has failed itself."""
    if soundtrack.failure is not None and not soundtrack.heard:
        return _failed(soundtrack, soundtrack.failure, *before)
    return SoundtrackStep(replace(soundtrack, stage=Stage.OVER), (*before, EndSoundtrack()))


def _failed(soundtrack: Soundtrack, failure: DocumentFailed, *before: SoundtrackOrder) -> SoundtrackStep:
    problem = f"{failure.problem} ({failure.url})"
    return SoundtrackStep(
        replace(soundtrack, stage=Stage.OVER), (*before, FailSoundtrack(failure.code, problem))
    )
