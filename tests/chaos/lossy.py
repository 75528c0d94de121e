"""A bad network between a phone and the server's SIP port: of all datagrams, both ways, so many are lost.

Answers come back this way because the phone's own address is spelt as the relay's on the way in, and the other way round
on the way out. Ports have five digits on both sides, so that no length changes.
"""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

Address = tuple[str, int]


@dataclass
class LossyWay:
    """Between one phone and one server."""

    server: Address
    dice: random.Random
    loss: float
    near: Address = ("", 0)
    """What the phone takes for the server."""

    far: Address = ("", 0)
    """What the server takes for the phone."""

    phone: Address | None = None
    carried: int = 0
    lost: int = 0
    _ends: list[asyncio.DatagramTransport] = field(default_factory=list)

    def inwards(self, datagram: bytes, source: Address) -> None:
        """Carry what a phone said."""
        self.phone = source
        self._carry(_respelt(datagram, source, self.far), 1, self.server)

    def outwards(self, datagram: bytes, _: Address) -> None:
        """Carry what the server said."""
        if self.phone is not None:
            self._carry(_respelt(datagram, self.far, self.phone), 0, self.phone)

    def _carry(self, datagram: bytes, end: int, to: Address) -> None:
        if self.dice.random() < self.loss:
            self.lost += 1
            return
        self.carried += 1
        self._ends[end].sendto(datagram, to)


class _End(asyncio.DatagramProtocol):
    def __init__(self, way: LossyWay, *, near: bool) -> None:
        self._take = way.inwards if near else way.outwards

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._take(data, addr)


def _respelt(datagram: bytes, found: Address, put: Address) -> bytes:
    return datagram.replace(b"%s:%d" % (found[0].encode(), found[1]), b"%s:%d" % (put[0].encode(), put[1]))


@asynccontextmanager
async def lossy_way(server: Address, loss: float, seed: int) -> AsyncIterator[LossyWay]:
    """Open a way for one phone."""
    loop, way = asyncio.get_running_loop(), LossyWay(server, random.Random(seed), loss)
    for near in (True, False):
        transport, _ = await loop.create_datagram_endpoint(
            lambda near=near: _End(way, near=near), ("127.0.0.1", 0), family=socket.AF_INET
        )
        way._ends.append(cast("asyncio.DatagramTransport", transport))
    way.near, way.far = (one.get_extra_info("sockname") for one in way._ends)
    try:
        yield way
    finally:
        for end in way._ends:
            end.close()
