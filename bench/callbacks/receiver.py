"""Customers' servers: answer 204 to everything, on several loopback addresses, and check what came.

Prints its port when it listens; when its standard input closes it prints one line of JSON: how many requests came, how
many were of an event that had come already, and how many came before one in front of them.

Usage: ``python -m bench.callbacks.receiver HOSTS``
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from typing import cast
from urllib.parse import parse_qs

import uvloop

ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"


class Receiver(asyncio.Protocol):
    """One connection; requests are kept as they came and read in the end."""

    came: list[bytes] = []  # noqa: RUF012 - all connections of the process share it

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.buffer = b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end].lower()
            length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
            if len(self.buffer) < end + 4 + length:
                return
            self.came.append(self.buffer[: end + 4 + length])
            self.buffer = self.buffer[end + 4 + length :]
            self.transport.write(ANSWER)


def judge(came: list[bytes]) -> dict[str, int]:
    """Say what was wrong with what came."""
    seen: set[str] = set()
    last: Counter[str] = Counter()
    again = unordered = 0
    for request in came:
        head, _, body = request.partition(b"\r\n\r\n")
        event = head.lower().partition(b"roomtone-event-id:")[2].partition(b"\r\n")[0].strip().decode()
        form = parse_qs(body.decode())
        lane = form.get("ConferenceSid", form.get("CallSid", [""]))[0]
        sequence = int(form["SequenceNumber"][0])
        if event in seen:
            again += 1
            continue
        seen.add(event)
        unordered += lane in last and sequence != last[lane] + 1
        last[lane] = sequence
    return {"came": len(came), "again": again, "unordered": unordered}


async def main(hosts: int) -> None:
    loop = asyncio.get_running_loop()
    first = await loop.create_server(Receiver, "127.0.0.1", 0)
    port = first.sockets[0].getsockname()[1]
    others = [await loop.create_server(Receiver, f"127.0.0.{one}", port) for one in range(2, hosts + 1)]
    print(port, flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    for server in (first, *others):
        server.close()
    print(json.dumps(judge(Receiver.came)), flush=True)


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
