"""Reading a document: XML text in, verbs and warnings out.

Lenient where a vendor is (unknown verbs and attributes are skipped with a warning), strict where safety asks: no
document type, hence no entities of its own; no network; at most 64 kB. Fetches nothing and runs nothing.

Exceptions: `roomtone.cxml.problems.Unreadable` and no other.

Sources: SignalWire cXML and Twilio TwiML document rules; W3C XML 1.0, section 2.8 (the prolog).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

from roomtone.cxml.attributes import shorten
from roomtone.cxml.elements import read_verb
from roomtone.cxml.oddities import Oddity, Warned
from roomtone.cxml.problems import Problem, Unreadable
from roomtone.cxml.verbs import Verb

MAX_BYTES = 65_536
"""Longest document, in bytes of UTF-8."""

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
    parts = [read_verb(child, url) for child in root]
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


def _stray_text(root: etree._Element) -> tuple[Warned, ...]:
    loose = ((root.text or "") + "".join(child.tail or "" for child in root)).strip()
    if not loose:
        return ()
    return (Warned(Oddity.TEXT_IGNORED, f"text in <Response> is ignored: {shorten(loose)!r}"),)
