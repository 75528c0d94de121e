"""The commands `roomtone callbacks` and `roomtone listen`: what people type, made into orders."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import click

from roomtone.config import ConfigProblem, Settings, load
from roomtone.dialects import urls
from roomtone.dialects.dates import moment_ms

if TYPE_CHECKING:
    from roomtone.inspector.reading import Line

F = TypeVar("F", bound=Callable[..., object])
T = TypeVar("T")

DATA = click.option("--data", metavar="DIR", help="Folder of the server's database.")
PROJECT = click.option("--sid", metavar="SID", help="Of one project alone.")


def _filters(command: F) -> F:
    """Have a command told which lines are meant."""
    command = click.option("--conference", metavar="SID", help="Of one conference alone.")(command)
    command = click.option("--call", metavar="SID", help="Of one call alone.")(command)
    return DATA(PROJECT(command))


def _moment(_: click.Context, __: click.Parameter, text: str | None) -> int | None:
    if text is None:
        return None
    found = moment_ms(text)
    if found is None:
        raise click.BadParameter(f"{text!r} is no moment: 2026-01-31T12:00:00Z")
    return found


@click.group()
def callbacks() -> None:
    """What customers' servers were told and asked, and what they answered; callbacks told again."""


@callbacks.command("tail")
@_filters
@click.option("--lines", default=20, show_default=True, help="How many of the last ones to print.")
@click.option("--follow", "-f", is_flag=True, help="Go on as more is said, until Ctrl-C.")
@click.option("--only", type=click.Choice(["callbacks", "documents"]), help="One kind alone; both if absent.")
@click.option("--json", "as_json", is_flag=True, help="Whole, as JSON, one object a line.")
def tail_(  # noqa: PLR0913 - one for each option
    data: str | None, sid: str | None, call: str | None, conference: str | None, *, lines: int, follow: bool,
    only: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Print the last lines of the delivery log, one for each attempt of a callback and each document asked for."""
    from roomtone.inspector.reading import Wanted, tail

    wanted = Wanted(sid, call, conference, callbacks=None if only is None else only == "callbacks")

    async def print_all(settings: Settings) -> None:
        async for one in tail(settings, wanted, lines, follow=follow):
            _print(one, as_json=as_json)

    _do(print_all, data)


@callbacks.command("show")
@click.argument("name", metavar="EVENT|NUMBER")
@DATA
@click.option("--json", "as_json", is_flag=True, help="As JSON, one object a line.")
def show_(name: str, data: str | None, *, as_json: bool) -> None:
    """Print all that is known of an event, by its id (Roomtone-Event-Id), or of one line of the log, by its number.

    Request and answer, how long it took, and the text that was signed, byte for byte.
    """
    from roomtone.inspector import telling
    from roomtone.inspector.reading import show

    async def print_all(settings: Settings) -> None:
        for one in await show(settings, name):
            if as_json:
                _print(one, as_json=True)
            else:
                click.echo("\n".join(telling.whole(one)) + "\n")

    _do(print_all, data)


@callbacks.command("replay")
@click.argument("names", metavar="[EVENT|NUMBER]...", nargs=-1)
@_filters
@click.option("--since", metavar="TIME", callback=_moment, help="All from then on: 2026-01-31T12:00:00Z.")
@click.option("--until", metavar="TIME", callback=_moment, help="And not those after.")
@click.option("--dead", is_flag=True, help="All that were given up, of the project or of all.")
def replay_(  # noqa: PLR0913 - one for each option
    names: tuple[str, ...], data: str | None, sid: str | None, call: str | None, conference: str | None, *,
    since: int | None, until: int | None, dead: bool,
) -> None:  # fmt: skip
    """Have callbacks told again: one, those of a call or conference, of a span of time, or all that were given up.

    They keep their event ids, so that an application can know them again. Prints how many they are.
    """
    from roomtone.inspector.reading import Wanted
    from roomtone.inspector.replaying import replay, replay_dead

    spanned = any(one is not None for one in (call, conference, since, until))
    if not (names or spanned or dead):
        raise click.UsageError("say which: an event, --call, --conference, --since, --until or --dead")
    wanted = Wanted(sid, call, conference, since, until, callbacks=True) if spanned else None

    async def put_back(settings: Settings) -> None:
        count = await replay(settings, names, wanted, sid) if names or spanned else 0
        count += await replay_dead(settings, sid) if dead else 0
        click.echo(json.dumps({"replayed": count}))

    _do(put_back, data)


def _target(_: click.Context, __: click.Parameter, text: str) -> str:
    if not urls.acceptable(text) or any(sign in text for sign in "?#@"):
        raise click.BadParameter(f"{text!r} is no http or https address without query")
    return text


def _address(_: click.Context, __: click.Parameter, text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65535:
        raise click.BadParameter("takes HOST:PORT")
    return host.strip("[]"), int(port)


@click.command()
@click.option(
    "--forward", "target", metavar="URL", required=True, callback=_target, help="The application's address."
)
@click.option(
    "--on", "address", metavar="HOST:PORT", default="127.0.0.1:4040", show_default=True, callback=_address,
    help="Where to listen; port 0 takes a free one.",
)  # fmt: skip
@click.option(
    "--sid", metavar="SID", help="Forward copies of this project's callbacks, too, wherever they go."
)
@DATA
@click.option("--json", "as_json", is_flag=True, help="Tell of each request as JSON, one object a line.")
def listen(
    target: str, address: tuple[str, int], sid: str | None, data: str | None, *, as_json: bool
) -> None:
    """Show what comes for an application, live, and forward it: point its URLs here while you work on it.

    Requests are forwarded as they are, Host and signatures included, and the application's answers go back. With --sid,
    what the server of this machine tells that project's other addresses comes as a copy, as well.
    """
    from roomtone.inspector.listening import run

    _do(lambda settings: run(settings, target, address, sid, as_json=as_json), data)


def _do(work: Callable[[Settings], Awaitable[None]], data: str | None) -> None:
    """Do something with the settings of a data folder, until it is done or Ctrl-C."""
    from roomtone.starting import ServerProblem

    async def whole(settings: Settings) -> None:
        await work(settings)

    try:
        asyncio.run(whole(load({"data": data}, os.environ, None)))
    except (ConfigProblem, ServerProblem) as problem:
        raise click.ClickException(str(problem)) from problem
    except KeyboardInterrupt:
        return


def _print(one: Line, *, as_json: bool) -> None:
    from roomtone.inspector import telling

    click.echo(json.dumps(one.resource()) if as_json else telling.line(one))
