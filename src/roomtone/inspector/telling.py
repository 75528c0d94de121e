"""How lines of the delivery log are told to people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import click

from roomtone.core.inspection import Logged
from roomtone.inspector.reading import Line

_INDENT = "    "


def line(one: Line) -> str:
    """Tell of one exchange in one line: when, which, what, to whom, and what came of it."""
    logged, said = one.logged, one.logged.said
    tried = f" attempt {logged.number}" if logged.number > 1 else ""
    key = " (previous key)" if said.signed_again else ""
    what = f"{logged.what:<22}"
    where = f"{said.method} {said.url}"
    return f"{moment(logged.at_ms)} #{one.number} {what} {where}  {outcome(logged)}{tried}{key}"


def outcome(logged: Logged) -> str:
    """Tell what came of it, in the colour of whether it is good."""
    told = "no answer" if logged.status is None else str(logged.status)
    if logged.problem:
        told += f": {printable(logged.problem)}"
    good = logged.status is not None and 200 <= logged.status < 300 and not logged.problem
    return click.style(f"{told} in {logged.latency_ms} ms", fg="green" if good else "red")


def whole(one: Line) -> Iterator[str]:
    """Tell of one exchange with all that is known of it."""
    logged, said = one.logged, one.logged.said
    about = logged.about
    yield line(one)
    if logged.event_id:
        yield f"event       {logged.event_id}"
    if about.call is not None:
        yield f"call        {one.sids.show(about.call)}"
    if about.conference is not None:
        yield f"conference  {one.sids.show(about.conference)}"
    yield from _part("request headers", said.headers)
    yield from _part("parameters", said.form)
    yield "signed text, exactly, but for what would steer the terminal:"
    yield _INDENT + "\n".join(printable(text) for text in said.signed.split("\n"))
    yield from _part("answer headers", said.answered)
    if said.body:
        yield "answer begins:"
        yield from (_INDENT + printable(text) for text in said.body.splitlines())


def moment(at_ms: int) -> str:
    """Write a moment of UTC, to the millisecond."""
    return datetime.fromtimestamp(at_ms / 1_000, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def _part(title: str, pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    told = [f"{_INDENT}{name}: {printable(value)}" for name, value in pairs]
    if told:
        yield f"{title}:"
        yield from told


def printable(text: str) -> str:
    """Leave out what would steer the terminal: the text comes from a stranger's server."""
    return "".join(sign if sign.isprintable() or sign == "\t" else "\ufffd" for sign in text)
