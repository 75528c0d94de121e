"""Write `docs/reference/cli.md`: every command and option of `roomtone`, read from its parser.

Usage: ``python scripts/generate_cli.py`` writes; ``python scripts/generate_cli.py --check`` exits 1 if the page has drifted
from the parser.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from drift import write_or_check

from roomtone.cli import main as parser

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "cli.md"

HEAD = """\
# Commands

Everything that `roomtone` can be told at a command line, as `--help` says it. Commands that print something print JSON, an object
a line, or have `--json` for it. A command that cannot do what it is told says why in one line and ends with 1; one that was
told wrongly ends with 2. Shells complete commands and options: `eval "$(roomtone completion bash)"`
([how](../howto/steer-from-the-terminal.md#completion)). Options of `serve` are settings, too ([settings](settings.md)): `--log-level`
is `ROOMTONE_LOG_LEVEL` in the environment. Generated from the parser by `scripts/generate_cli.py`; do not edit.
"""


def page() -> str:
    """Write the whole page."""
    context = click.Context(parser, info_name="roomtone")
    parts = [HEAD]
    for path, command in _commands(parser, context):
        parts.append(_section(path, command))
    return "\n".join(parts)


def _commands(group: click.Group, context: click.Context) -> Iterator[tuple[click.Context, click.Command]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if command.hidden:
            continue
        inner = click.Context(command, info_name=name, parent=context)
        yield inner, command
        if isinstance(command, click.Group):
            yield from _commands(command, inner)


def _section(context: click.Context, command: click.Command) -> str:
    words = context.command_path
    level = "##" if words.count(" ") == 1 else "###"
    parts = [f"{level} {words}\n", _text(inspect.cleandoc(command.help or "")) + "\n"]
    if not isinstance(command, click.Group):
        parts.append(f"```text\n{_usage(context, command)}\n```\n")
    rows = list(_options(command, context))
    if rows:
        parts.append("| option | meaning |\n|---|---|\n" + "\n".join(rows) + "\n")
    return "\n".join(parts)


def _usage(context: click.Context, command: click.Command) -> str:
    return " ".join([context.command_path, *command.collect_usage_pieces(context)])


def _options(command: click.Command, context: click.Context) -> Iterator[str]:
    for one in command.get_params(context):
        record = one.get_help_record(context)
        if record is None or not record[1] or "--help" in one.opts:
            continue
        names, text = record
        variable = one.envvar
        told = text + (f" Environment: `{variable}`." if variable else "")
        yield f"| `{_cell(names)}` | {_cell(_text(told))} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _text(text: str) -> str:
    return text.replace("\b\n", "").replace("<", "&lt;")


if __name__ == "__main__":
    sys.exit(write_or_check(PAGE, page(), "the parser"))
