"""What the bound SIP stack can do, measured: prints the table of docs/decisions/0002-sip-stack.md.

Usage: ``python experiments/sip-stack/measure.py [--only NAME ...] [--quick]`` after a release build of the engine; needs
SIPp 3.6 and baresip 1.0. Everything stays on loopback. The script plays the brain over the engine's socket: it answers
with a fixed SDP and opens no media, so that the figures are those of SIP alone.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests"), str(Path(__file__).parent)]
os.environ.setdefault("ROOMTONE_ENGINE_BINARY", str(ROOT / "engine/target/release/roomtone-engine"))

import baresip  # noqa: E402
import sipp  # noqa: E402

from engine.brain import Brain  # noqa: E402
from engine.calls import answered  # noqa: E402
from engine.hostile import datagrams  # noqa: E402
from engine.phone import SDP, Phone  # noqa: E402
from engine.running import Running, running  # noqa: E402
from roomtone.link import messages as m  # noqa: E402

OPTIONS = ("--sip-requests", "0", "--log", "error")


class Bench:
    """One engine, one brain and a folder."""

    def __init__(self, engine: Running, brain: Brain, folder: Path, *, quick: bool) -> None:
        self.engine, self.brain, self.folder, self.quick = engine, brain, folder, quick
        self.decision = "answer"
        brain.on_fact = self._decide

    def _decide(self, fact: object) -> None:
        if isinstance(fact, m.IncomingCall):
            if self.decision == "ring":
                self.brain.post(m.Ring, call=fact.call, sdp=None)
            elif self.decision == "refuse":
                self.brain.post(m.Refuse, call=fact.call, status=486, reason="", headers=[])
            elif self.decision != "wait":
                self.brain.post(m.Answer, call=fact.call, sdp=SDP)
        elif isinstance(fact, m.Reoffered):
            held = "a=sendonly" in (fact.sdp or "")
            self.brain.post(
                m.Answer, call=fact.call, sdp=SDP + ("a=recvonly\r\n" if held else "a=sendrecv\r\n")
            )
        elif isinstance(fact, m.Confirmed) and self.decision == "hang up":
            self.brain.post(m.HangUp, call=fact.call, reason="")

    async def sipp(self, scenario: str, *options: str, within_s: float = 60) -> sipp.Outcome:
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        return await asyncio.to_thread(
            sipp.run, scenario, self.engine.sip, folder, *options, within_s=within_s
        )

    async def legs(self) -> int:
        return len((await self.brain.ask(m.TakeSnapshot)).legs)

    async def settle(self) -> None:
        """Wait until each leg has told its end, and forget the facts."""
        async with asyncio.timeout(60):
            while await self.legs():  # noqa: ASYNC110 - the engine is asked
                await asyncio.sleep(0.1)
        assert len(self.brain.told(m.IncomingCall)) == len(self.brain.told(m.Ended)), "one Ended for each leg"
        self.brain.facts.clear()


def counted(outcome: sipp.Outcome) -> str:
    """Write SIPp's counts."""
    again = f", {outcome.retransmissions} retransmissions" if outcome.retransmissions else ""
    return f"{outcome.succeeded} of {outcome.made} as expected{again}"


def first(outcome: sipp.Outcome) -> str:
    """Write how soon the 200 came; SIPp counts whole milliseconds."""
    return f"{outcome.first_ms:.0f} ms" if outcome.first_ms >= 1 else "less than 1 ms"


async def _scenario(bench: Bench, scenario: str, decision: str, transport: str) -> str:
    bench.decision = decision
    outcome = await bench.sipp(scenario, "-m", "20", "-r", "50", "-t", transport, "-max_socket", "1000")
    await bench.settle()
    return counted(outcome)


def scenario(name: str, decision: str, transport: str = "u1") -> Callable[[Bench], Awaitable[str]]:
    """Make a measurement of one scenario."""
    return lambda bench: _scenario(bench, name, decision, transport)


async def lost_ack(bench: Bench) -> str:
    bench.decision = "answer"
    begin = time.monotonic()
    outcome = await bench.sipp("lost_ack", "-m", "5", "-r", "50", within_s=60)
    ended = bench.brain.told(m.Ended)
    assert {(one.by.value, one.status, one.answered) for one in ended} == {("timeout", 408, True)}
    await bench.settle()
    return f"{counted(outcome)}: 200 repeated, BYE after {time.monotonic() - begin:.1f} s"


async def absorbed(bench: Bench) -> str:
    bench.decision = "wait"
    phone = await Phone(bench.engine.sip).open()
    invite = phone.say("INVITE", SDP)
    call = (await bench.brain.fact(m.IncomingCall, sip_call_id=phone.call_id)).call
    for _ in range(50):
        phone.send(invite)
    await bench.brain.ask(m.Ring, call=call, sdp=None)
    await phone.hears(180)
    for _ in range(50):
        phone.send(invite)
    await bench.brain.ask(m.Answer, call=call, sdp=SDP)
    await phone.hears(200)
    for _ in range(50):
        phone.send(invite)
    calls = len(bench.brain.told(m.IncomingCall))
    phone.say("ACK")
    phone.say("BYE")
    await phone.hears(200, "BYE")
    await bench.settle()
    await phone.close()
    return f"150 repeats, {calls} call"


async def malformed(bench: Bench) -> str:
    bench.decision = "refuse"
    count = 10_000 if bench.quick else 60_000
    phone, ping = await Phone(bench.engine.sip).open(), await Phone(bench.engine.sip).open()
    before, cpu, begin = bench.engine.rss_kb(), bench.engine.cpu_s(), time.monotonic()
    for n, datagram in enumerate(datagrams(2026, count)):
        phone.send(datagram)
        if n % 40 == 0:
            ping.say("OPTIONS")
            await ping.hears(200)
    seconds, cpu = time.monotonic() - begin, bench.engine.cpu_s() - cpu
    calls, answers = len(bench.brain.told(m.IncomingCall)), len(phone.heard())
    await bench.settle()
    bench.decision = "answer"
    caller = await Phone(bench.engine.sip).open()
    await answered(bench.brain, caller)
    caller.say("BYE")
    await caller.hears(200, "BYE")
    await bench.settle()
    for one in (phone, ping, caller):
        await one.close()
    return (
        f"{count:,} sent in {seconds:.0f} s, {answers:,} answered, {calls} were calls (all ended); "
        f"{cpu / count * 1e6:.0f} us each; RSS {before / 1024:.0f} -> {bench.engine.rss_kb() / 1024:.0f} MB; "
        "next call works"
    )


async def fifty_a_second(bench: Bench) -> str:
    bench.decision = "answer"
    calls = 500 if bench.quick else 3_000
    before, cpu = bench.engine.rss_kb(), bench.engine.cpu_s()
    outcome = await bench.sipp("basic", "-m", str(calls), "-r", "50", "-d", "2000", within_s=120)
    cpu = bench.engine.cpu_s() - cpu
    await bench.settle()
    return (
        f"{counted(outcome)}; 200 after {first(outcome)}; {cpu / calls * 1e3:.2f} ms CPU a call; "
        f"RSS {before / 1024:.0f} -> {bench.engine.rss_kb() / 1024:.0f} MB"
    )


async def fast(bench: Bench) -> str:
    bench.decision = "answer"
    cpu = bench.engine.cpu_s()
    outcome = await bench.sipp("basic", "-m", "2000", "-r", "400", "-d", "500", within_s=60)
    cpu = bench.engine.cpu_s() - cpu
    await bench.settle()
    return f"{counted(outcome)}; 200 after {first(outcome)}; {cpu / 2000 * 1e3:.2f} ms CPU a call"


async def dialogs_held(bench: Bench) -> str:
    bench.decision = "answer"
    count = 500 if bench.quick else 2_000
    before = bench.engine.rss_kb()
    hold_ms = count * 10 + 38_000
    calling = asyncio.create_task(
        bench.sipp("basic", "-m", str(count), "-r", "100", "-d", str(hold_ms), "-l", str(count), within_s=150)
    )
    async with asyncio.timeout(60):
        while len(bench.brain.told(m.Confirmed)) < count:  # noqa: ASYNC110 - coarse on purpose
            await asyncio.sleep(0.2)
    # What the stack remembers of finished transactions is gone after 32 s; what is left is the dialogs.
    at_once = bench.engine.rss_kb()
    cpu = bench.engine.cpu_s()
    await asyncio.sleep(34)
    idle = (bench.engine.cpu_s() - cpu) / 34
    assert await bench.legs() == count
    held = bench.engine.rss_kb()
    outcome = await calling
    await bench.settle()
    return (
        f"{counted(outcome)}; {(held - before) / count:.1f} kB a dialog "
        f"({(at_once - before) / count:.1f} kB in the first 32 s); {idle * 100:.1f} % of a core while idle"
    )


async def softphone(bench: Bench, transport: str) -> str:
    bench.decision = "answer"
    phone = await baresip.Baresip(Path(tempfile.mkdtemp(dir=bench.folder))).start(transport)
    host, port = bench.engine.sip
    try:
        for ends in ("phone", "us"):
            phone.command("dial", f"sip:1234@{host}:{port}")
            await phone.event("CALL_ESTABLISHED")
            call = (await bench.brain.fact(m.Confirmed)).call
            phone.command("hold")
            await bench.brain.fact(m.Reoffered)
            seen = len(bench.brain.facts)
            phone.command("resume")
            await bench.brain.fact(m.Reoffered, after=seen)
            if ends == "us":
                await bench.brain.ask(m.HangUp, call=call, reason="")
            else:
                phone.command("hangup")
            await bench.brain.fact(m.Ended)
            await phone.event("CALL_CLOSED")
            await bench.settle()
    finally:
        await phone.stop()
    return "call, hold, resume, BYE both ways"


ROWS: dict[str, tuple[str, str, Callable[[Bench], Awaitable[str]]]] = {
    "basic": ("basic call, UDP", "SIPp", scenario("basic", "answer")),
    "basic-tcp": ("basic call, TCP, one connection", "SIPp", scenario("basic", "answer", "t1")),
    "basic-tcps": ("basic call, TCP, one connection a call", "SIPp", scenario("basic", "answer", "tn")),
    "hangup": ("BYE from us", "SIPp", scenario("hangup", "hang up")),
    "cancel": ("CANCEL while ringing", "SIPp", scenario("cancel", "ring")),
    "refused": ("refused with 486", "SIPp", scenario("refused", "refuse")),
    "hold": ("re-INVITE: hold and resume, UDP", "SIPp", scenario("hold", "answer")),
    "hold-tcp": ("re-INVITE: hold and resume, TCP", "SIPp", scenario("hold", "answer", "t1")),
    "options": ("OPTIONS", "SIPp", scenario("options", "answer")),
    "baresip": ("a softphone, UDP", "baresip", lambda bench: softphone(bench, "udp")),
    "baresip-tcp": ("a softphone, TCP", "baresip", lambda bench: softphone(bench, "tcp")),
    "absorbed": ("INVITE sent again", "script", absorbed),
    "lost-ack": ("lost ACK", "SIPp", lost_ack),
    "malformed": ("malformed datagrams", "script", malformed),
    "50cps": ("50 calls/s for a minute", "SIPp", fifty_a_second),
    "400cps": ("400 calls/s for five seconds", "SIPp", fast),
    "dialogs": ("2,000 dialogs held", "SIPp", dialogs_held),
}


async def measure(engine: Running, folder: Path, name: str, *, quick: bool) -> bool:
    """Take one measurement and print its line of the table; False when it failed."""
    brain = await Brain.attach(engine.socket)
    bench = Bench(engine, brain, folder, quick=quick)
    what, by, take = ROWS[name]
    good = True
    try:
        figures = await take(bench)
    except (AssertionError, TimeoutError, OSError) as why:
        figures, good = f"FAILED: {type(why).__name__} {why}", False
    print(f"| {what} | {by} | {figures} | `{name}` |", flush=True)
    await brain.close()
    return good


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", choices=ROWS, default=list(ROWS))
    parser.add_argument("--quick", action="store_true", help="a tenth of the load")
    chosen = parser.parse_args()
    print("| what | by | figures | `--only` |\n|---|---|---|---|")
    good = True
    for name in chosen.only:
        # An engine each: what one measurement leaves in memory must not flatter the next.
        with tempfile.TemporaryDirectory() as folder, running(Path(folder), *OPTIONS) as engine:
            good &= asyncio.run(measure(engine, Path(folder), name, quick=chosen.quick))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
