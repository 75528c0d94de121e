"""Asks a server the whole suite, one request after the other, and tells where it differs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from urllib.parse import quote, urlencode, urlsplit

import aiohttp

from roomtone.conformance.differences import Difference, differences, shown
from roomtone.conformance.probes import Probe, schemas, suite
from roomtone.core.ids import ProjectId
from roomtone.dialects import DIALECTS, Dialect, sids

_TIMEOUT_S = 20.0
_LARGEST = 8 * 1024 * 1024
"""Bytes of an answer that are read."""


class TargetProblem(Exception):  # noqa: N818 - it is the user's to mend
    """The target cannot be asked; the text says why."""


@dataclass(frozen=True, slots=True)
class Target:
    """Whom to ask."""

    url: str
    """Scheme, host and port, as the user named them; nothing else is ever asked."""

    project: str
    token: str
    dialect: str | None = None
    """None: Twilio's for ``AC…``, else SignalWire's."""

    write: bool = False
    """Whether applications, queues and hosted documents may be made and deleted there."""

    ca: str | None = None
    """File of a certificate authority to trust for it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one probe went."""

    probe: str
    request: str
    differences: tuple[Difference, ...] = ()
    skipped: str = ""
    """Why it was not asked, if it was not."""


def run_conformance(target: Target, say: Callable[[str], None], *, as_json: bool = False) -> int:
    """Ask the whole suite and tell what differs.

    Returns:
        0 if nothing differs, 1 if something does.

    Raises:
        TargetProblem: The target is none, or cannot be reached.
    """
    parts = urlsplit(target.url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise TargetProblem(f"--target: {target.url!r} is no http or https URL")
    outcomes = asyncio.run(_ask_all(target, dialect_of(target)))
    if as_json:
        say(json.dumps([asdict(one) for one in outcomes], indent=1))
    else:
        _tell(outcomes, say)
    return int(any(one.differences for one in outcomes))


def dialect_of(target: Target) -> Dialect:
    """Give the dialect whose shapes are expected of a target.

    Raises:
        TargetProblem: The project's sid is of neither shape.
    """
    if target.dialect is not None:
        return DIALECTS[target.dialect]
    if sids.parse(ProjectId, target.project) is None:
        raise TargetProblem(f"--project: {target.project!r} is neither a UUID nor AC and 32 hex digits")
    return DIALECTS["twilio" if target.project.startswith("AC") else "signalwire"]


async def _ask_all(target: Target, dialect: Dialect) -> list[Outcome]:
    timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
    async with aiohttp.ClientSession(timeout=timeout, connector=_connector(target)) as session:
        asker = _Asker(target, dialect, session)
        try:
            return [await asker.ask(probe) for probe in suite(dialect, write=target.write)]
        except (aiohttp.ClientError, TimeoutError, OSError) as fault:
            raise TargetProblem(f"--target: {target.url}: {type(fault).__name__}: {fault}") from fault


def _connector(target: Target) -> aiohttp.TCPConnector:
    if target.ca is None:
        return aiohttp.TCPConnector(limit=1)
    import ssl

    return aiohttp.TCPConnector(limit=1, ssl=ssl.create_default_context(cafile=target.ca))


class _Asker:
    """Asks one target, and remembers what it found there."""

    def __init__(self, target: Target, dialect: Dialect, session: aiohttp.ClientSession) -> None:
        self._target = target
        self._dialect = dialect
        self._session = session
        self._found: dict[str, str] = {}
        self._schemas = schemas()

    async def ask(self, probe: Probe) -> Outcome:
        """Ask one thing and compare the answer."""
        missing = [part[1:-1] for part in probe.segments if self._open(part)]
        if missing:
            return Outcome(probe.name, probe.method, skipped=f"there are no {missing[0]} to ask for")
        path = self._path(probe)
        query = urlencode(probe.fields)
        url = self._target.url.rstrip("/") + path + (f"?{query}" if query and probe.method == "GET" else "")
        token = "wrong" if probe.stranger else self._target.token
        headers = {"Authorization": aiohttp.encode_basic_auth(self._target.project, token)}
        data = dict(probe.fields) if probe.method == "POST" else None
        asked = self._session.request(probe.method, url, headers=headers, data=data, allow_redirects=False)
        async with asked as response:
            content = await response.content.read(_LARGEST)
            found = tuple(self._compare(probe, response.status, content))
        return Outcome(probe.name, f"{probe.method} {path}{f'?{query}' if query else ''}", found)

    def _open(self, part: str) -> bool:
        return part.startswith("{") and part[1:-1] not in self._found

    def _path(self, probe: Probe) -> str:
        parts = [self._found[part[1:-1]] if part.startswith("{") else part for part in probe.segments]
        item = probe.finds is None and probe.method != "PUT" and probe.segments[0] != "AvailablePhoneNumbers"
        paths = self._dialect.paths
        segments = (self._target.project, *(self._spelled(part) for part in parts))
        return paths.item(*segments) if item and len(parts) > 1 else paths.list(*segments)

    def _spelled(self, part: str) -> str:
        return part if part.strip("f") else self._dialect.sids.show(ProjectId(2**128 - 1))

    def _compare(self, probe: Probe, status: int, content: bytes) -> list[Difference]:
        found: list[Difference] = []
        if status != probe.status:
            found.append(Difference("status", str(probe.status), str(status)))
        body = _json(content)
        if probe.code is not None:
            code = body.get("code") if isinstance(body, dict) else None
            if code != probe.code:
                found.append(Difference("code", str(probe.code), shown(code)))
            schema: object = "Error"
        else:
            schema = probe.schema
        if status // 100 == probe.status // 100 and isinstance(schema, str):
            found += differences(self._schemas[schema], body)
        if probe.finds is not None and status < 300:
            self._remember(probe.finds, body)
        return found

    def _remember(self, name: str, body: object) -> None:
        if not isinstance(body, Mapping):
            return
        records = next((one for one in body.values() if isinstance(one, list) and one), None)
        one = records[0] if records else body
        sid = next((one[key] for key in ("sid", "call_sid", "country_code") if key in one), None)
        if isinstance(sid, str):
            self._found[name] = sid


def _json(content: bytes) -> object:
    try:
        found: object = json.loads(content)
    except ValueError:
        return quote(content[:40]) or None
    return found


def _tell(outcomes: list[Outcome], say: Callable[[str], None]) -> None:
    for one in outcomes:
        if one.skipped:
            say(f"skipped  {one.probe}: {one.skipped}")
            continue
        say(f"{'differs ' if one.differences else 'ok      '} {one.probe}: {one.request}")
        for each in one.differences:
            say(f"           {each.field}: expected {each.expected}, found {each.found}")
    asked = [one for one in outcomes if not one.skipped]
    differing = sum(bool(one.differences) for one in asked)
    say(f"{len(asked)} asked, {differing} differ, {len(outcomes) - len(asked)} skipped")
