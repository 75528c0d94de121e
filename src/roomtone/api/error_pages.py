"""The pages that ``more_info`` of a refusal or a notification leads to: what its number means, and what to do. For anybody to read."""

from __future__ import annotations

from html import escape

from roomtone.api.frontdesk import Answer
from roomtone.cxml.advice import ADVICE
from roomtone.dialects import DIALECTS, error_pages
from roomtone.dialects.error_pages import Meaning

PREFIX = b"/errors"

_MEANINGS = error_pages.meanings(tuple(DIALECTS.values()))
_NUMBERS = sorted(_MEANINGS.keys() | ADVICE.keys())


def serve(raw_path: bytes) -> Answer | None:
    """Give the page of a number, or of all; None: there is no such page."""
    name = raw_path.removeprefix(PREFIX).decode("latin-1")
    if name == "":
        links = "".join(f'<li><a href="/errors/{code}">{code}</a></li>' for code in _NUMBERS)
        return _page("Error codes", f"<ul>{links}</ul>")
    code = name.removeprefix("/")
    if not (name.startswith("/") and code.isascii() and code.isdigit() and len(code) == 5):
        return None
    sections = [_section(one) for one in _MEANINGS.get(int(code), ())] + _of_documents(int(code))
    return _page(f"Error {code}", "".join(sections)) if sections else None


def _of_documents(number: int) -> list[str]:
    """Say what a number means in a notification, if it can stand there."""
    advice = ADVICE.get(number)
    if advice is None:
        return []
    told = f"<p>{escape(advice.meaning)}.</p><p>What to do: {escape(advice.remedy)}.</p>"
    return ["<h2>In a document</h2>" + told]


def _section(meaning: Meaning) -> str:
    return (
        f"<h2>{escape(meaning.dialect)}, HTTP {meaning.status}</h2>"
        f"<p>{escape(meaning.message)}</p><p>What to do: {escape(meaning.hint)}.</p>"
    )


def _page(title: str, inner: str) -> Answer:
    text = f'<!doctype html><html lang="en"><title>{title}</title><h1>{title}</h1>{inner}</html>\n'
    return Answer(200, text.encode(), "text/html; charset=utf-8")
