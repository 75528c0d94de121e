"""The REST doors as one ASGI application: reads the request, finds who asks, finds the endpoint, writes the answer.

Every answer is JSON in the dialect of whoever asks, refusals of every kind and our own failures, too: a client that
gets anything else cannot even tell its user what went wrong. A suffix asks for XML or CSV instead (`faces`). Redirects
nothing and negotiates nothing by header.
"""

from __future__ import annotations

import asyncio
import logging
from functools import lru_cache

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from roomtone.api import (
    addresses,
    audio_files,
    bins,
    bodies,
    changes,
    credentials,
    error_pages,
    faces,
    finding,
    join_tokens,
    openapi,
    other_sites,
    scopes,
    sound_paths,
    sounds,
    whole,
)
from roomtone.api.finding import Found
from roomtone.api.frontdesk import Answer, FrontDesk, Visit, json_answer
from roomtone.api.frontdesk import Headers as HeaderLines
from roomtone.api.limits import Gate
from roomtone.api.measuring import served
from roomtone.api.portability import Tally
from roomtone.api.routes import Route
from roomtone.api.sound_paths import WantedSound
from roomtone.core.access import Access
from roomtone.core.deeds import Deed
from roomtone.core.exchange import EngineUnavailable
from roomtone.core.ids import ProjectId
from roomtone.core.pressure import RETRY_S
from roomtone.core.project import Project
from roomtone.core.refusals import Reason, Refused
from roomtone.dialects import Dialect, audio_file_resources, by_name, fields, passes, strictness
from roomtone.dialects.fields import Fields
from roomtone.dialects.headers import ALWAYS_TLS, NOT_KEPT, request_ids

_log = logging.getLogger(__name__)

HOSTED = "/laml-bins/"
"""Where hosted documents are, under the public URL."""

_HOSTED = HOSTED.encode()
_AUDIO_FILES = audio_file_resources.PATH.encode()
_READ_AT_ONCE = 65_536
"""Bytes of a body that are read where they came; longer ones are read in a thread."""

_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_WHO = "roomtone.who"
"""Where a request's scope keeps who was let in: their access, the project, the route's name once it is found."""

_NOBODY = (None, None, "")

FAULTS = (Refused, EngineUnavailable, OSError)
"""What is told as it is: a refusal; no engine; no store (whose faults are OSErrors). The rest is a bug."""


def create_app(desk: FrontDesk) -> ASGIApp:
    """Make the application."""
    return _Door(desk)


class _Door:
    """Takes requests one by one; remembers nothing between them but what it has noted in the log."""

    def __init__(self, desk: FrontDesk) -> None:
        self._desk = desk
        self._noted: set[tuple[ProjectId, str]] = set()
        self._tally = Tally(desk.store, desk.clock)
        self._gate = Gate(desk.limits)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match scope["type"]:
            case "http":
                await self._serve(scope, receive, send)
            case "lifespan":
                await _live(receive, send)
            case _:
                await send({"type": "websocket.close", "code": 1000})

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        ids = request_ids(self._desk.dice.bits128())
        began_ns = 0 if self._desk.count is None else self._desk.clock.now().mono_ns
        try:
            answer = await self._answer(scope, receive)
        except bodies.Disconnected:
            return
        except Exception:  # noqa: BLE001 - the boundary: a bug ends one request, told and logged
            _log.exception("request failed method=%s request=%s", scope["method"], ids[0][1])
            told = addresses.guess(_raw_path(scope)).errors.tell_bug(self._desk.public_url)
            answer = json_answer(told.status, told.body).with_headers(("Hint", told.hint))
        if _log.isEnabledFor(logging.DEBUG):
            _log.debug(
                "answered method=%s path=%s status=%d request=%s",
                scope["method"],
                addresses.shown(_raw_path(scope)),
                answer.status,
                ids[0][1],
            )
        if self._desk.count is not None:
            route = "recordings.fetch" if answer.sound is not None else scope.get(_WHO, _NOBODY)[2]
            took_ns = self._desk.clock.now().mono_ns - began_ns
            self._desk.count(served(route, scope["method"], answer.status, took_ns))
        if scope["method"] in _CHANGING and _WHO in scope:
            self._write_down(scope, answer.status, ids[0][1])
        answer = answer.with_headers(*_guards(scope, answer))
        if answer.events is not None:
            await changes.deliver(answer.events, _lines(answer, ids), receive, send)
            return
        if answer.sound is not None:
            await _deliver(scope, receive, send, answer, ids)
            return
        answer = faces.stamped(answer, scope["method"], Headers(scope=scope))
        await _write(scope, send, answer, ids, head=scope["method"] == "HEAD")

    def _write_down(self, scope: Scope, status: int, request: str) -> None:
        """Put into the audit what somebody known wanted to change, and what came of it."""
        access, project, route = scope[_WHO]
        self._desk.store.note_deed(
            Deed(
                self._desk.clock.now().wall_ms,
                project.id,
                access.key.id,
                access.key.name,
                _source(scope),
                scope["method"],
                route,
                addresses.shown(_raw_path(scope)),
                status,
                request,
            )
        )

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        """Answer a request; a refusal before anybody is known is told in the dialect that the path suggests."""
        raw_path = _raw_path(scope)
        try:
            if scope["method"] == "OPTIONS":
                return Answer(204)
            if raw_path in {b"/healthz", openapi.PATH} or raw_path.startswith(error_pages.PREFIX):
                return self._page(scope)
            if raw_path == b"/readyz":
                return await self._readiness(scope)
            await self._desk.readiness.until_open()
            if self._desk.is_swamped():
                raise Refused(Reason.UNAVAILABLE, problem="too much to do", retry_s=RETRY_S)
            if raw_path.startswith(_HOSTED):
                return await self._host(scope, receive)
            if raw_path.startswith(_AUDIO_FILES):
                return await self._audio_file(scope)
            return await self._enter(scope, receive)
        except FAULTS as no:
            return self._refusal(no, addresses.guess(raw_path), _suffix(raw_path), Headers(scope=scope))

    async def _enter(self, scope: Scope, receive: Receive) -> Answer:
        raw_path, headers = _raw_path(scope), Headers(scope=scope)
        address, path = finding.address_of(raw_path)
        if address is None:
            raise Refused(Reason.NOT_FOUND, path=path)
        if self._desk.archive is not None and (sound := sound_paths.read(scope["method"], address)):
            return await self._sound(scope, sound, path)
        other_sites.check(scope["method"], headers)
        access, project = await self._let_in(scope, headers.get("authorization"), address.account)
        scope[_WHO] = (access, project, "")
        dialect = by_name(project.dialect)
        allowed = self._gate.request(project.id, self._now_s())
        told = () if allowed is None else allowed.headers
        face = dialect.strictness.faces.get(address.suffix, "") if project.strict else address.suffix
        try:
            if allowed is not None and allowed.left < 0:
                raise Refused(Reason.OVERLOADED, retry_s=allowed.wait_s)
            if changes.asked(scope["method"], address) and not project.strict:
                return self._changes(headers, access, project).with_headers(*told)
            found = finding.find(scope["method"], raw_path, project.dialect, strict=project.strict)
            scope[_WHO] = (access, project, found.route.name)
            scopes.check(found.route.name, access)
            fields_ = await _fields(scope, headers, receive, found.route.largest_body, found.route.raw)
            if fields_:
                found = found.with_fields(fields_, project.dialect, json=_in_json(headers))
            said = _held(found, dialect) if project.strict else fields_
            answer = await self._visit(found.route, Visit(project, access, dialect, path, found.names, said))
            await self._tally.note(project, found.features)
            return faces.turned(answer, face, found.route.kind).with_headers(*told)
        except FAULTS as no:
            return self._refusal(no, dialect, face, headers).with_headers(*told)

    def _changes(self, headers: Headers, access: Access, project: Project) -> Answer:
        """Answer with what changes in a project, from now on or from where somebody was."""
        scopes.check("changes.fetch", access)
        shown = by_name(project.dialect).sids.show
        events = self._desk.changes.listen(project.id, headers.get("last-event-id"), shown)
        kept = (("Cache-Control", "no-store"), ("X-Accel-Buffering", "no"))
        return Answer(200, media_type=changes.MEDIA_TYPE, headers=kept, events=events)

    async def _sound(self, scope: Scope, wanted: WantedSound, path: str) -> Answer:
        """Answer with the sound of a recording: to anybody, where that is wished, else to whoever may read it."""
        if self._desk.public_recordings:
            project = await sounds.anybodys(wanted, self._desk)
        else:
            authorization = Headers(scope=scope).get("authorization")
            access, project = await self._let_in(scope, authorization, wanted.account)
            scopes.check("recordings.fetch", access)
        allowed = self._gate.request(project.id, self._now_s())
        if allowed is not None and allowed.left < 0:
            raise Refused(Reason.OVERLOADED, retry_s=allowed.wait_s)
        asked = fields.from_form(scope["query_string"])
        answer = await sounds.answer(wanted, project, self._desk, asked, path)
        return answer if allowed is None else answer.with_headers(*allowed.headers)

    async def _let_in(
        self, scope: Scope, authorization: str | None, account: str | None
    ) -> tuple[Access, Project]:
        """Find out who asks, and for which project; whoever is wrong too often must wait."""
        source = _source(scope)
        try:
            access = await self._known(authorization, self._gate.shut_s(source, self._now_s()))
            return access, await credentials.project_of(account, access, self._desk.store)
        except Refused as no:
            if no.reason is Reason.NOT_AUTHENTICATED and authorization:
                self._gate.wrong(source, self._now_s())
            raise

    async def _known(self, authorization: str | None, shut_s: int) -> Access:
        token = passes.shown(authorization)
        if token is None:
            return await credentials.authenticate(authorization, self._desk.store, shut_s=shut_s)
        if shut_s:
            raise Refused(Reason.OVERLOADED, retry_s=shut_s)
        return await join_tokens.admit(token, self._desk.store, self._desk.clock.now().wall_ms)

    def _now_s(self) -> float:
        return self._desk.clock.now().mono_ns / 1e9

    async def _visit(self, route: Route, visit: Visit) -> Answer:
        if route.endpoint is None:
            raise Refused(Reason.NOT_IMPLEMENTED, path=visit.path)
        unknown = {name for name, _ in visit.fields} - route.parameters
        if unknown and (visit.project.id, route.name) not in self._noted:
            self._noted.add((visit.project.id, route.name))
            names = " ".join(sorted(unknown))[:200].encode("ascii", "backslashreplace").decode()
            _log.info(
                "ignored unknown parameters project=%s route=%s names=%r", visit.project.id, route.name, names
            )
        return await route.endpoint(visit, self._desk)

    def _refusal(self, no: Exception, dialect: Dialect, suffix: str, headers: Headers) -> Answer:
        """Tell a refusal, or a fault of the world as the refusal it amounts to."""
        if isinstance(no, Refused):
            refused = no
        else:
            _log.warning("unavailable fault=%r", no)
            refused = Refused(Reason.UNAVAILABLE)
        told = dialect.errors.tell(refused, self._desk.public_url)
        answer = faces.turned_refusal(json_answer(told.status, told.body), suffix)
        return _with_particulars(answer.with_headers(("Hint", told.hint)), refused, headers)

    def _page(self, scope: Scope) -> Answer:
        """Answer with a page for anybody: how the house is, what it can do, what a number means."""
        raw_path = _raw_path(scope)
        if scope["method"] not in {"GET", "HEAD"}:
            raise finding.wrong_method(scope["method"], ("GET", "HEAD"))
        if raw_path == b"/healthz":
            return json_answer(200, {"status": "ok"})
        if raw_path == openapi.PATH:
            return openapi.serve(self._desk.public_url)
        answer = error_pages.serve(raw_path)
        if answer is None:
            raise Refused(Reason.NOT_FOUND, path=addresses.shown(raw_path))
        return answer

    async def _readiness(self, scope: Scope) -> Answer:
        """Say whether work may be sent here; 503 names what is missing."""
        if scope["method"] not in {"GET", "HEAD"}:
            raise finding.wrong_method(scope["method"], ("GET", "HEAD"))
        missing = await self._desk.readiness.missing()
        if not missing:
            return json_answer(200, {"status": "ready"})
        answer = json_answer(503, {"status": "not ready", "missing": list(missing)})
        return answer.with_headers(("Retry-After", "1"))

    async def _host(self, scope: Scope, receive: Receive) -> Answer:
        raw_path = _raw_path(scope)
        if scope["method"] not in {"GET", "HEAD", "POST"}:
            raise finding.wrong_method(scope["method"], ("GET", "HEAD", "POST"))
        parameters = fields.from_form(scope["query_string"])
        if scope["method"] == "POST":
            parameters += await _fields(scope, Headers(scope=scope), receive, bodies.LARGEST_FORM)
        sid = raw_path.removeprefix(_HOSTED).decode("latin-1")
        answer = await bins.serve(sid, parameters, self._desk)
        if answer is None:
            raise Refused(Reason.NOT_FOUND, path=addresses.shown(raw_path))
        return answer

    async def _audio_file(self, scope: Scope) -> Answer:
        raw_path = _raw_path(scope)
        if scope["method"] not in {"GET", "HEAD"}:
            raise finding.wrong_method(scope["method"], ("GET", "HEAD"))
        sid = raw_path.removeprefix(_AUDIO_FILES).decode("latin-1")
        answer = await audio_files.serve(sid, self._desk)
        if answer is None:
            raise Refused(Reason.NOT_FOUND, path=addresses.shown(raw_path))
        return answer


def _held(found: Found, dialect: Dialect) -> Fields:
    """Hold a request to what its vendor takes, and give its fields as that vendor reads them.

    Raises:
        Refused: As the vendor would have refused it.
    """
    for one in found.broken:
        if one.refusal is not None:
            raise one.refusal
    return strictness.understood(dialect.strictness, dialect.name, found.asked)


def _in_json(headers: Headers) -> bool:
    return headers.get("content-type", "").lower().startswith("application/json")


def _suffix(raw_path: bytes) -> str:
    return ".xml" if raw_path.endswith(b".xml") else ""


async def _fields(scope: Scope, headers: Headers, receive: Receive, largest: int, raw: str = "") -> Fields:
    """Read the query of a question, the body of an order. A body that comes with a question is not looked at.

    The query of an order counts only beside a body that is a field itself: `raw`, or a session description. Beside an empty
    one it says nothing, whatever type the body is said to have.
    """
    if scope["method"] not in {"POST", "PUT", "PATCH"}:
        return fields.from_form(scope["query_string"])
    came = await bodies.read(headers, receive, largest)
    aside = len(came) > _READ_AT_ONCE
    body = (
        await asyncio.to_thread(bodies.parse, headers, came, raw)
        if aside
        else bodies.parse(headers, came, raw)
    )
    if body and not bodies.holds_fields(headers):
        return fields.from_form(scope["query_string"]) + body  # what else is said has no other place
    return body


def _with_particulars(answer: Answer, refused: Refused, headers: Headers) -> Answer:
    """Add the headers that go with some refusals."""
    match refused.reason:
        case Reason.NOT_AUTHENTICATED | Reason.ACCESS_DENIED | Reason.PROJECT_NOT_ACTIVE:
            return answer.with_headers(*other_sites.challenge(headers, credentials.CHALLENGE))
        case Reason.METHOD_NOT_ALLOWED:
            return answer.with_headers(("Allow", str(refused.facts["allowed"])))
        case Reason.OVERLOADED | Reason.UNAVAILABLE:
            return answer.with_headers(("Retry-After", str(refused.facts.get("retry_s", 1))))
        case Reason.BODY_TOO_LARGE:
            return answer.with_headers(("Connection", "close"))
        case _:
            return answer


def _guards(scope: Scope, answer: Answer) -> HeaderLines:
    """Give the headers that guard this answer beside those that guard all."""
    kept = _WHO not in scope or any(name == NOT_KEPT[0] for name, _ in answer.headers)
    return (*(() if kept else (NOT_KEPT,)), *((ALWAYS_TLS,) if _by_name_and_tls(scope) else ()))


def _by_name_and_tls(scope: Scope) -> bool:
    """Say whether somebody came by TLS to a name of the server's own.

    A browser would keep to TLS for all that ever listens on ``localhost``; of addresses it keeps nothing.
    """
    if scope.get("scheme") != "https":
        return False
    host = Headers(scope=scope).get("host", "").rpartition(":")[0] or Headers(scope=scope).get("host", "")
    return host.lower() != "localhost" and host[-1:].isalpha()


def _source(scope: Scope) -> str:
    """Give the address that the connection comes from; empty: the server does not say."""
    return str((scope.get("client") or ("",))[0])


def _raw_path(scope: Scope) -> bytes:
    """Give the path as it came; a server that does not keep it gives the decoded one, which is then taken as it is."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    return raw.partition(b"?")[0]


async def _deliver(scope: Scope, receive: Receive, send: Send, answer: Answer, ids: HeaderLines) -> None:
    """Write an answer that is sound."""
    assert answer.sound is not None, "whoever asks has looked"
    try:
        cut = sounds.cut(answer, scope["method"], Headers(scope=scope))
        await sounds.send_pieces(cut, _lines(cut, ids), receive, send, head=scope["method"] == "HEAD")
    finally:
        answer.sound.close()


def _lines(answer: Answer, ids: HeaderLines) -> whole.Lines:
    lines = [(_encoded(name), text.encode("latin-1")) for name, text in (*answer.headers, *ids)]
    if answer.media_type is not None:
        lines.append((b"content-type", answer.media_type.encode("latin-1")))
    return lines


async def _write(scope: Scope, send: Send, answer: Answer, ids: HeaderLines, *, head: bool) -> None:
    lines = _lines(answer, ids)
    if answer.status not in {204, 304}:
        lines.append((b"content-length", b"%d" % len(answer.content)))
    content = b"" if head else answer.content
    at_once = whole.of(scope)
    if at_once is not None:
        await at_once(answer.status, lines, content)
        return
    await send({"type": "http.response.start", "status": answer.status, "headers": lines + whole.ON_ALL})
    await send({"type": "http.response.body", "body": content})


@lru_cache(maxsize=256)
def _encoded(name: str) -> bytes:
    """Spell a header's name as ASGI wants it. All names are ours."""
    return name.lower().encode("latin-1")


async def _live(receive: Receive, send: Send) -> None:
    """Answer the server's own start and stop; the doors have nothing to open or close."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
