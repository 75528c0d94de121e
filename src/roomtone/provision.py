"""Makes projects and their tokens: from the command line, before and while the server runs."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial

from roomtone.config import Settings
from roomtone.core.access import EVERYTHING, Key, Permission
from roomtone.core.ids import KeyId, ProjectId
from roomtone.core.project import Project
from roomtone.dialects import by_name, sids, signature_key
from roomtone.dialects.dates import iso8601, rfc2822
from roomtone.starting import ServerProblem, nobody_serves
from roomtone.store import NameTaken, SchemaTooNew, Store, StoreUnavailable, open_store
from roomtone.switchboard.clock import SystemClock, SystemDice

FOLLOWED = 1_000
"""Lines of the audit that are read at once when it is followed."""

TOKEN_BYTES = 24
"""Randomness of a token that is made up, in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The project to make."""

    sid: str | None = None
    """Its identity in either dialect's spelling; made up if None."""

    token: str | None = None
    """Its API token; made up if None."""

    signing_key: str | None = None
    """Key of the signatures on requests to its servers; the token if None."""

    dialect: str = "signalwire"
    name: str = "default"
    """For people."""

    strict: bool = False
    """Whether it is served as its vendor would, and nothing beyond."""


async def create_project(settings: Settings, wanted: Wanted) -> dict[str, str]:
    """Make a project in the store of these settings, and give its credentials.

    Returns:
        ``sid`` in the dialect's spelling, both spellings (``project``, ``account_sid``), ``token``, ``signing_key``,
        ``dialect``, ``name``.

    Raises:
        ServerProblem: The identity is taken or malformed, or the store cannot be written.
    """
    spelling = by_name(wanted.dialect).sids
    identity = (
        ProjectId(SystemDice().bits128()) if wanted.sid is None else spelling.parse(ProjectId, wanted.sid)
    )
    if identity is None:
        raise ServerProblem(f"--sid: {wanted.sid!r} is neither a UUID nor AC and 32 hex digits")
    secret = wanted.token or secrets.token_hex(TOKEN_BYTES)
    project = Project(
        identity,
        wanted.name,
        wanted.dialect,
        wanted.signing_key or secret,
        SystemClock().now().wall_ms,
        strict=wanted.strict,
    )
    try:
        async with opened(settings) as store:
            await store.add_project(project, secret)
    except NameTaken as taken:
        raise ServerProblem(f"there is a project {spelling.show(identity)} already") from taken
    return {
        "sid": spelling.show(identity),
        "token": secret,
        "signing_key": project.signing_key,
        "dialect": wanted.dialect,
        "name": wanted.name,
        "project": by_name("signalwire").sids.show(identity),
        "account_sid": by_name("twilio").sids.show(identity),
    }


async def list_projects(settings: Settings) -> list[dict[str, object]]:
    """Give all projects of the store of these settings, without their secrets; oldest first.

    Raises:
        ServerProblem: The store cannot be read.
    """
    async with opened(settings) as store:
        return [_described(one) for one in await store.projects()]


async def make_strict(settings: Settings, sid: str, *, strict: bool) -> dict[str, object]:
    """Have a project served as its vendor would, or again with all that Roomtone has; gives it without its secrets.

    Raises:
        ServerProblem: There is no such project, or the store cannot be written.
    """
    now_ms = SystemClock().now().wall_ms
    async with opened(settings) as store:
        found = await find_project(store, sid)
        changed = await store.change_project(
            found.id, lambda stored: replace(stored, strict=strict, updated_ms=now_ms)
        )
        return _described(changed or found)


@dataclass(frozen=True, slots=True)
class KeyChange:
    """How a signing key is exchanged for another."""

    key: str | None = None
    """The new one, of 32 characters or more; made up if None."""

    overlap_s: float = 86_400.0
    """How long requests are signed with the former one, too."""

    done: bool = False
    """Nothing is exchanged: every server knows the new one, and the former signs no more."""


async def rotate_key(settings: Settings, sid: str, change: KeyChange) -> dict[str, object]:
    """Give a project another signing key, or end the time of the former one; holds at once where a server runs.

    Raises:
        ServerProblem: The key is too short, there is no such project, or the store cannot be written.
    """
    if change.key is not None and not signature_key.is_fit(change.key):
        raise ServerProblem(f"--key: {signature_key.EXPECTED}")
    now_ms = SystemClock().now().wall_ms
    until_ms = now_ms + int(change.overlap_s * 1_000)

    def exchange(stored: Project) -> Project:
        if change.done:
            return stored.without_former_key(now_ms)
        return stored.rekeyed(change.key or f"PSK_{secrets.token_hex(TOKEN_BYTES)}", now_ms, until_ms)

    async with opened(settings) as store:
        found = await find_project(store, sid)
        changed = await store.change_project(found.id, exchange) or found
    return {
        **_described(changed),
        "signing_key": changed.signing_key,
        "previous_until": iso8601(changed.previous_until_ms) if changed.previous_key else None,
    }


async def add_token(settings: Settings, sid: str, name: str, permissions: Iterable[str]) -> dict[str, object]:
    """Give a project another token, beside those it has.

    Args:
        settings: Where the store is.
        sid: Whose it is to be, in either spelling.
        name: For people.
        permissions: What it opens; none stands for all.

    Returns:
        The token and its secret, which is told here and nowhere else.

    Raises:
        ServerProblem: There is no such project or permission, or the store cannot be written.
    """
    now_ms, dice = SystemClock().now().wall_ms, SystemDice()
    async with opened(settings) as store:
        project = await find_project(store, sid)
        opens = _permissions(permissions)
        key = Key(KeyId(dice.bits128()), project.id, name, opens, now_ms, now_ms)
        secret = f"PT{secrets.token_hex(TOKEN_BYTES)}"
        await store.add_key(key, secret)
        return {**_told(project, key), "token": secret}


async def list_tokens(settings: Settings, sid: str) -> list[dict[str, object]]:
    """Give a project's tokens, the main one too, without their secrets; oldest first.

    Raises:
        ServerProblem: There is no such project, or the store cannot be read.
    """
    async with opened(settings) as store:
        project = await find_project(store, sid)
        return [_told(project, key) for key in await store.all_keys(project.id)]


async def revoke_token(settings: Settings, sid: str, token_id: str) -> None:
    """Let a token open nothing any more; a server that runs may believe it for half a minute yet.

    Raises:
        ServerProblem: There is no such project or token, or the store cannot be written.
    """
    async with opened(settings) as store:
        project = await find_project(store, sid)
        key = sids.parse(KeyId, token_id)
        now_ms = SystemClock().now().wall_ms
        if key is None or not await store.revoke_key(project.id, key, now_ms, main=True):
            raise ServerProblem(f"--id: project {sid} has no token {token_id!r}")


async def tail_audit(settings: Settings, lines: int, *, follow: bool) -> AsyncIterator[dict[str, object]]:
    """Give the audit's last lines, oldest first, and then, if that is wanted, each new one within a second.

    Raises:
        ServerProblem: The store cannot be read.
    """
    async with opened(settings) as store:
        after = -1
        while True:
            for number, deed in await store.deeds(after, lines if after < 0 else FOLLOWED):
                after = number
                project = await store.project(deed.project)
                show = by_name(project.dialect if project else "signalwire").sids.show
                yield {
                    "number": number,
                    "at": iso8601(deed.at_ms),
                    "project": show(deed.project),
                    "key": show(deed.key),
                    "key_name": deed.key_name,
                    "source": deed.source,
                    "method": deed.method,
                    "route": deed.route,
                    "subject": deed.subject,
                    "status": deed.status,
                    "request": deed.request,
                }
            if not follow:
                return
            after = max(after, 0)
            await asyncio.sleep(1)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Store]:
    """Open the store of these settings, beside the server that runs there or without one.

    Raises:
        ServerProblem: It cannot be opened, read or written, or is that of a running server of an earlier version.
    """
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
        look = partial(nobody_serves, settings.data)
        async with open_store(settings.data / "roomtone.db", before_migrating=look) as store:
            yield store
    except (StoreUnavailable, SchemaTooNew, OSError) as fault:
        raise ServerProblem(f"data: {settings.data}: {fault}") from fault


async def find_project(store: Store, sid: str) -> Project:
    """Find a project by its identity, in either spelling.

    Raises:
        ServerProblem: There is no such project.
    """
    identity = sids.parse(ProjectId, sid)
    found = None if identity is None else await store.project(identity)
    if found is None:
        raise ServerProblem(f"--sid: there is no project {sid!r}")
    return found


def _permissions(words: Iterable[str]) -> frozenset[Permission]:
    try:
        return frozenset(Permission(word) for word in words) or EVERYTHING
    except ValueError:
        raise ServerProblem(f"--permission: takes any of {', '.join(sorted(Permission))}") from None


def _described(project: Project) -> dict[str, object]:
    show = by_name(project.dialect).sids.show
    return {
        "sid": show(project.id),
        "name": project.name,
        "dialect": project.dialect,
        "strict": project.strict,
        "status": project.standing.value,
        "parent": None if project.parent is None else show(project.parent),
    }


def _told(project: Project, key: Key) -> dict[str, object]:
    return {
        "id": by_name(project.dialect).sids.show(key.id),
        "name": key.name,
        "main": key.main,
        "permissions": sorted(key.permissions),
        "created": rfc2822(key.created_ms),
    }
