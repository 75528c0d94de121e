"""The caller as a process of its own, steered by JSON lines.

Run ``python -m roomtone.testing.sip_caller --to sip:+15551230000@127.0.0.1:5060 --pitch 440``. It dials at once, tells
what happens on standard output, takes commands on standard input, and hangs up at the end of its input. With
``--control PATH`` both go over a Unix socket that it opens there.

It tells: ``{"event": "calling", "rtp_port": …}``, ``ringing``, ``answered``, ``ended`` (with ``by``, ``status``,
``reason``). Commands are ``{"do": …}``; each is answered by one line with the same ``do`` and ``id`` (if one was given):

=========== ======================================= =================================================================
do          with                                    answer
=========== ======================================= =================================================================
measure     ms (300), pitches [hz, …]               heard [hz, …], levels {hz: dB}, loudness, packets, longest_gap_ms
press       digit, ms (100)
say         pitch (null: silence)
pause                                               sends no packets any more
resume                                              sends again
offer       flow (sendrecv, sendonly, inactive)     flow of the answer
hangup
quit
=========== ======================================= =================================================================

What goes wrong is answered with ``{"error": "…"}``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from roomtone.sdp.agreement import Codec
from roomtone.testing.sip_caller import CallerSettings, CallFailed, SipCaller
from roomtone.testing.sip_text import address_of
from roomtone.testing.tones import HEARD_DB, level_db, loudness_db

Line = dict[str, Any]
Tell = Callable[[Line], None]


class Control:
    """Carries out commands on one caller."""

    def __init__(self, caller: SipCaller) -> None:
        self._caller = caller
        self._remote: tuple[str, int] | None = None

    async def carry_out(self, command: Line) -> Line:
        """Do what one command says and give the answer.

        Raises:
            ValueError: There is no such command, or it lacks something.
        """
        verbs: dict[str, Callable[[Line], Awaitable[Line]]] = {
            "measure": self._measure,
            "press": self._press,
            "say": self._say,
            "pause": self._pause,
            "resume": self._resume,
            "offer": self._offer,
            "hangup": self._hang_up,
        }
        verb = verbs.get(str(command.get("do")))
        if verb is None:
            raise ValueError(f"no such command: {command.get('do')!r}")
        return await verb(command)

    async def _measure(self, command: Line) -> Line:
        window_ms = int(command.get("ms", 300))
        phone = self._caller.phone
        pcm = phone.pcm(window_ms)
        levels = {float(hz): round(level_db(pcm, float(hz)), 1) for hz in command.get("pitches", ())}
        return {
            "heard": [hz for hz, level in levels.items() if level >= HEARD_DB],
            "levels": {f"{hz:g}": level for hz, level in levels.items()},
            "loudness": round(loudness_db(pcm), 1),
            "packets": len(phone.recent(window_ms)),
            "longest_gap_ms": round(phone.longest_gap_ms(window_ms), 1),
        }

    async def _press(self, command: Line) -> Line:
        self._caller.phone.press(str(command["digit"]), int(command.get("ms", 100)))
        return {}

    async def _say(self, command: Line) -> Line:
        pitch = command.get("pitch")
        self._caller.phone.say(None if pitch is None else float(pitch))
        return {}

    async def _pause(self, _: Line) -> Line:
        await self._caller.phone.pause()
        return {}

    async def _resume(self, _: Line) -> Line:
        self._caller.phone.resume()
        return {}

    async def _offer(self, command: Line) -> Line:
        return {"flow": await self._caller.offer_again(str(command["flow"]))}

    async def _hang_up(self, _: Line) -> Line:
        await self._caller.hang_up()
        return {}


async def tell_life(caller: SipCaller, tell: Tell) -> None:
    """Tell what becomes of the call, from its ring to its end."""
    tell({"event": "calling", "rtp_port": caller.phone.port})
    try:
        await caller.ringing(within_s=60.0)
        tell({"event": "ringing"})
        await caller.answered(within_s=180.0)
        tell({"event": "answered"})
    except (CallFailed, TimeoutError):
        pass
    over = await caller.ended(within_s=None)
    tell({"event": "ended", "by": over.by, "status": over.status, "reason": over.reason})


async def serve(caller: SipCaller, reader: asyncio.StreamReader, tell: Tell) -> None:
    """Dial, and carry out commands until there are no more."""
    control = Control(caller)
    async with caller:
        life = asyncio.create_task(tell_life(caller, tell))
        while line := await reader.readline():
            command: Line = {}
            try:
                command = json.loads(line)
                if command.get("do") == "quit":
                    break
                answer = await control.carry_out(command)
            except (ValueError, KeyError, TypeError, AttributeError) as fault:
                answer = {"error": str(fault)}
            tell({key: command[key] for key in ("do", "id") if key in command} | answer)
        await caller.hang_up()
        life.cancel()


def _print(line: Line) -> None:
    print(json.dumps(line), flush=True)  # noqa: T201 - this is what the program is for


async def run(arguments: argparse.Namespace) -> None:
    """Set up as the command line says, and serve."""
    uri = arguments.to
    number = uri.removeprefix("sip:").split("@")[0]
    settings = CallerSettings(user=arguments.user, codecs=(Codec(arguments.codec),))
    caller = SipCaller(address_of(uri), number, pitch_hz=arguments.pitch, settings=settings)
    if arguments.control == "stdin":
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
        await serve(caller, reader, _print)
        return
    met: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    server = await asyncio.start_unix_server(lambda *streams: met.put_nowait(streams), arguments.control)
    async with server:
        reader, writer = await met.get()
        await serve(caller, reader, lambda line: writer.write(json.dumps(line).encode() + b"\n"))
        await writer.drain()
        writer.close()


def main() -> None:
    """Run as a program."""
    parser = argparse.ArgumentParser(description="A SIP caller that speaks a pitch; see the module's head.")
    parser.add_argument("--to", required=True, metavar="sip:NUMBER@HOST:PORT")
    parser.add_argument(
        "--pitch", type=float, default=None, metavar="HZ", help="what it says; without: silence"
    )
    parser.add_argument("--user", default="caller", help="user part of From: a name or a number")
    parser.add_argument("--codec", default="PCMU", choices=[Codec.PCMU.value, Codec.PCMA.value])
    parser.add_argument("--control", default="stdin", metavar="stdin|PATH", help="where commands come from")
    asyncio.run(run(parser.parse_args()))
