"""Makes projects: from the command line, before and while the server runs."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from roomtone.config import Settings
from roomtone.core.ids import ProjectId
from roomtone.core.project import Project
from roomtone.dialects import by_name
from roomtone.starting import ServerProblem
from roomtone.store import NameTaken, SchemaTooNew, StoreUnavailable, open_store
from roomtone.switchboard.clock import SystemClock, SystemDice

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
        identity, wanted.name, wanted.dialect, wanted.signing_key or secret, SystemClock().now().wall_ms
    )
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
        async with open_store(settings.data / "roomtone.db") as store:
            await store.add_project(project, secret)
    except NameTaken as taken:
        raise ServerProblem(f"there is a project {spelling.show(identity)} already") from taken
    except (StoreUnavailable, SchemaTooNew, OSError) as fault:
        raise ServerProblem(f"data: {settings.data}: {fault}") from fault
    return {
        "sid": spelling.show(identity),
        "token": secret,
        "signing_key": project.signing_key,
        "dialect": wanted.dialect,
        "name": wanted.name,
        "project": by_name("signalwire").sids.show(identity),
        "account_sid": by_name("twilio").sids.show(identity),
    }
