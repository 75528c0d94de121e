"""Lists of phones (``CredentialLists``) and of networks (``IpAccessControlLists``), and what is in them.

A phone of a list is a phone like any other, once a domain has taken its list. Only digests of its password are kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from roomtone.api import lists
from roomtone.api.frontdesk import NO_CONTENT, Answer, FrontDesk, Visit, json_answer
from roomtone.api.lists import Listed, Listing
from roomtone.api.ports import Collection
from roomtone.core.endpoint import AccessList, CredentialList, Endpoint, IpAddress
from roomtone.core.ids import AccessListId, CredentialListId, EndpointId, Id, IpAddressId
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


# Lists of phones -----------------------------------------------------------------------------------------------------


async def list_credential_lists(visit: Visit, desk: FrontDesk) -> Answer:
    """List a project's lists of phones."""
    return await page(
        visit,
        desk.store.credential_lists,
        CredentialListId,
        key="credential_lists",
        path=("CredentialLists",),
        write=sip_resources.credential_list,
    )


async def create_credential_list(visit: Visit, desk: FrontDesk) -> Answer:
    """Make a list of phones, with none in it."""
    now_ms = desk.clock.now().wall_ms
    id_ = CredentialListId(desk.dice.bits128())
    made = CredentialList(id_, visit.project.id, sip_forms.list_name(visit.fields), now_ms, now_ms)
    await desk.store.credential_lists.add(made)
    return json_answer(201, sip_resources.credential_list(made, visit.dialect))


async def fetch_credential_list(visit: Visit, desk: FrontDesk) -> Answer:
    """Give one list of phones."""
    found = await _credential_list(visit, desk)
    return json_answer(200, sip_resources.credential_list(found, visit.dialect))


async def update_credential_list(visit: Visit, desk: FrontDesk) -> Answer:
    """Change a list's name."""
    found = await _credential_list(visit, desk)
    name, now_ms = sip_forms.list_name(visit.fields), desk.clock.now().wall_ms
    one = await changed(
        visit,
        desk.store.credential_lists,
        found.id,
        lambda stored: sip_forms.renamed(stored, name, now_ms),
    )
    return json_answer(200, sip_resources.credential_list(one, visit.dialect))


async def delete_credential_list(visit: Visit, desk: FrontDesk) -> Answer:
    """Delete a list and the phones in it; one that a domain has taken stays."""
    return await removed(visit, desk.store.credential_lists, (await _credential_list(visit, desk)).id)


async def list_credentials(visit: Visit, desk: FrontDesk) -> Answer:
    """List the phones of a list."""
    list_ = await _credential_list(visit, desk)
    return await page(
        visit,
        desk.store.phones,
        EndpointId,
        key="credentials",
        path=("CredentialLists", visit.dialect.sids.show(list_.id), "Credentials"),
        write=sip_resources.credential,
        of=list_.id,
    )


async def create_credential(visit: Visit, desk: FrontDesk) -> Answer:
    """Put a phone into a list."""
    list_ = await _credential_list(visit, desk)
    name, secret = sip_forms.credential(visit.fields)
    now_ms = desk.clock.now().wall_ms
    bare = Endpoint(EndpointId(desk.dice.bits128()), visit.project.id, name, "", "", now_ms, list_.id, now_ms)
    made = _with_password(bare, secret, now_ms)
    await desk.store.phones.add(made)
    return json_answer(201, sip_resources.credential(made, visit.dialect))


async def fetch_credential(visit: Visit, desk: FrontDesk) -> Answer:
    """Give one phone of a list."""
    return json_answer(200, sip_resources.credential(await _credential(visit, desk), visit.dialect))


async def update_credential(visit: Visit, desk: FrontDesk) -> Answer:
    """Give a phone of a list another password."""
    found, secret = await _credential(visit, desk), sip_forms.password(visit.fields)
    if secret is not None:
        now_ms = desk.clock.now().wall_ms
        found = await changed(
            visit, desk.store.phones, found.id, lambda stored: _with_password(stored, secret, now_ms)
        )
    return json_answer(200, sip_resources.credential(found, visit.dialect))


async def delete_credential(visit: Visit, desk: FrontDesk) -> Answer:
    """Let a phone of a list register and call no more."""
    return await removed(visit, desk.store.phones, (await _credential(visit, desk)).id)


# Lists of networks ---------------------------------------------------------------------------------------------------


async def list_access_lists(visit: Visit, desk: FrontDesk) -> Answer:
    """List a project's lists of networks."""
    return await page(
        visit,
        desk.store.access_lists,
        AccessListId,
        key="ip_access_control_lists",
        path=("IpAccessControlLists",),
        write=sip_resources.access_list,
    )


async def create_access_list(visit: Visit, desk: FrontDesk) -> Answer:
    """Make a list of networks, with none in it."""
    now_ms = desk.clock.now().wall_ms
    id_ = AccessListId(desk.dice.bits128())
    made = AccessList(id_, visit.project.id, sip_forms.list_name(visit.fields), now_ms, now_ms)
    await desk.store.access_lists.add(made)
    return json_answer(201, sip_resources.access_list(made, visit.dialect))


async def fetch_access_list(visit: Visit, desk: FrontDesk) -> Answer:
    """Give one list of networks."""
    return json_answer(200, sip_resources.access_list(await _access_list(visit, desk), visit.dialect))


async def update_access_list(visit: Visit, desk: FrontDesk) -> Answer:
    """Change a list's name."""
    found = await _access_list(visit, desk)
    name, now_ms = sip_forms.list_name(visit.fields), desk.clock.now().wall_ms
    one = await changed(
        visit,
        desk.store.access_lists,
        found.id,
        lambda stored: sip_forms.access_renamed(stored, name, now_ms),
    )
    return json_answer(200, sip_resources.access_list(one, visit.dialect))


async def delete_access_list(visit: Visit, desk: FrontDesk) -> Answer:
    """Delete a list and the networks in it; one that a domain has taken stays."""
    return await removed(visit, desk.store.access_lists, (await _access_list(visit, desk)).id)


async def list_addresses(visit: Visit, desk: FrontDesk) -> Answer:
    """List the networks of a list."""
    list_ = await _access_list(visit, desk)
    return await page(
        visit,
        desk.store.ip_addresses,
        IpAddressId,
        key="ip_addresses",
        path=("IpAccessControlLists", visit.dialect.sids.show(list_.id), "IpAddresses"),
        write=sip_resources.ip_address,
        of=list_.id,
    )


async def create_address(visit: Visit, desk: FrontDesk) -> Answer:
    """Put a network into a list."""
    list_ = await _access_list(visit, desk)
    wanted = sip_forms.create_address(visit.fields)
    id_ = IpAddressId(desk.dice.bits128())
    made = wanted.create(id_, list_.id, visit.project.id, desk.clock.now().wall_ms)
    await desk.store.ip_addresses.add(made)
    return json_answer(201, sip_resources.ip_address(made, visit.dialect))


async def fetch_address(visit: Visit, desk: FrontDesk) -> Answer:
    """Give one network of a list."""
    return json_answer(200, sip_resources.ip_address(await _address(visit, desk), visit.dialect))


async def update_address(visit: Visit, desk: FrontDesk) -> Answer:
    """Change a network of a list."""
    found, wanted = await _address(visit, desk), sip_forms.update_address(visit.fields)
    now_ms = desk.clock.now().wall_ms
    one = await changed(visit, desk.store.ip_addresses, found.id, lambda stored: wanted.apply(stored, now_ms))
    return json_answer(200, sip_resources.ip_address(one, visit.dialect))


async def delete_address(visit: Visit, desk: FrontDesk) -> Answer:
    """Take a network out of a list."""
    return await removed(visit, desk.store.ip_addresses, (await _address(visit, desk)).id)


def _with_password(one: Endpoint, secret: str, now_ms: int) -> Endpoint:
    md5, sha256 = (ha1(algorithm, one.name, secret) for algorithm in (Algorithm.MD5, Algorithm.SHA256))
    return replace(one, ha1_md5=md5, ha1_sha256=sha256, updated_ms=now_ms)


async def _credential_list(visit: Visit, desk: FrontDesk) -> CredentialList:
    return await own(visit, desk.store.credential_lists, CredentialListId)


async def _access_list(visit: Visit, desk: FrontDesk) -> AccessList:
    return await own(visit, desk.store.access_lists, AccessListId)


async def _credential(visit: Visit, desk: FrontDesk) -> Endpoint:
    list_ = await _credential_list(visit, desk)
    found = await own(visit, desk.store.phones, EndpointId, 1)
    if found.list != list_.id:
        raise visit.nothing_here()
    return found


async def _address(visit: Visit, desk: FrontDesk) -> IpAddress:
    list_ = await _access_list(visit, desk)
    found = await own(visit, desk.store.ip_addresses, IpAddressId, 1)
    if found.list != list_.id:
        raise visit.nothing_here()
    return found
