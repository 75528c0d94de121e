"""The command `roomtone phone`: what people type, made into orders."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import click

FILE = click.Path(path_type=Path, dir_okay=False)
UNITS_S = {"ms": 0.001, "s": 1.0, "": 1.0, "m": 60.0, "min": 60.0, "h": 3_600.0}


def seconds(_: click.Context, __: click.Parameter, value: str | None) -> float | None:
    """Read a length of time: ``10s``, ``500ms``, ``2m``, or a number of seconds."""
    if value is None:
        return None
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([a-z]*)", value.strip())
    if found is None or found[2] not in UNITS_S:
        raise click.BadParameter(f"{value!r} is no length of time: 10s, 500ms, 2m")
    return float(found[1]) * UNITS_S[found[2]]


def _header(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    found = []
    for value in values:
        name, colon, rest = value.partition(":")
        if not colon or not re.fullmatch(r"[A-Za-z0-9-]+", name.strip()) or re.search(r"[\r\n]", value):
            raise click.BadParameter(f"{value!r} is no header: 'X-Name: value'")
        found.append((name.strip(), rest.strip()))
    return tuple(found)


@click.command()
@click.option("--server", metavar="HOST[:PORT]", help="Where it registers, and what carries its calls.")
@click.option("--user", metavar="NAME", default="phone", show_default=True, help="Who it is.")
@click.option("--password", metavar="P", help="What it proves to know.")
@click.option("--password-file", type=FILE, help="A file with the password: other users see a command line.")
@click.option("--call", metavar="WHOM", help="Call a number, a name or a SIP address.")
@click.option("--answer", is_flag=True, help="Take every call at once.")
@click.option(
    "--digits", metavar="KEYS", default="", help="Press 0-9*#A-D once it is answered; w waits 0.5 s."
)
@click.option(
    "--for", "for_s", metavar="TIME", callback=seconds, help="Hang up so long after the answer: 10s, 2m."
)
@click.option(
    "--wait", "wait_s", metavar="TIME", callback=seconds, help="Wait no longer for a call, or for an answer."
)
@click.option("--stay", is_flag=True, help="By script, take one call after the other until it is stopped.")
@click.option("--play", type=FILE, help="Speak a sound file in place of the microphone.")
@click.option("--repeat", is_flag=True, help="Speak that file over and over.")
@click.option("--record", type=FILE, help="Write what is heard to a WAV file.")
@click.option("--silent", is_flag=True, help="Neither microphone nor speaker.")
@click.option("--codec", type=click.Choice(["PCMU", "PCMA"]), help="Offer this one alone.")
@click.option("--header", "headers", metavar="'X-NAME: VALUE'", multiple=True, callback=_header,
              help="A header of the calls it makes.")  # fmt: skip
@click.option("--local", metavar="IP", help="Address to send from; found out if absent.")
@click.option("--port", type=int, default=0, help="UDP port for SIP; any if absent.")
@click.option("--levels", is_flag=True, help="By script, tell both levels every second.")
@click.option("--json", "as_json", is_flag=True, help="Tell what happens as JSON, one object a line.")
@click.option("--script", is_flag=True, help="No screen and no keys, though a terminal is there.")
def phone(  # noqa: PLR0913 - one for each option
    server: str | None, user: str, password: str | None, *, password_file: Path | None, local: str | None,
    port: int, script: bool, **wanted: Any,
) -> None:  # fmt: skip
    """A telephone in the terminal, for trying things out: registers, calls, answers, presses keys.

    With a terminal it shows who is on the line and how loud both are, and takes keys. Without one, or with --script or
    --json, it needs --call or --answer, tells a line for each thing that happens, and ends with 1 if nobody answered.
    """
    from roomtone.softphone.account import Account, PhoneProblem
    from roomtone.softphone.running import Orders, has_terminal, run

    by_hand = has_terminal() and not script and not wanted["as_json"]
    if not by_hand and wanted["call"] is None and not wanted["answer"]:
        raise click.UsageError("without a terminal, say --call WHOM or --answer")
    if password_file is not None:
        password = _first_line(password_file)
    account = Account(user, password, server, local, port)
    try:
        raise SystemExit(asyncio.run(run(Orders(account, by_hand=by_hand, **wanted))))
    except PhoneProblem as problem:
        raise click.ClickException(str(problem)) from problem


def _first_line(path: Path) -> str:
    try:
        return path.read_text().partition("\n")[0].strip()
    except OSError as why:
        raise click.ClickException(f"{path} cannot be read: {why.strerror}") from why
