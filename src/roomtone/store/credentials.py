"""API tokens: kept as salted scrypt digests, remembered for a moment once they have proved right.

scrypt is slow on purpose (some 50 ms), and an application sends its token with each of thousands of requests a second.
So a token that was right is remembered in memory, as a keyed digest that means nothing outside this process, and
several requests that bring the same token at once share one computation. Wrong tokens are never remembered, and they
are computed one at a time, so that guessing cannot take the machine from the calls.

Source: RFC 7914 (scrypt), section 2 for the meaning of N, r and p.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from roomtone.core.ids import ProjectId
from roomtone.core.project import Project

COST = 2**14
"""scrypt's N; with r = 8 a computation takes 16 MiB."""

REMEMBERED_S = 30.0
"""How long a right token is believed without looking again: how long a revoked one may go on working."""

REMEMBERED = 10_000
"""How many tokens are remembered at most."""


@dataclass(frozen=True, slots=True)
class Credential:
    """What is stored of a token."""

    salt: bytes
    digest: bytes

    def fits(self, token: str) -> bool:
        """Say whether this is the token's digest; takes the time scrypt takes, right or wrong."""
        return hmac.compare_digest(_scrypt(token, self.salt), self.digest)


def seal(token: str) -> Credential:
    """Make what is stored of a token, with a fresh salt."""
    salt = secrets.token_bytes(16)
    return Credential(salt, _scrypt(token, salt))


def _scrypt(token: str, salt: bytes) -> bytes:
    return hashlib.scrypt(token.encode(), salt=salt, n=COST, r=8, p=1, dklen=32)


class Memory:
    """Tokens that proved right a moment ago, and those being checked now."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._key = secrets.token_bytes(32)
        self._proved: OrderedDict[bytes, tuple[float, Project]] = OrderedDict()
        self._checks: dict[bytes, asyncio.Future[bool]] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store-scrypt")

    def recall(self, project: ProjectId, token: str) -> Project | None:
        """Give the project if this token proved right within the last `REMEMBERED_S`."""
        until, found = self._proved.get(self._name(project, token), (0.0, None))
        return found if until > self._monotonic() else None

    async def check(self, project: Project, token: str, credentials: Sequence[Credential]) -> bool:
        """Say whether one of the project's credentials fits, and remember it if so."""
        name = self._name(project.id, token)
        if (running := self._checks.get(name)) is None:
            loop = asyncio.get_running_loop()
            running = self._checks[name] = loop.run_in_executor(self._thread, _any_fits, credentials, token)
            running.add_done_callback(lambda _: self._checks.pop(name, None))
        right = await asyncio.shield(running)
        if right:
            self._remember(name, project)
        return right

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _remember(self, name: bytes, project: Project) -> None:
        self._proved[name] = (self._monotonic() + REMEMBERED_S, project)
        self._proved.move_to_end(name)
        while len(self._proved) > REMEMBERED:
            self._proved.popitem(last=False)

    def _name(self, project: ProjectId, token: str) -> bytes:
        return hmac.digest(self._key, f"{project.hex} {token}".encode(), "sha256")


def _any_fits(credentials: Sequence[Credential], token: str) -> bool:
    return any(credential.fits(token) for credential in credentials)
