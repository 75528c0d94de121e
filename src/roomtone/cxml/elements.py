"""Reading one verb's element: its attributes, its text, what is nested in it.

Gives the verb, or None if it cannot be done, and what is odd about it. Runs nothing.

Source: both vendors' descriptions of each verb.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from lxml import etree

from roomtone.core.exchange import Utterance
from roomtone.cxml import streams
from roomtone.cxml.attributes import Table, read_attributes, resolve, shorten, without_effect
from roomtone.cxml.nouns import IDLE, target_of
from roomtone.cxml.oddities import Oddity, Warned
from roomtone.cxml.speech import speech_of
from roomtone.cxml.verbs import (
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
    Verb,
    echo,
    enqueue,
    gather,
    hangup,
    pause,
    play,
    record,
    redirect,
    refer,
    reject,
    say,
)
from roomtone.cxml.verbs import dial as dial_verb
from roomtone.cxml.verbs.voices import DEFAULT_LANGUAGE, Voice

VERBS_TO_COME = frozenset(
    {
        "Denoise", "Pay", "Prompt", "Queue", "Siprec", "Sms", "Message",
    }
)  # fmt: skip
"""Verbs the vendors have and Roomtone has not yet."""

WITHOUT_EFFECT: Mapping[str, frozenset[str]] = MappingProxyType(
    {"Dial": dial_verb.IDLE, "Record": record.IDLE, **IDLE}
)
"""By element, the attributes that are read and have no effect; a notification says so of each that is used."""


@dataclass(frozen=True, slots=True)
class Read:
    """What became of an element."""

    verb: Verb | None
    """None: it is skipped."""

    warnings: tuple[Warned, ...] = ()


def read_verb(element: etree._Element, url: str) -> Read:
    """Read a verb; one that is unknown, or cannot be done yet, is skipped with a warning."""
    tag = str(element.tag)
    if (read := _READERS.get(tag)) is not None:
        return read(element, url)
    if tag in VERBS_TO_COME:
        return Read(None, (Warned(Oddity.VERB_NOT_SUPPORTED, f"<{tag}> is not supported yet; skipped"),))
    return Read(None, (Warned(Oddity.VERB_UNKNOWN, f"<{shorten(tag)}> is not a verb; skipped"),))


def _text(element: etree._Element) -> str:
    return "".join(str(part) for part in element.itertext()).strip()


def _attributes(
    element: etree._Element, table: Table, url: str
) -> tuple[dict[str, object], tuple[Warned, ...]]:
    return read_attributes(str(element.tag), _found(element), table, url)


def _found(element: etree._Element) -> dict[str, str]:
    return {str(name): str(value) for name, value in element.attrib.items()}


def _play(element: etree._Element, url: str) -> Read:
    fields, warnings = _attributes(element, play.ATTRIBUTES, url)
    if digits := fields.pop("digits", None):
        if not _text(element):
            return Read(PlayDigits(digits, **fields), warnings)  # type: ignore[arg-type]
        detail = "<Play> has digits and a URL; the digits are not played"
        warnings += (Warned(Oddity.PLAY_DIGITS_INVALID, detail),)
    if element.get("digits") and not _text(element):
        return Read(None, warnings)
    try:
        absolute = resolve(_file_name(_text(element)), url)
    except ValueError as why:
        detail = f"<Play>{shorten(_text(element))}</Play>: {why}; skipped"
        return Read(None, (*warnings, Warned(Oddity.PLAY_URL_INVALID, detail)))
    return Read(Play(absolute, **fields), warnings)  # type: ignore[arg-type]


def _file_name(text: str) -> str:
    if not text:  # the document itself is no audio
        raise ValueError("no URL")
    return text


def _redirect(element: etree._Element, url: str) -> Read:
    fields, warnings = _attributes(element, redirect.ATTRIBUTES, url)
    try:
        absolute = resolve(_text(element), url)
    except ValueError as why:
        detail = f"<Redirect>{shorten(_text(element))}</Redirect>: {why}; skipped"
        return Read(None, (*warnings, Warned(Oddity.REDIRECT_URL_INVALID, detail)))
    return Read(Redirect(absolute, **fields), warnings)  # type: ignore[arg-type]


def _refer(element: etree._Element, url: str) -> Read:
    fields, warnings = _attributes(element, refer.ATTRIBUTES, url)
    nouns = [child for child in element if child.tag == "Sip"]
    if len(nouns) != 1 or len(element) != 1:
        detail = "<Refer> needs one <Sip> and nothing else; skipped"
        return Read(None, (*warnings, Warned(Oddity.NOUN_MISSING, detail)))
    try:
        return Read(Refer(refer.target_of(_text(nouns[0])), **fields), warnings)  # type: ignore[arg-type]
    except ValueError as why:
        detail = f"<Refer> to <Sip>{shorten(_text(nouns[0]))}</Sip>: {why}; skipped"
        return Read(None, (*warnings, Warned(Oddity.SIP_URI_INVALID, detail)))


def _gather(element: etree._Element, url: str) -> Read:
    fields, warnings = _attributes(element, gather.ATTRIBUTES, url)
    found = [_prompt(child, url) for child in element]
    nested = tuple(part.verb for part in found if part.verb is not None)
    verb = Gather(prompts=nested, **fields)  # type: ignore[arg-type]
    told = warnings + tuple(warned for part in found for warned in part.warnings)
    if "speech" in verb.inputs:
        detail = "<Gather> does not understand speech; only keys are collected"
        told += (Warned(Oddity.SPEECH_NOT_SUPPORTED, detail),)
    return Read(verb, told)


def _say(element: etree._Element, url: str) -> Read:
    fields, warnings = _attributes(element, say.ATTRIBUTES, url)
    speech = speech_of(element)
    warnings += speech.warnings
    if not speech.text:
        detail = "<Say> has nothing to say; skipped"
        return Read(None, (*warnings, Warned(Oddity.SAY_TEXT_MISSING, detail)))
    voice = fields.pop("voice", Voice(""))
    assert isinstance(voice, Voice), "the table reads it so"
    spoken = fields.pop("language", None) or voice.language or DEFAULT_LANGUAGE
    utterance = Utterance(speech.text, speech.markup, str(spoken), voice.gender, voice.name)
    return Read(Say(utterance, **fields), warnings)  # type: ignore[arg-type]


def _enqueue(element: etree._Element, url: str) -> Read:
    fields, warnings = _attributes(element, enqueue.ATTRIBUTES, url)
    if fields.pop("workflow", None) is not None:
        detail = "<Enqueue workflowSid> is not supported; skipped"
        return Read(None, (*warnings, Warned(Oddity.VERB_NOT_SUPPORTED, detail)))
    name = " ".join(_text(element).split())
    if not 1 <= len(name) <= enqueue.MAX_NAME:
        detail = f"<Enqueue> needs a name of 1 to {enqueue.MAX_NAME} characters; skipped"
        return Read(None, (*warnings, Warned(Oddity.QUEUE_NAME_INVALID, detail)))
    return Read(Enqueue(name, **fields), warnings)  # type: ignore[arg-type]


def _prompt(element: etree._Element, url: str) -> Read:
    tag = str(element.tag)
    if tag in gather.PROMPTS:
        return read_verb(element, url)
    detail = f"<{shorten(tag)}> is not allowed in a <Gather>; skipped"
    return Read(None, (Warned(Oddity.GATHER_NESTING_INVALID, detail),))


def _record(element: etree._Element, url: str) -> Read:
    fields, warnings = _attributes(element, record.ATTRIBUTES, url)
    warnings += without_effect("Record", _found(element), record.IDLE, warnings)
    return Read(Record(**fields), warnings)  # type: ignore[arg-type]


def _simple(make: Callable[..., Verb], table: Table) -> Callable[[etree._Element, str], Read]:
    def read(element: etree._Element, url: str) -> Read:
        fields, warnings = _attributes(element, table, url)
        return Read(make(**fields), warnings)

    return read


def _dial(element: etree._Element, url: str) -> Read:
    fields, warnings = _attributes(element, dial_verb.ATTRIBUTES, url)
    warnings += without_effect("Dial", _found(element), dial_verb.IDLE, warnings)
    target = target_of(element, url)
    if target.to is None:
        return Read(None, warnings + target.warnings)
    return Read(Dial(target.to, **fields), warnings + target.warnings)  # type: ignore[arg-type]


def _streams(
    read: Callable[[etree._Element, str], tuple[Verb | None, tuple[Warned, ...]]],
) -> Callable[[etree._Element, str], Read]:
    return lambda element, url: Read(*read(element, url))


_READERS: dict[str, Callable[[etree._Element, str], Read]] = {
    "Connect": _streams(streams.connect),
    "Dial": _dial,
    "Echo": _simple(Echo, echo.ATTRIBUTES),
    "Enqueue": _enqueue,
    "Gather": _gather,
    "Leave": _simple(Leave, ()),
    "Play": _play,
    "Pause": _simple(Pause, pause.ATTRIBUTES),
    "Record": _record,
    "Redirect": _redirect,
    "Refer": _refer,
    "Hangup": _simple(Hangup, hangup.ATTRIBUTES),
    "Reject": _simple(Reject, reject.ATTRIBUTES),
    "Say": _say,
    "Start": _streams(streams.start),
    "Stop": _streams(streams.stop),
}
