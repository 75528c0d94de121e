"""Hosted documents as templates: XML with mustache tags, filled from the parameters of the request that fetches it.

The part of mustache that a flat set of texts has a use for: ``{{name}}`` (escaped), ``{{{name}}}`` (as it is),
``{{#name}}`` and ``{{^name}}`` sections, ``{{.}}`` inside one, ``{{! comments }}``. A template can reach nothing but
the request's parameters: there are no partials, and no other delimiters. Lines that hold only a tag stay as lines,
which XML does not mind.

Written here because anybody may make us render and a template may be anybody's: it is read in one pass, without
recursion or regular expressions, and stops when the result is larger than a document may be.

Sources: mustache(5); SignalWire "LaML Bins".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape

from lxml import etree

from roomtone.core.refusals import Reason, Refused

LONGEST = 64 * 1024
"""Characters of a document at most, and bytes of one as it is kept."""

_QUOTES = {'"': "&quot;", "'": "&apos;"}

Token = tuple[str, str]
"""What it is (a sigil, a brace for raw, nothing for escaped, ``text``) and its name or text."""


def check(contents: str) -> None:
    """Check that contents are well-formed XML and a well-formed template.

    Raises:
        Refused: DOCUMENT_INVALID.
    """
    if len(contents.encode()) > LONGEST:
        raise _invalid(f"more than {LONGEST} bytes")
    try:
        etree.fromstring(contents.strip().encode(), _parser())
    except etree.XMLSyntaxError as error:
        raise _invalid(error.msg or "not XML") from None
    render(contents, {})


def render(contents: str, parameters: Mapping[str, str]) -> str:
    """Fill a template in; a tag without a parameter leaves nothing.

    Raises:
        Refused: DOCUMENT_INVALID: it is not a template, or comes out larger than a document may be.
    """
    parts: list[str] = []
    size = 0
    for part in _rendered(contents, parameters):
        size += len(part)
        if size > LONGEST:
            raise _invalid(f"it comes out longer than {LONGEST} characters")
        parts.append(part)
    return "".join(parts)


def _rendered(contents: str, parameters: Mapping[str, str]) -> Iterator[str]:
    open_sections: list[tuple[str, bool]] = []
    hidden = 0
    for kind, text in _tokens(contents):
        match kind:
            case "#" | "^":
                shown = bool(parameters.get(text)) == (kind == "#")
                open_sections.append((text, shown))
                hidden += not shown
            case "/":
                if not open_sections or open_sections[-1][0] != text:
                    raise _invalid(f"{{{{/{text[:40]}}}}} closes nothing")
                hidden -= not open_sections.pop()[1]
            case _ if not hidden:
                yield _filled(kind, text, open_sections, parameters)
            case _:
                pass
    if open_sections:
        raise _invalid(f"{{{{#{open_sections[-1][0][:40]}}}}} is never closed")


def _filled(kind: str, text: str, sections: list[tuple[str, bool]], parameters: Mapping[str, str]) -> str:
    if kind == "text":
        return text
    name = sections[-1][0] if text == "." and sections else text
    value = parameters.get(name, "")
    return value if kind == "{" else escape(value, _QUOTES)


def _tokens(contents: str) -> Iterator[Token]:
    """Cut a template into texts and tags; comments are left out."""
    at = 0
    while (start := contents.find("{{", at)) >= 0:
        if start > at:
            yield "text", contents[at:start]
        closing = "}}}" if contents.startswith("{", start + 2) else "}}"
        end = contents.find(closing, start + 2)
        if end < 0:
            raise _invalid("a tag is never closed")
        inside, at = contents[start + 2 : end], end + len(closing)
        if not inside.startswith("!"):
            yield _tag(inside)
    yield "text", contents[at:]


def _tag(inside: str) -> Token:
    sigil = inside[:1] if inside[:1] in set("#^/{>=&") else ""
    name = inside[len(sigil) :].strip()
    if not name or "{" in name or "}" in name or sigil in {">", "=", "&"}:
        raise _invalid(f"{{{{{inside[:40]}}}}} is no tag that is known here")
    return sigil, name


def _parser() -> etree.XMLParser:
    """Give a parser that fetches nothing and expands nothing."""
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def _invalid(problem: str) -> Refused:
    return Refused(Reason.DOCUMENT_INVALID, name="Contents", problem=problem)
