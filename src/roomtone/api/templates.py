"""Hosted documents as templates: XML with mustache tags, filled from the parameters of the request that fetches it.

What is filled in is escaped, so a parameter can never become markup. Partials are not read from anywhere: a template
can reach nothing but the request's parameters. Sources: SignalWire "LaML Bins"; mustache(5).
"""

from __future__ import annotations

from collections.abc import Mapping
from xml.sax.saxutils import escape

import pystache
from lxml import etree
from pystache.parser import ParsingError

from roomtone.core.refusals import Reason, Refused

LONGEST = 64 * 1024
"""Bytes of a document at most, as of any document that a call is given."""

_QUOTES = {'"': "&quot;", "'": "&apos;"}


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
        Refused: DOCUMENT_INVALID: it is not a template, or nests too deep to be rendered.
    """
    renderer = pystache.Renderer(
        escape=lambda text: escape(text, _QUOTES), partials={}, missing_tags="ignore", string_encoding="utf-8"
    )
    try:
        return str(renderer.render(contents, dict(parameters)))
    except ParsingError as error:
        raise _invalid(str(error)) from None
    except RecursionError:
        raise _invalid("sections nest too deep") from None


def _parser() -> etree.XMLParser:
    """Give a parser that fetches nothing and expands nothing."""
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def _invalid(problem: str) -> Refused:
    return Refused(Reason.DOCUMENT_INVALID, name="Contents", problem=problem)
