"""SIP domains, and which lists of phones and networks each has taken (``…Mappings``).

The older paths of mappings (``Domains/{Sid}/CredentialListMappings``) are those of calls (``Auth/Calls``) by another name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from roomtone.api import lists
from roomtone.api.calls import warning
from roomtone.api.frontdesk import NO_CONTENT, Answer, Endpoint, FrontDesk, Visit, json_answer
from roomtone.api.lists import Listing
from roomtone.api.ports import Store
from roomtone.api.ports_of_accounts import Collection
from roomtone.api.sip_lists import changed, own, page, removed
from roomtone.core.endpoint import AccessLink, AccessList, CredentialLink, CredentialList, Domain
from roomtone.core.ids import AccessListId, CredentialListId, DomainId, Id
from roomtone.core.listing import Window
from roomtone.core.refusals import Reason, Refused
from roomtone.dialects import sip_forms, sip_resources
from roomtone.dialects.dialect import Resource
from roomtone.dialects.fields import Fields

AnyList = CredentialList | AccessList
Link = CredentialLink | AccessLink


async def list_(visit: Visit, desk: FrontDesk) -> Answer:
    """List a project's domains."""
    return await page(
        visit,
        desk.store.sip_domains,
        DomainId,
        key="domains",
        path=("Domains",),
        write=sip_resources.domain,
    )


async def create(visit: Visit, desk: FrontDesk) -> Answer:
    """Have calls to a name be this project's. What was asked for and has no effect is named in a ``Warning``."""
    wanted = sip_forms.create_domain(visit.fields)
    made = wanted.create(DomainId(desk.dice.bits128()), visit.project.id, desk.clock.now().wall_ms)
    _refuse_ours(made, desk)
    await desk.store.sip_domains.add(made)
    answer = json_answer(201, sip_resources.domain(made, visit.dialect))
    return answer.with_headers(*warning(wanted.ignored))


async def fetch(visit: Visit, desk: FrontDesk) -> Answer:
    """Give one domain."""
    return json_answer(200, sip_resources.domain(await _domain(visit, desk), visit.dialect))


async def update(visit: Visit, desk: FrontDesk) -> Answer:
    """Change a domain's name, its documents, or whether phones may register there."""
    found, wanted = await _domain(visit, desk), sip_forms.update_domain(visit.fields)
    now_ms = desk.clock.now().wall_ms
    _refuse_ours(wanted.apply(found, now_ms), desk)
    one = await changed(visit, desk.store.sip_domains, found.id, lambda stored: wanted.apply(stored, now_ms))
    answer = json_answer(200, sip_resources.domain(one, visit.dialect))
    return answer.with_headers(*warning(wanted.ignored))


async def delete(visit: Visit, desk: FrontDesk) -> Answer:
    """Have calls to a name be nobody's."""
    return await removed(visit, desk.store.sip_domains, (await _domain(visit, desk)).id)


def _refuse_ours(domain: Domain, desk: FrontDesk) -> None:
    """Refuse the house's own names: under them everybody's phones register."""
    if domain.name in {urlsplit(desk.public_url).hostname, "localhost"}:
        raise Refused(Reason.SIP_DOMAIN_TAKEN)


async def _domain(visit: Visit, desk: FrontDesk) -> Domain:
    return await own(visit, desk.store.sip_domains, DomainId)


@dataclass(frozen=True, slots=True)
class Mappings:
    """One kind of mapping: which lists, and for what."""

    path: tuple[str, ...]
    """Segments after the domain's."""

    key: str
    """Of the records in a list."""

    kind: type[Id]
    lists: Callable[[Store], Collection[Any, Any]]
    read: Callable[[Fields], Id]
    """Gives the list that a form names."""

    name: str
    """The parameter in which it does."""

    links: Callable[[Domain], Sequence[Link]]
    link: Callable[[Any, int], Link]
    put: Callable[[Domain, tuple[Any, ...]], Domain]

    @property
    def list_(self) -> Endpoint:
        """The endpoint that lists what a domain has taken, in the order of the lists themselves."""

        async def answer(visit: Visit, desk: FrontDesk) -> Answer:
            domain, collection = await _domain(visit, desk), self.lists(desk.store)
            links: dict[Id, Link] = {one.list: one for one in self.links(domain)}

            async def fetch(window: Window) -> Sequence[AnyList]:
                found = [await collection.get(visit.project.id, id_) for id_ in links]
                return _through(window, [one for one in found if one is not None])

            listing: Listing[AnyList, Id] = Listing(
                key=self.key,
                path=("SIP", "Domains", visit.dialect.sids.show(domain.id), *self.path),
                filter_names=frozenset(),
                kind=self.kind,
                place=lambda id_: collection.place(visit.project.id, id_),
                fetch=fetch,
                write=lambda one: self._written(visit, domain, links[one.id], one),
            )
            return await lists.page(visit, listing)

        return answer

    @property
    def create(self) -> Endpoint:
        """The endpoint by which a domain takes a list; one that it has already stays as it is."""

        async def answer(visit: Visit, desk: FrontDesk) -> Answer:
            domain, id_ = await _domain(visit, desk), self.read(visit.fields)
            found = await self.lists(desk.store).get(visit.project.id, id_)
            if found is None:
                raise Refused(Reason.SIP_LIST_INVALID, name=self.name)
            now_ms = desk.clock.now().wall_ms

            def take(stored: Domain) -> Domain:
                links = tuple(self.links(stored))
                if any(one.list == id_ for one in links):
                    return stored
                return replace(self.put(stored, (*links, self.link(id_, now_ms))), updated_ms=now_ms)

            taken = await changed(visit, desk.store.sip_domains, domain.id, take)
            link = next(one for one in self.links(taken) if one.list == id_)
            return json_answer(201, self._written(visit, taken, link, found))

        return answer

    @property
    def fetch(self) -> Endpoint:
        """The endpoint that gives one list that a domain has taken."""

        async def answer(visit: Visit, desk: FrontDesk) -> Answer:
            domain, link = await self._own(visit, desk)
            found = await self.lists(desk.store).get(visit.project.id, link.list)
            if found is None:
                raise visit.nothing_here()
            return json_answer(200, self._written(visit, domain, link, found))

        return answer

    @property
    def delete(self) -> Endpoint:
        """The endpoint by which a domain gives a list back."""

        async def answer(visit: Visit, desk: FrontDesk) -> Answer:
            domain, link = await self._own(visit, desk)
            now_ms = desk.clock.now().wall_ms

            def give_back(stored: Domain) -> Domain:
                left = tuple(one for one in self.links(stored) if one.list != link.list)
                return replace(self.put(stored, left), updated_ms=now_ms)

            await changed(visit, desk.store.sip_domains, domain.id, give_back)
            return NO_CONTENT

        return answer

    async def _own(self, visit: Visit, desk: FrontDesk) -> tuple[Domain, Link]:
        domain = await _domain(visit, desk)
        id_ = visit.dialect.sids.parse(self.kind, visit.names[1])
        link = next((one for one in self.links(domain) if one.list == id_), None)
        if link is None:
            raise visit.nothing_here()
        return domain, link

    def _written(self, visit: Visit, domain: Domain, link: Link, list_: AnyList) -> Resource:
        if self.path[0] == "Auth":
            return sip_resources.mapping(link, list_, visit.dialect)
        return sip_resources.old_mapping(link, list_, visit.dialect, domain.id)


def _through(window: Window, found: Sequence[AnyList]) -> Sequence[AnyList]:
    """Give what lies in the window, newest first; a domain takes few lists, so they are all at hand."""
    ordered = sorted(found, key=lambda one: (one.created_ms, one.id.hex), reverse=True)
    if window.before is not None:
        edge = (window.before.created_ms, window.before.id.hex)
        return [one for one in ordered if (one.created_ms, one.id.hex) > edge][-window.limit :]
    if window.after is not None:
        edge = (window.after.created_ms, window.after.id.hex)
        ordered = [one for one in ordered if (one.created_ms, one.id.hex) < edge]
    return ordered[: window.limit]


def _of_calls(path: tuple[str, ...], key: str) -> Mappings:
    return Mappings(
        path=path,
        key=key,
        kind=CredentialListId,
        lists=lambda store: store.credential_lists,
        read=sip_forms.credential_link,
        name="CredentialListSid",
        links=lambda domain: domain.calls,
        link=CredentialLink,
        put=lambda domain, links: replace(domain, calls=links),
    )


def _of_networks(path: tuple[str, ...], key: str) -> Mappings:
    return Mappings(
        path=path,
        key=key,
        kind=AccessListId,
        lists=lambda store: store.access_lists,
        read=sip_forms.access_link,
        name="IpAccessControlListSid",
        links=lambda domain: domain.networks,
        link=AccessLink,
        put=lambda domain, links: replace(domain, networks=links),
    )


CALLS = _of_calls(("Auth", "Calls", "CredentialListMappings"), "contents")
"""Whose passwords let somebody call."""

OLD_CALLS = _of_calls(("CredentialListMappings",), "credential_list_mappings")
NETWORKS = _of_networks(("Auth", "Calls", "IpAccessControlListMappings"), "contents")
"""From where calls come."""

OLD_NETWORKS = _of_networks(("IpAccessControlListMappings",), "ip_access_control_list_mappings")
REGISTRATIONS = replace(
    CALLS,
    path=("Auth", "Registrations", "CredentialListMappings"),
    links=lambda domain: domain.registrations,
    put=lambda domain, links: replace(domain, registrations=links),
)
"""Whose passwords let somebody register."""
