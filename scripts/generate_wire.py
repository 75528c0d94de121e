"""Write both sides of the engine protocol from its one definition, `engine/wire/protocol.toml`.

Usage: ``python scripts/generate_wire.py`` writes; ``python scripts/generate_wire.py --check`` exits 1 if a side has
drifted from the definition. The brain gets msgspec structs, the engine gets serde types; both speak MessagePack.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DEFINITION = ROOT / "engine/wire/protocol.toml"
PYTHON_SIDE = ROOT / "src/roomtone/link/messages.py"
RUST_SIDE = ROOT / "engine/wire/src/messages.rs"
KINDS = ("order", "reply", "fact")

Definition = dict[str, Any]

PYTHON_TYPES = {"bool": "bool", "str": "str", "bytes": "bytes", "secret": "bytes", "f32": "float"}
RUST_TYPES = {"str": "String", "bytes": "serde_bytes::ByteBuf", "secret": "crate::Secret"}
UNSIGNED_BITS = {"u8": 8, "u16": 16, "u32": 32, "u64": 64}


def python_type(name: str) -> str:
    """Spell a protocol type in Python, with the range of an integer as msgspec metadata."""
    if inner := re.fullmatch(r"(list|optional|later)<(.+)>", name):
        kind, of = inner.groups()
        return f"list[{python_type(of)}]" if kind == "list" else f"{python_type(of)} | None"
    if bits := UNSIGNED_BITS.get(name):
        return f"Annotated[int, msgspec.Meta(ge=0, le={2**bits - 1})]" if bits < 64 else "int"
    if name == "i32":
        return "int"
    return PYTHON_TYPES.get(name, name)


def rust_type(name: str) -> str:
    """Spell a protocol type in Rust."""
    if inner := re.fullmatch(r"(list|optional|later)<(.+)>", name):
        kind, of = inner.groups()
        return f"{'Vec' if kind == 'list' else 'Option'}<{rust_type(of)}>"
    return RUST_TYPES.get(name, name)


def member(value: str) -> str:
    """Name an enum member after its value, in Python's way."""
    return value.upper().replace("-", "_")


def variant(value: str) -> str:
    """Name an enum variant after its value, in Rust's way."""
    return value[:1].upper() + value[1:].lower()


def doc_of(entry: Definition) -> str:
    """Give an entry's doc as one paragraph."""
    return " ".join(str(entry["doc"]).split())


def python_side(protocol: Definition) -> str:
    """Write the brain's side."""
    out = [
        '"""The engine protocol, the brain\'s side. Generated from engine/wire/protocol.toml; do not edit."""',
        "",
        "from __future__ import annotations",
        "",
        "from enum import StrEnum",
        "from typing import Annotated",
        "",
        "import msgspec",
        "",
        f'VERSION = "{protocol["version"]}"',
        '"""Of the protocol; the major part must be equal on both sides."""',
    ]
    for name, entry in protocol["enum"].items():
        out += ["", "", f"class {name}(StrEnum):", f'    """{doc_of(entry)}"""', ""]
        out += [f'    {member(value)} = "{value}"' for value in entry["values"]]
    for name, entry in protocol["struct"].items():
        out += ["", "", f"class {name}(msgspec.Struct, frozen=True, kw_only=True):"]
        out += [f'    """{doc_of(entry)}"""', *python_fields(entry["fields"])]
    for kind in KINDS:
        for name, entry in protocol[kind].items():
            out += [
                "",
                "",
                f'class {name}(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="{name}"):',
            ]
            fields = dict(entry["fields"])
            if kind != "fact":
                fields = {"n": "u64", **fields}
            out += [f'    """{doc_of(entry)}"""', *python_fields(fields)]
        out += ["", "", f"{kind.capitalize()} = (", "    " + "\n    | ".join(protocol[kind]), ")"]
    out += ["", "Message = Reply | Fact", '"""Whatever the engine says."""', ""]
    return "\n".join(out)


def python_fields(fields: dict[str, str]) -> list[str]:
    """Write the fields of one struct."""

    def default(kind: str) -> str:
        return " = None" if kind.startswith("later<") else ""

    lines = [f"    {name}: {python_type(kind)}{default(kind)}" for name, kind in fields.items()]
    if "secret" in fields.values():
        lines += ["", "    def __repr__(self) -> str:", '        """Show nothing that is secret."""']
        lines += ['        return f"{type(self).__name__}(…)"']
    return ["", *lines] if lines else []


def rust_side(protocol: Definition) -> str:
    """Write the engine's side."""
    out = [
        "//! The engine protocol, the engine's side. Generated from `engine/wire/protocol.toml`; do not edit.",
        "#![allow(missing_docs, clippy::doc_markdown)]",
        "",
        "use serde::{Deserialize, Serialize};",
        "",
        "/// Of the protocol; the major part must be equal on both sides.",
        f'pub const VERSION: &str = "{protocol["version"]}";',
    ]
    for name, entry in protocol["enum"].items():
        out += ["", f"/// {doc_of(entry)}"]
        out += [
            "#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]",
            f"pub enum {name} {{",
        ]
        for value in entry["values"]:
            out += [f'    #[serde(rename = "{value}")]', f"    {variant(value)},"]
        out += ["}"]
    for name, entry in protocol["struct"].items():
        out += rust_struct(name, entry, entry["fields"])
    for kind in KINDS:
        for name, entry in protocol[kind].items():
            fields = dict(entry["fields"])
            if kind != "fact":
                fields = {"n": "u64", **fields}
            out += rust_struct(name, entry, fields)
        out += rust_union(kind, protocol[kind])
    return "\n".join(out) + "\n"


def rust_struct(name: str, entry: Definition, fields: dict[str, str]) -> list[str]:
    """Write one struct."""
    lines = ["", f"/// {doc_of(entry)}", "#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]"]
    lines += [
        f"pub struct {name} {{",
        *(f"    pub {field}: {rust_type(kind)}," for field, kind in fields.items()),
    ]
    return [*lines, "}"]


def rust_union(kind: str, messages: Definition) -> list[str]:
    """Write the tagged enum of one kind of message."""
    title = kind.capitalize()
    lines = ["", f"/// Any {kind}.", "#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]"]
    lines += [
        '#[serde(tag = "t")]',
        f"pub enum {title} {{",
        *(f"    {name}({name})," for name in messages),
        "}",
    ]
    if kind != "fact":
        lines += [
            "",
            f"impl {title} {{",
            f"    /// The number of this {kind}.",
            "    pub fn n(&self) -> u64 {",
        ]
        lines += ["        match self {", *(f"            {title}::{name}(it) => it.n," for name in messages)]
        lines += ["        }", "    }", "}"]
    for name in messages:
        lines += ["", f"impl From<{name}> for {title} {{", f"    fn from(it: {name}) -> Self {{"]
        lines += [f"        {title}::{name}(it)", "    }", "}"]
    return lines


def formatted_rust(text: str) -> str:
    """Run rustfmt over the engine's side."""
    return subprocess.run(
        ["rustfmt", "--edition", "2021", "--config", "max_width=110"],
        input=text,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def main() -> int:
    """Write, or with ``--check`` compare."""
    protocol = tomllib.loads(DEFINITION.read_text())
    sides = {PYTHON_SIDE: python_side(protocol), RUST_SIDE: formatted_rust(rust_side(protocol))}
    if "--check" not in sys.argv:
        for path, text in sides.items():
            path.write_text(text)
        return 0
    drifted = [path for path, text in sides.items() if not path.exists() or path.read_text() != text]
    for path in drifted:
        print(
            f"{path.relative_to(ROOT)} has drifted from engine/wire/protocol.toml; run: make wire",
            file=sys.stderr,
        )
    return 1 if drifted else 0


if __name__ == "__main__":
    raise SystemExit(main())
