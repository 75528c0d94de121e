"""Phones, domains and lists, asked of every make of store: the one in memory answers as the real one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from keeping import prepared
from roomtone.core.endpoint import (
    AccessLink,
    AccessList,
    CredentialLink,
    CredentialList,
    Domain,
    Endpoint,
    IpAddress,
)
from roomtone.core.ids import (
    AccessListId,
    CredentialListId,
    DomainId,
    EndpointId,
    IpAddressId,
    ProjectId,
)
from roomtone.core.listing import Place, Window
from roomtone.core.refusals import Reason, Refused
from roomtone.store import Store, open_store
from roomtone.testing.memory_store import MemoryStore

MINE, STRANGER = ProjectId(1), ProjectId(2)
ALL = Window(100)
LIST, NETWORKS = CredentialListId(5), AccessListId(6)


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store | MemoryStore]:
    if request.param == "memory":
        yield MemoryStore()
        return
    async with open_store(prepared(tmp_path)) as real:
        yield real


def phone(id_: int, name: str, list_: CredentialListId | None = None, project: ProjectId = MINE) -> Endpoint:
    return Endpoint(EndpointId(id_), project, name, "md5", "sha", id_, list_)


async def test_phones_are_listed_by_list_and_named_once_in_a_project(store: Store | MemoryStore) -> None:
    for one in (
        phone(1, "ann", LIST),
        phone(2, "bob"),
        phone(3, "cem", LIST),
        phone(4, "ann", None, STRANGER),
    ):
        await store.phones.add(one)
    assert [one.name for one in await store.phones.page(MINE, ALL, LIST)] == ["cem", "ann"]
    assert [one.name for one in await store.phones.page(MINE, ALL)] == ["cem", "bob", "ann"]
    with pytest.raises(Refused) as no:
        await store.phones.add(phone(9, "ANN"))
    assert no.value.reason is Reason.SIP_USERNAME_TAKEN
    assert await store.phones.get(STRANGER, EndpointId(1)) is None
    changed = await store.phones.change(MINE, EndpointId(1), lambda one: replace(one, ha1_md5="new"))
    assert changed == await store.phones.get(MINE, EndpointId(1))
    assert await store.phones.remove(MINE, EndpointId(1))
    assert not await store.phones.remove(MINE, EndpointId(1))
    assert await store.phones.place(MINE, EndpointId(1)) == Place(1, EndpointId(1))
    await store.phones.add(phone(10, "ann", LIST))


async def test_a_list_that_a_domain_has_taken_stays_and_another_goes_with_what_is_in_it(
    store: Store | MemoryStore,
) -> None:
    await store.credential_lists.add(CredentialList(LIST, MINE, "a", 1, 1))
    await store.access_lists.add(AccessList(NETWORKS, MINE, "b", 1, 1))
    await store.phones.add(phone(1, "ann", LIST))
    await store.ip_addresses.add(IpAddress(IpAddressId(1), MINE, NETWORKS, "c", "192.0.2.0", 24, 1, 1))
    domain = Domain(DomainId(1), MINE, "a.example", 1)
    await store.sip_domains.add(domain)
    for more in (
        {"calls": (CredentialLink(LIST, 1),), "networks": (AccessLink(NETWORKS, 1),)},
        {"registrations": (CredentialLink(LIST, 1),), "networks": (AccessLink(NETWORKS, 1),)},
    ):
        await store.sip_domains.change(MINE, domain.id, lambda _, more=more: replace(domain, **more))
        for removal in (store.credential_lists.remove(MINE, LIST), store.access_lists.remove(MINE, NETWORKS)):
            with pytest.raises(Refused) as no:
                await removal
            assert no.value.reason is Reason.SIP_LIST_IN_USE
    await store.sip_domains.change(MINE, domain.id, lambda _: domain)
    assert await store.credential_lists.remove(MINE, LIST)
    assert await store.access_lists.remove(MINE, NETWORKS)
    assert await store.phones.page(MINE, ALL) == []
    assert await store.ip_addresses.page(MINE, ALL) == []


async def test_a_domain_is_named_once_in_the_house(store: Store | MemoryStore) -> None:
    await store.sip_domains.add(Domain(DomainId(1), MINE, "a.example", 1))
    with pytest.raises(Refused) as no:
        await store.sip_domains.add(Domain(DomainId(2), STRANGER, "a.example", 1))
    assert no.value.reason is Reason.SIP_DOMAIN_TAKEN
    assert [one.name for one in await store.sip_domains.everything(MINE)] == ["a.example"]


async def test_the_networks_of_lists_are_found(tmp_path: Path) -> None:
    async with open_store(prepared(tmp_path)) as store:
        for number in (1, 2):
            one = IpAddress(
                IpAddressId(number), MINE, AccessListId(number), "", f"192.0.{number}.0", 24, 1, 1
            )
            await store.ip_addresses.add(one)
        assert await store.networks_in([AccessListId(2), AccessListId(7)]) == ["192.0.2.0/24"]
        assert await store.networks_in([]) == []
