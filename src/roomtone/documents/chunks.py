"""Tidying of audio files before they are decoded: what is not sound is taken out. Pure.

Titles, pictures and comments are where files lie most about sizes, and a decoder may believe them: forty bytes can ask
for gigabytes. So the chunks that hold sound are put into a fresh file with true sizes, and tags in front are cut off.

Sources: Microsoft/IBM RIFF and EBU Tech 3306 (RF64); Apple AIFF 1.3 and AIFF-C; ID3v2.4, section 3.1.
"""

from __future__ import annotations

import struct

_SOUND = frozenset({b"fmt ", b"fact", b"data", b"FVER", b"COMM", b"SSND"})
_ENDLESS = frozenset({0, 0xFFFF_FFFF})
"""Sizes written by those who did not know the size yet: the rest of the file."""


def without_tags(body: bytes) -> bytes:
    """Cut off ID3 tags that stand before the sound."""
    while body[:3] == b"ID3" and len(body) >= 10:
        size = 0
        for byte in body[6:10]:
            size = size << 7 | byte & 0x7F
        footer = 10 if body[5] & 0x10 else 0
        body = body[10 + size + footer :]
    return body


def sound_only(body: bytes) -> bytes:
    """Write a WAV or AIFF file anew, with nothing but its format and its samples.

    Args:
        body: A file that begins with ``RIFF``, ``RF64`` or ``FORM``.
    """
    number = ">I" if body[:4] == b"FORM" else "<I"
    kept: list[bytes] = []
    at = 12
    while at + 8 <= len(body):
        name, (size,) = body[at : at + 4], struct.unpack_from(number, body, at + 4)
        if name in {b"data", b"SSND"} and size in _ENDLESS:
            size = len(body)
        if name in _SOUND:
            chunk = body[at + 8 : at + 8 + size]
            kept.append(name + struct.pack(number, len(chunk)) + chunk + bytes(len(chunk) % 2))
        at += 8 + size + size % 2
    inner = b"".join(kept)
    form = b"FORM" if number == ">I" else b"RIFF"
    return form + struct.pack(number, 4 + len(inner)) + body[8:12] + inner
