"""Who asks, and where: as options say, else as the data folder does.

Tokens are kept nowhere but as digests, so that none can be read from a data folder. Whoever may write there may make one,
though: it opens calling alone, is named after this program, and is revoked as soon as the command is done.
"""

from __future__ import annotations

import asyncio
import getpass
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from roomtone.attendant.asking import Api, NoAnswer
from roomtone.config import ConfigProblem, Settings, load

OPTIONS = (
    click.option("--data", metavar="DIR", help="Data folder of a server on this machine, whose address and project are taken."),
    click.option("--url", metavar="URL", envvar="ROOMTONE_URL", help="Address of the API, https://host:port."),
    click.option("--sid", metavar="SID", envvar="ROOMTONE_SID", help="Project; the only one of the data folder if absent."),
    click.option("--token", metavar="T", envvar="ROOMTONE_TOKEN", help="Its API token; one of a moment if absent."),
    click.option("--ca", metavar="FILE", envvar="ROOMTONE_CA", help="Certificate authority to trust, DIR/ca.pem."),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entrance:
    """What the options say of who asks, and where."""

    data: str | None
    url: str | None
    sid: str | None
    token: str | None
    ca: str | None


def asking(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the API to ask, as its options say; what goes wrong is told in one line."""

    @wraps(command)
    def ask(**options: Any) -> None:
        from roomtone.starting import ServerProblem

        entrance = Entrance(**{name: options.pop(name) for name in ("data", "url", "sid", "token", "ca")})
        try:
            with entered(entrance) as api:
                command(api, **options)
        except (NoAnswer, ServerProblem, ConfigProblem) as problem:
            raise click.ClickException(str(problem)) from problem

    for option in reversed(OPTIONS):
        ask = option(ask)
    return ask


@contextmanager
def entered(by: Entrance) -> Iterator[Api]:
    """Give the API to ask, for as long as a command takes.

    Raises:
        NoAnswer: Nothing says whom to ask, or as whom.
        ServerProblem: The data folder cannot be read, or has no such project.
    """
    if by.url and urlsplit(by.url).scheme not in {"http", "https"}:
        raise NoAnswer(f"--url: {by.url!r} is no http or https address")
    if by.url and by.sid and by.token:
        yield Api(by.url.rstrip("/"), by.sid, by.token, by.ca)
        return
    from roomtone.provision import add_token, revoke_token

    settings = load({"data": by.data}, os.environ, None)
    if not (settings.data / "roomtone.db").exists():
        raise NoAnswer(
            f"{settings.data} is no data folder of a server; name one by --data, or give --url, --sid and --token"
        )
    address, trusted = (by.url.rstrip("/"), by.ca) if by.url else _address(settings.data, by.ca)
    project = by.sid or _only_project(settings)
    if by.token:
        yield Api(address, project, by.token, trusted)
        return
    made = asyncio.run(add_token(settings, project, f"roomtone command of {_user()}", ("calling",)))
    try:
        yield Api(address, project, str(made["token"]), trusted)
    finally:
        asyncio.run(revoke_token(settings, project, str(made["id"])))


def _address(folder: Path, ca: str | None) -> tuple[str, str | None]:
    """Read where the server of a data folder says that it listens, and which authority to trust there."""
    from roomtone.starting import SERVER_NOTE

    try:
        told = json.loads((folder / SERVER_NOTE).read_text())
        address = str(told.get("http") or told["https"])
    except (OSError, ValueError, KeyError, AttributeError) as problem:
        raise NoAnswer(
            f"no server runs on {folder}: start `roomtone serve`, or give its address by --url"
        ) from problem
    return address, ca or (str(folder / "ca.pem") if address.startswith("https:") else None)


def _only_project(settings: Settings) -> str:
    from roomtone.provision import list_projects

    found = [str(one["sid"]) for one in asyncio.run(list_projects(settings))]
    if not found:
        raise NoAnswer(f"{settings.data} has no project yet: `roomtone project create` makes one")
    if len(found) > 1:
        raise NoAnswer(f"say which project by --sid: {', '.join(found)}")
    return found[0]


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"
