"""How the demo looks: one table for each step, and what is said at the end."""

from __future__ import annotations

from rich.markup import escape
from rich.table import Table

from roomtone.demo.ears import PLAYED_HZ, Verdict

HEARS, SILENT, OVER = "●", "·", "call over"


def matrix(verdict: Verdict) -> Table:
    """Draw who heard whom, green where it is as expected, beside what was expected in words."""
    sounds = [*verdict.expected, *PLAYED_HZ]
    table = Table(box=None, pad_edge=False, padding=(0, 2))
    table.add_column("measured at")
    for sound in sounds:
        table.add_column(sound, justify="center")
    table.add_column("expected to hear", style="dim")
    for listener in verdict.expected:
        cells = [_cell(verdict, listener, sound) for sound in sounds]
        table.add_row(f"[bold]{listener}[/]", *cells, _expected(verdict, listener))
    return table


def _cell(verdict: Verdict, listener: str, sound: str) -> str:
    if sound == listener:
        return ""
    measured = verdict.measured[listener]
    shown = "–" if measured is None else HEARS if sound in measured else SILENT
    return f"[green]{shown}[/]" if verdict.agrees(listener, sound) else f"[bold red]{shown} WRONG[/]"


def _expected(verdict: Verdict, listener: str) -> str:
    expected = verdict.expected[listener]
    if expected is None:
        return OVER
    return ", ".join(sorted(expected)) or "nothing"


def heading(turn: int, turns: int, title: str, story: str) -> str:
    """Spell the line above a step."""
    return f"\n[bold cyan]{turn}/{turns}[/] [bold]{escape(title)}[/]  [dim]{escape(story)}[/]"


def closing(cells: int, wrong: int, seconds: float) -> str:
    """Spell the last line."""
    if wrong:
        return f"\n[bold red]{wrong} of {cells} cells are NOT as expected[/]  ({seconds:.0f} s)"
    return f"\n[bold green]{cells} of {cells} cells as expected[/]  ({seconds:.0f} s)"
