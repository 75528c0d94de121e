"""Write `docs/reference/log-events.md`: every line that server and engine can log, read from their sources.

Usage: ``python scripts/generate_logs.py`` writes; ``python scripts/generate_logs.py --check`` exits 1 if the page has drifted
from the sources.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from drift import write_or_check

from roomtone.telemetry.journal import event_of

ROOT = Path(__file__).resolve().parent.parent
BRAIN, ENGINE = ROOT / "src" / "roomtone", ROOT / "engine"
PAGE = ROOT / "docs" / "reference" / "log-events.md"

LEVELS = {"debug": "debug", "info": "info", "warning": "warning", "error": "error", "exception": "error"}
TRACING = re.compile(r"tracing::(error|warn|info|debug)!\(")
FIELD = re.compile(r"(?:(\w+|%s)=)?%[-#0 +]*\d*(?:\.\d+)?[a-z]")

HEAD = """\
# Log events

What server and engine write to standard error, a line for each happening: how much, the setting
[`log_level`](settings.md) says; how, `log_format`. The server's lines name the call and the conference they are about
(`call=`, `conference=`), also where the field is not listed here; both are ids as 32 hex digits, the letters of a sid
without its `CA` or `CF` and without dashes.

With `log_format = "json"` each line of the server is an object: `time` (UTC), `level`, `logger` (its module), `event` (the
words below, the same every time: look for these), `message` (the line as text), `call`, `conference`, the fields, and
`exception` where there is one. What a stranger wrote is never taken for a field. The engine's lines are text.

`error` is ours or the machine's to mend; `warning` is worth a look if it comes often; `info` is a fact of daily work; `debug` is
every message. No secret is ever logged, nor what was said or pressed. Generated from the sources by `scripts/generate_logs.py`; do
not edit.
"""


class Line(NamedTuple):
    """A line that can be logged."""

    event: str
    level: str
    fields: str
    text: str
    module: str


def page() -> str:
    """Write the whole page."""
    parts = [
        HEAD,
        *_section("The server", "Package", brain_lines()),
        *_section("The engine", "Crate", engine_lines()),
    ]
    return "\n".join(parts)


def _section(title: str, of: str, lines: list[Line]) -> Iterator[str]:
    yield f"## {title}\n"
    for room in sorted({line.module.partition(".")[0] for line in lines}):
        yield f"### {of} {room}\n\n| event | level | fields | as text |\n|---|---|---|---|"
        for line in sorted(one for one in lines if one.module.partition(".")[0] == room):
            yield f"| {_cell(line.event)} | {line.level} | {line.fields} | `{_cell(line.text)}` |"
        yield ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def brain_lines() -> list[Line]:
    """Give every line of the server."""
    return sorted({line for path in BRAIN.rglob("*.py") for line in _in_python(path)})


def _in_python(path: Path) -> Iterator[Line]:
    module = ".".join(path.relative_to(BRAIN).with_suffix("").parts)
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match call:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="log" | "_log"), attr=level), args=args):
                if level == "log":
                    level, args = "warning", args[1:]
                if level not in LEVELS or not args:
                    continue
                template = ast.literal_eval(args[0])
                yield Line(event_of(template), LEVELS[level], _fields(template), _told(template), module)


def _fields(template: str) -> str:
    names = [found[1] for found in FIELD.finditer(template) if found[1]]
    return " ".join(
        f"`{'call, conference, recording or stream' if name == '%s' else name}`" for name in names
    )


def _told(template: str) -> str:
    """Give the template without what is filled in."""
    return FIELD.sub(lambda found: f"{found[1].replace('%s', '…')}=…" if found[1] else "…", template)


def engine_lines() -> list[Line]:
    """Give every line of the engine."""
    sources = (path for path in ENGINE.glob("*/src/**/*.rs") if "fuzz" not in path.parts)
    return sorted({line for path in sources for line in _in_rust(path)})


def _in_rust(path: Path) -> Iterator[Line]:
    text = path.read_text(encoding="utf-8")
    for found in TRACING.finditer(text):
        inside = _balanced(text, found.end())
        words = re.findall(r'"((?:[^"\\]|\\.)*)"', inside)
        names = re.findall(
            r"(?:^|,)\s*[%?]?(\w+)\b(?=\s*[,=)]|\s*$)", inside.rpartition('"')[0].rpartition('"')[0]
        )
        level = {"warn": "warning"}.get(found[1], found[1])
        event = words[-1] if words else ""
        shown = " ".join(f"`{name}`" for name in names)
        yield Line(
            event,
            level,
            shown,
            " ".join([event, *(f"{name}=…" for name in names)]),
            path.relative_to(ENGINE).parts[0],
        )


def _balanced(text: str, begin: int) -> str:
    depth, at = 1, begin
    while depth:
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        at += 1
    return text[begin : at - 1]


if __name__ == "__main__":
    sys.exit(write_or_check(PAGE, page(), "the sources"))
