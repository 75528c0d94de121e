"""An agent in a conference: hears the room, and answers with a tone when somebody has spoken.

    python agent.py 9000

Speaks the vendors' media streams over WebSocket: 8 kHz µ-law in both directions.
"""

from __future__ import annotations

import base64
import json
import math
import sys

from aiohttp import WSMsgType, web

TONE_HZ = 1_877.0
ANSWER_S = 1.0
LOUD = 1_000
"""Mean of the absolute samples from which a frame counts as speech."""

SPOKEN_FRAMES, SILENT_FRAMES = 10, 25
"""So many frames of 20 ms make an utterance, and so many of silence end it."""


def from_mulaw(code: int) -> int:
    code = ~code & 0xFF
    magnitude = (((code & 0x0F) << 3) + 0x84) << ((code & 0x70) >> 4)
    return (0x84 - magnitude) if code & 0x80 else (magnitude - 0x84)


DECODED = [from_mulaw(code) for code in range(256)]


def to_mulaw(sample: int) -> int:
    sign, magnitude = (0x80, -sample) if sample < 0 else (0, sample)
    magnitude = min(magnitude, 32_635) + 0x84
    exponent = magnitude.bit_length() - 8
    return ~(sign | exponent << 4 | magnitude >> (exponent + 3) & 0x0F) & 0xFF


def answer() -> bytes:
    """Give what is said, as µ-law: here a tone, in yours what a voice says."""
    samples = (
        round(8_000 * math.sin(2 * math.pi * TONE_HZ * i / 8_000)) for i in range(round(8_000 * ANSWER_S))
    )
    return bytes(to_mulaw(sample) for sample in samples)


class Listener:
    """Notices when somebody has spoken."""

    def __init__(self) -> None:
        self._spoken = 0
        self._silent = 0

    def has_spoken(self, frame: bytes) -> bool:
        """Take 20 ms; says whether an utterance is over."""
        level = sum(abs(DECODED[code]) for code in frame) / max(1, len(frame))
        if level >= LOUD:
            self._spoken, self._silent = self._spoken + 1, 0
            return False
        self._silent += 1
        if self._silent < SILENT_FRAMES:
            return False
        over, self._spoken = self._spoken >= SPOKEN_FRAMES, 0
        return over


async def join(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    listener, said = Listener(), base64.b64encode(answer()).decode()
    async for raw in socket:
        if raw.type is not WSMsgType.TEXT:
            continue
        message = json.loads(raw.data)
        match message["event"]:
            case "start":
                print("joined", message["start"].get("conferenceSid"), flush=True)
            case "media" if listener.has_spoken(base64.b64decode(message["media"]["payload"])):
                await socket.send_json({"event": "media", "media": {"payload": said}})
                await socket.send_json({"event": "mark", "mark": {"name": "answered"}})
            case "mark":
                print("answered", flush=True)
            case "stop":
                print("left", flush=True)
    return socket


if __name__ == "__main__":
    app = web.Application()
    app.router.add_get("/room", join)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
