"""What a bad network does to packets is put right."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from roomtone.link import messages as m
from roomtone.sdp.agreement import Codec
from roomtone.testing.g711 import encode
from roomtone.testing.rtp import Packet
from roomtone.testing.tones import Tone
from stage.ears import settle

from .conftest import MUSIC_HZ, UNEVEN_MS, Stage

SAID_AGAIN_S = 60.0
LATE_S = 0.01
"""How late a packet may be sent: less than what a jitter buffer holds."""


async def test_order_and_doubles_are_put_right(stage: Stage) -> None:
    """Every second pair of packets comes the wrong way round, and each tenth comes twice.

    What is said late, or mixed late, cannot be put right: then it is said once more, in another call.
    """
    loop = asyncio.get_running_loop()
    until_s = loop.time() + SAID_AGAIN_S
    said = await say_out_of_order(stage)
    while said.was_late and not said.is_right and loop.time() < until_s:
        said = await say_out_of_order(stage)
    assert said.heard == ["music"] * 3
    assert said.levels_db == pytest.approx([-13] * 3, abs=1), "nothing is missing or out of place"
    assert said.duplicates == 10


@dataclass
class Said:
    """What was heard of two seconds of packets, three times 400 ms of it, and how they were counted."""

    heard: list[str] = field(default_factory=list)
    levels_db: list[float] = field(default_factory=list)
    duplicates: int = 0
    was_late: bool = False
    """Whether we, or the engine's packets, were so late that nothing can be said of it."""

    @property
    def is_right(self) -> bool:
        even = all(abs(level + 13) <= 1 for level in self.levels_db)
        return self.heard == ["music"] * 3 and even and self.duplicates == 10


async def say_out_of_order(stage: Stage) -> Said:
    """Have A say two seconds of music to B, every 20 ms by the clock."""
    await stage.leave()
    a, b = await stage.phone("A", pitch_hz=None), await stage.phone("B", pitch_hz=None)
    await stage.plan(stage.seat("A"), stage.seat("B"))
    await a.pause()
    said, due_s, loop = Said(), asyncio.get_running_loop().time(), asyncio.get_running_loop()
    for at, datagram in enumerate(disordered()):
        said.was_late |= loop.time() > due_s + LATE_S
        a.send_raw(datagram)
        if at % 10 == 0:
            a.send_raw(datagram)
        due_s += 0.020
        await asyncio.sleep(max(0.0, due_s - loop.time()))
        if at in {60, 80, 99}:
            said.heard.append(stage.heard("B", 400))
            said.levels_db.append(b.levels((MUSIC_HZ,), 400)[MUSIC_HZ])
    said.was_late |= b.longest_gap_ms(2_000) > UNEVEN_MS
    await settle([a, b], 20)  # the last ones are read and counted
    await stage.link.ask(m.CloseStream(n=0, call=stage.calls["A"]))
    told = await stage.fact(m.StreamStatistics, call=stage.calls["A"], last=True)
    said.duplicates = told.packets_duplicate
    return said


def disordered() -> list[bytes]:
    """A hundred packets of music, of every second pair the later one first."""
    say = Tone(MUSIC_HZ)
    packets = [
        Packet(0, number, 160 * number, 0x5EED, encode(Codec.PCMU, say.take(160))).pack()
        for number in range(100)
    ]
    for at in range(0, 100, 4):
        packets[at], packets[at + 1] = packets[at + 1], packets[at]
    return packets
