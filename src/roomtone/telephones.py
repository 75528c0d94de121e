"""Makes phones, domains and trunks from the command line, before and while the server runs."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from roomtone.config import Settings
from roomtone.core.endpoint import DOMAIN_NAME, NAME, Binding, Domain, Endpoint
from roomtone.core.ids import DomainId, EndpointId, ProjectId
from roomtone.core.refusals import Refused
from roomtone.core.routing import Trunk, without_password
from roomtone.core.trunking import TrunkWanted, fit
from roomtone.core.values import Document, Method
from roomtone.dialects import by_name
from roomtone.dialects.dates import iso8601
from roomtone.provision import find_project, opened
from roomtone.sdp.agreement import Codec
from roomtone.sip.digest import Algorithm, ha1
from roomtone.starting import ServerProblem
from roomtone.switchboard.clock import SystemClock, SystemDice

PASSWORD_BYTES = 12
"""Randomness of a password that is made up, in bytes."""


def endpoint_of(project: ProjectId, name: str, password: str) -> Endpoint:
    """Make a phone of a project, as the operator does.

    Raises:
        ValueError: The name is unfit.
    """
    if not NAME.fullmatch(name):
        raise ValueError("name: takes 1 to 64 letters, digits and . _ ~ + -")
    md5, sha256 = (ha1(one, name, password) for one in (Algorithm.MD5, Algorithm.SHA256))
    now_ms = SystemClock().now().wall_ms
    return Endpoint(EndpointId(SystemDice().bits128()), project, name, md5, sha256, now_ms)


async def add_endpoint(settings: Settings, sid: str, name: str, password: str | None) -> dict[str, object]:
    """Let a phone register.

    Returns:
        What the phone has to be told, its password among it, which is told here and nowhere else.

    Raises:
        ServerProblem: There is no such project, the name is taken or unfit, or the store cannot be written.
    """
    secret = password or secrets.token_urlsafe(PASSWORD_BYTES)
    async with opened(settings) as store:
        project = await find_project(store, sid)
        endpoint = _fit(lambda: endpoint_of(project.id, name, secret))
        try:
            await store.phones.add(endpoint)
        except Refused as taken:
            raise ServerProblem(f"--name: the project has a phone {name!r} already") from taken
        return {
            "sid": by_name(project.dialect).sids.show(endpoint.id),
            "name": name,
            "password": secret,
            "registrar": f"sip:{settings.sip}",
        }


async def list_endpoints(settings: Settings, sid: str) -> list[dict[str, object]]:
    """Give a project's phones and where each is now, oldest first.

    Raises:
        ServerProblem: There is no such project, or the store cannot be read.
    """
    now_ms = SystemClock().now().wall_ms
    async with opened(settings) as store:
        project = await find_project(store, sid)
        return [
            {
                "sid": by_name(project.dialect).sids.show(one.id),
                "name": one.name,
                "registered": [
                    _where(place) for place in await store.bindings(one.id) if place.expires_ms > now_ms
                ],
            }
            for one in await store.phones.everything(project.id)
        ]


async def remove_endpoint(settings: Settings, sid: str, name: str) -> None:
    """Let a phone register no more; it is called no more from now on.

    Raises:
        ServerProblem: There is no such project or phone, or the store cannot be written.
    """
    async with opened(settings) as store:
        project = await find_project(store, sid)
        found = await store.endpoints_named(name, project.id)
        if not found or not await store.phones.remove(project.id, found[0].id):
            raise ServerProblem(f"--name: the project has no phone {name!r}")


def _where(place: Binding) -> dict[str, object]:
    return {
        "contact": place.uri,
        "source": f"{place.source_host}:{place.source_port}",
        "transport": place.transport,
        "until": iso8601(place.expires_ms),
        "user_agent": place.user_agent,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainWanted:
    """A domain to make."""

    name: str
    voice_url: str | None = None
    voice_method: str = "POST"
    allow: tuple[str, ...] = ()
    """Networks whose calls to it need no password."""


def domain_of(project: ProjectId, wanted: DomainWanted) -> Domain:
    """Make a domain of a project.

    Raises:
        ValueError: Something is unfit; begins with what.
    """
    name = wanted.name.lower()
    if not DOMAIN_NAME.fullmatch(name):
        raise ValueError("name: takes a host name, such as pbx.example.com")
    if wanted.voice_method not in set(Method):
        raise ValueError("voice-method: takes POST or GET")
    method = Method(wanted.voice_method)
    voice = Document(wanted.voice_url, method) if wanted.voice_url else None
    allow, now_ms = _networks(wanted.allow), SystemClock().now().wall_ms
    return Domain(
        DomainId(SystemDice().bits128()), project, name, now_ms, voice, allow=allow, voice_method=method
    )


async def add_domain(settings: Settings, sid: str, wanted: DomainWanted) -> dict[str, object]:
    """Have calls to a name be a project's.

    Raises:
        ServerProblem: There is no such project, the name is taken or unfit, or the store cannot be written.
    """
    async with opened(settings) as store:
        project = await find_project(store, sid)
        domain = _fit(lambda: domain_of(project.id, wanted))
        try:
            await store.sip_domains.add(domain)
        except Refused as taken:
            raise ServerProblem(f"--name: the domain {domain.name!r} is taken") from taken
        return _told(domain, project.dialect)


async def list_domains(settings: Settings, sid: str) -> list[dict[str, object]]:
    """Give a project's domains, oldest first.

    Raises:
        ServerProblem: There is no such project, or the store cannot be read.
    """
    async with opened(settings) as store:
        project = await find_project(store, sid)
        return [_told(one, project.dialect) for one in await store.all_domains(project.id)]


async def remove_domain(settings: Settings, sid: str, name: str) -> None:
    """Have calls to a name be nobody's.

    Raises:
        ServerProblem: There is no such project or domain, or the store cannot be written.
    """
    async with opened(settings) as store:
        project = await find_project(store, sid)
        found = await store.domain_named(name)
        if found is None or not await store.sip_domains.remove(project.id, found.id):
            raise ServerProblem(f"--name: the project has no domain {name!r}")


def _told(domain: Domain, dialect: str) -> dict[str, object]:
    return {
        "sid": by_name(dialect).sids.show(domain.id),
        "name": domain.name,
        "voice_url": None if domain.voice is None else domain.voice.url,
        "allow": list(domain.allow),
    }


def trunk_of(wanted: TrunkWanted) -> Trunk:
    """Make the trunk that is wanted.

    Raises:
        UnfitTrunk: Something is unfit; begins with what.
    """
    return fit(wanted, tuple(Codec))


async def add_trunk(settings: Settings, wanted: TrunkWanted) -> dict[str, object]:
    """Make a way out, and in.

    Raises:
        ServerProblem: The name is taken, something is unfit, or the store cannot be written.
    """
    trunk = _fit(lambda: trunk_of(wanted))
    async with opened(settings) as store:
        try:
            await store.add_trunk(trunk, SystemClock().now().wall_ms)
        except Refused as taken:
            raise ServerProblem(f"--name: there is a trunk {wanted.name!r} already") from taken
    return _described(trunk)


async def list_trunks(settings: Settings) -> list[dict[str, object]]:
    """Give the trunks, those of the settings first, without their passwords.

    Raises:
        ServerProblem: The store cannot be read.
    """
    async with opened(settings) as store:
        return [_described(one) for one in (*settings.trunks, *await store.trunks())]


async def remove_trunk(settings: Settings, name: str) -> None:
    """Call over a trunk no more.

    Raises:
        ServerProblem: There is no such trunk, or the store cannot be written.
    """
    async with opened(settings) as store:
        if not await store.remove_trunk(name):
            raise ServerProblem(f"--name: there is no trunk {name!r}")


def _described(trunk: Trunk) -> dict[str, object]:
    return {
        "name": trunk.name or None,
        "uris": [without_password(one) for one in trunk.uris],
        "prefixes": list(trunk.prefixes),
        "username": trunk.username,
        "codecs": list(trunk.codecs),
        "calls": trunk.calls,
        "calls_per_s": trunk.calls_per_s,
        "allow": list(trunk.allow),
        "options_s": trunk.options_s,
    }


def _networks(texts: tuple[str, ...]) -> tuple[str, ...]:
    try:
        return tuple(str(ipaddress.ip_network(one)) for one in texts)
    except ValueError as problem:
        raise ValueError(f"allow: {problem}") from problem


Made = TypeVar("Made")


def _fit(make: Callable[[], Made]) -> Made:
    """Make what an option asks for, or say which option is unfit."""
    try:
        return make()
    except ValueError as problem:
        raise ServerProblem(f"--{problem}") from problem
