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

from roomtone.core.access import Access
from roomtone.core.ids import Id

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


Lock = tuple[Access, Credential]
"""What a token may open, and what says whether it does."""

_NOBODYS = Credential(bytes(16), bytes(32))
"""No token fits it."""


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
        self._proved: OrderedDict[bytes, tuple[float, Access]] = OrderedDict()
        self._proofs: dict[bytes, asyncio.Future[Access | None]] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store-scrypt")
        self.turn = 0
        """Counts what `forget` was called for: whoever read locks before it must not have them remembered after."""

    def recall(self, user: Id, token: str) -> Access | None:
        """Say who comes with this token if it proved right within the last `REMEMBERED_S`."""
        until, found = self._proved.get(self._name(user, token), (0.0, None))
        return found if until > self._monotonic() else None

    async def prove(self, user: Id, token: str, locks: Sequence[Lock], turn: int) -> Access | None:
        """Say whose lock the token opens, and remember it; None: none of them.

        `turn` is what stood there before the locks were read.

        Without any lock one is tried all the same, so that the time it takes tells nobody which users there are.
        """
        name = self._name(user, token)
        if (running := self._proofs.get(name)) is None:
            loop = asyncio.get_running_loop()
            running = self._proofs[name] = loop.run_in_executor(self._thread, _opened, locks, token)
            running.add_done_callback(lambda _: self._proofs.pop(name, None))
        proved = await asyncio.shield(running)
        if proved is not None and turn == self.turn:
            self._remember(name, proved)
        return proved

    def forget(self) -> None:
        """Believe nobody any more without looking."""
        self.turn += 1
        self._proved.clear()

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _remember(self, name: bytes, access: Access) -> None:
        self._proved[name] = (self._monotonic() + REMEMBERED_S, access)
        self._proved.move_to_end(name)
        while len(self._proved) > REMEMBERED:
            self._proved.popitem(last=False)

    def _name(self, user: Id, token: str) -> bytes:
        named = f"{type(user).__name__} {user.value:x} {token}".encode()
        return hashlib.blake2b(named, key=self._key, digest_size=32).digest()


def _opened(locks: Sequence[Lock], token: str) -> Access | None:
    if not locks:
        _NOBODYS.fits(token)
    return next((access for access, credential in locks if credential.fits(token)), None)
