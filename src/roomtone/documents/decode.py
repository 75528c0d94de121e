"""Decoding of audio files: bytes in, a clip out.

FFmpeg (by PyAV) does the work, on bytes in memory only. The container is recognised here by its first bytes and named
to FFmpeg, which therefore never guesses: playlists and everything else that could lead it to other files or addresses
are out of its reach. Blocks; callers use a thread. FFmpeg is loaded by whoever comes first, which takes a moment.

Exceptions: `NotAudio` and no other.

Sources: the file formats' own magic numbers; FFmpeg's format documentation; PyAV.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from roomtone.core.exchange import Clip
from roomtone.documents.chunks import sound_only, without_tags

if TYPE_CHECKING:
    import av

_BYTES_PER_SAMPLE = 2
_MOST_CHANNELS = 8
_LEAST_HZ = 4_000
_MOST_HZ = 192_000
_MOST_BAD_PACKETS = 100

_RAW = {
    "audio/basic": "mulaw",
    "audio/ulaw": "mulaw",
    "audio/mulaw": "mulaw",
    "audio/x-mulaw": "mulaw",
    "audio/x-ulaw": "mulaw",
    "audio/pcmu": "mulaw",
    "audio/alaw": "alaw",
    "audio/x-alaw": "alaw",
    "audio/pcma": "alaw",
    "audio/gsm": "gsm",
    "audio/x-gsm": "gsm",
}
"""Files without a header, known by their content type alone; 8 kHz mono."""


CODECS = frozenset(
    {
        "aac", "adpcm_g722", "adpcm_ima_qt", "adpcm_ima_wav", "adpcm_ms", "alac", "amrnb", "amrwb", "flac", "gsm",
        "gsm_ms", "mp2", "mp2float", "mp3", "mp3float", "opus", "libopus", "vorbis", "libvorbis",
    }
)  # fmt: skip
"""Codings that are decoded, besides plain PCM: what people have, and not all that FFmpeg can be made to run."""


class NotAudio(Exception):  # noqa: N818 - a fault of the file, told by its state
    """A file cannot be decoded; the text says why."""


@dataclass(frozen=True, slots=True)
class DecodeLimits:
    """How much a file may hold."""

    max_duration_s: float = 1_800.0
    """Longest audio, in seconds; a longer file is refused whole."""


def decode(body: bytes, type_: str, limits: DecodeLimits) -> Clip:
    """Decode an audio file to mono, at 16 kHz if it has that much, else at 8 kHz.

    Args:
        body: The whole file.
        type_: Its content type, bare; asked only about files that have no header of their own.
        limits: How much is decoded.

    Raises:
        NotAudio: It is none, or too long, or of a kind that is not decoded.
    """
    import av.error

    tagged, body = body.startswith(b"ID3"), without_tags(body)
    container = container_of(body, type_) or ("mp3" if tagged else None)
    if container is None:
        raise NotAudio(
            "it is no audio file of a known kind (WAV, MP3, Ogg, FLAC, AIFF, AU, AAC, MP4, CAF, AMR)"
        )
    if container in {"wav", "aiff"}:
        body = sound_only(body)
    try:
        rate_hz, pcm = _decode(body, container, limits)
    except (av.error.FFmpegError, ValueError, ArithmeticError, LookupError) as why:
        detail = getattr(why, "strerror", None) or str(why)
        raise NotAudio(f"it cannot be decoded as {container}: {detail}") from None
    if not pcm:
        raise NotAudio(
            f"it is a {container} file without any audio, or damaged: nothing of it can be decoded"
        )
    name = hashlib.sha256(pcm + rate_hz.to_bytes(4, "little")).hexdigest()
    return Clip(name, rate_hz, pcm)


def container_of(body: bytes, type_: str) -> str | None:
    """Recognise a file by its first bytes, or by its content type if its kind has no header.

    Returns:
        FFmpeg's name of the container, or None.
    """
    head = body[:16]
    if head[:4] in {b"RIFF", b"RF64"} and head[8:12] == b"WAVE":
        return "wav"
    if head[:4] == b"FORM" and head[8:12] in {b"AIFF", b"AIFC"}:
        return "aiff"
    if head[4:8] == b"ftyp":
        return "mov"
    if (named := next((name for magic, name in _MAGIC if head.startswith(magic)), None)) is not None:
        return named
    return _mpeg(body.lstrip(b"\0")[:3]) or _RAW.get(type_)


_MAGIC = ((b"OggS", "ogg"), (b"fLaC", "flac"), (b".snd", "au"), (b"caff", "caf"), (b"#!AMR", "amr"))


def _mpeg(head: bytes) -> str | None:
    """Tell the two MPEG streams that begin with a frame: eleven bits set, then version and layer; layer 0 is ADTS."""
    if len(head) < 3 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    if head[1] & 0xF6 == 0xF0:
        return "aac"
    reserved = (
        head[1] & 0x18 == 0x08 or head[1] & 0x06 == 0 or head[2] & 0xF0 == 0xF0 or head[2] & 0x0C == 0x0C
    )
    return None if reserved else "mp3"


def _decode(body: bytes, container: str, limits: DecodeLimits) -> tuple[int, bytes]:
    import av

    options = {"protocol_whitelist": "none"}  # nothing may be opened besides these bytes
    if container in {"mulaw", "alaw", "gsm"}:
        options["sample_rate"] = "8000"
    with av.open(BytesIO(body), "r", format=container, options=options, metadata_errors="ignore") as opened:
        if not opened.streams.audio:
            raise NotAudio(f"it is a {container} file without an audio stream")
        source = opened.streams.audio[0]
        rate_hz = _rate(source)
        most = int(limits.max_duration_s * rate_hz) * _BYTES_PER_SAMPLE
        resampler = av.AudioResampler(format="s16", layout="mono", rate=rate_hz)
        pcm = bytearray()
        for frame in _frames(opened, source):
            for part in resampler.resample(frame):
                pcm += memoryview(part.planes[0])[: part.samples * _BYTES_PER_SAMPLE]
            if len(pcm) > most:
                raise NotAudio(f"it is longer than {limits.max_duration_s:g} s")
    return rate_hz, bytes(pcm)


def _rate(source: av.AudioStream) -> int:
    """Choose the rate of the clip, after a look at what the file says of itself."""
    context: av.AudioCodecContext | None = source.codec_context
    if context is None:  # the container is known, what is in it is not
        raise NotAudio("it is coded in a way that is not known")
    if context.name not in CODECS and not context.name.startswith("pcm_"):
        raise NotAudio(f"it is coded as {context.name}, which is not decoded")
    rate_hz, channels = context.sample_rate, context.channels
    if not _LEAST_HZ <= rate_hz <= _MOST_HZ or not 1 <= channels <= _MOST_CHANNELS:
        raise NotAudio(f"{channels} channels at {rate_hz} Hz are not decoded")
    return 16_000 if rate_hz >= 16_000 else 8_000


def _frames(opened: av.container.InputContainer, source: av.AudioStream) -> Iterator[av.AudioFrame | None]:
    """Give the file's frames, passing over a few packets that are damaged, and None at the end to flush."""
    import av.error

    bad = 0
    for packet in opened.demux(source):
        try:
            yield from packet.decode()
        except av.error.InvalidDataError:
            bad += 1
            if bad > _MOST_BAD_PACKETS:
                raise
    yield None
