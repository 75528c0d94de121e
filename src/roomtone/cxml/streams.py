"""Reading Start, Stop and Connect, and a Stream wherever it stands."""

from __future__ import annotations

from lxml import etree

from roomtone.core.streaming import StreamWish
from roomtone.cxml.attributes import read_attributes, shorten
from roomtone.cxml.oddities import Oddity, Warned
from roomtone.cxml.verbs import Connect, Start, Stop, Verb, stream

_Told = tuple[Warned, ...]


def start(element: etree._Element, url: str) -> tuple[Verb | None, _Told]:
    """Read a Start."""
    wish, told = _only(element, url)
    return (None if wish is None else Start(stream.one_way(wish))), told


def connect(element: etree._Element, url: str) -> tuple[Verb | None, _Told]:
    """Read a Connect."""
    fields, warnings = read_attributes("Connect", _found(element), stream.CONNECT, url)
    wish, told = _only(element, url)
    made = None if wish is None else Connect(stream.two_way(wish), **fields)
    return made, (*warnings, *told)


def stop(element: etree._Element, _url: str) -> tuple[Verb | None, _Told]:
    """Read a Stop."""
    named = [str(child.get("name", "")).strip() for child in element if child.tag == "Stream"]
    if len(named) != 1 or not named[0]:
        return None, (Warned(Oddity.NOUN_MISSING, "<Stop> needs one <Stream> with a name; skipped"),)
    return Stop(named[0]), ()


def stream_of(element: etree._Element, url: str) -> tuple[StreamWish | None, _Told]:
    """Read a Stream; None: it does not say where to."""
    fields, warnings = read_attributes("Stream", _found(element), stream.STREAM, url)
    wish = stream.wish_of(fields, _parameters(element))
    if wish is None:
        warnings = (*warnings, Warned(Oddity.URL_INVALID, "<Stream> needs a wss: URL; skipped"))
    return wish, warnings


def _only(element: etree._Element, url: str) -> tuple[StreamWish | None, _Told]:
    tag, children = str(element.tag), list(element)
    if len(children) != 1:
        return None, (Warned(Oddity.NOUN_MISSING, f"<{tag}> needs one <Stream>; skipped"),)
    if children[0].tag != "Stream":
        detail = f"<{shorten(str(children[0].tag))}> in a <{tag}> is not supported; skipped"
        return None, (Warned(Oddity.NOUN_NOT_SUPPORTED, detail),)
    return stream_of(children[0], url)


def _parameters(element: etree._Element) -> tuple[tuple[str, str], ...]:
    given = [(str(one.get("name", "")), str(one.get("value", ""))) for one in element.findall("Parameter")]
    return tuple((name, value) for name, value in given if name)[: stream.MAX_PARAMETERS]


def _found(element: etree._Element) -> dict[str, str]:
    return {str(name): str(value) for name, value in element.attrib.items()}
