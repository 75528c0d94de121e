"""Reads a document as it would be read when a call comes: what it would do, and what it would warn of."""

from __future__ import annotations

from roomtone.cxml.advice import ADVICE
from roomtone.cxml.numbers import number_of
from roomtone.cxml.parse import parse
from roomtone.cxml.problems import Unreadable
from roomtone.cxml.verbs.conference import Conference
from roomtone.cxml.verbs.dial import Dial
from roomtone.cxml.verbs.gather import Gather
from roomtone.cxml.verbs.say import Say
from roomtone.dialects import Dialect
from roomtone.dialects.check_resources import Remark, checked
from roomtone.dialects.dialect import Resource

_TELLING = ("url", "digits", "number", "uri", "identity", "name", "length_s", "target", "reason", "action")
"""Fields of a verb of which the first that is there says best what it does."""


def check(text: str, dialect: Dialect) -> Resource:
    """Say what a document would do, and what is wrong with it."""
    try:
        parsed = parse(text, "")
    except Unreadable as why:
        return checked((), (), _remark(int(why.problem), why.detail))
    unknown = dialect.requests.unknown_verb()
    warnings = [_remark(number_of(one, unknown), one.detail) for one in parsed.warnings]
    return checked([(type(one).__name__, _what(one)) for one in parsed.verbs], warnings)


def _remark(code: int, message: str) -> Remark:
    known = ADVICE.get(code)
    return Remark(code, message) if known is None else Remark(code, message, known.meaning, known.remedy)


def _what(verb: object) -> str:
    """Say in a few words what a verb is about."""
    match verb:
        case Say(utterance=said):
            return said.text
        case Dial(to=Conference(name=name)):
            return f"conference {name}"
        case Dial(to=tuple() as parties):
            return ", ".join(_what(one) for one in parties)
        case Dial(to=waiting):
            return f"queue {_what(waiting)}"
        case Gather(prompts=prompts):
            return ", ".join(_what(one) for one in prompts)
    found = (getattr(verb, name, None) for name in _TELLING)
    return next((str(one) for one in found if one not in {None, ""}), "")
