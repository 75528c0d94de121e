"""Frames, byte by byte."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from roomtone.link import messages as m
from roomtone.link.frames import LIMIT_BYTES, FrameTooLarge, frame, read_body


def reader_of(*pieces: bytes) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    for piece in pieces:
        reader.feed_data(piece)
    reader.feed_eof()
    return reader


def test_a_frame_is_a_length_and_a_map_with_the_messages_name() -> None:
    encoded = frame(m.StopSource(n=3, source="hold"))
    assert int.from_bytes(encoded[:4], "big") == len(encoded) - 4
    assert msgspec.msgpack.decode(encoded[4:]) == {"t": "StopSource", "n": 3, "source": "hold"}


async def test_bodies_come_back_one_by_one_then_none() -> None:
    orders = [m.TakeSnapshot(n=1), m.CloseStream(n=2, call="ab")]
    reader = reader_of(b"".join(map(frame, orders)))
    decoded = [msgspec.msgpack.decode(await read_body(reader), type=m.Order) for _ in orders]
    assert decoded == orders
    assert await read_body(reader) is None


@pytest.mark.parametrize("cut", [1, 3, 4, 9])
async def test_a_stream_that_ends_within_a_frame_has_ended(cut: int) -> None:
    assert await read_body(reader_of(frame(m.CloseStream(n=2, call="ab"))[:cut])) is None


async def test_a_length_beyond_the_limit_is_not_waited_for() -> None:
    with pytest.raises(FrameTooLarge, match="announced"):
        await read_body(reader_of((LIMIT_BYTES + 1).to_bytes(4, "big")))


def test_a_message_beyond_the_limit_is_not_made() -> None:
    with pytest.raises(FrameTooLarge, match="LoadClip"):
        frame(m.LoadClip(n=1, clip="long", rate_hz=8_000, pcm=bytes(LIMIT_BYTES)))
