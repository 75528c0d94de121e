"""A level meter: what a needle with some weight would show, and how it is drawn. Pure.

It rises at once and falls slowly (20 dB in 1.5 s, as a peak meter does), and a mark stays at the loudest for a while.
Levels are RMS over 20 ms, in dB of a full-scale sine.

Source: IEC 60268-10 for the fall of a peak programme meter.
"""

from __future__ import annotations

import itertools
from collections import deque

from rich.text import Text

FLOOR_DB, TOP_DB = -60.0, 0.0
FALL_DB_PER_S = 20 / 1.5
HOLD_S = 1.2
MEMORY_S = 0.25
"""What one column of the history stands for."""

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_HEIGHTS = "▁▂▃▄▅▆▇█"
_SCALE = (-48, -36, -24, -12, -6)
_COLOURS = (
    (0.0, (46, 160, 110)),
    (0.55, (88, 190, 90)),
    (0.75, (214, 196, 66)),
    (0.88, (232, 140, 52)),
    (1.0, (226, 64, 64)),
)
_DARK = "rgb(52,56,62)"


class Meter:
    """One needle, its mark, and what it has shown lately."""

    def __init__(self, columns: int = 54) -> None:
        self.level_db = self.peak_db = FLOOR_DB
        self.history: deque[float] = deque([FLOOR_DB] * columns, maxlen=columns)
        """The loudest of each quarter of a second, dB, oldest first."""

        self._peak_s = self._column_s = self._last_s = 0.0
        self._column_db = FLOOR_DB

    def show(self, level_db: float, now_s: float) -> None:
        """Move to a level.

        Args:
            level_db: Of the sound just now.
            now_s: Any clock that only goes forward.
        """
        level_db = min(max(level_db, FLOOR_DB), TOP_DB)
        fallen_db = self.level_db - FALL_DB_PER_S * max(0.0, now_s - self._last_s)
        self.level_db = max(level_db, fallen_db, FLOOR_DB)
        self._last_s = now_s
        if level_db >= self.peak_db or now_s - self._peak_s > HOLD_S:
            self.peak_db, self._peak_s = max(level_db, self.level_db), now_s
        self._column_db = max(self._column_db, level_db)
        if now_s - self._column_s >= MEMORY_S:
            self.history.append(self._column_db)
            self._column_db, self._column_s = FLOOR_DB, now_s


def share(level_db: float) -> float:
    """Give a level's place on the scale, 0 to 1."""
    return min(1.0, max(0.0, (level_db - FLOOR_DB) / (TOP_DB - FLOOR_DB)))


def bar(meter: Meter, width: int) -> Text:
    """Draw the needle as a bar of so many characters, its mark, and its number."""
    filled, mark = share(meter.level_db) * width, round(share(meter.peak_db) * (width - 1))
    drawn = Text()
    for column in range(width):
        part = min(1.0, max(0.0, filled - column))
        sign = _EIGHTHS[round(part * 8)]
        if part == 0 and column == mark and meter.peak_db > FLOOR_DB:
            drawn.append("│", style=_colour(column / width))
        elif part == 0:
            drawn.append("·", style=_DARK)
        else:
            drawn.append(sign, style=_colour(column / width))
    told = "   –  dB" if meter.level_db <= FLOOR_DB else f"{meter.level_db:5.0f} dB"
    return drawn.append(f" {told}", style="dim")


def scale(width: int) -> Text:
    """Write the numbers that belong under a bar."""
    line = [" "] * width
    for level_db in _SCALE:
        text = str(level_db)
        at = round(share(level_db) * (width - 1)) - len(text) // 2
        line[at : at + len(text)] = text
    return Text("".join(line)[:width], style="dim")


def history(meter: Meter, width: int) -> Text:
    """Draw what was to be heard lately, a column for each quarter of a second."""
    drawn = Text()
    for level_db in list(meter.history)[-width:]:
        place = share(level_db)
        style = _DARK if place == 0 else _colour(place)
        drawn.append(_HEIGHTS[min(7, int(place * 8))], style=style)
    return drawn


def _colour(place: float) -> str:
    """Mix the colour of a place on the scale."""
    for (low, below), (high, above) in itertools.pairwise(_COLOURS):
        if place <= high:
            part = (place - low) / (high - low)
            mixed = (round(b + part * (a - b)) for b, a in zip(below, above, strict=True))
            return f"rgb({','.join(map(str, mixed))})"
    return "rgb(226,64,64)"
