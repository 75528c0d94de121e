"""The parameters of Opus: what a peer wishes to be sent, and what we say of ourselves. Pure.

Each side says what it wishes to receive; nothing of it has to be answered, and what cannot be read is as good as unsaid.
We always send one channel, which every receiver can play.

Source: RFC 7587, sections 6.1 and 7.
"""

from __future__ import annotations

from dataclasses import dataclass

BITRATES_BPS = (6_000, 510_000)
"""The lowest and highest a peer may name."""

PLAYBACK_HZ = (8_000, 48_000)

OURS = "maxplaybackrate=48000;stereo=0;sprop-stereo=0;useinbandfec=1;usedtx=1"
"""We play everything, hear and say one channel, and can make use of copies and of silence left out."""


@dataclass(frozen=True, slots=True)
class OpusWishes:
    """What a peer wishes of the Opus we send it."""

    fec: bool = False
    """Packets should carry a coarse copy of the one before (``useinbandfec``)."""

    dtx: bool = False
    """Silence should be left out (``usedtx``)."""

    bitrate_bps: int = 0
    """The highest average, 6,000 to 510,000 (``maxaveragebitrate``); 0 when it was not said."""

    max_playback_hz: int = 48_000
    """The highest rate it plays, 8,000 to 48,000 (``maxplaybackrate``)."""


def read_wishes(parameters: str) -> OpusWishes:
    """Read the value of an fmtp line, such as ``useinbandfec=1; usedtx=0``."""
    pairs = (pair.partition("=") for pair in parameters.split(";"))
    said = {name.strip().lower(): value.strip() for name, _, value in pairs}
    bitrate_bps = _number(said.get("maxaveragebitrate"))
    playback_hz = _number(said.get("maxplaybackrate"))
    return OpusWishes(
        fec=said.get("useinbandfec") == "1",
        dtx=said.get("usedtx") == "1",
        bitrate_bps=0 if bitrate_bps is None else _within(BITRATES_BPS, bitrate_bps),
        max_playback_hz=PLAYBACK_HZ[1] if playback_hz is None else _within(PLAYBACK_HZ, playback_hz),
    )


def _number(text: str | None) -> int | None:
    readable = text is not None and text.isascii() and text.isdigit() and len(text) <= 9
    return int(text) if text is not None and readable else None


def _within(limits: tuple[int, int], number: int) -> int:
    return min(max(number, limits[0]), limits[1])
