"""What the phone looks like in a terminal: who is on the line, how loud both are, and which keys do what."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from roomtone.softphone.call import Call
from roomtone.softphone.called import Called
from roomtone.softphone.meter import Meter, bar, history, scale
from roomtone.softphone.phone import Phone
from roomtone.testing.tones import SILENT_DB

WIDTH = 80
BAR = 54

HELP = {
    "idle": "[b]c[/] call   [b]q[/] quit",
    "rings": "[b]a[/] answer   [b]h[/] decline   [b]q[/] quit",
    "calls": "[b]h[/] hang up   [b]q[/] quit",
    "up": "[b]0-9 * #[/] press   [b]m[/] mute   [b]h[/] hang up   [b]q[/] quit",
}


@dataclass
class View:
    """What there is to show besides the phone itself."""

    phone: Phone
    news: str = ""
    """The last thing that happened, in words."""

    typed: str | None = None
    """What is being typed as a number to call; None: nothing is."""

    pressed: str = ""
    spoken: Meter = field(default_factory=Meter)
    heard: Meter = field(default_factory=Meter)

    def state(self) -> str:
        """Name what the phone is doing: ``idle``, ``rings``, ``calls`` or ``up``."""
        call = self.phone.call
        if call is None or call.over.is_set():
            return "idle"
        if call.up.is_set():
            return "up"
        return "rings" if isinstance(call, Called) else "calls"

    def measure(self, now_s: float) -> None:
        """Let the needles move."""
        call = self.phone.call
        flows = call is not None and not call.over.is_set() and bool(call.sound.codec)
        figures = call.sound.figures if call is not None else None
        self.spoken.show(figures.spoken_db if flows and figures else SILENT_DB, now_s)
        self.heard.show(figures.heard_db if flows and figures else SILENT_DB, now_s)


def draw(view: View) -> RenderableType:
    """Draw the phone as it is now."""
    body = Table.grid(padding=(0, 1))
    body.add_column(justify="right", width=5, style="bold")
    body.add_column(width=WIDTH - 14)
    body.add_row("", _line(view))
    body.add_row("", _figures(view))
    body.add_row("", "")
    body.add_row("you", bar(view.spoken, BAR))
    body.add_row("them", bar(view.heard, BAR))
    body.add_row("", scale(BAR))
    body.add_row("", history(view.heard, BAR))
    body.add_row("", "")
    body.add_row("", _below(view))
    title = f"[bold]roomtone phone[/] [dim]·[/] {view.phone.account.uri.removeprefix('sip:')}"
    help_line = "[b]Enter[/] call   [b]Esc[/] leave it" if view.typed is not None else HELP[view.state()]
    return Panel(
        Group(body), title=title, title_align="left", subtitle=help_line, subtitle_align="left",
        width=WIDTH, border_style="rgb(90,98,110)", padding=(1, 1),
    )  # fmt: skip


def _line(view: View) -> Text:
    call, state = view.phone.call, view.state()
    if state == "idle" or call is None:
        return Text("○ nobody is on the line", style="dim")
    who = call.other.removeprefix("sip:")
    if state == "up":
        return _connected(call, who)
    line = Text().append("◉ " if state == "rings" else "◌ ", style="bold yellow")
    word = "calls" if state == "rings" else "is called" if not call.sound.codec else "is to be heard already"
    return line.append(who, style="bold").append(f" {word}")


def _connected(call: Call, who: str) -> Text:
    minutes, seconds = divmod(int(call.seconds), 60)
    line = Text().append("● ", style="red" if call.sound.muted else "green").append(who, style="bold")
    line.append(f"   {minutes:02d}:{seconds:02d}")
    return line.append("   muted", style="bold red") if call.sound.muted else line


def _figures(view: View) -> Text:
    call = view.phone.call
    if call is None or view.state() != "up":
        return Text("")
    figures = call.sound.figures
    lost = figures.lost / max(1, figures.received + figures.lost)
    return Text(f"  {call.sound.codec}   lost {lost:.1%}   jitter {figures.jitter_ms:.0f} ms", style="dim")


def _below(view: View) -> Text:
    if view.typed is not None:
        return Text("call ").append(view.typed, style="bold").append("▏", style="blink")
    if view.pressed and view.state() == "up":
        return Text("pressed ", style="dim").append(" ".join(view.pressed[-24:]), style="bold")
    return Text(view.news, style="dim")


class Screen:
    """Draws a view again and again, a dozen times a second."""

    EVERY_S = 1 / 12

    def __init__(self, view: View, console: Console) -> None:
        self._view = view
        self._live = Live(console=console, auto_refresh=False, transient=False, get_renderable=self._now)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.refresh()
        self._live.stop()

    def refresh(self) -> None:
        """Draw it as it is now."""
        self._view.measure(time.monotonic())
        self._live.refresh()

    def _now(self) -> RenderableType:
        return draw(self._view)
