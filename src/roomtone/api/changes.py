"""What changes in a project, told as it happens: ``GET …/Changes`` as server-sent events. Roomtone's own.

An event says *which* conference or call has changed, after the commit, and never what: whoever listens asks for it anew,
and so sees what the API tells everybody. Nothing is queued for a listener: each reads on in what its project remembers,
and one who falls behind, or comes back after too long, is told ``reset``: ask for everything anew.

Source: HTML Living Standard, "Server-sent events" (fields, ids, ``Last-Event-ID``).
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress

from starlette.types import Receive, Send

from roomtone.api import whole
from roomtone.api.addresses import Address
from roomtone.core.ids import CallId, ConferenceId, Id, ProjectId
from roomtone.core.refusals import Reason, Refused

MEDIA_TYPE = "text/event-stream; charset=utf-8"
KEPT = 4096
"""Changes that a project remembers for those who come back."""

_DIGITS = 18
"""More than any number of ours has."""

LISTENERS = 50
"""Streams of one project at a time."""

BEAT_S = 15.0
"""Seconds after which something is said though nothing changed, so that proxies keep the connection."""

LASTS_S = 300.0
"""Seconds after which a stream ends: whoever comes back shows their token again, and goes on where they were."""

PAUSE_S = 0.1
"""Seconds between two batches: what changes meanwhile is told once."""

Spell = Callable[[Id], str]


def asked(method: str, address: Address) -> bool:
    """Whether a request is for a project's changes."""
    return method == "GET" and address.segments == ("Changes",) and not address.suffix


class _Feed:
    """What has changed in one project."""

    def __init__(self, kept: int) -> None:
        self.count = 0
        """How many changes there have been; the number of the last one."""

        self.waking: set[asyncio.Event] = set()
        """One for each listener."""

        self._recent: deque[Id] = deque(maxlen=kept)

    def add(self, what: Id) -> None:
        self.count += 1
        self._recent.append(what)
        self.wake()

    def wake(self) -> None:
        for one in self.waking:
            one.set()

    def since(self, number: int) -> Sequence[Id] | None:
        """Give what changed after a number, each once; None: that is not remembered."""
        missed = self.count - number
        if not 0 <= missed <= len(self._recent):
            return None
        return tuple(dict.fromkeys(list(self._recent)[len(self._recent) - missed :]))


class Changes:
    """The changes of all projects that somebody has listened to."""

    def __init__(self, run: int = 0, kept: int = KEPT, lasts_s: float = LASTS_S) -> None:
        """Begin to remember; `run` names this run of the house, whose numbers mean nothing in another."""
        self._run = f"{run:032x}"[:12]
        self._kept = kept
        self._lasts_s = lasts_s
        self._feeds: dict[ProjectId, _Feed] = {}
        self._closed = False

    def tell(self, project: ProjectId, what: Id) -> None:
        """Note that a conference or a call has changed; never waits."""
        if (feed := self._feeds.get(project)) is not None:
            feed.add(what)

    def close(self) -> None:
        """End all streams."""
        self._closed = True
        for feed in self._feeds.values():
            feed.wake()

    def listen(self, project: ProjectId, last_id: str | None, spell: Spell) -> AsyncIterator[bytes]:
        """Give the pieces of a stream.

        Args:
            project: Whose changes.
            last_id: The last event's id that this listener has seen, if they come back.
            spell: Writes a sid.

        Raises:
            Refused: OVERLOADED: too many listen already.
        """
        feed = self._feeds.setdefault(project, _Feed(self._kept))
        if len(feed.waking) >= LISTENERS:
            raise Refused(Reason.OVERLOADED, retry_s=10)
        awake = asyncio.Event()
        feed.waking.add(awake)
        return self._pieces(feed, awake, self._number(last_id), spell)

    def _number(self, last_id: str | None) -> int:
        """Read an id of ours; -1: it is none of this run."""
        run, _, number = (last_id or "").partition("-")
        ours = run == self._run and len(number) <= _DIGITS and number.isascii() and number.isdigit()
        return int(number) if ours else -1

    async def _pieces(self, feed: _Feed, awake: asyncio.Event, at: int, spell: Spell) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        over_s = loop.time() + self._lasts_s
        yield b"retry: 1000\n\n"
        try:
            while not self._closed and loop.time() < over_s:
                awake.clear()
                new, at = feed.since(at), feed.count
                if new is None or new:
                    yield _batch(new, f"{self._run}-{at}", spell)
                    await asyncio.sleep(PAUSE_S)
                    continue
                try:
                    async with asyncio.timeout(min(BEAT_S, max(0.0, over_s - loop.time()))):
                        await awake.wait()
                except TimeoutError:
                    yield b": still here\n\n"
        finally:
            feed.waking.discard(awake)


def _batch(new: Sequence[Id] | None, id_: str, spell: Spell) -> bytes:
    """Write some events; the last one alone carries the id, lest one who has half of them miss the rest."""
    if new is None:
        return f"id: {id_}\nevent: reset\ndata: {{}}\n\n".encode()
    texts = [f"event: change\ndata: {json.dumps({_name(one): spell(one)})}\n\n" for one in new]
    texts[-1] = f"id: {id_}\n{texts[-1]}"
    return "".join(texts).encode()


def _name(what: Id) -> str:
    match what:
        case ConferenceId():
            return "conference_sid"
        case CallId():
            return "call_sid"
        case _:
            return "sid"


async def deliver(
    pieces: AsyncIterator[bytes],
    lines: whole.Lines,
    receive: Receive,
    send: Send,
    *,
    lasts_s: float = LASTS_S,
) -> None:
    """Send pieces for as long as there are any and somebody listens; one who reads nothing is let go in the end."""
    await send({"type": "http.response.start", "status": 200, "headers": lines + whole.ON_ALL})
    tasks = {asyncio.ensure_future(_pump(pieces, send)), asyncio.ensure_future(_gone(receive))}
    try:
        await asyncio.wait(tasks, timeout=2 * lasts_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)


async def _pump(pieces: AsyncIterator[bytes], send: Send) -> None:
    async for piece in pieces:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _gone(receive: Receive) -> None:
    """Wait until nobody listens any more."""
    while (await receive())["type"] != "http.disconnect":
        pass
