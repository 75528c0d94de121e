"""Trunks: kept by name, changed in one transaction, sealed."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from roomtone.core.refusals import Reason, Refused
from roomtone.core.routing import Trunk
from roomtone.store import Store

CARRIER = Trunk("sip:a.example", ("+",), "acme", "s3cret", "carrier", ("sip:b.example",), ("PCMA",), 3, 0.5)
PBX = Trunk("sip:pbx.example", (), name="pbx")


async def test_trunks_are_listed_in_the_order_in_which_they_were_made(store: Store, other: Store) -> None:
    await store.add_trunk(PBX, 2)
    await store.add_trunk(CARRIER, 1)
    assert await other.trunks() == [CARRIER, PBX]


async def test_a_name_is_given_once(store: Store) -> None:
    await store.add_trunk(CARRIER, 1)
    with pytest.raises(Refused) as no:
        await store.add_trunk(replace(PBX, name="carrier"), 2)
    assert no.value.reason is Reason.TRUNK_NAME_TAKEN
    assert await store.trunks() == [CARRIER]


async def test_a_change_is_seen_everywhere_and_changes_are_one_after_the_other(
    store: Store, other: Store
) -> None:
    await store.add_trunk(CARRIER, 1)
    more = [
        one.change_trunk("carrier", lambda stored: replace(stored, calls=stored.calls + 1))
        for one in (store, other) * 5
    ]
    await asyncio.gather(*more)
    assert await other.trunks() == [replace(CARRIER, calls=13)]


async def test_a_change_that_is_refused_changes_nothing(store: Store) -> None:
    await store.add_trunk(CARRIER, 1)

    def refuse(_: Trunk) -> Trunk:
        raise Refused(Reason.PARAMETER_INVALID)

    with pytest.raises(Refused):
        await store.change_trunk("carrier", refuse)
    assert await store.trunks() == [CARRIER]


async def test_what_is_gone_is_neither_changed_nor_removed(store: Store) -> None:
    await store.add_trunk(CARRIER, 1)
    assert await store.remove_trunk("carrier")
    assert not await store.remove_trunk("carrier")
    assert await store.change_trunk("carrier", lambda stored: stored) is None
