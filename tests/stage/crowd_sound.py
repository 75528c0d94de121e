"""The sound of a crowd of callers, in a process of its own: each speaks a pitch and notes when it heard sound.

A caller here costs a few packets a round and no task, so that a hundred of them leave the machine to what is tested. Run
as a program: prints the ports as one JSON line, then takes orders as JSON lines: ``point`` (who, port), ``reset``, and
``report``, which is answered with a line. Times are the kernel's (SO_TIMESTAMPNS), so that a crowd that reads late fakes no
gap; one that speaks late does, as nobody mixes what was not said: the time by which it was late is taken off the gap and told apart.
"""

from __future__ import annotations

import json
import os
import select
import socket
import struct
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from roomtone.sdp.agreement import Codec
from roomtone.testing.g711 import encode
from roomtone.testing.tones import tone

SO_TIMESTAMPNS = 35  # asm-generic/socket.h
FRAME_BYTES, FRAME_S = 160, 0.020
QUIET = (0xFF, 0x7F, 0xFE, 0x7E)
"""What silence is made of in mu-law."""

BEFORE_S = 0.3
"""Speech that was late so long before a gap may be what is missing in it: it went through jitter buffers."""

CIRCLE_S = 1.0
"""A pitch of whole hertz is the same again after so long."""


@dataclass
class Pauses:
    """When the crowd itself spoke late, as the machine was somebody else's."""

    late: list[tuple[float, float]] = field(default_factory=list)
    """Moments of the wall clock, and by how many seconds."""

    def note(self, late_s: float) -> None:
        """A round of speech is late by so much."""
        if late_s > FRAME_S / 4:
            self.late.append((time.time(), late_s))

    def within(self, begin_s: float, end_s: float) -> float:
        """Give the longest in a gap, or so shortly before it that it may have made it."""
        return max(
            (late_s for at_s, late_s in self.late if begin_s - BEFORE_S < at_s < end_s + late_s), default=0.0
        )


@dataclass
class Caller:
    """One of the crowd."""

    sock: socket.socket
    speech: bytes
    pauses: Pauses
    remote: tuple[str, int] | None = None
    seq: int = 0
    heard_s: float = 0.0
    """When it heard sound last."""

    longest_s: float = 0.0
    """Between two packets with sound, since the last reset, less what the crowd itself was late."""

    packets: int = field(default=0)

    def speak(self) -> None:
        """Send the next 20 ms."""
        if self.remote is None:
            return
        self.seq += 1
        at = (self.seq * FRAME_BYTES) % len(self.speech)
        header = struct.pack(
            "!BBHII", 0x80, 0, self.seq & 0xFFFF, (self.seq * FRAME_BYTES) & 0xFFFFFFFF, self.sock.fileno()
        )
        try:
            self.sock.sendto(header + self.speech[at : at + FRAME_BYTES], self.remote)
        except OSError:
            return  # nobody there just now

    def listen(self) -> None:
        """Take all that has come."""
        while True:
            try:
                datagram, ancillary, _, _ = self.sock.recvmsg(512, 64)
            except BlockingIOError:
                return
            except OSError:
                continue  # an ICMP error for something that was sent
            if len(datagram) < 12 + FRAME_BYTES or is_quiet(datagram[12:]):
                continue
            at_s = next(
                (_seconds(value) for _, kind, value in ancillary if kind == SO_TIMESTAMPNS), time.time()
            )
            if self.heard_s:
                self._note_gap(self.heard_s, at_s)
            self.heard_s = at_s
            self.packets += 1

    def _note_gap(self, begin_s: float, end_s: float) -> None:
        if end_s - begin_s > self.longest_s:
            late_s = self.pauses.within(begin_s, end_s)
            self.longest_s = max(self.longest_s, end_s - begin_s - late_s)


def is_quiet(payload: bytes) -> bool:
    """Whether a frame of mu-law holds next to nothing."""
    return sum(payload.count(one) for one in QUIET) > len(payload) * 3 // 4


def _seconds(timespec: bytes) -> float:
    seconds, nanoseconds = struct.unpack("qq", timespec)
    return float(seconds + nanoseconds / 1e9)


def _caller(pitch_hz: float, pauses: Pauses) -> Caller:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setblocking(False)
    sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    sock.bind(("127.0.0.1", 0))
    return Caller(sock, encode(Codec.PCMU, tone(pitch_hz, CIRCLE_S)), pauses)


def _obey(order: dict[str, Any], callers: list[Caller], pauses: Pauses) -> None:
    match order["do"]:
        case "point":
            callers[order["who"]].remote = ("127.0.0.1", order["port"])
        case "reset":
            for one in callers:
                one.longest_s = 0.0
            pauses.late.clear()
        case "report":
            now_s = time.time()
            told = [
                {
                    "longest_ms": 1_000 * max(one.longest_s, now_s - one.heard_s if one.heard_s else 0.0),
                    "late_ms": 1_000 * pauses.within(0.0, now_s),
                    "quiet_ms": 1_000 * (now_s - one.heard_s) if one.heard_s else None,
                    "heard_s": one.heard_s,
                    "packets": one.packets,
                }
                for one in callers
            ]
            print(json.dumps(told), flush=True)


def main(pitches_hz: list[float]) -> None:
    """Speak and listen until the orders end."""
    with suppress(PermissionError):
        os.nice(-15)  # phones are machines of their own: what a server does takes nothing from them
    pauses = Pauses()
    callers = [_caller(hz, pauses) for hz in pitches_hz]
    print(json.dumps([one.sock.getsockname()[1] for one in callers]), flush=True)
    waiting = select.epoll()
    by_number = {one.sock.fileno(): one for one in callers}
    for number in (*by_number, sys.stdin.fileno()):
        waiting.register(number, select.EPOLLIN)
    os.set_blocking(sys.stdin.fileno(), False)
    unread, due_s = b"", time.monotonic()
    while True:
        for number, _ in waiting.poll(max(0.0, due_s - time.monotonic())):
            if number in by_number:
                by_number[number].listen()
                continue
            told = os.read(number, 1 << 16)
            if not told:
                return
            *lines, unread = (unread + told).split(b"\n")
            for line in lines:
                _obey(json.loads(line), callers, pauses)
        if time.monotonic() >= due_s:
            pauses.note(time.monotonic() - due_s)
            due_s = max(due_s + FRAME_S, time.monotonic() - 1.0)
            for one in callers:
                one.speak()


if __name__ == "__main__":
    main([float(word) for word in sys.argv[1:]])
