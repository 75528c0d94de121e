"""RTP packets, bit by bit."""

from __future__ import annotations

import pytest

from roomtone.testing.rtp import DIGITS, DigitEvent, Packet, parse, parse_digit, seq_distance, ts_distance

PACKET = Packet(8, 65_535, 4_294_967_295, 0xCAFEBABE, b"\xd5" * 160, marker=True)


def test_a_packet_comes_back_as_it_went() -> None:
    assert parse(PACKET.pack()) == PACKET


def test_sources_extension_and_padding_are_taken_off() -> None:
    plain = Packet(0, 1, 2, 3, b"").pack()
    first = bytes([0b10110010])  # padding, extension, two contributing sources
    extension = b"\xbe\xde\0\1abcd"
    datagram = first + plain[1:] + bytes(8) + extension + b"sound" + b"\0\0\3"
    assert parse(datagram) == Packet(0, 1, 2, 3, b"sound")


@pytest.mark.parametrize(
    "datagram",
    [
        b"",
        PACKET.pack()[:11],
        b"\x40" + PACKET.pack()[1:],
        b"\x8f" + PACKET.pack()[1:20],
        b"\xa0" + PACKET.pack()[1:12] + b"\xff",
        b"\x90" + PACKET.pack()[1:12] + b"\0\0\xff\xff",
    ],
    ids=["nothing", "cut", "version 1", "sources missing", "padding too long", "extension too long"],
)
def test_what_is_not_whole_is_no_packet(datagram: bytes) -> None:
    assert parse(datagram) is None


@pytest.mark.parametrize("digit", DIGITS)
def test_digits_come_back_as_they_went(digit: str) -> None:
    event = DigitEvent(digit, 800, end=True)
    assert parse_digit(event.pack()) == event


def test_what_is_no_key_is_no_digit() -> None:
    assert parse_digit(b"\x10\x0a\0\0") is None
    assert parse_digit(b"\1\2\3") is None


def test_distances_go_across_the_wrap() -> None:
    assert seq_distance(65_535, 2) == 3
    assert seq_distance(2, 65_535) == -3
    assert ts_distance(2**32 - 100, 60) == 160
    assert ts_distance(60, 2**32 - 100) == -160
