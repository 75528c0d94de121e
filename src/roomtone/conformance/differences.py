"""Where an answer departs from its schema, field by field. Pure; knows the part of JSON Schema that ours are made of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from roomtone.dialects.dialect import Json

_KINDS: Mapping[str, tuple[type, ...]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "null": (type(None),),
    "object": (dict,),
    "string": (str,),
}
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as expected."""

    field: str
    """``.participants[0].muted``; ``status`` and ``code`` for those of the answer."""

    expected: str
    found: str


def differences(schema: Json, value: object, field: str = "") -> Iterator[Difference]:
    """Give every departure, in the order of the schema; of a list, those of its first three records."""
    if not isinstance(schema, Mapping) or "type" not in schema:
        return
    allowed = schema["type"]
    kinds = [str(one) for one in allowed] if isinstance(allowed, list | tuple) else [str(allowed)]
    if not any(_is(value, kind) for kind in kinds):
        yield Difference(field or ".", " or ".join(kinds), shown(value))
        return
    match value:
        case dict():
            yield from _of_object(schema, value, field)
        case list():
            for at, one in enumerate(value[:3]):
                yield from differences(schema.get("items"), one, f"{field}[{at}]")
        case str():
            pattern = schema.get("pattern")
            if isinstance(pattern, str) and not re.search(pattern, value):
                yield Difference(field, f"matching {pattern}", shown(value))


def shown(value: object) -> str:
    """Show a value, shortened."""
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _of_object(schema: Mapping[str, Json], value: Mapping[str, object], field: str) -> Iterator[Difference]:
    known = schema.get("properties")
    properties: Mapping[str, Json] = known if isinstance(known, Mapping) else {}
    required = schema.get("required", ())
    for name, inner in properties.items():
        if name in value:
            yield from differences(inner, value[name], f"{field}.{name}")
        elif isinstance(required, list | tuple) and name in required:
            yield Difference(f"{field}.{name}", "present", "absent")
    for name in value:
        if name not in properties:
            yield Difference(f"{field}.{name}", "absent", shown(value[name]))


def _is(value: object, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, _KINDS.get(kind, ()))
