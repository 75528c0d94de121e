"""G.711 against its own definition, and against what the world agrees on."""

from __future__ import annotations

import numpy as np
import pytest

from roomtone.sdp.agreement import Codec
from roomtone.testing.g711 import decode, encode

EVERY_SAMPLE = np.arange(-32768, 32768).astype(np.int16)


@pytest.mark.parametrize(
    ("codec", "code", "sample"),
    [
        (Codec.PCMU, 0xFF, 0),
        (Codec.PCMU, 0x80, 32124),
        (Codec.PCMU, 0x00, -32124),
        (Codec.PCMA, 0xD5, 8),
        (Codec.PCMA, 0x55, -8),
        (Codec.PCMA, 0xAA, 32256),
        (Codec.PCMA, 0x2A, -32256),
    ],
)
def test_known_codes(codec: Codec, code: int, sample: int) -> None:
    assert decode(codec, bytes([code])).tolist() == [sample]


@pytest.mark.parametrize("codec", [Codec.PCMU, Codec.PCMA])
def test_every_value_is_coded_as_itself(codec: Codec) -> None:
    values = decode(codec, bytes(range(256)))
    assert np.array_equal(decode(codec, encode(codec, values)), values)


@pytest.mark.parametrize("codec", [Codec.PCMU, Codec.PCMA])
def test_no_sample_is_off_by_more_than_its_step(codec: Codec) -> None:
    decoded = decode(codec, encode(codec, EVERY_SAMPLE)).astype(int)
    wanted = EVERY_SAMPLE.astype(int)
    error = np.abs(decoded - wanted)
    inside = np.abs(wanted) <= 32_124
    assert np.all(error[inside] <= np.maximum(16, np.abs(wanted[inside]) / 16))
    assert np.all(np.diff(decoded) >= 0), "louder in is never quieter out"
