"""How conferences and calls are told to people: tables that stay readable in a pipe."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import click

from roomtone.attendant.asking import Resource

HEARD, UNHEARD, SELF = "●", "·", " "


def printable(text: object) -> str:
    """Leave out what would steer the terminal: names come from strangers."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in str("" if text is None else text))


def tell(resources: Iterable[Resource], columns: Sequence[str], *, as_json: bool) -> None:
    """Print resources: some of their fields as a table, or all of them as JSON, one object a line."""
    if as_json:
        for one in resources:
            click.echo(json.dumps(one))
        return
    rows = [[printable(one.get(column)) for column in columns] for one in resources]
    for line in table([[column.replace("_", " ") for column in columns], *rows]):
        click.echo(line)


def tell_one(resource: Resource, *, as_json: bool) -> None:
    """Print one resource: each field on a line, or as JSON."""
    if as_json:
        click.echo(json.dumps(resource))
        return
    plain = {name: value for name, value in resource.items() if not isinstance(value, dict | list)}
    for line in table([[name, printable(value)] for name, value in plain.items()]):
        click.echo(line)


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Set cells under one another; the first row is the head."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def matrix(mix: Resource) -> list[str]:
    """Draw who hears whom, and below it why somebody is not heard, and what plays.

    A row is a listener, a column a speaker, in the order they came.
    """
    people = mix["participants"]
    if not people:
        return ["nobody is there"]
    names = {one["call_sid"]: f"{at} {name(one)}" for at, one in enumerate(people, 1)}
    rows = [["hears →", *(str(at) for at in range(1, len(people) + 1)), ""]]
    for one in people:
        heard = {other["call_sid"]: other["heard"] for other in one["others"]}
        cells = [_cell(heard.get(sid)) for sid in names]
        rows.append([names[one["call_sid"]], *cells, ", ".join(states(one, names))])
    return [*table(rows), *_reasons(people, names)]


def name(one: Resource) -> str:
    """Call somebody by their label, else by the end of their call's sid."""
    return printable(one["label"] or f"…{one['call_sid'][-6:]}")


def states(one: Resource, names: dict[str, str]) -> list[str]:
    """Tell what is special about somebody."""
    told = [word for word, so in (("muted", one["muted"]), ("on hold", one["hold"])) if so]
    if one["status"] not in {"connected", "in-progress"}:
        told.append(printable(one["status"]))
    if one["coaching"]:
        told.append(f"coaches {names.get(one['call_sid_to_coach'], 'nobody here')}")
    return told + [f"plays {each['what']}" for each in one["plays"]]


def _cell(heard: bool | None) -> str:  # noqa: FBT001 - three-valued
    return SELF if heard is None else HEARD if heard else UNHEARD


def _reasons(people: Sequence[Resource], names: dict[str, str]) -> list[str]:
    """Say once for each speaker and reason who does not hear them."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in people:
        for other in one["others"]:
            if not other["heard"]:
                listener = names[one["call_sid"]].partition(" ")[0]
                found.setdefault((other["call_sid"], other["why"]), []).append(listener)
    return [
        f"{names.get(speaker, speaker)} is not heard by {', '.join(listeners)}: {why}"
        for (speaker, why), listeners in found.items()
    ]
