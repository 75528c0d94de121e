"""Where HTTP comes in and goes out: what is asked of us, and what we ask of customers' servers."""

from __future__ import annotations

import re
from dataclasses import replace

from starlette.types import ASGIApp, Receive, Scope, Send

from roomtone.net.words import Answer, NetFault, Question
from roomtone.traces.book import Book
from roomtone.traces.definitions import Definition
from roomtone.traces.wiring import Asks

_FORMS = {
    b"traceparent": re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}"),
    b"tracestate": re.compile(r"[\x20-\x7e]{1,512}"),
}
"""What headers of W3C Trace Context look like (section 3.2, 3.3)."""


class Tracing:
    """A client that asks as another does, and tells whom it asks which span that is (``traceparent``).

    The header is not among what signatures are over: both vendors sign the URL and the form.
    """

    def __init__(self, inner: Asks, book: Book, kind: Definition) -> None:
        self._inner = inner
        self._book = book
        self._kind = kind

    async def ask(self, question: Question) -> Answer | NetFault:
        """Ask."""
        span, headers = self._book.asks(self._kind, question)
        outcome: Answer | NetFault | None = None
        try:
            outcome = await self._inner.ask(replace(question, headers={**question.headers, **headers}))
        finally:
            self._book.asked(span, outcome)
        return outcome


def traced(app: ASGIApp, book: Book) -> ASGIApp:
    """Note what is asked of an application, under what whoever asks says of themselves."""

    async def door(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        with book.request(scope["method"], scope["path"], _told(scope)):
            await app(scope, receive, send)

    return door


def _told(scope: Scope) -> dict[str, str]:
    """Give what a request says of where it comes from, if it has the form of that: a stranger's nonsense is not even logged."""
    told = {name.decode(): value.decode("latin-1") for name, value in scope["headers"] if name in _FORMS}
    return {name: value for name, value in told.items() if _FORMS[name.encode()].fullmatch(value)}
