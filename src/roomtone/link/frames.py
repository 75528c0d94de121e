"""Framing of the engine protocol: a 4-byte big-endian length and one MessagePack map.

Pure, apart from reading a stream. Used by both ends that are written in Python: the brain and the reference engine.
Source: the head of ``engine/wire/protocol.toml``.
"""

from __future__ import annotations

import asyncio

import msgspec

LIMIT_BYTES = 64 << 20
"""Largest body of one frame."""

_ENCODER = msgspec.msgpack.Encoder()


class FrameTooLarge(ValueError):  # noqa: N818 - named for what is wrong with it
    """A message does not fit into one frame, or the peer announces such a one."""


def frame(message: msgspec.Struct) -> bytes:
    """Spell one message as a frame.

    Raises:
        FrameTooLarge: Its body has more than 64 MiB.
    """
    body = _ENCODER.encode(message)
    if len(body) > LIMIT_BYTES:
        raise FrameTooLarge(f"{type(message).__name__} of {len(body)} bytes; the limit is {LIMIT_BYTES}")
    return len(body).to_bytes(4, "big") + body


async def read_body(reader: asyncio.StreamReader) -> bytes | None:
    """Read one frame's body, or None at the end of the stream (also one in the middle of a frame).

    Raises:
        FrameTooLarge: The peer announces more than 64 MiB; the stream is of no further use.
    """
    try:
        length = int.from_bytes(await reader.readexactly(4), "big")
        if length > LIMIT_BYTES:
            raise FrameTooLarge(f"a frame of {length} bytes is announced; the limit is {LIMIT_BYTES}")
        return await reader.readexactly(length)
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
