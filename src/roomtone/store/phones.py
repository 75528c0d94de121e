"""Phones that may register, where each is now, names that calls come to, lists of both, and trunks.

A phone's places are kept so that a restart loses none of them; what is over is deleted when the phone is written next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from roomtone.core.endpoint import AccessList, Binding, CredentialList, Domain, Endpoint, IpAddress
from roomtone.core.ids import (
    AccessListId,
    CredentialListId,
    DomainId,
    EndpointId,
    Id,
    IpAddressId,
    ProjectId,
)
from roomtone.core.refusals import Reason, Refused
from roomtone.core.routing import Trunk
from roomtone.core.shapes import Shape
from roomtone.store.collection import Collection
from roomtone.store.drawers import Drawer
from roomtone.store.prepared import Look
from roomtone.store.shelf import Shelf
from roomtone.store.tables import (
    access_lists,
    bindings,
    credential_lists,
    domains,
    endpoints,
    ip_addresses,
    trunks,
)
from roomtone.store.threads import Readers, Writer

_ENDPOINTS = Drawer(
    Endpoint,
    endpoints,
    lambda one: {"name": one.name.lower(), "list": None if one.list is None else one.list.hex},
)
_DOMAINS = Drawer(Domain, domains, lambda one: {"name": one.name})
_NAMED = select(endpoints.c.body).where(endpoints.c.name == bindparam("name"), endpoints.c.removed == 0)
_PHONES_NAMED = Look(_NAMED)
_PHONE_NAMED = Look(_NAMED.where(endpoints.c.project == bindparam("project")))
_DOMAIN_NAMED = Look(
    select(domains.c.body).where(domains.c.name == bindparam("name"), domains.c.removed == 0)
)
_CREDENTIAL_LISTS = Drawer(CredentialList, credential_lists, lambda _: {})
_ACCESS_LISTS = Drawer(AccessList, access_lists, lambda _: {})
_IP_ADDRESSES = Drawer(IpAddress, ip_addresses, lambda one: {"list": one.list.hex})
_BINDING = Shape(Binding)
_TRUNK = Shape(Trunk)


class Phones(Shelf):
    """Phones of projects, and where they are. A name is given once in a project."""

    def __init__(self, readers: Readers, writer: Writer) -> None:
        super().__init__(readers, writer)
        taken = Reason.SIP_USERNAME_TAKEN
        self.phones: Collection[Endpoint, EndpointId] = Collection(
            self._read, self._write, _ENDPOINTS, taken=taken, before_removal=_forget_places
        )
        self.credential_lists: Collection[CredentialList, CredentialListId] = Collection(
            self._read, self._write, _CREDENTIAL_LISTS, taken=taken, before_removal=_empty_credential_list
        )

    async def endpoints_named(self, name: str, project: ProjectId | None = None) -> Sequence[Endpoint]:
        """Find the phones of a name: of one project, or of all."""
        found = (
            await self._look(_PHONES_NAMED, name=name.lower())
            if project is None
            else await self._look(_PHONE_NAMED, name=name.lower(), project=project.hex)
        )
        return _ENDPOINTS.among(found)

    async def bindings(self, endpoint: EndpointId) -> Sequence[Binding]:
        """Give where a phone is; some of it may be over."""
        query = select(bindings.c.body).where(bindings.c.endpoint == endpoint.hex)
        rows = await self._read(lambda connection: connection.execute(query).scalars().all())
        return [cast("Binding", _BINDING.from_json(row)) for row in rows]

    async def change_bindings(
        self, endpoint: EndpointId, change: Callable[[Sequence[Binding]], Sequence[Binding]]
    ) -> Sequence[Binding]:
        """Write ``change(stored)`` in one transaction and give it; what it raises leaves everything as it was."""

        def work(connection: Connection) -> Sequence[Binding]:
            own = bindings.c.endpoint == endpoint.hex
            held = connection.execute(select(bindings.c.body).where(own)).scalars().all()
            changed = change([cast("Binding", _BINDING.from_json(row)) for row in held])
            connection.execute(delete(bindings).where(own))
            for one in changed:
                row = {"endpoint": endpoint.hex, "expires_ms": one.expires_ms, "body": _BINDING.to_json(one)}
                connection.execute(insert(bindings).values(row | {"flow": one.flow or None}))
            return changed

        return await self._write(work)

    async def close_flow(self, flow: str) -> None:
        """Forget where phones were that have registered over a connection."""
        gone = delete(bindings).where(bindings.c.flow == flow)
        await self._write(lambda connection: connection.execute(gone).rowcount)

    async def keep_flows_of(self, instance: str) -> None:
        """Forget where phones were that have registered over connections of other engines than this."""
        others = bindings.c.flow.is_not(None) & ~bindings.c.flow.startswith(f"{instance}.", autoescape=True)
        gone = delete(bindings).where(others)
        await self._write(lambda connection: connection.execute(gone).rowcount)


class Domains(Shelf):
    """Names that calls come to, given once in the house, and lists of networks."""

    def __init__(self, readers: Readers, writer: Writer) -> None:
        super().__init__(readers, writer)
        taken = Reason.SIP_DOMAIN_TAKEN
        self.sip_domains: Collection[Domain, DomainId] = Collection(
            self._read, self._write, _DOMAINS, taken=taken
        )
        self.access_lists: Collection[AccessList, AccessListId] = Collection(
            self._read, self._write, _ACCESS_LISTS, taken=taken, before_removal=_empty_access_list
        )
        self.ip_addresses: Collection[IpAddress, IpAddressId] = Collection(
            self._read, self._write, _IP_ADDRESSES, taken=taken
        )

    async def domain_named(self, name: str) -> Domain | None:
        """Find the domain of a name, whosever it is."""
        found = _DOMAINS.among(await self._look(_DOMAIN_NAMED, name=name.lower()))
        return found[0] if found else None

    async def all_domains(self, project: ProjectId) -> Sequence[Domain]:
        """List all of a project's domains, oldest first."""
        return await self.sip_domains.everything(project)

    async def networks_in(self, lists: Sequence[AccessListId]) -> Sequence[str]:
        """Give the networks (CIDR) that are in any of these lists."""
        wanted = ip_addresses.c.list.in_([one.hex for one in lists])
        query = select(ip_addresses.c.body).where(wanted, ip_addresses.c.removed == 0)
        found = await self._read(lambda connection: _IP_ADDRESSES.all(connection, query))
        return [one.network for one in found]


class Trunks(Shelf):
    """Ways out of the house, and in: the operator's."""

    async def trunks(self) -> Sequence[Trunk]:
        """Give all trunks, oldest first."""
        query = select(trunks.c.body).order_by(trunks.c.created_ms, trunks.c.name)
        rows = await self._read(lambda connection: connection.execute(query).scalars().all())
        return [cast("Trunk", _TRUNK.from_json(row)) for row in rows]

    async def add_trunk(self, trunk: Trunk, now_ms: int) -> None:
        """Keep a new trunk.

        Raises:
            Refused: TRUNK_NAME_TAKEN.
        """
        row = {"name": trunk.name, "created_ms": now_ms, "body": _TRUNK.to_json(trunk)}

        def work(connection: Connection) -> None:
            try:
                connection.execute(insert(trunks).values(row))
            except IntegrityError:
                raise Refused(Reason.TRUNK_NAME_TAKEN) from None

        await self._write(work)

    async def change_trunk(self, name: str, change: Callable[[Trunk], Trunk]) -> Trunk | None:
        """Write ``change(stored)`` in one transaction and give it; None: there is no such trunk. Names stay."""
        mine = trunks.c.name == name

        def work(connection: Connection) -> Trunk | None:
            body = connection.execute(select(trunks.c.body).where(mine)).scalar()
            if body is None:
                return None
            changed = change(cast("Trunk", _TRUNK.from_json(body)))
            connection.execute(update(trunks).where(mine).values(body=_TRUNK.to_json(changed)))
            return changed

        return await self._write(work)

    async def remove_trunk(self, name: str) -> bool:
        """Delete a trunk; False: there is no such trunk."""
        gone = delete(trunks).where(trunks.c.name == name)
        return await self._write(lambda connection: connection.execute(gone).rowcount == 1)


def _forget_places(connection: Connection, project: ProjectId, endpoint: Id) -> None:
    own = select(endpoints.c.id).where(endpoints.c.id == endpoint.hex, endpoints.c.project == project.hex)
    connection.execute(delete(bindings).where(bindings.c.endpoint.in_(own)))


def _empty_credential_list(connection: Connection, project: ProjectId, list_: Id) -> None:
    for domain in _DOMAINS.all(connection, _DOMAINS.mine(project)):
        if any(one.list == list_ for one in (*domain.calls, *domain.registrations)):
            raise Refused(Reason.SIP_LIST_IN_USE)
    held = _ENDPOINTS.all(connection, _ENDPOINTS.mine(project, endpoints.c.list == list_.hex))
    for one in held:
        _forget_places(connection, project, one.id)
        _ENDPOINTS.remove(connection, project, one.id)


def _empty_access_list(connection: Connection, project: ProjectId, list_: Id) -> None:
    for domain in _DOMAINS.all(connection, _DOMAINS.mine(project)):
        if any(one.list == list_ for one in domain.networks):
            raise Refused(Reason.SIP_LIST_IN_USE)
    held = _IP_ADDRESSES.all(connection, _IP_ADDRESSES.mine(project, ip_addresses.c.list == list_.hex))
    for one in held:
        _IP_ADDRESSES.remove(connection, project, one.id)
