"""The log: one line for each happening, as text for people or as JSON for programs.

A message is a template of words and ``name=%s`` fields. The words are the *event*, which stays the same whatever the fields
are, so that it can be looked for; the fields are told by their names. `docs/reference/log-events.md` is generated from all
templates. Nothing is read out of the finished text: what a stranger wrote cannot pass for a field.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, TextIO

TEXT = "%(asctime)s %(levelname)s %(name)s %(message)s"
TALKATIVE = ("alembic", "aiohttp", "asyncio", "uvicorn", "libav", "urllib3")

_CALL: ContextVar[str] = ContextVar("call", default="")
_CONFERENCE: ContextVar[str] = ContextVar("conference", default="")

_PLACE = r"%[-#0 +]*\d*(?:\.\d+)?[a-z]"
_FIELD = re.compile(rf"(?:(?P<name>\w+|%s)=)?(?P<place>{_PLACE})")
_OWN = frozenset({"time", "level", "logger", "event", "message", "exception"})


def about(*, call: object = "", conference: object = "") -> None:
    """Say which call and which conference the current task is about from now on; empty: none."""
    _CALL.set(str(call))
    _CONFERENCE.set(str(conference))


def subject() -> tuple[str, str]:
    """Give the call and the conference that the current task is about, as the log has them; empty: none."""
    return _CALL.get(), _CONFERENCE.get()


def event_of(template: str) -> str:
    """Give the words of a template, without its fields."""
    words = re.sub(r"\s+", " ", _FIELD.sub("", template))
    return re.sub(r"\s+([:,;])", r"\1", words).strip(" :,;")


def fields_of(template: str, values: tuple[Any, ...]) -> dict[str, Any]:
    """Give what a line tells by name; numbers stay numbers.

    ``%s=%s`` is a field whose name is a value, too.
    """
    found: dict[str, Any] = {}
    left = list(values)
    for place in _FIELD.finditer(template):
        name = str(left.pop(0)) if place["name"] == "%s" and left else place["name"]
        if not left:
            break
        value = left.pop(0)
        if name and name not in _OWN:
            found[name] = value if value is None or isinstance(value, bool | int | float) else str(value)
    return found


def _context() -> dict[str, str]:
    named = {"call": _CALL.get(), "conference": _CONFERENCE.get()}
    return {name: value for name, value in named.items() if value}


class _Lines(logging.Formatter):
    """Text: the call and the conference are added where the message does not name them."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        told = super().formatMessage(record)
        more = [f"{name}={value}" for name, value in _context().items() if f"{name}=" not in record.message]
        return " ".join([told, *more])


class _Objects(logging.Formatter):
    """JSON: an object a line."""

    def format(self, record: logging.LogRecord) -> str:
        template, values = str(record.msg), record.args if isinstance(record.args, tuple) else ()
        told = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": event_of(template) or record.name,
            "message": record.getMessage(),
            **_context(),
            **fields_of(template, values),
        }
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False, default=str)


def begin_log(level: str, form: str = "text", stream: TextIO | None = None) -> None:
    """Write one line for each happening to a stream.

    Args:
        level: The least that is written: debug, info, warning or error.
        form: text or json.
        stream: Where; standard error if absent.
    """
    way = logging.StreamHandler(sys.stderr if stream is None else stream)
    way.setFormatter(_Objects() if form == "json" else _Lines(TEXT))
    logging.basicConfig(level=level.upper(), handlers=[way])
    for talkative in TALKATIVE:
        logging.getLogger(talkative).setLevel(logging.WARNING)
