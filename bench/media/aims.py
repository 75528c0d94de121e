"""What was aimed at beside what was measured, and the same as bars for those who would rather look than read."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from bench.media.results import BUSY_BRAIN, DASH, OURS, PEER, Results
from bench.media.rows import FLOORS, Row

AIM_HEAD = ("aim", "", "measured", "met")
WIDTH = 48
"""Characters of the longest bar."""


def aims(found: Results) -> list[list[str]]:
    """Hold each aim against its rows; what was not measured says so."""
    return [[name, wanted, *outcome] for name, wanted, outcome in _aims(found)]


def _aims(found: Results) -> Iterator[tuple[str, str, tuple[str, str]]]:
    yield "PCMU × 10, most participants on a core", "≥ 3,000", _most(found, "PCMU", 3_000)
    costs = [row for size in (3, 10, 50, 200) for row in _ours(found, "PCMU", size)]
    worst = max((row.us for row in costs), default=None)
    yield "PCMU × 3, 10, 50, 200, a participant", "≤ 300 µs", _limit(worst, 300, " µs")
    floor = found.floor_us
    ratio = worst / floor if worst and floor else None
    yield "the same, beside the cheapest echo", "≤ 1.5 ×", _limit(ratio, 1.5, " ×", 2)
    yield "Opus × 10, a participant", "≤ 2,800 µs", _cost(found, "OPUS", 10, 2_800)
    yield "Opus × 10, most participants on a core", "≥ 350", _most(found, "OPUS", 350)
    yield "Opus × 50, a participant (500 on a core)", "≤ 2,000 µs", _cost(found, "OPUS", 50, 2_000)
    yield "G.722 × 10, most participants on a core", "≥ 900", _most(found, "G722", 900)
    heard = found.at_share or next(_ours(found, "PCMU", 10), None)
    at = f"mouth to ear, PCMU, {heard.median_of('core'):.0%} of the core" if heard else "mouth to ear, PCMU"
    yield f"{at}, p50", "≤ 20 ms", _limit(heard and heard.delay_ms(0.5), 20, " ms")
    yield "the same, p99", "≤ 35 ms", _limit(heard and heard.delay_ms(0.99), 35, " ms")
    yield (
        "gap between packets there, p99",
        "≤ 21 ms",
        _limit(heard and heard.median_of("gap_p99_ms"), 21, " ms", 1),
    )
    crowd = next((row for row in _ours(found, "PCMU") if row.load.size > 1_000), None)
    yield (
        "one conference of 1,005, PCMU",
        "≤ 40 % of a core",
        _limit(crowd and 100 * crowd.median_of("core"), 40, " %"),
    )
    memory = max((row.kb for row in found.rows if row.server == OURS and row.windows), default=None)
    yield "memory, a participant of any codec", "≤ 60 kB", _limit(memory, 60, " kB")
    busy = next((row for row in found.rows if row.server == BUSY_BRAIN and row.lateness_ms), None)
    beside = f"; a bare timer {found.timer_ms:.1f}" if found.timer_ms is not None else ""
    late = _limit(busy and median(busy.lateness_ms), 2, f" ms{beside}", 1)
    yield "lateness of ticks beside a busy brain, p99.9", "≤ 2 ms", late


def _ours(found: Results, codec: str, size: int | None = None) -> Iterator[Row]:
    for row in found.rows:
        same = row.server == OURS and row.load.coding.name == codec
        if same and row.windows and size in {None, row.load.size}:
            yield row


def _limit(value: float | None, most: float, unit: str, digits: int = 0) -> tuple[str, str]:
    if value is None:
        return DASH, DASH
    return f"{value:,.{digits}f}{unit}", "yes" if round(value, digits) <= most else "no"


def _cost(found: Results, codec: str, size: int, most: float) -> tuple[str, str]:
    return _limit(next((row.us for row in _ours(found, codec, size)), None), most, " µs")


def _most(found: Results, codec: str, least: int) -> tuple[str, str]:
    for one in found.capacities:
        row = one.carried or one.failed
        if row and row.server == OURS and row.load.coding.name == codec:
            if not one.carried:
                return f"fewer than {row.load.endpoints:,}", "no"
            count = one.carried.load.endpoints
            rest = " (the generator could do no more)" if one.starved else ""
            return f"{count:,}{rest}", "yes" if count >= least else "no"
    return DASH, DASH


def bars(found: Results) -> str:
    """Draw what a participant costs in conferences of 10, for each codec, by server."""
    blocks = []
    for codec in ("PCMU", "G722", "OPUS"):
        rows: dict[str, Row] = {}
        for row in found.rows:
            if row.server in {OURS, PEER, *FLOORS} and row.windows and _is_ten(row, codec):
                rows.setdefault(row.server, row)
        if not rows:
            continue
        longest = max(row.us for row in rows.values())
        lines = [f"{codec}, conferences of 10: µs of processor time per participant and second"]
        for server, row in sorted(rows.items(), key=lambda pair: pair[1].us):
            bar = "█" * max(1, round(WIDTH * row.us / longest))
            lines.append(f"  {server:<17} {bar} {row.us:,.0f}")
        blocks.append("\n".join(lines))
    return "```text\n" + "\n\n".join(blocks) + "\n```"


def _is_ten(row: Row, codec: str) -> bool:
    return row.load.size == 10 and row.load.coding.name == codec
