"""`roomtone top`: conferences and calls, live, in a terminal."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

import click

from roomtone.attendant.asking import Api, Resource
from roomtone.attendant.calls import NOT_OVER
from roomtone.attendant.entering import asking
from roomtone.attendant.telling import name, printable, states

if TYPE_CHECKING:
    from rich.console import RenderableType

ROOMS = 30
"""Conferences that are looked into: one question each."""


@click.command()
@click.option(
    "--every", default=2.0, show_default=True, type=click.FloatRange(0.5, 60), help="Seconds between looks."
)
@click.option("--once", is_flag=True, help="Look once, and end.")
@click.option("--json", "as_json", is_flag=True, help="Each look as JSON, one object a line.")
@asking
def top(api: Api, *, every: float, once: bool, as_json: bool) -> None:
    """Show conferences and calls, live, until Ctrl-C."""
    if as_json:
        tell_looks(api, None if once else every)
        return
    from rich.console import Console
    from rich.live import Live

    console = Console()
    if once:
        console.print(picture(api))
        return
    try:
        with Live(picture(api), console=console, screen=console.is_terminal, auto_refresh=False) as live:
            while True:
                time.sleep(every)
                live.update(picture(api), refresh=True)
    except KeyboardInterrupt:
        return


def tell_looks(api: Api, every: float | None) -> None:
    """Print each look as an object: `at`, `conferences` with who hears whom in each, and `calls`."""
    try:
        while True:
            rooms, calls = look(api)
            mixes = [api.get(f"Conferences/{one['sid']}/Mix.json") for one in rooms[:ROOMS]]
            told = {
                "at": datetime.now(UTC).isoformat(timespec="seconds"),
                "conferences": mixes,
                "calls": calls,
            }
            click.echo(json.dumps(told))
            if every is None:
                return
            time.sleep(every)
    except KeyboardInterrupt:
        return


def look(api: Api) -> tuple[list[Resource], list[Resource]]:
    """Give conferences and calls that are not over."""
    calls = [
        one for status in sorted(NOT_OVER) for one in api.every("Calls.json", "calls", {"Status": status})
    ]
    rooms = [
        one
        for status in ("in-progress", "init")
        for one in api.every("Conferences.json", "conferences", {"Status": status})
    ]
    return rooms, calls


def picture(api: Api) -> RenderableType:
    """Look once."""
    from rich.console import Group
    from rich.text import Text

    rooms, calls = look(api)
    head = Text(
        f"roomtone  {len(rooms)} conferences, {len(calls)} calls  {datetime.now(UTC):%H:%M:%S} UTC  {api.url}",
        style="bold",
    )
    views = [_room(api.get(f"Conferences/{one['sid']}/Mix.json")) for one in islice(rooms, ROOMS)]
    more = [Text(f"and {len(rooms) - ROOMS} more conferences")] if len(rooms) > ROOMS else []
    return Group(head, Text(), *views, *more, _calls(calls))


def _room(mix: Resource) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    people = mix["participants"]
    shown = Table(
        title=f"{printable(mix['friendly_name'])}  {mix['status']}", title_justify="left", expand=True
    )
    for column in ("#", "who", "is heard by", "state"):
        shown.add_column(column)
    names = {one["call_sid"]: f"{at} {name(one)}" for at, one in enumerate(people, 1)}
    for at, one in enumerate(people, 1):
        listeners = sum(
            other["heard"]
            for each in people
            for other in each["others"]
            if other["call_sid"] == one["call_sid"]
        )
        shown.add_row(
            str(at), Text(name(one)), f"{listeners} of {len(people) - 1}", Text(", ".join(states(one, names)))
        )
    return shown


def _calls(calls: list[Resource]) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    shown = Table(title="Calls", title_justify="left", expand=True)
    fields = ("sid", "direction", "from", "to", "status")
    for column in fields:
        shown.add_column(column, no_wrap=column == "sid")
    for one in calls:
        shown.add_row(*(Text(printable(one.get(column))) for column in fields))
    return shown
