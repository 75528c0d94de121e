"""Requests as they come off the socket: how long and how large their heads may be, and what is said to bytes that are no HTTP.

uvicorn's own protocol waits for the end of a head for ever, keeps as much of it as comes, and answers what it cannot
read in plain text. Here a head has a deadline and a size, and every refusal is JSON. Bodies are `bodies`' to bound.

Sources: RFC 9112 sections 2.2 and 3; RFC 9110 sections 15.5.9 (408) and 15.5.1; RFC 6585 section 5 (431).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any, TypeAlias

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from roomtone.api import addresses, whole
from roomtone.api.frontdesk import json_answer
from roomtone.core.refusals import Reason, Refused

HEAD_PATIENCE_S = 10.0
"""Seconds in which a request's head must have come, from its first byte on, or from the connection's start."""

LARGEST_HEAD = 64 * 1024
"""Bytes of a request's head at most."""

Refuse: TypeAlias = Callable[[bytes, HTTPStatus, str], bytes]
"""Writes the whole answer to a request that was not understood: its path so far, the status, what is wrong."""


def refusals(public_url: str) -> Refuse:
    """Make what refuses, in the dialect that the path suggests; `public_url` is the house's own address."""

    def refuse(path: bytes, status: HTTPStatus, problem: str) -> bytes:
        dialect = addresses.guess(path.partition(b"?")[0])
        told = dialect.errors.tell(Refused(Reason.BODY_UNREADABLE, problem=problem), public_url)
        content = json_answer(status, {**told.body, "status": status.value}).content
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: application/json; charset=utf-8\r\n"
            f"hint: {told.hint}\r\ncontent-length: {len(content)}\r\nconnection: close\r\n"
        ).encode("ascii")
        return head + whole.ON_ALL_WRITTEN + b"\r\n" + content

    return refuse


class Wire(HttpToolsProtocol):
    """uvicorn's protocol with bounds on heads."""

    refuse: Refuse
    patience_s = HEAD_PATIENCE_S

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self._in_head = True
        self._head = 0
        self._deadline: asyncio.TimerHandle | None = None
        self.url = b""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._wait_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes in, as long as the head they are of is not too large."""
        if self._in_head and self._head + len(data) > LARGEST_HEAD:
            self._count(data)
            if self._head > LARGEST_HEAD:
                self._close(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "the request's head is too large")
                return
        elif self._in_head:
            self._head += len(data)
        super().data_received(data)
        if self._in_head and self._deadline is None and self._head:
            self._wait()

    def on_message_begin(self) -> None:
        """Begin a head."""
        super().on_message_begin()
        self._in_head = True

    def on_headers_complete(self) -> None:
        """End a head."""
        self._in_head, self._head = False, 0
        self._wait_no_more()
        super().on_headers_complete()
        self.scope["extensions"] = {whole.EXTENSION: partial(_send, self.cycle, self.server_state)}  # type: ignore[dict-item]  # uvicorn's type knows its own alone

    def on_message_complete(self) -> None:
        """End a request: what follows is a head."""
        super().on_message_complete()
        self._in_head = True

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's own words are for its log
        """Answer what is no HTTP."""
        self._close(HTTPStatus.BAD_REQUEST, "it is no HTTP/1.1")

    def _count(self, data: bytes) -> None:
        """Count what of the data is the head's: all, if it does not end there."""
        end = data.find(b"\r\n\r\n")
        self._head += len(data) if end < 0 else end

    def _wait(self) -> None:
        self._deadline = self.loop.call_later(self.patience_s, self._late)

    def _wait_no_more(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _late(self) -> None:
        self._deadline = None
        if self._head:
            self._close(HTTPStatus.REQUEST_TIMEOUT, f"its head did not come within {self.patience_s:g} s")
        else:
            self.transport.close()

    def _close(self, status: HTTPStatus, problem: str) -> None:
        """Refuse, unless an answer is being written: then nothing can be said any more."""
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete:  # type: ignore[redundant-expr]  # before any head
            self.transport.write(type(self).refuse(self.url, status, problem))
        self.transport.close()


async def _send(
    cycle: RequestResponseCycle, state: ServerState, status: int, lines: whole.Lines, content: bytes
) -> None:
    """Send a whole answer: what `RequestResponseCycle.send` does in two turns."""
    if cycle.flow.write_paused and not cycle.disconnected:
        await cycle.flow.drain()
    if cycle.disconnected:
        return
    head = whole.head([*state.default_headers, *lines])
    cycle.response_started, cycle.waiting_for_100_continue = True, False
    if whole.closes(lines):
        cycle.keep_alive = False
    elif not cycle.keep_alive:
        head += b"connection: close\r\n"
    cycle.transport.write(b"".join((STATUS_LINE[status], head, b"\r\n", content)))
    cycle.response_complete = True
    cycle.message_event.set()
    if not cycle.keep_alive:
        cycle.transport.close()
    cycle.on_response()


def protocol(refuse: Refuse, patience_s: float = HEAD_PATIENCE_S) -> type[Wire]:
    """Make the protocol that refuses so, and waits so many seconds for a head."""
    return type("HouseWire", (Wire,), {"refuse": staticmethod(refuse), "patience_s": patience_s})
