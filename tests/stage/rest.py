"""A small REST client that shows everything: status, headers, body."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from typing import Any, BinaryIO

import aiohttp

from roomtone.core.pressure import RETRY_S
from stage.secrets import note_answer
from stage.server import Credentials

Form = dict[str, str] | list[tuple[str, str]]

TRIES = 5
"""How often a server that has too much to do is asked, as it says itself when to ask again."""

EASE_WITHIN_S = 60.0
"""How long a test waits for a machine that others have taken."""


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def body(self) -> Any:
        """The JSON of it."""
        return json.loads(self.text)

    @property
    def is_swamped(self) -> bool:
        """Whether the server has too much to do for any request, and says when to ask again."""
        return self.status == 503 and self.headers.get("Retry-After") == str(RETRY_S)


def basic(user: str, password: str) -> dict[str, str]:
    """Spell credentials as a header."""
    return {"Authorization": aiohttp.encode_basic_auth(user, password)}


class Rest:
    """Speaks for one project. Paths are relative to the account: ``Conferences.json``."""

    def __init__(self, session: aiohttp.ClientSession, base: str, who: Credentials) -> None:
        self._session = session
        self._headers = basic(who.sid, who.token)
        self.base = base.rstrip("/")
        self.who = who
        prefix = "/api/laml/2010-04-01" if who.dialect == "signalwire" else "/2010-04-01"
        self.account = f"{prefix}/Accounts/{who.sid}"

    async def call(
        self,
        method: str,
        path: str,
        form: Form | bytes | BinaryIO | None = None,
        *,
        as_json: Any = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """Send one request; `path` may be absolute (with a leading slash) or relative to the account.

        Args:
            method: Of HTTP.
            path: Where to.
            form: Fields of the body, or the body itself.
            as_json: A body to be spelled as JSON.
            headers: In place of our credentials; with an own ``Authorization``, or none.
        """
        url = self.base + (path if path.startswith("/") else f"{self.account}/{path}")
        sent = self._headers if headers is None else headers
        async with self._session.request(
            method, url, data=form, json=as_json, headers=sent, allow_redirects=False
        ) as reply:
            found = Reply(reply.status, dict(reply.headers), await reply.text())
        if method == "POST" and found.status in {200, 201} and found.text.startswith("{"):
            note_answer(found.body)
        return found

    async def get(self, path: str, **extra: Any) -> Reply:
        """Fetch."""
        return await self.call("GET", path, **extra)

    async def post(self, path: str, form: Form | bytes | BinaryIO | None = None, **extra: Any) -> Reply:
        """Create or update."""
        return await self.call("POST", path, form, **extra)

    async def delete(self, path: str) -> Reply:
        """Remove."""
        return await self.call("DELETE", path)

    async def made(self, path: str, form: Form) -> dict[str, Any]:
        """Create, and insist on it, also with a server that has too much to do for a moment."""
        reply = await self.post(path, form)
        for _ in range(TRIES - 1):
            if not reply.is_swamped:
                break
            await asyncio.sleep(float(reply.headers["Retry-After"]))
            reply = await self.post(path, form)
        assert reply.status in {200, 201}, reply
        found = reply.body
        assert isinstance(found, dict)
        return found

    async def at_ease(self) -> None:
        """Wait until the server takes new calls: another program may have had the machine."""
        deadline_s = time.monotonic() + EASE_WITHIN_S
        while time.monotonic() < deadline_s:
            if (await self.call("GET", "/readyz")).status == 200:
                return
            await asyncio.sleep(0.5)
        reply = await self.call("GET", "/readyz")
        raise AssertionError(f"the server takes no new calls for {EASE_WITHIN_S} s: {reply.text}")
