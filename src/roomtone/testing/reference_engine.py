"""A whole engine in Python: the oracle of the contract suite, and the engine to test your own application with.

It speaks the engine protocol over a Unix socket and mixes real RTP, but takes no SIP: calls are made by the test, in
process (`ring`, `press`, `hang_up_remotely`). Plain rather than fast: a dozen streams, not a thousand.

As a program it takes the native engine's arguments: ``python -m roomtone.testing.reference_engine --socket PATH …``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Self, get_args

import msgspec

from roomtone import __version__
from roomtone.link import messages
from roomtone.link.connection import versions_agree
from roomtone.link.frames import FrameTooLarge, frame, read_body
from roomtone.testing.reference_checks import CODECS, OrderDeclined
from roomtone.testing.reference_media import ReferenceMedia
from roomtone.testing.reference_pace import Pace
from roomtone.testing.reference_signalling import RecorderSignalling

TICK_S = 0.020
FACTS_KEPT = 8_192
"""Facts that wait for a brain that is away, or has not taken its snapshot yet."""

_DECODER: msgspec.msgpack.Decoder[messages.Order] = msgspec.msgpack.Decoder(messages.Order)
_KNOWN = {kind.__name__ for kind in get_args(messages.Order)}


class _Envelope(msgspec.Struct):
    """What orders of all versions have."""

    t: str
    n: int


@dataclass(frozen=True, slots=True)
class Settings:
    """The engine's arguments."""

    socket: Path
    rtp_host: str = "127.0.0.1"
    rtp_first: int = 20_000
    rtp_last: int = 29_999
    orphan_s: float = 300.0
    """Seconds without a brain after which it ends all calls and itself."""

    protocol: str = messages.VERSION
    """What it claims to speak; for tests of the handshake."""


class ReferenceEngine:
    """One engine, in the loop that starts it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.instance = f"{random.getrandbits(128):032x}"
        self.told: list[messages.Order] = []
        """Every order so far, for tests to look at."""

        self.signalling = RecorderSignalling(self._tell)
        self.media = ReferenceMedia(
            settings.rtp_host, settings.rtp_first, settings.rtp_last, self._tell, time.monotonic
        )
        self.over = asyncio.Event()
        """Set when it shuts down by itself or by order."""

        self._facts: deque[messages.Fact] = deque()
        self._facts_dropped = 0
        self._brain: asyncio.StreamWriter | None = None
        self._flowing = False
        self._brain_left_s = time.monotonic()
        self._heard = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._ticking: asyncio.Task[None] | None = None
        self._talks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen on the socket and begin to tick."""
        self.settings.socket.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._meet, self.settings.socket)
        self._ticking = asyncio.create_task(self._tick_for_ever(), name="reference tick")

    async def stop(self) -> None:
        """Stop at once, as a killed engine would; only the socket's file is tidied away."""
        assert self._server is not None
        assert self._ticking is not None
        self._server.close()
        tasks = [self._ticking, *self._talks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.media.close()
        self.settings.socket.unlink(missing_ok=True)

    # What a test does ------------------------------------------------------------------------------------------------

    def ring(self, to: str, sdp: str | None, *, caller: str = "+15550001111") -> str:
        """Let somebody call; see `RecorderSignalling.ring`."""
        return self.signalling.ring(to, sdp, caller=caller)

    def hang_up_remotely(self, call: str) -> None:
        """Let a caller hang up."""
        self.signalling.hang_up_remotely(call)

    def press(self, call: str, digit: str, duration_ms: int = 100) -> None:
        """Let a caller press a key, without RTP."""
        self._tell(messages.Digit(call=call, digit=digit, duration_ms=duration_ms))

    async def wait_for(
        self, kind: type[msgspec.Struct], *, call: str | None = None, within_s: float = 5.0
    ) -> msgspec.Struct:
        """Wait until an order of this kind was given (for this call), and give the newest such.

        Raises:
            TimeoutError: None came in `within_s` seconds.
        """
        async with asyncio.timeout(within_s):
            while True:
                for order in reversed(self.told):
                    if isinstance(order, kind) and call in {None, getattr(order, "call", None)}:
                        return order
                self._heard.clear()
                await self._heard.wait()

    # The brain -------------------------------------------------------------------------------------------------------

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talks.add(task)
        try:
            await self._talk(reader, writer)
        except (asyncio.CancelledError, ConnectionError, FrameTooLarge):
            pass  # the brain went away, or we did
        finally:
            self._talks.discard(task)
            writer.close()
            if self._brain is writer:
                self._brain = None
                self._brain_left_s = time.monotonic()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hear Hello, then carry out orders until one makes no sense or the brain leaves."""
        while (body := await read_body(reader)) is not None:
            order = _read_order(body)
            if order is None:
                return
            reply = await self._reply_to(order, writer)
            writer.write(frame(reply))
            if isinstance(reply, messages.Welcome):
                self._attach(writer)
            elif isinstance(reply, messages.Snapshot):
                self._let_facts_flow(writer)
            await writer.drain()
            if writer is not self._brain:
                return

    async def _reply_to(
        self, order: messages.Order | Unknown, writer: asyncio.StreamWriter
    ) -> messages.Reply:
        if isinstance(order, Unknown):
            return messages.Refused(n=order.n, code="unknown-order", text="this engine knows no such order")
        if isinstance(order, messages.Hello):
            if writer is self._brain:
                return messages.Refused(n=order.n, code="hello-twice", text="Hello was said already")
            return self._greet(order)
        if writer is not self._brain:
            return messages.Refused(n=order.n, code="hello-first", text="Hello is the first order")
        self.told.append(order)
        try:
            reply = await self._carry_out(order)
        except OrderDeclined as no:
            reply = messages.Refused(n=order.n, code=no.code, text=no.text)
        self._heard.set()
        return reply

    def _greet(self, hello: messages.Hello) -> messages.Reply:
        ours = self.settings.protocol
        if not versions_agree(hello.protocol, ours):
            text = f"this engine speaks protocol {ours}, the brain {hello.protocol}"
            return messages.Refused(n=hello.n, code="version", text=text)
        return messages.Welcome(
            n=hello.n,
            protocol=ours,
            engine=f"roomtone reference engine {__version__}",
            instance=self.instance,
            listeners=[],
            rtp_first=self.settings.rtp_first,
            rtp_last=self.settings.rtp_last,
            codecs=sorted(CODECS),
        )

    def _attach(self, writer: asyncio.StreamWriter) -> None:
        """Take the newest brain as the only one."""
        if self._brain is not None:
            self._brain.close()
        self._brain, self._flowing = writer, False

    def _let_facts_flow(self, writer: asyncio.StreamWriter) -> None:
        """Tell what has happened before the first snapshot, and from then on all else at once."""
        self._flowing = True
        if self._facts_dropped:
            writer.write(frame(messages.FactsDropped(count=self._facts_dropped)))
            self._facts_dropped = 0
        while self._facts:
            writer.write(frame(self._facts.popleft()))

    async def _carry_out(self, order: messages.Order) -> messages.Reply:
        media, done = self.media, messages.Done(n=order.n)
        match order:
            case messages.TakeSnapshot():
                return self._snapshot(order.n)
            case messages.Ring() | messages.Answer() | messages.Refuse() | messages.HangUp():
                self.signalling.carry_out(order)
            case messages.OpenStream():
                port = await media.open_stream(order)
                return messages.Opened(n=order.n, call=order.call, port=port)
            case messages.Record():
                return media.recorder.record(order)
            case messages.TakeStatistics(calls=calls):
                return messages.Statistics(n=order.n, streams=media.figures(calls))
            case messages.ChangeStream():
                media.change_stream(order)
            case messages.CloseStream(call=call):
                media.close_stream(call)
            case messages.ApplyPlan():
                media.apply(order)
            case messages.DropConference(conference=conference):
                media.drop(conference)
            case _:
                self._carry_out_sound(order)
        return done

    def _carry_out_sound(self, order: messages.Order) -> None:
        match order:
            case messages.LoadClip():
                self.media.load(order)
            case messages.DropClip(clip=clip):
                self.media.clips.pop(clip, None)
            case messages.StartSource():
                self.media.start(order)
            case messages.StopSource(source=source):
                self.media.sources.pop(source, None)
            case messages.PlayOnce():
                self.media.play_once(order)
            case messages.PressKeys():
                self.media.press(order)
            case messages.EndRecording(recording=recording):
                self.media.recorder.end(recording)
            case messages.OpenRelay() | messages.TellRelay() | messages.CloseRelay():
                raise OrderDeclined("not-implemented", "the reference engine carries nothing to WebSockets")
            case messages.Shutdown():
                self.signalling.end_all()
                self.over.set()

    def _snapshot(self, number: int) -> messages.Snapshot:
        media = self.media
        return messages.Snapshot(
            n=number,
            legs=self.signalling.states(),
            streams=[port.stream.state(media.seated.get(call)) for call, port in media.ports.items()],
            plans=[
                messages.PlanState(conference=key, revision=plan.revision)
                for key, plan in media.plans.items()
            ],
            sources=[
                messages.SourceState(source=name, turn=source.turn, ended=source.ended)
                for name, source in media.sources.items()
            ],
            clips=list(media.clips),
            recordings=media.recorder.states(),
        )

    def _tell(self, fact: messages.Fact) -> None:
        if self._brain is not None and self._flowing:
            self._brain.write(frame(fact))
            return
        self._facts.append(fact)
        if len(self._facts) > FACTS_KEPT:
            self._facts_dropped += 1
            statistics = (one for one in self._facts if isinstance(one, messages.StreamStatistics))
            self._facts.remove(next(statistics, self._facts[0]))

    # Time ------------------------------------------------------------------------------------------------------------

    async def _tick_for_ever(self) -> None:
        due_s = time.monotonic()
        pace = Pace(due_s)
        while True:
            pace.note(time.monotonic() - due_s)
            self.media.tick()
            told = pace.take(time.monotonic(), len(self.media.ports), len(self.media.plans))
            if told is not None:
                self._tell(told)
            if self._brain is None and time.monotonic() - self._brain_left_s > self.settings.orphan_s:
                self.signalling.end_all()
                self.over.set()
            due_s += TICK_S
            pause_s = due_s - time.monotonic()
            if pause_s < -0.2:
                pace.skipped += round(-pause_s / TICK_S)
                due_s, pause_s = time.monotonic(), 0.0  # the machine stood still: let it be
            await asyncio.sleep(max(0.0, pause_s))


@dataclass(frozen=True, slots=True)
class Unknown:
    """An order of a later version."""

    n: int


def _read_order(body: bytes) -> messages.Order | Unknown | None:
    """Read an order; None if it is no order of any version."""
    try:
        return _DECODER.decode(body)
    except msgspec.MsgspecError:
        pass
    try:
        envelope = msgspec.msgpack.decode(body, type=_Envelope)
    except msgspec.MsgspecError:
        return None
    return None if envelope.t in _KNOWN else Unknown(envelope.n)


def read_arguments(arguments: list[str] | None = None) -> Settings:
    """Read the native engine's command line; what concerns SIP and the log is taken and ignored."""
    parser = argparse.ArgumentParser(description="The reference engine of Roomtone: RTP, but no SIP.")
    parser.add_argument("--socket", type=Path, required=True)
    parser.add_argument("--sip", default="")
    parser.add_argument("--rtp-host", default="127.0.0.1")
    parser.add_argument("--rtp-ports", default="20000-29999", metavar="A-B")
    parser.add_argument(
        "--rtp-trunk-port", type=int, default=0, help="each call has its own, whatever is asked for"
    )
    parser.add_argument("--media-threads", type=int, default=0, help="one mixes, whatever is asked for")
    parser.add_argument("--noise-floor", type=int, default=0, help="silence is silent, whatever is asked for")
    parser.add_argument("--busy-at", default="0", help="nobody is refused")
    parser.add_argument("--automatic-gain", default="false", help="all are left as they are")
    parser.add_argument("--sip-streams", default="0", help="no SIP, no connections")
    parser.add_argument("--handing-over", default="0", help="no dialogs, nothing to wait for")
    parser.add_argument("--orphan-seconds", type=float, default=300.0)
    parser.add_argument("--log", default="info")
    given = parser.parse_args(arguments)
    first, _, last = given.rtp_ports.partition("-")
    return Settings(given.socket, given.rtp_host, int(first), int(last), given.orphan_seconds)


async def run(settings: Settings) -> None:
    """Run one engine until it is told to stop."""
    async with ReferenceEngine(settings) as engine:
        ready = {"socket": str(settings.socket), "instance": engine.instance, "sip": []}
        print("engine ready", json.dumps(ready), flush=True)  # noqa: T201 - the readiness line
        await engine.over.wait()


def main() -> None:
    """Run as a program."""
    asyncio.run(run(read_arguments()))


if __name__ == "__main__":
    main()
