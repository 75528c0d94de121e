"""Passes for STUN and TURN servers, in either dialect's ids. Source: schema ``api.v2010.account.token`` of Twilio's API."""

from __future__ import annotations

from collections.abc import Callable

from roomtone.core.ice import IcePass
from roomtone.core.ids import Id, ProjectId
from roomtone.dialects.dates import rfc2822
from roomtone.dialects.dialect import Resource

TTL_NAMES = frozenset({"Ttl"})


def token(project: ProjectId, made: IcePass, show: Callable[[Id], str]) -> Resource:
    """Write a pass. Each server's address is told under the old name, too, as older browsers read it."""
    date = rfc2822(made.created_ms)
    return {
        "account_sid": show(project),
        "date_created": date,
        "date_updated": date,
        "ice_servers": [_server(url, made) for url in made.servers.urls],
        "password": made.password,
        "ttl": str(made.ttl_s),
        "username": made.username,
    }


def _server(url: str, made: IcePass) -> Resource:
    address = {"url": url, "urls": url}
    if not made.servers.relays(url):
        return address
    return {**address, "username": made.username, "credential": made.password}
