"""The commands on a data folder as a whole: backed up, put back, brought back to an earlier schema, made smaller."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from roomtone.config import ConfigProblem, load

DATA = click.option(
    "--data", metavar="DIR", help="Folder of the database, the certificates and the engine's socket."
)
DATABASE = "roomtone.db"


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@DATA
@click.option("--sound", is_flag=True, help="Take the sound of recordings along.")
def backup(file: Path, data: str | None, *, sound: bool) -> None:
    """Write the data folder to FILE (database, keys, certificates); works while the server runs, too."""
    from roomtone.backup import back_up

    with _problems_told():
        names = back_up(_folder(data), file, sound=sound)
    click.echo(json.dumps({"file": str(file), "files": len(names)}))


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@DATA
def restore(file: Path, data: str | None) -> None:
    """Put a backup from FILE into a data folder that has no database yet."""
    from roomtone.backup import restore as put_back

    with _problems_told():
        folder = _folder(data)
        names = put_back(file, folder)
    click.echo(json.dumps({"data": str(folder), "files": len(names)}))


@click.command()
@click.argument("schema")
@DATA
@click.option(
    "--backup",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where the backup goes that is made first; DIR/backups/… if absent.",
)
@click.option("--no-backup", "bare", is_flag=True, help="Make none: there is one already.")
def downgrade(schema: str, data: str | None, file: Path | None, *, bare: bool) -> None:
    """Bring the database back to SCHEMA, which an earlier version knows; no server may run on the folder.

    A backup of the data folder is made first. If that fails, nothing is changed.
    """
    from roomtone.backup import back_up
    from roomtone.starting import alone_in
    from roomtone.store import go_back

    if bare and file is not None:
        raise click.UsageError("--backup or --no-backup, not both")
    with _problems_told():
        folder = _folder(data)
        saved = None if bare else file or _of_now(folder, schema)

        def save() -> None:
            if saved is not None:
                saved.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                back_up(folder, saved)

        with alone_in(folder):
            before = go_back(folder / DATABASE, schema, before_going=save)
    told = {"data": str(folder), "before": before, "schema": schema}
    click.echo(json.dumps({**told, "backup": None if saved is None else str(saved)}))


@click.command()
@DATA
def compact(data: str | None) -> None:
    """Write the database anew: smaller, and without a trace of what was overwritten; no server may run on the folder.

    Says every second how long it has taken. It may be broken off: the database is then as it was.
    """
    from roomtone.starting import alone_in
    from roomtone.store import compact as write_anew

    def tell(elapsed_s: float) -> None:
        click.echo(f"{elapsed_s:.0f} s", err=True)

    with _problems_told():
        folder = _folder(data)
        if not (folder / DATABASE).exists():
            raise click.ClickException(f"{folder / DATABASE}: there is no database")
        with alone_in(folder):
            done = write_anew(folder / DATABASE, tell)
    click.echo(json.dumps({"data": str(folder), **asdict(done), "took_s": round(done.took_s, 3)}))


def _of_now(folder: Path, schema: str) -> Path:
    now = datetime.now(UTC)
    return folder / "backups" / f"before-downgrade-to-{schema}-{now:%Y%m%dT%H%M%SZ}.tgz"


def _folder(data: str | None) -> Path:
    return load({"data": data}, os.environ, None).data


@contextmanager
def _problems_told() -> Iterator[None]:
    """Say in a line what went wrong."""
    from roomtone.starting import ServerProblem
    from roomtone.store import StoreUnavailable

    try:
        yield
    except (ConfigProblem, ServerProblem, StoreUnavailable, ValueError) as problem:
        raise click.ClickException(str(problem)) from problem
    except KeyboardInterrupt:
        sys.exit(130)
