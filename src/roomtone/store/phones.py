"""Phones that may register, where each is now, names that calls come to, and trunks.

A phone's places are kept so that a restart loses none of them; what is over is deleted when the phone is written next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

from sqlalchemy import Connection, bindparam, delete, insert, select
from sqlalchemy.exc import IntegrityError

from roomtone.core.endpoint import Binding, Domain, Endpoint
from roomtone.core.ids import DomainId, EndpointId, ProjectId
from roomtone.core.listing import Place, Window
from roomtone.core.routing import Trunk
from roomtone.core.shapes import Shape
from roomtone.store.drawers import Drawer
from roomtone.store.faults import NameTaken
from roomtone.store.prepared import Look
from roomtone.store.shelf import Shelf
from roomtone.store.tables import bindings, domains, endpoints, trunks

_ENDPOINTS = Drawer(Endpoint, endpoints, lambda one: {"name": one.name.lower()})
_DOMAINS = Drawer(Domain, domains, lambda one: {"name": one.name})
_NAMED = select(endpoints.c.body).where(endpoints.c.name == bindparam("name"), endpoints.c.removed == 0)
_PHONES_NAMED = Look(_NAMED)
_PHONE_NAMED = Look(_NAMED.where(endpoints.c.project == bindparam("project")))
_DOMAIN_NAMED = Look(
    select(domains.c.body).where(domains.c.name == bindparam("name"), domains.c.removed == 0)
)
_BINDING = Shape(Binding)
_TRUNK = Shape(Trunk)


class Endpoints(Shelf):
    """Phones of projects. A name is given once in a project."""

    async def endpoint(self, project: ProjectId, endpoint: EndpointId) -> Endpoint | None:
        """Find a project's phone."""
        query = _ENDPOINTS.mine(project, endpoints.c.id == endpoint.hex)
        return await self._read(lambda connection: _ENDPOINTS.first(connection, query))

    async def endpoints(self, project: ProjectId, window: Window) -> Sequence[Endpoint]:
        """List a project's phones."""
        query = _ENDPOINTS.mine(project)
        return await self._read(lambda connection: _ENDPOINTS.page(connection, query, window))

    async def endpoint_place(self, project: ProjectId, endpoint: EndpointId) -> Place | None:
        """Give a phone's place in that list, also after it was deleted; None: never was this project's."""
        return await self._read(lambda connection: _ENDPOINTS.place(connection, project, endpoint))

    async def endpoints_named(self, name: str, project: ProjectId | None = None) -> Sequence[Endpoint]:
        """Find the phones of a name: of one project, or of all."""
        found = (
            await self._look(_PHONES_NAMED, name=name.lower())
            if project is None
            else await self._look(_PHONE_NAMED, name=name.lower(), project=project.hex)
        )
        return _ENDPOINTS.among(found)

    async def all_endpoints(self, project: ProjectId) -> Sequence[Endpoint]:
        """List all of a project's phones, oldest first."""
        query = _ENDPOINTS.mine(project).order_by(endpoints.c.created_ms, endpoints.c.id)
        return await self._read(lambda connection: _ENDPOINTS.all(connection, query))

    async def add_endpoint(self, endpoint: Endpoint) -> None:
        """Keep a new phone.

        Raises:
            NameTaken: The project has one of this name.
        """
        await self._write(lambda connection: _unless_taken(lambda: _ENDPOINTS.add(connection, endpoint)))

    async def change_endpoint(
        self, project: ProjectId, endpoint: EndpointId, change: Callable[[Endpoint], Endpoint]
    ) -> Endpoint | None:
        """Write ``change(stored)`` in one transaction and give it; None: there is no such phone."""
        return await self._write(lambda connection: _ENDPOINTS.change(connection, project, endpoint, change))

    async def remove_endpoint(self, project: ProjectId, endpoint: EndpointId) -> bool:
        """Delete a phone, and where it is; False: there is no such phone."""

        def remove(connection: Connection) -> bool:
            connection.execute(delete(bindings).where(bindings.c.endpoint == endpoint.hex))
            return _ENDPOINTS.remove(connection, project, endpoint)

        return await self._write(remove)

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
                connection.execute(insert(bindings).values(row))
            return changed

        return await self._write(work)


class Domains(Shelf):
    """Names that calls come to. A name is given once in the house."""

    async def domain(self, project: ProjectId, domain: DomainId) -> Domain | None:
        """Find a project's domain."""
        query = _DOMAINS.mine(project, domains.c.id == domain.hex)
        return await self._read(lambda connection: _DOMAINS.first(connection, query))

    async def domains(self, project: ProjectId, window: Window) -> Sequence[Domain]:
        """List a project's domains."""
        query = _DOMAINS.mine(project)
        return await self._read(lambda connection: _DOMAINS.page(connection, query, window))

    async def domain_place(self, project: ProjectId, domain: DomainId) -> Place | None:
        """Give a domain's place in that list, also after it was deleted; None: never was this project's."""
        return await self._read(lambda connection: _DOMAINS.place(connection, project, domain))

    async def domain_named(self, name: str) -> Domain | None:
        """Find the domain of a name, whosever it is."""
        found = _DOMAINS.among(await self._look(_DOMAIN_NAMED, name=name.lower()))
        return found[0] if found else None

    async def all_domains(self, project: ProjectId) -> Sequence[Domain]:
        """List all of a project's domains, oldest first."""
        query = _DOMAINS.mine(project).order_by(domains.c.created_ms, domains.c.id)
        return await self._read(lambda connection: _DOMAINS.all(connection, query))

    async def add_domain(self, domain: Domain) -> None:
        """Keep a new domain.

        Raises:
            NameTaken: Somebody has it.
        """
        await self._write(lambda connection: _unless_taken(lambda: _DOMAINS.add(connection, domain)))

    async def change_domain(
        self, project: ProjectId, domain: DomainId, change: Callable[[Domain], Domain]
    ) -> Domain | None:
        """Write ``change(stored)`` in one transaction and give it; None: there is no such domain."""
        return await self._write(lambda connection: _DOMAINS.change(connection, project, domain, change))

    async def remove_domain(self, project: ProjectId, domain: DomainId) -> bool:
        """Delete a domain; False: there is no such domain."""
        return await self._write(lambda connection: _DOMAINS.remove(connection, project, domain))


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
            NameTaken: There is one of this name.
        """
        row = {"name": trunk.name, "created_ms": now_ms, "body": _TRUNK.to_json(trunk)}
        await self._write(
            lambda connection: _unless_taken(lambda: connection.execute(insert(trunks).values(row)))
        )

    async def remove_trunk(self, name: str) -> bool:
        """Delete a trunk; False: there is no such trunk."""
        gone = delete(trunks).where(trunks.c.name == name)
        return await self._write(lambda connection: connection.execute(gone).rowcount == 1)


def _unless_taken(work: Callable[[], object]) -> None:
    try:
        work()
    except IntegrityError as taken:
        raise NameTaken from taken
