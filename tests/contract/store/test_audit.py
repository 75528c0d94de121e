"""Who did what: added to, never waited for, there after the store was closed."""

from __future__ import annotations

from dataclasses import replace

from rooms import NOW, PROJECT
from roomtone.core.deeds import Deed
from roomtone.core.ids import KeyId
from roomtone.store import Store, open_store

DEED = Deed(NOW.wall_ms, PROJECT, KeyId(1), "main", "127.0.0.1", "POST", "numbers.create", "/x", 201, "ab")


async def test_what_is_noted_is_there_when_the_store_is_closed(store: Store, where: str) -> None:
    for number in range(5):
        store.note_deed(replace(DEED, status=200 + number))
    await store.close()
    async with open_store(where) as again:
        found = await again.deeds(-1, 3)
        assert [deed.status for _, deed in found] == [202, 203, 204], "the last ones, oldest first"
        assert [deed.status for _, deed in await again.deeds(found[0][0], 10)] == [203, 204]
        assert found[0][1] == replace(DEED, status=202)


async def test_it_is_written_without_being_asked_for(store: Store) -> None:
    store.note_deed(DEED)
    assert store._writing is not None
    await store._writing
    assert [deed for _, deed in await store.deeds(-1, 10)] == [DEED]
