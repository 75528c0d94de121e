"""Serves the console's files: read once when the house starts, found by their whole path, and nothing else.

A path is only ever looked up, so there is no folder to climb out of. The pages hold no secret and set no cookie; who
signs in is known to the page alone, which asks the REST API like any other customer.

Sources: CSP Level 3; HTML Living Standard; RFC 9110 section 13.1.2 (If-None-Match).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

ROOT = "/console"
TYPES = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "media-src 'self' blob:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
"""Nothing but our own files, nothing inline, no frame around it, and no text that becomes markup or code."""

GUARDS = (
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), microphone=(self), geolocation=()"),
    ("Cache-Control", "no-cache"),
)


@dataclass(frozen=True, slots=True)
class Page:
    """One file."""

    content: bytes
    media_type: str
    mark: str
    """Its ETag, with quotes."""


@cache
def pages() -> dict[bytes, Page]:
    """Read all files, by the path that each is served at."""
    found = {}
    for one in files(__package__).joinpath("static").iterdir():
        media_type = TYPES.get(one.name.rpartition(".")[2])
        if media_type is not None and one.is_file():
            content = one.read_bytes()
            mark = f'"{sha256(content).hexdigest()[:32]}"'
            found[f"{ROOT}/{one.name}".encode()] = Page(content, media_type, mark)
    index = found.pop(f"{ROOT}/index.html".encode())
    return {**found, ROOT.encode(): index, f"{ROOT}/".encode(): index}


def beside(app: ASGIApp) -> ASGIApp:
    """Put the console beside an application: what is under `ROOT` is the console's, the rest goes on."""
    known = pages()

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path: bytes = (scope.get("raw_path") or scope["path"].encode()).partition(b"?")[0]
            if path == ROOT.encode() or path.startswith(f"{ROOT}/".encode()):
                await _serve(scope, send, known.get(path))
                return
        await app(scope, receive, send)

    return answer


async def _serve(scope: Scope, send: Send, page: Page | None) -> None:
    method, headers = scope["method"], Headers(scope=scope)
    if page is None:
        await _write(send, 404, b"There is no such page.\n", head=method == "HEAD")
    elif method not in {"GET", "HEAD"}:
        await _write(send, 405, b"It can only be read.\n", ("Allow", "GET, HEAD"))
    elif page.mark in [one.strip().removeprefix("W/") for one in headers.get("if-none-match", "").split(",")]:
        await _write(send, 304, b"", ("ETag", page.mark))
    else:
        about = (("ETag", page.mark), ("Content-Type", page.media_type))
        await _write(send, 200, page.content, *about, head=method == "HEAD")


async def _write(
    send: Send, status: int, content: bytes, *about: tuple[str, str], head: bool = False
) -> None:
    lines = dict((*GUARDS, ("Content-Type", "text/plain; charset=utf-8"), *about))
    if status != 304:
        lines["Content-Length"] = str(len(content))
    encoded = [(name.lower().encode(), text.encode()) for name, text in lines.items()]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": b"" if head else content})
