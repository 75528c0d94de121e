"""Datagrams no honest phone sends: seeded, so that what breaks once breaks again.

The ideas are RFC 4475's and everybody's: cut, repeat, drop, swap, splice, flip; numbers too large, names too long,
brackets and quotes that never close, bytes that are no text. The messages are our own.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from engine.phone import SDP

METHODS = (
    "INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "UPDATE", "INFO", "REGISTER", "PRACK", "REFER", "NOTIFY", "MESSAGE",
    "SUBSCRIBE", "PUBLISH", "DANCE", "invite", "",
)  # fmt: skip
TOKENS = (
    b"", b"\0", b"\r\n", b"\r\n\r\n", b"\n", b"\xff\xfe", b"\xc3", "é漢".encode(), b"%00", b"%", b"<", b">", b'"', b"\\",
    b";", b",", b"@", b":", b"[::1]", b"[::", b"999999999999999999999", b"-1", b"4294967296", b"0", b"sip:", b"sips:",
    b"tel:", b"mailto:a@b", b";tag=", b";lr", b";transport=tcp", b"SIP/2.0", b"A" * 300, b"(" * 60, b"\t \t", b"*",
)  # fmt: skip


def request(method: str, dice: random.Random) -> bytes:
    """Compose a sound request of some dialog that may not exist."""
    number = dice.randrange(1 << 16)
    body = SDP if method in {"INVITE", "UPDATE"} and dice.random() < 0.7 else ""
    to_tag = f";tag={dice.randrange(1 << 20):x}" if dice.random() < 0.3 else ""
    kind = "Content-Type: application/sdp\r\n" if body else ""
    return (
        f"{method} sip:{number}@127.0.0.1:5060;user=phone SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP 127.0.0.1:{1024 + number % 60000};rport;branch=z9hG4bK{dice.randrange(1 << 40):x}\r\n"
        f'Max-Forwards: 70\r\nFrom: "N. {number}" <sip:{number}@h.test>;tag={dice.randrange(1 << 30):x}\r\n'
        f"To: <sip:x@127.0.0.1>{to_tag}\r\nCall-ID: {dice.randrange(1 << 24):x}@h.test\r\n"
        f"CSeq: {dice.randrange(1, 1 << 20)} {method}\r\nContact: <sip:{number}@127.0.0.1:9>\r\n"
        f"Supported: timer, 100rel\r\n{kind}Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def response(dice: random.Random) -> bytes:
    """Compose a response to nothing we asked."""
    return request("OPTIONS", dice).replace(
        request("OPTIONS", dice).split(b"\r\n")[0],
        b"SIP/2.0 %d OK" % dice.choice((100, 180, 200, 302, 401, 487, 503, 999)),
    )


def _cut(data: bytearray, dice: random.Random) -> None:
    del data[dice.randrange(len(data) + 1) :]


def _flip(data: bytearray, dice: random.Random) -> None:
    for _ in range(dice.randint(1, 8)):
        if data:
            data[dice.randrange(len(data))] = dice.randrange(256)


def _splice(data: bytearray, dice: random.Random) -> None:
    at = dice.randrange(len(data) + 1)
    data[at : at + dice.choice((0, 0, 1, 5))] = dice.choice(TOKENS)


def _swap_value(data: bytearray, dice: random.Random) -> None:
    lines = bytes(data).split(b"\r\n")
    at = dice.randrange(len(lines))
    name, colon, _ = lines[at].partition(b":")
    lines[at] = name + colon + b" " + dice.choice(TOKENS)
    data[:] = b"\r\n".join(lines)


def _repeat_or_drop_line(data: bytearray, dice: random.Random) -> None:
    lines = bytes(data).split(b"\r\n")
    at = dice.randrange(len(lines))
    lines[at : at + 1] = [lines[at]] * dice.choice((0, 2, 2, 40))
    data[:] = b"\r\n".join(lines)


WAYS = (_cut, _flip, _splice, _splice, _swap_value, _swap_value, _repeat_or_drop_line)


def datagrams(seed: int, count: int) -> Iterator[bytes]:
    """Give this many malformed messages; the same for the same seed."""
    dice = random.Random(seed)
    for _ in range(count):
        data = bytearray(response(dice) if dice.random() < 0.15 else request(dice.choice(METHODS), dice))
        for _ in range(dice.randint(1, 4)):
            dice.choice(WAYS)(data, dice)
        yield bytes(data[:60_000])
