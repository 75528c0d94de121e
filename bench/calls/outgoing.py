"""How long it takes from ``POST …/Participants`` to the INVITE on the wire: the phone is a socket that is always busy."""

from __future__ import annotations

import asyncio
import re
import time
from typing import Any

import aiohttp
from bench.calls.house import House


class BusyPhone(asyncio.DatagramProtocol):
    """Notes when each INVITE came, by the user that it is for, and says 486."""

    def __init__(self) -> None:
        self.came: dict[str, asyncio.Future[float]] = {}

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def expect(self, user: str) -> asyncio.Future[float]:
        """Give what will be the moment of the INVITE for this user."""
        self.came[user] = asyncio.get_running_loop().create_future()
        return self.came[user]

    def datagram_received(self, data: bytes, address: Any) -> None:
        text = data.decode()
        found = re.match(r"INVITE sip:([^@]+)@", text)
        if found is None:
            return
        waiting = self.came.get(found[1])
        if waiting is not None and not waiting.done():
            waiting.set_result(time.perf_counter())
        kept = [
            line for line in text.splitlines() if re.match(r"(Via|From|Call-ID|CSeq):", line, re.IGNORECASE)
        ]
        to = next(line for line in text.splitlines() if line.lower().startswith("to:"))
        answer = ["SIP/2.0 486 Busy Here", *kept, f"{to};tag=busy", "Content-Length: 0", "", ""]
        self.transport.sendto("\r\n".join(answer).encode(), address)


async def invites_ms(house: House, calls: int) -> list[float]:
    """Call so many participants one after the other; gives the times, sorted."""
    loop = asyncio.get_running_loop()
    transport, phone = await loop.create_datagram_endpoint(BusyPhone, ("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    took = []
    headers = {"Authorization": house.authorization}
    async with aiohttp.ClientSession(headers=headers) as session:
        for n in range(calls):
            came = phone.expect(f"u{n}")
            form = {"From": "+12125550100", "To": f"sip:u{n}@127.0.0.1:{port}", "Timeout": "5"}
            began = time.perf_counter()
            async with session.post(
                f"{house.account}/Conferences/bench-{n % 10}/Participants.json", data=form
            ) as reply:
                assert reply.status == 201, await reply.text()
            took.append(1_000 * (await asyncio.wait_for(came, 10) - began))
    transport.close()
    return sorted(took)
