"""Reading the nouns of a Dial: whom it means.

A Conference and a Queue stand alone; Numbers, SIP URIs and clients may stand together, up to ten of them.

Sources: SignalWire cXML and Twilio TwiML, "Dial" and its nouns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lxml import etree

from roomtone.cxml.attributes import Table, read_attributes, shorten, without_effect
from roomtone.cxml.oddities import Oddity, Warned
from roomtone.cxml.streams import stream_of
from roomtone.cxml.verbs import Client, Conference, Number, Party, Sip, Waiting, parties
from roomtone.cxml.verbs import conference as conference_noun
from roomtone.cxml.verbs.dial import NOUNS_TO_COME

ALONE = frozenset({"Conference", "Queue"})
MAX_PARAMETERS = 50
IDLE = {
    "Conference": conference_noun.IDLE,
    "Queue": parties.QUEUE_IDLE,
    **{
        tag: parties.IDLE & {row.spelling for row in table}
        for tag, table in (("Number", parties.NUMBER), ("Sip", parties.SIP), ("Client", parties.CLIENT))
    },
}
"""Attributes of each noun that are read and have no effect."""


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a Dial means."""

    to: Conference | Waiting | tuple[Party, ...] | None
    """None: nobody who can be dialled, and the Dial is skipped; no parties at all: it fails."""

    warnings: tuple[Warned, ...] = ()


def target_of(element: etree._Element, url: str) -> Target:
    """Find whom a Dial means."""
    tags = [str(child.tag) for child in element]
    if unknown := [tag for tag in tags if tag not in _READERS and tag not in NOUNS_TO_COME]:
        return _nobody(Oddity.NOUN_UNKNOWN, f"<Dial> has no noun <{shorten(unknown[0])}>; skipped")
    if len(tags) > 1 and ALONE & set(tags):
        alone = next(tag for tag in tags if tag in ALONE)
        return _nobody(Oddity.NOUNS_MIXED, f"<{alone}> must stand alone in a <Dial>; skipped")
    if tags == ["Conference"]:
        return _conference(element[0], url)
    if tags == ["Queue"]:
        return _queue(element[0], url)
    if not tags:
        return _bare(element)
    return _parties(element, url)


def _nobody(reason: Oddity, detail: str, *before: Warned) -> Target:
    return Target(None, (*before, Warned(reason, detail)))


def _bare(element: etree._Element) -> Target:
    """Read a Dial whose text is a number."""
    text = "".join(str(part) for part in element.itertext()).strip()
    if not text:
        return _nobody(Oddity.NOUN_MISSING, "<Dial> says nobody to dial; skipped")
    try:
        return Target((Number(parties.number_of(text)),))
    except ValueError as why:
        detail = f"<Dial>{shorten(text)}</Dial>: {why}; nobody is called"
        return Target((), (Warned(Oddity.NUMBER_INVALID, detail),))


def _parties(element: etree._Element, url: str) -> Target:
    found: list[Party] = []
    warnings: list[Warned] = []
    for child in element:
        tag = str(child.tag)
        if tag in NOUNS_TO_COME:
            detail = f"<Dial> to <{tag}> is not supported; skipped"
            warnings.append(Warned(Oddity.NOUN_NOT_SUPPORTED, detail))
            continue
        party, told = _READERS[tag](child, url)
        found += [party] if party is not None else []
        warnings += told
    if len(found) > parties.MAX_PARTIES:
        detail = f"<Dial> rings {parties.MAX_PARTIES} at most; the rest is left out"
        warnings.append(Warned(Oddity.TOO_MANY_NOUNS, detail))
    nothing_known = all(str(child.tag) in NOUNS_TO_COME for child in element)
    return Target(None if nothing_known else tuple(found[: parties.MAX_PARTIES]), tuple(warnings))


_Told = tuple[Warned, ...]


def _attributes(element: etree._Element, table: Table, url: str) -> tuple[dict[str, object], _Told]:
    found, tag = {str(name): str(value) for name, value in element.attrib.items()}, str(element.tag)
    fields, warnings = read_attributes(tag, found, table, url)
    return fields, warnings + without_effect(tag, found, IDLE[tag], warnings)


def _text(element: etree._Element) -> str:
    return " ".join((element.text or "").split())


def _ringing(fields: dict[str, object]) -> parties.Ringing:
    """Take the fields that every party has out of those read."""
    fields.pop("idle", None)
    common = {row.field: fields.pop(row.field) for row in parties.RINGING if row.field in fields}
    return parties.Ringing(**common)  # type: ignore[arg-type]


def _number(element: etree._Element, url: str) -> tuple[Party | None, _Told]:
    fields, warnings = _attributes(element, parties.NUMBER, url)
    ringing = _ringing(fields)
    try:
        return Number(parties.number_of(_text(element)), ringing, **fields), warnings  # type: ignore[arg-type]
    except ValueError as why:
        detail = f"<Number>{shorten(_text(element))}</Number>: {why}; not called"
        return None, (*warnings, Warned(Oddity.NUMBER_INVALID, detail))


def _sip(element: etree._Element, url: str) -> tuple[Party | None, _Told]:
    fields, warnings = _attributes(element, parties.SIP, url)
    ringing = _ringing(fields)
    try:
        uri, headers = parties.sip_of(_text(element))
    except ValueError as why:
        detail = f"<Sip>{shorten(_text(element))}</Sip>: {why}; not called"
        return None, (*warnings, Warned(Oddity.SIP_URI_INVALID, detail))
    return Sip(uri, ringing, headers=headers, **fields), warnings  # type: ignore[arg-type]


def _client(element: etree._Element, url: str) -> tuple[Party | None, _Told]:
    fields, warnings = _attributes(element, parties.CLIENT, url)
    ringing = _ringing(fields)
    named = element.find("Identity")
    text = _text(element if named is None else named)
    given, odd = _parameters(element)
    warnings = (*warnings, *odd)
    try:
        return Client(parties.identity_of(text), ringing, given, **fields), warnings  # type: ignore[arg-type]
    except ValueError as why:
        detail = f"<Client>{shorten(text)}</Client>: {why}; not called"
        return None, (*warnings, Warned(Oddity.CLIENT_INVALID, detail))


def _parameters(element: etree._Element) -> tuple[tuple[tuple[str, str], ...], _Told]:
    """Read a client's parameters; what cannot be told is passed over with a warning."""
    given: list[tuple[str, str]] = []
    odd: list[Warned] = []
    for child in element.findall("Parameter")[:MAX_PARAMETERS]:
        name, value = str(child.get("name", "")), str(child.get("value", ""))
        try:
            given.append(parties.parameter_of(name, value))
        except ValueError as why:
            odd.append(Warned(Oddity.CLIENT_INVALID, f'<Parameter name="{shorten(name)}">: {why}; not told'))
    return tuple(given), tuple(odd)


def _conference(element: etree._Element, url: str) -> Target:
    fields, warnings = _attributes(element, conference_noun.ATTRIBUTES, url)
    name = " ".join("".join(str(part) for part in element.itertext()).split())
    if not 1 <= len(name) <= conference_noun.MAX_NAME:
        detail = f"<Conference> needs a name of 1 to {conference_noun.MAX_NAME} characters; skipped"
        return _nobody(Oddity.CONFERENCE_NAME_INVALID, detail, *warnings)
    read = [stream_of(child, url) for child in element if child.tag == "Stream"]
    streams = [wish for wish, _ in read if wish is not None]
    told = tuple(one for _, warned in read for one in warned)
    return Target(Conference(name, streams=tuple(streams), **fields), warnings + told)  # type: ignore[arg-type]


def _queue(element: etree._Element, url: str) -> Target:
    fields, warnings = _attributes(element, parties.QUEUE, url)
    name = _text(element)
    if not 1 <= len(name) <= conference_noun.MAX_NAME:
        return _nobody(Oddity.QUEUE_NAME_INVALID, "<Queue> needs a name; skipped", *warnings)
    return Target(Waiting(name, **fields), warnings)  # type: ignore[arg-type]


_READERS: dict[str, Callable[[etree._Element, str], tuple[Party | None, _Told]]] = {
    "Number": _number,
    "Sip": _sip,
    "Client": _client,
    **{tag: lambda _element, _url: (None, ()) for tag in ALONE},
}
"""How a party is read; those that stand alone are read elsewhere."""
