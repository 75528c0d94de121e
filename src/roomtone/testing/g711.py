"""G.711 by tables: µ-law and A-law to and from 16-bit PCM. Pure.

Plain rather than fast, and written from the definition, so that it can judge other implementations.

Source: ITU-T G.711 (11/1988), tables 1 and 2; the 16-bit scaling (left-justified 14 and 13 bits) is customary.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from roomtone.sdp.agreement import Codec

Pcm = npt.NDArray[np.int16]
"""Samples of one channel, signed 16 bits, at 8,000 Hz unless said otherwise."""


def _ulaw_sample(code: int) -> int:
    code = ~code & 0xFF
    magnitude = ((((code & 0x0F) << 3) + 0x84) << ((code >> 4) & 7)) - 0x84
    return -magnitude if code & 0x80 else magnitude


def _alaw_sample(code: int) -> int:
    code ^= 0x55
    segment, step = (code >> 4) & 7, code & 0x0F
    magnitude = (step << 4) + 8 if segment == 0 else ((step << 4) + 0x108) << (segment - 1)
    return magnitude if code & 0x80 else -magnitude


def _codes_of_all_samples(decoded: Pcm) -> npt.NDArray[np.uint8]:
    """For each of the 65,536 samples (from -32768 up), the code whose value lies nearest."""
    codes = np.argsort(decoded, kind="stable")
    values = decoded[codes].astype(np.int32)
    borders = (values[:-1] + values[1:]) / 2
    nearest = np.searchsorted(borders, np.arange(-32768, 32768))
    return codes[nearest].astype(np.uint8)


_DECODE: dict[Codec, Pcm] = {
    Codec.PCMU: np.array([_ulaw_sample(code) for code in range(256)], dtype=np.int16),
    Codec.PCMA: np.array([_alaw_sample(code) for code in range(256)], dtype=np.int16),
}
_ENCODE = {codec: _codes_of_all_samples(table) for codec, table in _DECODE.items()}

PAYLOAD_TYPE = {Codec.PCMU: 0, Codec.PCMA: 8}
"""The static payload types (RFC 3551, table 4)."""


def decode(codec: Codec, payload: bytes) -> Pcm:
    """Turn a payload into samples, one for each byte."""
    samples: Pcm = _DECODE[codec][np.frombuffer(payload, dtype=np.uint8)]
    return samples


def encode(codec: Codec, pcm: Pcm) -> bytes:
    """Turn samples into a payload, one byte for each."""
    return bytes(_ENCODE[codec][pcm.astype(np.int32) + 32768])
