"""Asking for documents and reading them; the audio of a Play or a Say.

Source: SignalWire cXML and Twilio TwiML (fallback URL), "Play", "Redirect".
"""

from __future__ import annotations

from dataclasses import replace

from roomtone.core.exchange import Parameters
from roomtone.core.values import Document
from roomtone.cxml.messages import (
    AudioArrived,
    DocumentArrived,
    DocumentFailed,
    FetchDocument,
    HangUp,
    Order,
    PlayAudio,
    Warn,
)
from roomtone.cxml.oddities import Oddity, Warned
from roomtone.cxml.parse import parse
from roomtone.cxml.problems import Problem, Unreadable
from roomtone.cxml.standing import (
    AUDIBLE_S,
    MAX_UNHEARD,
    Onward,
    Outcome,
    Script,
    ScriptStep,
    Stage,
    answering,
    heard,
    past,
    verb_of,
)
from roomtone.cxml.verbs import Play, Say
from roomtone.cxml.verbs.parameters import fallback_parameters


def start(script: Script) -> Outcome:
    """Begin at the top: read the document that is there, or ask for it."""
    return read(script, script.text, "") if script.text else ask(script, script.asked, script.asked_with)


def ask(script: Script, document: Document, parameters: Parameters = (), *before: Order) -> Outcome:
    """Ask a customer's server for the next document, unless too many gave nothing to hear."""
    if script.unheard >= MAX_UNHEARD:
        detail = f"{MAX_UNHEARD} documents in a row gave the caller nothing to hear"
        return failed(script, DocumentFailed(Problem.TOO_MANY_REDIRECTS, detail, document.url), *before)
    asking = replace(
        script, asked=document, asked_with=parameters, stage=Stage.FETCHING, unheard=script.unheard + 1
    )
    return ScriptStep(asking, (*before, FetchDocument(document.url, document.method, parameters)))


def arrived(script: Script, message: DocumentArrived | AudioArrived | DocumentFailed) -> Outcome:
    """Take what was asked for."""
    match message, script.stage:
        case DocumentArrived(text, url), Stage.FETCHING:
            return read(script, text, url)
        case AudioArrived(), Stage.FETCHING:  # a document URL that answers with audio: play it, then the end
            playing = replace(script, text="", url=message.url, position=0)
            return _play(playing, message, 1)
        case AudioArrived(), Stage.LOADING:
            verb = verb_of(script)
            return _play(script, message, verb.loops if isinstance(verb, Play | Say) else 1)
        case DocumentFailed(), Stage.LOADING:
            warned = Warned(
                Oddity.AUDIO_UNPLAYABLE, f"{message.problem} ({message.url}); skipped", message.code
            )
            return Onward(past(script), (Warn(warned),))
        case DocumentFailed(), _:
            return failed(script, message)
    return ScriptStep(script)


def read(script: Script, text: str, url: str) -> Outcome:
    """Begin a document."""
    try:
        warnings = parse(text, url).warnings
    except Unreadable as why:
        return failed(script, DocumentFailed(why.problem, why.detail, url))
    return Onward(replace(script, text=text, url=url, position=0), (*(Warn(warned) for warned in warnings),))


def failed(script: Script, failure: DocumentFailed, *before: Order) -> Outcome:
    """Turn to the fallback once; without one, or after it, the call ends."""
    warned = Warned(Oddity.DOCUMENT_UNUSABLE, f"{failure.problem} ({failure.url})", failure.code)
    orders = (*before, Warn(warned))
    if script.fallback is None or script.on_fallback or script.unheard >= MAX_UNHEARD:
        return ScriptStep(replace(script, stage=Stage.OVER), (*orders, HangUp(failed=True)))
    parameters = fallback_parameters(failure.code, failure.url)
    return ask(replace(script, on_fallback=True), script.fallback, parameters, *orders)


def _play(script: Script, audio: AudioArrived, loops: int) -> ScriptStep:
    audible = audio.duration_s >= AUDIBLE_S
    playing = replace(heard(script) if audible else script, stage=Stage.PLAYING)
    return answering(playing, after=PlayAudio(audio.url, loops))
