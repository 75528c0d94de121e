"""Values to and from versioned JSON, by the shape their classes declare.

Every value of the core is a frozen dataclass of plain fields; a `Shape` reads those declarations once and then turns
values into JSON and back, exactly. The spelling, version 1:

- a dataclass is an object of its fields; where several kinds are possible it also has ``"kind"``, the class name;
- an id is its neutral hex, an enum its value, a tuple a list, a set a sorted list; None, text, numbers and booleans are
  themselves;
- the outermost object also has ``"v"``, the version.

So field and class names are part of the stored format: whoever renames one raises the version and keeps reading the
old (tests hold a sample of each version). A field that is missing in stored text takes its default, so a new field
with a default needs no new version.

Stored text is our own: its shape is checked as far as reading it needs, plain values are not checked again. This file
does not know what it spells; `conference/codec.py` and `call/codec.py` do.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from enum import Enum
from types import NoneType, UnionType
from typing import Union, cast, get_args, get_origin, get_type_hints

import msgspec

from roomtone.core.ids import Id

VERSION = 1
"""Of the spelling that is written."""

_Turn = Callable[[object], object]


class Shape:
    """How values of one declared type, a dataclass or a union of dataclasses, are spelled."""

    def __init__(self, declared: object, *, otherwise: type | None = None) -> None:
        """Read the declarations.

        Args:
            declared: The type.
            otherwise: Of a union: which of them text without a kind is, because it once was the only one.
        """
        self._spell, self._read = _turns(declared)
        self._otherwise = {} if otherwise is None else {"kind": otherwise.__name__}

    def to_json(self, value: object) -> str:
        """Spell a value.

        Args:
            value: Of the declared type.
        """
        spelled = cast("dict[str, object]", self._spell(value))
        return msgspec.json.encode({"v": VERSION, **spelled}).decode()

    def from_json(self, text: str) -> object:
        """Read a value back; of the declared type, equal to the one that was spelled.

        Raises:
            ValueError: The text is of another version, or not of this shape; says which.
        """
        try:
            spelled = msgspec.json.decode(text)
        except msgspec.DecodeError as problem:
            raise ValueError(f"stored text is not JSON: {problem}") from problem
        if not isinstance(spelled, dict) or spelled.get("v") != VERSION:
            version = spelled.get("v") if isinstance(spelled, dict) else None
            raise ValueError(f"stored text has version {version!r}; this release reads version {VERSION}")
        try:
            return self._read(self._otherwise | spelled)
        except (KeyError, TypeError, AttributeError) as problem:
            raise ValueError(f"stored text has not the shape it should: {problem!r}") from problem


def _turns(declared: object) -> tuple[_Turn, _Turn]:
    """Give the two directions for one declared type."""
    origin = get_origin(declared)
    if origin in {Union, UnionType}:
        return _either(get_args(declared))
    if origin in {tuple, frozenset}:
        return _many(declared)
    if isinstance(declared, type):
        return _one(declared)
    raise TypeError(f"no spelling for {declared!r}")


def _one(declared: type) -> tuple[_Turn, _Turn]:
    if issubclass(declared, Id):
        return _hex, lambda spelled: declared.from_hex(cast("str", spelled))
    if issubclass(declared, Enum):
        return _value, declared
    if dataclasses.is_dataclass(declared):
        return _record(declared)
    if declared in {str, int, float, bool}:
        return _same, _same
    raise TypeError(f"no spelling for {declared!r}")


def _record(declared: type) -> tuple[_Turn, _Turn]:
    """Spell a dataclass field by field; those that need no turning are copied in passing, since they are most."""
    hints = get_type_hints(declared)
    names = [field.name for field in dataclasses.fields(declared)]
    turns = {name: _turns(hints[name]) for name in names}
    turned = [(name, spell, read) for name, (spell, read) in turns.items() if spell is not _same]

    def spell(value: object) -> object:
        spelled = {name: getattr(value, name) for name in names}
        for name, turn, _ in turned:
            spelled[name] = turn(spelled[name])
        return spelled

    def read(spelled: object) -> object:
        found = cast("dict[str, object]", spelled)
        fields = {name: found[name] for name in names if name in found}
        for name, _, turn in turned:
            if name in fields:
                fields[name] = turn(fields[name])
        return declared(**fields)

    return spell, read


def _either(kinds: tuple[object, ...]) -> tuple[_Turn, _Turn]:
    """Spell one of several: perhaps None, and one plain type or any number of dataclasses told apart by name."""
    some = [kind for kind in kinds if kind is not NoneType]
    spell, read = _turns(some[0]) if len(some) == 1 else _kinds(cast("list[type]", some))
    if len(some) == len(kinds):
        return spell, read
    return (
        lambda value: None if value is None else spell(value),
        lambda spelled: None if spelled is None else read(spelled),
    )


def _kinds(kinds: list[type]) -> tuple[_Turn, _Turn]:
    turns: Mapping[str, tuple[_Turn, _Turn]] = {kind.__name__: _record(kind) for kind in kinds}

    def spell(value: object) -> object:
        name = type(value).__name__
        return {"kind": name, **cast("dict[str, object]", turns[name][0](value))}

    def read(spelled: object) -> object:
        name = cast("dict[str, str]", spelled)["kind"]
        return turns[name][1](spelled)

    return spell, read


def _many(declared: object) -> tuple[_Turn, _Turn]:
    """Spell a tuple of any length, a tuple of texts of a fixed length, or a set."""
    collection, (inner, *more) = cast("type", get_origin(declared)), get_args(declared)
    spell, read = _turns(inner)
    if collection is frozenset:
        return (
            lambda value: sorted(cast("str", spell(one)) for one in cast("frozenset[object]", value)),
            lambda spelled: frozenset(read(one) for one in cast("list[object]", spelled)),
        )
    if more not in ([...], [inner] * len(more)):
        raise TypeError(f"no spelling for {declared!r}")
    return (
        lambda value: [spell(one) for one in cast("tuple[object, ...]", value)],
        lambda spelled: tuple([read(one) for one in cast("list[object]", spelled)]),
    )


def _hex(value: object) -> object:
    return cast("Id", value).hex


def _value(value: object) -> object:
    return cast("Enum", value).value


def _same(value: object) -> object:
    return value
