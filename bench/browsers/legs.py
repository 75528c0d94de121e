"""What browsers' legs cost: so many that no browser could be run for each, played by the load generator over real signalling.

Each checks its way by ICE, agrees on keys by DTLS, and sends Opus in SRTP, in conferences of ten, two of whom speak.
"""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from bench.media.coding import coding_of
from bench.media.play import binary
from bench.media.voices import takes

from stage.rest import Rest, basic
from stage.server import Server

SIZE, SPEAKERS = 10, 2
CODING = coding_of("OPUS")
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
SETTLING_S = 2.0
OFFER = (
    "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=rtcp-mux\r\na=sendrecv\r\n"
    "a=ice-ufrag:visitor\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\na=setup:actpass\r\n"
    "a=fingerprint:sha-256 {fingerprint}\r\na=rtpmap:111 opus/48000/2\r\n"
)


@dataclass(frozen=True)
class Cost:
    """What came of it."""

    legs: int
    connected: int
    core: float
    """Share of one processor that the engine took, 1 is all of it."""

    keys_ms: list[float]
    """From the first check to the keys, of each, when all come at once."""

    missing: float
    """Share of the packets that should have come."""

    refused: int


async def measure(server: Server, folder: Path, legs: int, seconds: int) -> Cost:
    """Let so many come at once, talk and listen, and say what the engine took meanwhile."""
    sounds = folder / "sounds.json"
    sounds.write_text(json.dumps(_sounds()))
    visitors = await asyncio.create_subprocess_exec(
        str(binary()), "visit", "--sounds", str(sounds), "--seconds", str(seconds + 2 * int(SETTLING_S)),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 20,
    )  # fmt: skip
    assert visitors.stdin is not None
    try:
        fingerprint = await _line(visitors, "fingerprint ")
        async with aiohttp.ClientSession() as session:
            rest = Rest(session, server.ready["http"], server.create_project())
            doors = [await _door(rest, at, fingerprint) for at in range(legs)]
        visitors.stdin.write(f"{json.dumps(doors)}\n".encode())
        await _line(visitors, "connected ")
        await asyncio.sleep(SETTLING_S)
        before = processor_s(server.ready["engine_pid"])
        await asyncio.sleep(seconds)
        core = (processor_s(server.ready["engine_pid"]) - before) / seconds
        told: dict[str, Any] = json.loads(await _line(visitors, ""))
    finally:
        if visitors.returncode is None:
            visitors.kill()
        await visitors.wait()
    expected = told["connected"] * told["seconds"] * 50
    missing = max(0.0, 1 - told["received"] / expected) if expected else 1.0
    return Cost(legs, told["connected"], core, told["keys_ms"], missing, told["refused"])


def processor_s(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def _sounds() -> dict[str, Any]:
    """Two who speak, and somebody's line noise."""
    coded = takes(CODING.name)
    chosen = [*list(coded.speech)[:SPEAKERS], coded.noise[0]]
    payloads = [[list(payload) for payload in coded.payloads[at]] for at in chosen]
    return {"payload_type": CODING.payload_type, "step": CODING.timestamp_step, "payloads": payloads}


async def _line(process: asyncio.subprocess.Process, beginning: str) -> str:
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode().strip()
    if not line.startswith(beginning) or not line:
        raise RuntimeError(f"the load generator said {line!r}")
    return line.removeprefix(beginning)


async def _door(rest: Rest, at: int, fingerprint: str) -> dict[str, Any]:
    """Make a browser's call, and say where the visitor is to come."""
    headers = {**basic(rest.who.sid, rest.who.token), "Content-Type": "application/sdp"}
    path = f"BrowserCalls?To=conference:hall{at // SIZE}&From=visitor{at}"
    reply = await rest.post(path, OFFER.format(fingerprint=fingerprint).encode(), headers=headers)
    assert reply.status == 201, reply
    told = dict(
        line[2:].partition(":")[::2]
        for line in reversed(reply.text.splitlines())  # the first of a kind counts
        if line.startswith("a=")
    )
    candidate = told["candidate"].split()
    return {
        "there": f"{candidate[4]}:{candidate[5]}",
        "username": told["ice-ufrag"],
        "password": told["ice-pwd"],
        "fingerprint": told["fingerprint"].partition(" ")[2],
        "sound": min(at % SIZE, SPEAKERS),
    }
