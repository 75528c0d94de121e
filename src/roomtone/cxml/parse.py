"""Reading a document: XML text in, verbs and warnings out.

Lenient where a vendor is (unknown verbs and attributes are skipped with a warning), strict where safety asks: no
document type, hence no entities of its own; no network; at most 64 kB. Fetches nothing and runs nothing.

Exceptions: `roomtone.cxml.problems.Unreadable` and no other.

Sources: SignalWire cXML and Twilio TwiML document rules; W3C XML 1.0, section 2.8 (the prolog).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from lxml import etree

from roomtone.cxml.attributes import Table, read_attributes, resolve, shorten
from roomtone.cxml.oddities import Oddity, Warned
from roomtone.cxml.problems import Problem, Unreadable
from roomtone.cxml.verbs import (
    Conference,
    Dial,
    Hangup,
    Pause,
    Play,
    Redirect,
    Reject,
    Verb,
    hangup,
    pause,
    play,
    redirect,
    reject,
)
from roomtone.cxml.verbs import conference as conference_noun
from roomtone.cxml.verbs import dial as dial_verb

MAX_BYTES = 65_536
"""Longest document, in bytes of UTF-8."""

VERBS_TO_COME = frozenset(
    {
        "Connect", "Denoise", "Echo", "Enqueue", "Gather", "Leave", "Pay", "Prompt", "Queue", "Record", "Refer",
        "Say", "Siprec", "Sms", "Message", "Start", "Stop", "Stream",
    }
)  # fmt: skip
"""Verbs the vendors have and Roomtone has not yet."""

_DOCTYPE = re.compile(r"\ufeff?\s*(?:(?:<\?.*?\?>|<!--.*?-->)\s*)*<!DOCTYPE", re.DOTALL)
"""A document type can stand in the prolog only: after declaration, comments and processing instructions."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A document, read."""

    verbs: tuple[Verb, ...]
    """In order; those that cannot be done are left out."""

    warnings: tuple[Warned, ...] = ()
    places: tuple[int, ...] = ()
    """For each verb, which child of the root it is, from 0: a place in the text, whatever this release can do."""

    def next_verb(self, place: int) -> tuple[int, Verb] | None:
        """Find the first verb at this place or after it; None past the end."""
        return next((found for found in zip(self.places, self.verbs, strict=True) if found[0] >= place), None)


@dataclass(frozen=True, slots=True)
class _Read:
    verb: Verb | None
    warnings: tuple[Warned, ...] = ()


def parse(text: str, url: str) -> Parsed:
    """Read a document.

    Args:
        text: The document, already decoded; an encoding declaration inside is without effect.
        url: Where it came from: relative URLs are relative to it, and an empty redirect means it.

    Raises:
        Unreadable: It is too large, not XML, or its root is not ``Response``.
    """
    root = _root(text)
    if root.tag != "Response":
        raise Unreadable(
            Problem.ROOT_INVALID, f"the root element is <{shorten(str(root.tag))}>, not <Response>"
        )
    parts = [_verb(child, url) for child in root]
    done = [(place, part.verb) for place, part in enumerate(parts) if part.verb is not None]
    return Parsed(
        verbs=tuple(verb for _, verb in done),
        warnings=_stray_text(root) + tuple(warned for part in parts for warned in part.warnings),
        places=tuple(place for place, _ in done),
    )


def _root(text: str) -> etree._Element:
    raw = text.encode(errors="replace")
    if len(raw) > MAX_BYTES:
        raise Unreadable(Problem.TOO_LARGE, f"the document has {len(raw)} bytes; {MAX_BYTES} are allowed")
    if _DOCTYPE.match(text):
        raise Unreadable(Problem.NOT_XML, "the document has a DOCTYPE; none is allowed")
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError) as why:
        raise Unreadable(Problem.NOT_XML, f"the document is not XML: {shorten(str(why))}") from None


def _verb(element: etree._Element, url: str) -> _Read:
    tag = str(element.tag)
    if (read := _READERS.get(tag)) is not None:
        return read(element, url)
    if tag in VERBS_TO_COME:
        return _Read(None, (Warned(Oddity.VERB_NOT_SUPPORTED, f"<{tag}> is not supported yet; skipped"),))
    return _Read(None, (Warned(Oddity.VERB_UNKNOWN, f"<{shorten(tag)}> is not a verb; skipped"),))


def _text(element: etree._Element) -> str:
    return "".join(str(part) for part in element.itertext()).strip()


def _stray_text(root: etree._Element) -> tuple[Warned, ...]:
    loose = ((root.text or "") + "".join(child.tail or "" for child in root)).strip()
    if not loose:
        return ()
    return (Warned(Oddity.TEXT_IGNORED, f"text in <Response> is ignored: {shorten(loose)!r}"),)


def _attributes(
    element: etree._Element, table: Table, url: str
) -> tuple[dict[str, object], tuple[Warned, ...]]:
    found = {str(name): str(value) for name, value in element.attrib.items()}
    return read_attributes(str(element.tag), found, table, url)


def _play(element: etree._Element, url: str) -> _Read:
    fields, warnings = _attributes(element, play.ATTRIBUTES, url)
    if fields.pop("digits", None):
        warned = Warned(
            Oddity.VERB_NOT_SUPPORTED, "<Play digits> is not supported yet; the tones are not sent"
        )
        warnings += (warned,)
        if not _text(element):
            return _Read(None, warnings)
    try:
        absolute = resolve(_file_name(_text(element)), url)
    except ValueError as why:
        detail = f"<Play>{shorten(_text(element))}</Play>: {why}; skipped"
        return _Read(None, (*warnings, Warned(Oddity.PLAY_URL_INVALID, detail)))
    return _Read(Play(absolute, **fields), warnings)  # type: ignore[arg-type]


def _file_name(text: str) -> str:
    if not text:  # the document itself is no audio
        raise ValueError("no URL")
    return text


def _redirect(element: etree._Element, url: str) -> _Read:
    fields, warnings = _attributes(element, redirect.ATTRIBUTES, url)
    try:
        absolute = resolve(_text(element), url)
    except ValueError as why:
        detail = f"<Redirect>{shorten(_text(element))}</Redirect>: {why}; skipped"
        return _Read(None, (*warnings, Warned(Oddity.REDIRECT_URL_INVALID, detail)))
    return _Read(Redirect(absolute, **fields), warnings)  # type: ignore[arg-type]


def _simple(make: Callable[..., Verb], table: Table) -> Callable[[etree._Element, str], _Read]:
    def read(element: etree._Element, url: str) -> _Read:
        fields, warnings = _attributes(element, table, url)
        return _Read(make(**fields), warnings)

    return read


def _dial(element: etree._Element, url: str) -> _Read:
    fields, warnings = _attributes(element, dial_verb.ATTRIBUTES, url)
    noun, said = _noun(element, url)
    if noun is None:
        return _Read(None, warnings + said)
    return _Read(Dial(noun, **fields), warnings + said)  # type: ignore[arg-type]


def _noun(element: etree._Element, url: str) -> tuple[Conference | None, tuple[Warned, ...]]:
    """Find the one conference of a dial; anything else beside it makes the dial mean nothing we can do."""
    children = list(element)
    tags = [str(child.tag) for child in children]
    if unknown := [tag for tag in tags if tag != "Conference" and tag not in dial_verb.NOUNS_TO_COME]:
        return None, (Warned(Oddity.NOUN_UNKNOWN, f"<Dial> has no noun <{shorten(unknown[0])}>; skipped"),)
    if "Conference" in tags and len(tags) > 1:
        return None, (Warned(Oddity.NOUNS_MIXED, "<Conference> must stand alone in a <Dial>; skipped"),)
    if tags == ["Conference"]:
        return _conference(children[0], url)
    if tags or _text(element):
        what = f"<{tags[0]}>" if tags else "a number"
        return None, (Warned(Oddity.NOUN_NOT_SUPPORTED, f"<Dial> to {what} is not supported yet; skipped"),)
    return None, (Warned(Oddity.NOUN_MISSING, "<Dial> says nobody to dial; skipped"),)


def _conference(element: etree._Element, url: str) -> tuple[Conference | None, tuple[Warned, ...]]:
    fields, warnings = _attributes(element, conference_noun.ATTRIBUTES, url)
    name = " ".join(_text(element).split())
    if not 1 <= len(name) <= conference_noun.MAX_NAME:
        detail = f"<Conference> needs a name of 1 to {conference_noun.MAX_NAME} characters; skipped"
        return None, (*warnings, Warned(Oddity.CONFERENCE_NAME_INVALID, detail))
    return Conference(name, **fields), warnings  # type: ignore[arg-type]


_READERS: dict[str, Callable[[etree._Element, str], _Read]] = {
    "Dial": _dial,
    "Play": _play,
    "Pause": _simple(Pause, pause.ATTRIBUTES),
    "Redirect": _redirect,
    "Hangup": _simple(Hangup, hangup.ATTRIBUTES),
    "Reject": _simple(Reject, reject.ATTRIBUTES),
}
