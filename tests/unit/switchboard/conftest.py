"""A switchboard on recorders and a real store, and words to talk about it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from keeping import prepared
from roomtone.core.call.messages import CallEnded, EndedBy, IncomingCall
from roomtone.core.exchange import FetchedDocument
from roomtone.core.ids import CallId, NumberId, ProjectId
from roomtone.core.project import Number, Project
from roomtone.core.routing import read_trunks
from roomtone.core.values import Document
from roomtone.store import Store, StoreUnavailable, open_store
from roomtone.switchboard.adapters import Ports
from roomtone.switchboard.calling import Outward
from roomtone.switchboard.ports import Store as StorePort
from roomtone.switchboard.recovery import Recovery
from roomtone.switchboard.switchboard import Switchboard
from roomtone.testing.recorders import MemoryArchive, RecordingMedia, RecordingSignalling, ScriptedDocuments
from roomtone.testing.virtual_clock import CountingDice, VirtualClock

OFFER = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 40000 RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\n"
)
FINGERPRINT = ":".join(["AB"] * 32)
BROWSER_OFFER = (
    "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=rtcp-mux\r\na=ice-ufrag:abcd\r\n"
    f"a=ice-pwd:abcdefghijklmnopqrstuvwx\r\na=setup:actpass\r\na=fingerprint:sha-256 {FINGERPRINT}\r\n"
)
VOICE = "http://127.0.0.1:9/voice"
PROJECT = Project(ProjectId(7), "test", "twilio", "key", 1)
NUMBER = "+15551230000"
OUTWARD = Outward(read_trunks("+1=sip:127.0.0.1:5090"), 0)
"""Numbers of North America may be called, as many at once as come."""


@dataclass
class Board:
    """A switchboard and all its recorders."""

    store: Store
    signalling: RecordingSignalling = field(default_factory=RecordingSignalling)
    media: RecordingMedia = field(default_factory=RecordingMedia)
    documents: ScriptedDocuments = field(default_factory=ScriptedDocuments)
    archive: MemoryArchive = field(default_factory=MemoryArchive)
    clock: VirtualClock = field(default_factory=VirtualClock)
    dice: CountingDice = field(default_factory=lambda: CountingDice(1000))
    switchboard: Switchboard = field(init=False)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self, *, silent_hang_up_s: float = 0.0, is_busy: Callable[[], bool] = lambda: False) -> None:
        """Give the same recorders and store to a new switchboard."""
        store: StorePort = self.store
        ports = Ports(
            self.clock,
            self.dice,
            store,
            self.signalling,
            self.media,
            self.documents,
            self.archive,
            committed=lambda: None,
            outward=OUTWARD,
            silent_hang_up_s=silent_hang_up_s,
            house="http://house",
            is_busy=is_busy,
        )
        self.switchboard = Switchboard(ports)

    def recovery(self) -> Recovery:
        return Recovery(self.switchboard, self.store, self.signalling, self.media, self.clock)

    def says(self, text: str, url: str = VOICE) -> None:
        """Have the customer's server answer a document."""
        self.documents.answers[url] = FetchedDocument(f"<Response>{text}</Response>", url)

    def ring(self, call: int, *, to: str = NUMBER, sdp: str | None = OFFER) -> CallId:
        """Let somebody call."""
        who = CallId(call)
        self.switchboard.take(
            IncomingCall(
                who,
                "sip:alice@127.0.0.1",
                "Alice",
                f"sip:{to}@h",
                f"sip:{to}@h",
                f"id-{call}",
                sdp,
                (),
                "udp",
                "127.0.0.1",
                5070,
            )
        )
        return who

    def hangs_up(self, call: CallId) -> None:
        """Let a caller hang up."""
        self.switchboard.take(CallEnded(call, EndedBy.REMOTE, 0, "", answered=True))


@pytest.fixture
async def board(tmp_path: Path) -> AsyncIterator[Board]:
    store = open_store(prepared(tmp_path, PROJECT))
    await store.add_number(Number(NumberId(1), PROJECT.id, NUMBER, "test", 1, 1, voice=Document(VOICE)))
    made = Board(store)
    made.switchboard.open()
    yield made
    await made.switchboard.stop()
    await store.close()


class Unsteady:
    """The real store, which takes no commits while it is away."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.away = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def commit_conference(self, *what: Any) -> None:
        self._answer()
        await self._store.commit_conference(*what)

    async def commit_call(self, *what: Any) -> None:
        self._answer()
        await self._store.commit_call(*what)

    async def commit_recording(self, *what: Any) -> None:
        self._answer()
        await self._store.commit_recording(*what)

    def _answer(self) -> None:
        if self.away:
            raise StoreUnavailable("away")


@pytest.fixture
async def unsteady(board: Board) -> Unsteady:
    """The board's store; its switchboard is made anew upon it."""
    store = Unsteady(board.store)
    board.store = store  # type: ignore[assignment]
    board.restart()
    board.switchboard.open()
    return store


async def until(true: Callable[[], bool]) -> None:
    """Let the tasks run until something holds; the test's own time limit bounds it."""
    while not true():  # noqa: ASYNC110
        await asyncio.sleep(0.001)
