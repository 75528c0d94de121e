"""What is fed: each target takes bytes, and whatever leaves it but what is named beside it is a fault of ours."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from roomtone.config import ConfigProblem, load
from roomtone.core.refusals import Refused
from roomtone.cxml.parse import parse
from roomtone.cxml.problems import Unreadable
from roomtone.declared import declared
from roomtone.dialects import fields
from roomtone.documents.decode import DecodeLimits, NotAudio, decode
from roomtone.sdp import write
from roomtone.sdp.crypto import Demand
from roomtone.sdp.doors import Ours
from roomtone.sdp.negotiate import NotAcceptable, negotiate
from roomtone.sip import contacts, digest, referral
from roomtone.starting import ServerProblem

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from doors import (
    FORM,
    PROJECTS,
    Doors,
    Speaker,
    join,
)  # the API with its stores in memory, as the tests have it


@dataclass(frozen=True)
class Target:
    """One way in."""

    take: Callable[[bytes], None]
    expected: tuple[type[Exception], ...] = ()
    """How it may refuse."""


def _cxml(data: bytes) -> None:
    parse(data.decode("utf-8", "replace"), "http://a.example/document")


_FILE = Path(tempfile.mkdtemp(prefix="roomtone-fuzz-")) / "roomtone.toml"


def _settings(data: bytes) -> None:
    _FILE.write_bytes(data)
    load({}, {}, _FILE)
    declared(_FILE)


def _form(data: bytes) -> None:
    fields.from_json(data[1:]) if data[:1] == b"j" else fields.from_form(data[1:])


def _sdp(data: bytes) -> None:
    negotiate(data.decode("utf-8", "replace"))


def _browser(data: bytes) -> None:
    """Answer a browser's offer. What it says comes back in ours, and adds no line to it."""
    offer = data.decode("utf-8", "replace")
    agreed = negotiate(offer, encryption=Demand(only=True, doors=True))
    ours = Ours("ours", "a password of twenty-two", "AB", ("127.0.0.1",))
    where = {"host": "127.0.0.1", "port": 4_000, "session": 1, "version": 1}
    told = write.answer(replace(agreed, door=ours), offer=offer, **where)
    lines = told.removesuffix("\r\n").split("\r\n")
    assert all(line[1:2] == "=" and line[2:] and not {"\r", "\n", "\0"} & set(line) for line in lines), told
    assert sum(line.startswith("a=candidate:") for line in lines) == 1, told


def _sip(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    name, _, value = text.partition(": ")
    digest.read(value)
    lines = [(one.partition(": ")[0], one.partition(": ")[2]) for one in text.splitlines()]
    contacts.read(lines or [(name, value)])
    referral.read(lines or [(name, value)])


def _audio(data: bytes) -> None:
    decode(data[1:], ("", "audio/basic", "audio/gsm", "audio/mpeg")[data[0] % 4] if data else "", LIMITS)


LIMITS = DecodeLimits(30.0)
_LOOP = asyncio.new_event_loop()


def _request(data: bytes) -> None:
    """Ask the API: a line with method and path below the account, then the body. It never says 500."""
    line, _, body = data.partition(b"\n")
    method, _, path = line.decode("latin-1").partition(" ")
    if not method.isalpha() or not method.isascii():
        return
    asked = path.encode("ascii", "replace").decode().replace(" ", "%20")
    for dialect in ("twilio", "signalwire"):
        reply = _LOOP.run_until_complete(_asked(dialect, method, asked, body))
        assert reply != 500, (dialect, method, asked)


async def _asked(dialect: str, method: str, path: str, body: bytes) -> int:
    doors = Doors(operator=PROJECTS[dialect].id)
    customer: Speaker = doors.speaker(dialect)
    await doors.open(customer.project, "Room", join(1), join(2))
    reply = await customer.ask(method, path, body, (("content-type", FORM),))
    return int(reply.status)


TARGETS = {
    "cxml": Target(_cxml, (Unreadable,)),
    "settings": Target(_settings, (ConfigProblem, ServerProblem)),
    "form": Target(_form, (Refused,)),
    "request": Target(_request),
    "sdp": Target(_sdp, (NotAcceptable,)),
    "browser": Target(_browser, (NotAcceptable,)),
    "sip": Target(_sip),
    "audio": Target(_audio, (NotAudio,)),
}
