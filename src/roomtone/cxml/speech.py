"""What stands in a Say, read into text and into the small SSML that engines are given.

Unknown marks are dropped and their text is spoken. What cannot be said differently by every engine is said here:
`say-as` spells digits and letters out, `sub` puts in its alias. Everything is escaped again, and lengths are bounded,
so that no engine meets anything but letters and these few marks.

Sources: W3C SSML 1.1 (break, emphasis, lang, p, prosody, s, say-as, sub); Twilio and SignalWire, SSML in "Say".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from lxml import etree

from roomtone.cxml.attributes import shorten
from roomtone.cxml.oddities import Oddity, Warned
from roomtone.cxml.verbs.voices import language

MAX_CHARACTERS = 4_096
"""Longest text that is spoken; the rest is cut. Source: both vendors."""

MAX_DEPTH = 16
LONGEST_BREAK_MS = 10_000

BREAKS_MS = {"none": 0, "x-weak": 0, "weak": 150, "medium": 400, "strong": 700, "x-strong": 1_200}
"""How long a break of each strength is."""

SPELLED = frozenset({"character", "characters", "spell-out", "verbatim", "digits", "telephone"})
"""Ways of `say-as` that are spoken sign by sign."""

SPOKEN = frozenset(
    {"cardinal", "number", "ordinal", "fraction", "unit", "date", "time", "address", "currency"}
)
"""Ways of `say-as` that are left to the engine, which guesses them from the text."""

HUSHED = frozenset({"expletive", "bleep"})

_TIME = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s*(ms|s)", re.ASCII)
_WORDS = {
    "rate": frozenset({"x-slow", "slow", "medium", "fast", "x-fast", "default"}),
    "pitch": frozenset({"x-low", "low", "medium", "high", "x-high", "default"}),
    "volume": frozenset({"silent", "x-soft", "soft", "medium", "loud", "x-loud", "default"}),
}
_PERCENT = re.compile(r"[+-]?\d{1,3}%", re.ASCII)
_DECIBEL = re.compile(r"([+-]\d{1,2}(?:\.\d{1,2})?)dB", re.ASCII)
_EMPHASIS = frozenset({"strong", "moderate", "none", "reduced"})


@dataclass(frozen=True, slots=True)
class Speech:
    """What a Say says."""

    text: str
    """Plain, for engines without marks; one space between words; empty: there is nothing to say."""

    markup: str
    """Inside of a ``<speak>``."""

    warnings: tuple[Warned, ...] = ()


def speech_of(element: etree._Element) -> Speech:
    """Read the contents of a Say."""
    reading = _Reading()
    reading.inside(element, 0)
    text = " ".join("".join(reading.plain).split())
    return Speech(text, "".join(reading.marked).strip(), tuple(reading.warnings[:10]))


def spoken_document(text: str) -> str:
    """Make a document that speaks a plain text; as vendors take an answer that is text and no XML."""
    printable = "".join(sign if sign.isprintable() else " " for sign in text[: 2 * MAX_CHARACTERS])
    return f"<Response><Say>{escape(printable)}</Say></Response>"


@dataclass
class _Reading:
    """Collects both forms while it walks the tree."""

    plain: list[str] = field(default_factory=list)
    marked: list[str] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)
    left: int = MAX_CHARACTERS

    def inside(self, element: etree._Element, depth: int) -> None:
        self.say(element.text)
        for child in element:
            if depth < MAX_DEPTH:
                self.mark(child, depth + 1)
            self.say(child.tail)

    def say(self, text: str | None) -> None:
        if not text:
            return
        words = re.sub(r"\s+", " ", text)
        if len(words) > self.left and not any(one.reason is Oddity.SAY_TOO_LONG for one in self.warnings):
            detail = f"<Say> speaks {MAX_CHARACTERS} characters at most; the rest is cut"
            self.warnings.append(Warned(Oddity.SAY_TOO_LONG, detail))
        words = words[: self.left]
        self.left -= len(words)
        self.plain.append(words)
        self.marked.append(escape(words))

    def mark(self, element: etree._Element, depth: int) -> None:
        tag = etree.QName(element).localname
        attributes = {etree.QName(name).localname: str(value) for name, value in element.attrib.items()}
        match tag:
            case "break":
                self.pause(attributes)
            case "prosody" | "emphasis" | "lang":
                self.wrap(element, _opening(tag, attributes), depth)
            case "p" | "s":
                self.wrap(element, (tag, ""), depth)
            case "say-as":
                self.say_as(element, attributes.get("interpret-as", ""))
            case "sub":
                self.say(attributes.get("alias") or _text(element))
            case "w" | "phoneme" | "speak":
                self.inside(element, depth)
            case _:
                self.warn(f"<{shorten(tag)}> in <Say>")
                self.inside(element, depth)

    def wrap(self, element: etree._Element, opening: tuple[str, str], depth: int) -> None:
        tag, attributes = opening
        if not tag:
            self.inside(element, depth)
            return
        self.marked.append(f"<{tag}{attributes}>")
        self.plain.append(" ")
        self.inside(element, depth)
        self.plain.append(" ")
        self.marked.append(f"</{tag}>")

    def pause(self, attributes: dict[str, str]) -> None:
        found = _TIME.fullmatch(attributes.get("time", "").strip())
        if found is not None:
            length_ms = round(float(found[1]) * (1_000 if found[2] == "s" else 1))
        else:
            length_ms = BREAKS_MS.get(attributes.get("strength", "medium"), BREAKS_MS["medium"])
        self.plain.append(" ")
        self.marked.append(f'<break time="{min(length_ms, LONGEST_BREAK_MS)}ms"/>')

    def say_as(self, element: etree._Element, way: str) -> None:
        text = _text(element)
        if way in HUSHED:
            self.pause({"time": "500ms"})
        elif way in SPELLED:
            self.say(
                " " + ", ".join(sign for sign in text if not sign.isspace() and sign not in "-().") + " "
            )
        else:
            if way not in SPOKEN:
                self.warn(f"interpret-as={shorten(way)!r} in <Say>")
            self.say(text)

    def warn(self, what: str) -> None:
        self.warnings.append(Warned(Oddity.SAY_MARK_UNKNOWN, f"{what} is not known; its text is spoken"))


def _opening(tag: str, attributes: dict[str, str]) -> tuple[str, str]:
    """Give the tag and attributes that engines are given; an empty tag: the mark is without effect."""
    match tag:
        case "prosody":
            kept = [(name, _prosody(name, attributes.get(name, ""))) for name in _WORDS]
            spelled = "".join(f' {name}="{value}"' for name, value in kept if value)
            return ("prosody", spelled) if spelled else ("", "")
        case "emphasis":
            level = attributes.get("level", "moderate")
            return ("emphasis", f' level="{level}"') if level in _EMPHASIS else ("", "")
    try:
        return "voice", f' xml:lang="{language(attributes.get("lang", ""), "")}"'
    except ValueError:
        return "", ""


def _prosody(name: str, value: str) -> str:
    wanted = value.strip()
    if wanted in _WORDS[name]:
        return wanted
    if name == "volume" and (found := _DECIBEL.fullmatch(wanted)):
        return "loud" if float(found[1]) > 0 else "soft"
    return wanted if name != "volume" and _PERCENT.fullmatch(wanted) else ""


def _text(element: etree._Element) -> str:
    return " ".join("".join(str(part) for part in element.itertext()).split())
