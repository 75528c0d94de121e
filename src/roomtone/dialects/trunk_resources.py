"""A trunk as a resource of our own: neither vendor has one that says all of it. Never its password. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from roomtone.core.ids import Id, ProjectId
from roomtone.core.routing import Trunk, without_password
from roomtone.dialects.dialect import Resource


@dataclass(frozen=True, slots=True)
class TrunkStanding:
    """How a trunk stands just now."""

    settled: bool
    """Whether it stands in the settings, which no request changes."""

    calls: int
    """Calls of ours that it carries."""

    answers: Callable[[str], bool | None]
    """Whether somebody answers at one of its addresses; None: that is not known."""


_STATUS = {None: "unknown", True: "up", False: "down"}


def shown_name(one: Trunk) -> str:
    """Give what a trunk is known by: its name, or, where the settings give it none, its first address."""
    return without_password(one.key)


def trunk(one: Trunk, operator: ProjectId, now: TrunkStanding, show: Callable[[Id], str]) -> Resource:
    """Write what is known of a trunk."""
    return {
        "name": shown_name(one),
        "account_sid": show(operator),
        "source": "settings" if now.settled else "database",
        "uris": [without_password(uri) for uri in one.uris],
        "prefixes": list(one.prefixes),
        "username": one.username,
        "password_set": one.password is not None,
        "codecs": list(one.codecs),
        "calls": one.calls,
        "calls_per_s": float(one.calls_per_s),
        "allow": list(one.allow),
        "options_s": float(one.options_s),
        "calls_now": now.calls,
        "addresses": [
            {"uri": without_password(uri), "status": _STATUS[now.answers(uri)]} for uri in one.uris
        ],
    }
