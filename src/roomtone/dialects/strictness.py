"""What Roomtone takes kindly and a vendor's own service would not: read by `lint-compat`, obeyed in strict projects.

Each dialect has a table, `Strictness`; these functions hold a request against it. What a vendor lacks altogether
(operations, parameters) is in `portability`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from roomtone.core.ids import CallId
from roomtone.core.refusals import Reason, Refused
from roomtone.dialects import portability, schemas, sids
from roomtone.dialects.fields import Fields

LARGEST_PAGE = 1_000
"""Records that both vendors give at most. Source: SignalWire and Twilio "Paging"; SignalWire 54454, Twilio 20007."""

BY_CALL = frozenset({"participants.delete", "participants.fetch", "participants.update"})
"""Operations that name somebody by their call, or (Twilio) by a label."""

_COACHED = "CallSidToCoach"
_ALWAYS_READ = frozenset({"Strict"})
"""Roomtone's own, read in strict projects too: there is no other way out."""


@dataclass(frozen=True, slots=True)
class Strictness:
    """How a vendor's own service reads a request."""

    prefixes: frozenset[str]
    """What may stand before the version in a path."""

    faces: Mapping[str, str]
    """By a path's suffix, the suffix whose face the answer has; one that is not here is not found."""

    foreign_ids: re.Pattern[str]
    """Ids as this vendor never writes them."""

    json_bodies: bool
    """Whether a body of JSON is read."""

    labels: bool
    """Whether a participant's label may stand for their call."""

    odd_muted_is_false: bool
    """Whether a ``Muted`` of 1 or 0 is false, and not refused."""

    longest: Mapping[str, int]
    """Characters of a parameter at most, where Roomtone takes more; by operation and parameter."""

    withheld: frozenset[str]
    """Parameters of callbacks that this vendor does not send."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, as far as it is looked at here."""

    route: str
    prefix: str
    account: str | None
    names: tuple[str, ...]
    """What stood in the path's open places."""

    suffix: str
    json: bool
    """Whether what was said was said in JSON."""

    fields: Fields
    path: str
    """For messages."""


@dataclass(frozen=True, slots=True)
class Breach:
    """Something that the vendor would not have taken so."""

    feature: str
    refusal: Refused | None = None
    """What it would have said; None: it would have understood something else."""


def breaches(strict: Strictness, asked: Asked) -> Iterator[Breach]:
    """Give what in a request the vendor would not have taken as Roomtone does."""
    yield from _of_path(strict, asked)
    if asked.fields:
        if asked.json and not strict.json_bodies:
            problem = "a body of type application/json is not taken"
            yield Breach("bodies in JSON", Refused(Reason.BODY_UNREADABLE, problem=problem))
        yield from _of_fields(strict, asked)


def understood(strict: Strictness, dialect: str, asked: Asked) -> Fields:
    """Give the parameters as the vendor understands them: without those it does not know."""
    lacking = portability.LACKING.get(asked.route, {})
    return tuple(
        (name, "false" if strict.odd_muted_is_false and _odd_muted(name, text) else text)
        for name, text in asked.fields
        if name in _ALWAYS_READ or dialect not in lacking.get(name, "").split()
    )


def _of_path(strict: Strictness, asked: Asked) -> Iterator[Breach]:
    if asked.prefix not in strict.prefixes:
        yield Breach(f"paths below {asked.prefix or '/2010-04-01'}", _not_found(asked))
    face = strict.faces.get(asked.suffix)
    if face is None:
        yield Breach(f"answers in {asked.suffix[1:].upper()}", _not_found(asked))
    elif face != asked.suffix:
        yield Breach("answers in JSON without a suffix")
    if any(strict.foreign_ids.fullmatch(one) for one in (asked.account or "", *asked.names)):
        yield Breach("ids in the other vendor's spelling", _not_found(asked))
    if not strict.labels and asked.route in BY_CALL and sids.parse(CallId, asked.names[1]) is None:
        yield Breach("participants by label", _not_found(asked))


def _of_fields(strict: Strictness, asked: Asked) -> Iterator[Breach]:
    for name, text in asked.fields:
        longest = strict.longest.get(f"{asked.route} {name}")
        if longest is not None and len(text) > longest:
            expected = f"at most {longest} characters"
            yield Breach(f"{asked.route} {name} over {longest} characters", _invalid(name, expected))
        if name == "PageSize" and text.isdigit() and int(text[:20]) > LARGEST_PAGE:
            yield Breach(f"PageSize over {LARGEST_PAGE}", Refused(Reason.PAGE_SIZE_INVALID))
        if strict.foreign_ids.fullmatch(text) and "Sid" in name:
            yield Breach("ids in the other vendor's spelling", _foreign(name, text))
        if text in {"0", "1"} and schemas.of_parameter(asked.route, name).get("type") == "boolean":
            understood_so = strict.odd_muted_is_false and _odd_muted(name, text)
            yield Breach(
                "1 and 0 for true and false", None if understood_so else _invalid(name, "true or false")
            )


def _odd_muted(name: str, text: str) -> bool:
    return name == "Muted" and text in {"0", "1"}


def _not_found(asked: Asked) -> Refused:
    return Refused(Reason.NOT_FOUND, path=asked.path)


def _invalid(name: str, expected: str) -> Refused:
    return Refused(Reason.PARAMETER_INVALID, name=name, expected=expected)


def _foreign(name: str, text: str) -> Refused:
    if name == _COACHED:
        return Refused(Reason.COACH_TARGET_NOT_PRESENT, target=text)
    return _invalid(name, "an id as this vendor writes them")
