"""Lists of phones (``CredentialLists``) and of networks (``IpAccessControlLists``), and what is in them.

A phone of a list is a phone like any other, once a domain has taken its list. Only digests of its password are kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from roomtone.api import lists
from roomtone.api.frontdesk import NO_CONTENT, Answer, FrontDesk, Visit, json_answer
from roomtone.api.lists import Listed, Listing
from roomtone.api.ports import Store
from roomtone.api.ports_of_accounts import Collection
from roomtone.core.endpoint import AccessList, CredentialList, Endpoint, IpAddress
from roomtone.core.ids import AccessListId, CredentialListId, EndpointId, Id, IpAddressId, ProjectId
from roomtone.dialects import sip_forms, sip_resources
from roomtone.dialects.dialect import Dialect, Resource
from roomtone.sip.digest import Algorithm, ha1

Thing = TypeVar("Thing", bound=Listed)
ThingId = TypeVar("ThingId", bound=Id)


async def page(  # noqa: PLR0913 - what a list is made of
    visit: Visit,
    collection: Collection[Thing, ThingId],
    kind: type[ThingId],
    *,
    key: str,
    path: tuple[str, ...],
    write: Callable[[Thing, Dialect], Resource],
    of: Id | None = None,
) -> Answer:
    """Answer with a page of a project's things; `of`: those of one list."""
    listing: Listing[Thing, ThingId] = Listing(
        key=key,
        path=("SIP", *path),
        filter_names=frozenset(),
        kind=kind,
        place=lambda id_: collection.place(visit.project.id, id_),
        fetch=lambda window: collection.page(visit.project.id, window, of),
        write=lambda one: write(one, visit.dialect),
    )
    return await lists.page(visit, listing)


async def own(
    visit: Visit, collection: Collection[Thing, ThingId], kind: type[ThingId], at: int = 0
) -> Thing:
    """Find what the path names at its place `at`."""
    id_ = visit.dialect.sids.parse(kind, visit.names[at])
    found = None if id_ is None else await collection.get(visit.project.id, id_)
    if found is None:
        raise visit.nothing_here()
    return found


async def changed(
    visit: Visit, collection: Collection[Thing, ThingId], id_: ThingId, change: Callable[[Thing], Thing]
) -> Thing:
    """Change a thing, and give it as it is then."""
    found = await collection.change(visit.project.id, id_, change)
    if found is None:
        raise visit.nothing_here()
    return found


async def removed(visit: Visit, collection: Collection[Thing, ThingId], id_: ThingId) -> Answer:
    """Delete a thing."""
    if not await collection.remove(visit.project.id, id_):
        raise visit.nothing_here()
    return NO_CONTENT


@dataclass(frozen=True, slots=True)
class Lists:
    """One kind of list, which has a name and is filled afterwards: of phones or of networks."""

    word: str
    """The segment after ``SIP``."""

    key: str
    """Of the records in a page."""

    kind: type[Id]
    collection: Callable[[Store], Collection[Any, Any]]
    make: Callable[[Any, ProjectId, str, int, int], Any]
    """Makes one of its id, project, name, and the dates of its making and last change."""

    write: Callable[[Any, Dialect], Resource]

    async def list_(self, visit: Visit, desk: FrontDesk) -> Answer:
        """List a project's lists."""
        collection = self.collection(desk.store)
        return await page(visit, collection, self.kind, key=self.key, path=(self.word,), write=self.write)

    async def create(self, visit: Visit, desk: FrontDesk) -> Answer:
        """Make a list, with nothing in it."""
        name, now_ms = sip_forms.list_name(visit.fields), desk.clock.now().wall_ms
        made = self.make(self.kind(desk.dice.bits128()), visit.project.id, name, now_ms, now_ms)
        await self.collection(desk.store).add(made)
        return json_answer(201, self.write(made, visit.dialect))

    async def fetch(self, visit: Visit, desk: FrontDesk) -> Answer:
        """Give one list."""
        return json_answer(200, self.write(await self.own(visit, desk), visit.dialect))

    async def update(self, visit: Visit, desk: FrontDesk) -> Answer:
        """Change a list's name."""
        found = await self.own(visit, desk)
        name, now_ms = sip_forms.list_name(visit.fields), desk.clock.now().wall_ms

        def rename(one: Any) -> Any:
            return one if one.name == name else replace(one, name=name, updated_ms=now_ms)

        one = await changed(visit, self.collection(desk.store), found.id, rename)
        return json_answer(200, self.write(one, visit.dialect))

    async def delete(self, visit: Visit, desk: FrontDesk) -> Answer:
        """Delete a list and what is in it; one that a domain has taken stays."""
        return await removed(visit, self.collection(desk.store), (await self.own(visit, desk)).id)

    async def own(self, visit: Visit, desk: FrontDesk) -> Any:
        """Find the list that the path names."""
        return await own(visit, self.collection(desk.store), self.kind)


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in a kind of list."""

    lists: Lists
    word: str
    """The segment after the list's."""

    key: str
    """Of the records in a page."""

    kind: type[Id]
    collection: Callable[[Store], Collection[Any, Any]]
    make: Callable[[Any, Visit, FrontDesk], Any]
    """Makes what a form describes, in a list."""

    change: Callable[[Visit, FrontDesk], Callable[[Any], Any]]
    """Gives what a form makes of one."""

    write: Callable[[Any, Dialect], Resource]

    async def list_(self, visit: Visit, desk: FrontDesk) -> Answer:
        """List what is in a list."""
        list_ = await self.lists.own(visit, desk)
        return await page(
            visit,
            self.collection(desk.store),
            self.kind,
            key=self.key,
            path=(self.lists.word, visit.dialect.sids.show(list_.id), self.word),
            write=self.write,
            of=list_.id,
        )

    async def create(self, visit: Visit, desk: FrontDesk) -> Answer:
        """Put something into a list."""
        made = self.make(await self.lists.own(visit, desk), visit, desk)
        await self.collection(desk.store).add(made)
        return json_answer(201, self.write(made, visit.dialect))

    async def fetch(self, visit: Visit, desk: FrontDesk) -> Answer:
        """Give one thing of a list."""
        return json_answer(200, self.write(await self._own(visit, desk), visit.dialect))

    async def update(self, visit: Visit, desk: FrontDesk) -> Answer:
        """Change one thing of a list."""
        found, change = await self._own(visit, desk), self.change(visit, desk)
        one = await changed(visit, self.collection(desk.store), found.id, change)
        return json_answer(200, self.write(one, visit.dialect))

    async def delete(self, visit: Visit, desk: FrontDesk) -> Answer:
        """Take something out of a list."""
        return await removed(visit, self.collection(desk.store), (await self._own(visit, desk)).id)

    async def _own(self, visit: Visit, desk: FrontDesk) -> Any:
        list_ = await self.lists.own(visit, desk)
        found = await own(visit, self.collection(desk.store), self.kind, 1)
        if found.list != list_.id:
            raise visit.nothing_here()
        return found


def _credential(list_: CredentialList, visit: Visit, desk: FrontDesk) -> Endpoint:
    name, secret = sip_forms.credential(visit.fields)
    id_, now_ms = EndpointId(desk.dice.bits128()), desk.clock.now().wall_ms
    bare = Endpoint(id_, visit.project.id, name, "", "", now_ms, list_.id, now_ms)
    return _with_password(bare, secret, now_ms)


def _credential_change(visit: Visit, desk: FrontDesk) -> Callable[[Endpoint], Endpoint]:
    secret, now_ms = sip_forms.password(visit.fields), desk.clock.now().wall_ms
    return lambda stored: stored if secret is None else _with_password(stored, secret, now_ms)


def _with_password(one: Endpoint, secret: str, now_ms: int) -> Endpoint:
    md5, sha256 = (ha1(algorithm, one.name, secret) for algorithm in (Algorithm.MD5, Algorithm.SHA256))
    return replace(one, ha1_md5=md5, ha1_sha256=sha256, updated_ms=now_ms)


def _address(list_: AccessList, visit: Visit, desk: FrontDesk) -> IpAddress:
    wanted = sip_forms.create_address(visit.fields)
    id_, now_ms = IpAddressId(desk.dice.bits128()), desk.clock.now().wall_ms
    return wanted.create(id_, list_.id, visit.project.id, now_ms)


def _address_change(visit: Visit, desk: FrontDesk) -> Callable[[IpAddress], IpAddress]:
    wanted, now_ms = sip_forms.update_address(visit.fields), desk.clock.now().wall_ms
    return lambda stored: wanted.apply(stored, now_ms)


CREDENTIAL_LISTS = Lists(
    word="CredentialLists",
    key="credential_lists",
    kind=CredentialListId,
    collection=lambda store: store.credential_lists,
    make=CredentialList,
    write=sip_resources.credential_list,
)
CREDENTIALS = Contents(
    lists=CREDENTIAL_LISTS,
    word="Credentials",
    key="credentials",
    kind=EndpointId,
    collection=lambda store: store.phones,
    make=_credential,
    change=_credential_change,
    write=sip_resources.credential,
)
ACCESS_LISTS = Lists(
    word="IpAccessControlLists",
    key="ip_access_control_lists",
    kind=AccessListId,
    collection=lambda store: store.access_lists,
    make=AccessList,
    write=sip_resources.access_list,
)
ADDRESSES = Contents(
    lists=ACCESS_LISTS,
    word="IpAddresses",
    key="ip_addresses",
    kind=IpAddressId,
    collection=lambda store: store.ip_addresses,
    make=_address,
    change=_address_change,
    write=sip_resources.ip_address,
)
