"""Where the crate alone leaves a phone without an answer, and what the binding makes of it: prints a table.

Usage: build both (``cargo build --manifest-path experiments/sip-stack/bare/Cargo.toml`` and the engine), then
``python experiments/sip-stack/probe.py [--trace] [--only TEXT]``. The same probe runs against `bare`, which is rsipstack with its own
dialog layer as documented, and against the engine. With ``--trace`` every message is printed.
"""

from __future__ import annotations

# ruff: noqa: ARG001 - all probes are called alike
import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]

from engine.brain import Brain  # noqa: E402
from engine.phone import SDP, Message, Phone  # noqa: E402
from engine.running import running  # noqa: E402
from roomtone.link import messages as m  # noqa: E402

BARE = Path(__file__).parent / "bare/target/debug/bare"
QUIET_S = 2.0
"""Silence for so long counts as no answer; T1 is 0.5 s, so an answer had time to be sent again."""

Address = tuple[str, int]


class Called(Protocol):
    """A called side."""

    address: Address

    async def hang_up(self) -> None: ...
    def heard_bodies(self) -> list[int]: ...


class Bare:
    """The crate's own layers."""

    def __init__(self, process: asyncio.subprocess.Process, address: Address) -> None:
        self._process, self.address = process, address
        self.lines: list[str] = []

    async def hang_up(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(b"hangup\n")

    def heard_bodies(self) -> list[int]:
        return [int(line.split()[1]) for line in self.lines if line.startswith("invite ")]

    @classmethod
    @asynccontextmanager
    async def run(cls, answer_ms: int, reoffer_ms: int) -> AsyncIterator[Bare]:
        import socket

        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            port = one.getsockname()[1]
        process = await asyncio.create_subprocess_exec(
            str(BARE), str(port), str(answer_ms), str(reoffer_ms),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        assert process.stdout is not None
        await process.stdout.readline()
        bare = cls(process, ("127.0.0.1", port))

        async def listen() -> None:
            assert process.stdout is not None
            async for line in process.stdout:
                bare.lines.append(line.decode())

        listening = asyncio.create_task(listen())
        yield bare
        process.kill()
        await process.wait()
        await listening


class Bound:
    """Our engine, with a brain that decides the same."""

    def __init__(self, brain: Brain, address: Address, answer_ms: int, reoffer_ms: int) -> None:
        self._brain, self.address = brain, address
        self._times = answer_ms / 1000, reoffer_ms / 1000
        self._pending: set[asyncio.Task[None]] = set()
        brain.on_fact = self._decide

    def _decide(self, fact: object) -> None:
        if isinstance(fact, m.IncomingCall | m.Reoffered):
            after = self._times[isinstance(fact, m.Reoffered)]
            task = asyncio.create_task(self._answer(fact.call, after))
            self._pending.add(task)
            task.add_done_callback(self._pending.discard)

    async def _answer(self, call: str, after_s: float) -> None:
        self._brain.post(m.Ring, call=call, sdp=None)
        await asyncio.sleep(after_s)
        self._brain.post(m.Answer, call=call, sdp=SDP)

    async def hang_up(self) -> None:
        for call in self._brain.told(m.IncomingCall):
            await self._brain.ask(m.HangUp, call=call.call, reason="")

    def heard_bodies(self) -> list[int]:
        return [len(call.sdp or "") for call in self._brain.told(m.IncomingCall)]

    @classmethod
    @asynccontextmanager
    async def run(cls, answer_ms: int, reoffer_ms: int) -> AsyncIterator[Bound]:
        with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as engine:
            brain = await Brain.attach(engine.socket)
            yield cls(brain, engine.sip, answer_ms, reoffer_ms)
            await brain.close()


async def final(phone: Phone, method: str, within_s: float = QUIET_S) -> str:
    """Give the final answer to a request, or silence."""
    try:
        async with asyncio.timeout(within_s):
            while True:
                message = await phone.inbox.get()
                if message.status >= 200 and message.method == method:
                    return message.start.removeprefix("SIP/2.0 ")
    except TimeoutError:
        return "silence"


async def stands(phone: Phone, *, ack: bool = True) -> Message:
    """Make a call that stands."""
    phone.say("INVITE", SDP)
    ok = await phone.hears(200, "INVITE")
    if ack:
        phone.say("ACK")
    return ok


# --- the probes -------------------------------------------------------------------------------------------------------


async def reinvite_before_ack(called: Called, phone: Phone) -> str:
    await stands(phone, ack=False)
    phone.say("INVITE", SDP)
    async with asyncio.timeout(QUIET_S):
        try:
            while True:
                message = await phone.inbox.get()
                if message.status >= 200 and message.header("cseq") == "2 INVITE":
                    return message.start.removeprefix("SIP/2.0 ")
        except asyncio.CancelledError:
            pass
    return "silence"


async def update_before_answer(called: Called, phone: Phone) -> str:
    phone.say("INVITE", SDP)
    await phone.hears(180)
    phone.say("UPDATE", SDP)
    return await final(phone, "UPDATE")


async def old_number(called: Called, phone: Phone) -> str:
    phone.cseq = 50
    await stands(phone)
    phone.say("INFO", cseq=10)
    return await final(phone, "INFO")


async def contact_moves(called: Called, phone: Phone) -> str:
    moved = await Phone(called.address).open()
    await stands(phone)
    await asyncio.sleep(0.1)
    phone.contact = "<sip:moved@{}:{}>".format(*moved.address)
    phone.say("INVITE", SDP)
    await phone.hears(200, "INVITE")
    phone.say("ACK")
    await asyncio.sleep(0.1)
    await called.hang_up()
    try:
        await moved.asked("BYE", QUIET_S)
    except TimeoutError:
        return "BYE to the old address" if any("BYE" in one.start for one in phone.heard()) else "no BYE"
    finally:
        await moved.close()
    return "BYE to the new address"


async def cancelled_reinvite(called: Called, phone: Phone) -> str:
    await stands(phone)
    await asyncio.sleep(0.1)
    phone.say("INVITE", SDP)
    await asyncio.sleep(0.1)
    phone.say("CANCEL")
    return await final(phone, "INVITE")


async def hang_up_before_ack(called: Called, phone: Phone) -> str:
    await stands(phone, ack=False)
    await called.hang_up()
    try:
        await phone.asked("BYE", 0.4)
    except TimeoutError:
        phone.say("ACK")
        await phone.asked("BYE")
        return "BYE after the ACK"
    return "BYE before the ACK"


async def _mended(called: Called, phone: Phone, old: str, new: str, method: str = "OPTIONS") -> str:
    phone.send(phone.compose(method).replace(old, new, 1))
    return await final(phone, method if method in new or old != method else new)


async def unknown_method(called: Called, phone: Phone) -> str:
    phone.say("DANCE")
    return await final(phone, "DANCE")


async def other_version(called: Called, phone: Phone) -> str:
    return await _mended(called, phone, "SIP/2.0\r\n", "SIP/3.0\r\n")


async def from_without_tag(called: Called, phone: Phone) -> str:
    return await _mended(called, phone, f";tag={phone.tag}", "")


async def latin_1(called: Called, phone: Phone) -> str:
    phone.send(phone.compose("OPTIONS").replace("A Phone", "Müller").encode("latin-1"))
    return await final(phone, "OPTIONS")


async def no_length(called: Called, phone: Phone) -> str:
    phone.send(phone.compose("INVITE", SDP).replace(f"Content-Length: {len(SDP)}\r\n", ""))
    await phone.hears(200, "INVITE")
    body = called.heard_bodies()[0]
    return "body read" if body == len(SDP) else f"{body} of {len(SDP)} bytes of SDP read"


async def _over_tcp(called: Called, old: str, new: str) -> str:
    await asyncio.sleep(0.3)  # `bare` says ready before it listens
    phone = await Phone(called.address, "TCP").open()
    phone.send(phone.compose("OPTIONS").replace(old, new))
    answer = await final(phone, "DANCE" if "DANCE" in new else "OPTIONS")
    phone.call_id = "second"
    phone.say("OPTIONS")
    second = await final(phone, "OPTIONS", 1.0)
    closed = await phone.is_cut_off(0.1)
    await phone.close()
    return f"{answer}; the next on the connection: {second}{' (closed)' if closed else ''}"


async def endless_length(called: Called, phone: Phone) -> str:
    return await _over_tcp(called, "Content-Length: 0", "Content-Length: 18446744073709551615")


async def unknown_over_tcp(called: Called, phone: Phone) -> str:
    return await _over_tcp(called, "OPTIONS", "DANCE")


Probe = Callable[[Called, Phone], Awaitable[str]]
PROBES: list[tuple[str, Probe, int, int]] = [
    ("re-INVITE before the ACK of the first", reinvite_before_ack, 0, 0),
    ("UPDATE while the INVITE is undecided", update_before_answer, 5_000, 0),
    ("in-dialog request with an old CSeq", old_number, 0, 0),
    ("re-INVITE with a new Contact, then BYE from us", contact_moves, 0, 0),
    ("CANCEL of a re-INVITE", cancelled_reinvite, 0, 5_000),
    ("BYE from us before the ACK", hang_up_before_ack, 0, 0),
    ("unknown method", unknown_method, 0, 0),
    ("other SIP version", other_version, 0, 0),
    ("From without a tag", from_without_tag, 0, 0),
    ("ISO 8859-1 in a display name", latin_1, 0, 0),
    ("UDP, no Content-Length", no_length, 0, 0),
    ("TCP, Content-Length of 2^64 - 1", endless_length, 0, 0),
    ("TCP, unknown method", unknown_over_tcp, 0, 0),
]


async def take(probe: Probe, made_of: type[Bare | Bound], answer_ms: int, reoffer_ms: int) -> str:
    """Run one probe against one called side."""
    async with made_of.run(answer_ms, reoffer_ms) as called:
        phone = await Phone(called.address).open()
        try:
            return await probe(called, phone)
        except TimeoutError:
            return "no call"
        finally:
            await phone.close()


async def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trace", action="store_true", help="print each message")
    parser.add_argument("--only", default="", help="probes whose name has this text")
    chosen = parser.parse_args()
    if chosen.trace:
        trace()
    print("| probe | rsipstack alone | as bound |\n|---|---|---|")
    for what, probe, answer_ms, reoffer_ms in PROBES:
        if chosen.only not in what:
            continue
        outcomes = [await take(probe, made_of, answer_ms, reoffer_ms) for made_of in (Bare, Bound)]
        print(f"| {what} | {outcomes[0]} | {outcomes[1]} |", flush=True)


def trace() -> None:
    """Have phones print what they say and hear, by its first line."""
    send, parse = Phone.send, Message.parse

    def tell_send(self: Phone, data: str | bytes) -> None:
        text = data if isinstance(data, str) else data.decode(errors="replace")
        print(f"    -> {text.splitlines()[0]}")
        send(self, data)

    def tell_parse(data: bytes) -> Message:
        message = parse(data)
        print(f"    <- {message.start}  [{message.header('cseq')}]")
        return message

    Phone.send = tell_send  # type: ignore[method-assign]
    Message.parse = staticmethod(tell_parse)  # type: ignore[method-assign,assignment]


if __name__ == "__main__":
    os.environ.setdefault("ROOMTONE_ENGINE_BINARY", str(ROOT / "engine/target/release/roomtone-engine"))
    asyncio.run(main())
