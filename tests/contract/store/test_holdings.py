"""Projects, numbers and hosted documents: what the doors write beside conferences."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from keeping import OWNER, number, place_of
from rooms import NOW, PROJECT
from roomtone.core.access import EVERYTHING, Key
from roomtone.core.ids import BinId, KeyId, NumberId, ProjectId
from roomtone.core.listing import BinFilter, NumberFilter, Window
from roomtone.core.pool import NumberKind, kind_range, read_pool
from roomtone.core.project import Bin, Project
from roomtone.core.refusals import Reason, Refused
from roomtone.core.values import Document, Method
from roomtone.store import NameTaken, Store

STRANGER = ProjectId(0x5712)
WINDOW = Window(100)


def page(value: int, name: str = "page", contents: str = "<Response/>") -> Bin:
    return Bin(BinId(value), PROJECT, name, contents, NOW.wall_ms + value, NOW.wall_ms + value)


# Projects --------------------------------------------------------------------------------------------------------------


def key(project: ProjectId = PROJECT, value: int = 7, **more) -> Key:
    return Key(KeyId(value), project, "key", EVERYTHING, NOW.wall_ms, NOW.wall_ms, **more)


async def opens(store: Store, user: ProjectId, secret: str) -> Project | None:
    """Whose project this secret opens."""
    access = await store.access(user, secret)
    return None if access is None else access.project


async def test_a_project_is_found_by_its_token_alone(store: Store):
    assert await opens(store, PROJECT, "token") == OWNER
    assert await store.access(PROJECT, "Token") is None
    assert await store.access(PROJECT, "") is None
    assert await store.access(STRANGER, "token") is None


async def test_a_token_is_not_stored_as_it_is(store: Store, where: str):
    made = Project(STRANGER, "secretive", "signalwire", "signing", 1)
    await store.add_project(made, "PT-only-the-customer-knows")
    await store.close()
    kept = await asyncio.to_thread(Path(where.removeprefix("sqlite:///")).read_bytes)
    assert b"only-the-customer-knows" not in kept


async def test_a_project_made_elsewhere_is_seen_at_once(store: Store, other: Store):
    assert await store.access(STRANGER, "new") is None
    made = Project(STRANGER, "second", "signalwire", "signing", 1)
    await other.add_project(made, "new")
    assert await opens(store, STRANGER, "new") == made
    assert await store.project(STRANGER) == made
    assert await store.projects() == [made, OWNER]


async def test_a_project_may_have_several_tokens(store: Store, other: Store):
    assert await store.access(PROJECT, "second") is None
    assert await other.add_key(key(PROJECT), "second")
    assert await opens(store, PROJECT, "second") == OWNER
    assert await opens(store, PROJECT, "token") == OWNER
    assert not await store.add_key(key(STRANGER, 8), "third")


async def test_a_project_is_made_once(store: Store):
    with pytest.raises(NameTaken):
        await store.add_project(replace(OWNER, name="again"), "other")
    assert await store.project(PROJECT) == OWNER
    assert await store.access(PROJECT, "other") is None


# Numbers ---------------------------------------------------------------------------------------------------------------


async def test_a_number_is_read_back_as_it_was_claimed(store: Store, other: Store):
    claimed = replace(
        number(1),
        voice=Document("https://app.example/voice", Method.GET),
        voice_fallback=Document("https://app.example/spare"),
        voice_method=Method.GET,
    )
    await store.add_number(claimed)
    assert await other.number(PROJECT, claimed.id) == claimed
    assert await other.number_called(claimed.phone_number) == claimed
    assert await other.number(STRANGER, claimed.id) is None


async def test_a_number_is_claimed_by_one_at_a_time(store: Store):
    await store.add_number(number(1, "+15550001"))
    with pytest.raises(Refused) as refused:
        await store.add_number(number(2, "+15550001", STRANGER))
    assert refused.value.reason is Reason.NUMBER_TAKEN
    assert refused.value.facts == {"phone_number": "+15550001"}
    assert await store.remove_number(PROJECT, NumberId(1))
    await store.add_number(number(2, "+15550001", STRANGER))
    called = await store.number_called("+15550001")
    assert called is not None
    assert called.project == STRANGER


async def test_a_number_is_changed_by_its_owner_alone(store: Store):
    await store.add_number(number(1))
    renamed = await store.change_number(PROJECT, NumberId(1), lambda one: replace(one, friendly_name="desk"))
    assert renamed == replace(number(1), friendly_name="desk")
    assert await store.number(PROJECT, NumberId(1)) == renamed
    assert await store.change_number(STRANGER, NumberId(1), lambda one: one) is None
    assert not await store.remove_number(STRANGER, NumberId(1))
    assert await store.number(PROJECT, NumberId(1)) == renamed


async def test_a_change_that_is_refused_changes_nothing(store: Store):
    await store.add_number(number(1))

    def refuse(_one: object) -> None:
        raise Refused(Reason.URL_INVALID)

    with pytest.raises(Refused):
        await store.change_number(PROJECT, NumberId(1), refuse)
    assert await store.number(PROJECT, NumberId(1)) == number(1)


async def test_a_released_number_is_gone_but_its_place_is_known(store: Store):
    for value in (1, 2, 3):
        await store.add_number(number(value, created_ms=NOW.wall_ms + value))
    assert await store.remove_number(PROJECT, NumberId(2))
    assert not await store.remove_number(PROJECT, NumberId(2))
    assert await store.number(PROJECT, NumberId(2)) is None
    place = await store.number_place(PROJECT, NumberId(2))
    assert place is not None
    after = await store.numbers(PROJECT, NumberFilter(), Window(5, after=place))
    before = await store.numbers(PROJECT, NumberFilter(), Window(5, before=place))
    assert [one.id.value for one in (*before, *after)] == [3, 1]
    assert await store.number_place(STRANGER, NumberId(1)) is None


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (NumberFilter(), [3, 2, 1]),
        (NumberFilter(phone_number="+15551"), [2, 1]),
        (NumberFilter(phone_number="0002"), [2]),
        (NumberFilter(phone_number="555*000"), [3, 2, 1]),
        (NumberFilter(phone_number="+1555*0003"), [3]),
        (NumberFilter(phone_number="+1555_0003"), []),
        (NumberFilter(friendly_name="number 2"), [2]),
        (NumberFilter(friendly_name="NUMBER 2"), []),
    ],
    ids=str,
)
async def test_numbers_are_filtered_by_spelling_and_name(
    store: Store, wanted: NumberFilter, expected: list[int]
):
    for value, phone in ((1, "+155510001"), (2, "+155510002"), (3, "+155520003")):
        await store.add_number(number(value, phone, created_ms=NOW.wall_ms + value))
    assert [one.id.value for one in await store.numbers(PROJECT, wanted, WINDOW)] == expected


# Hosted documents ------------------------------------------------------------------------------------------------------


async def test_numbers_are_filtered_by_kind(store: Store):
    spelled = ("+12125550100", "+18885550100", "+447700900000", "+4477009000000", "+188855501000")
    for at, phone_number in enumerate(spelled, 1):
        await store.add_number(number(at, phone_number))
    pool = read_pool("mobile:+447700900000")
    for kind in NumberKind:
        of = kind_range(kind, pool)
        found = await store.numbers(PROJECT, NumberFilter(of=of), Window(9))
        assert {one.phone_number for one in found} == {one for one in spelled if of.holds(one)}


async def test_a_document_is_kept_changed_and_deleted(store: Store, other: Store):
    await store.add_bin(page(1))
    assert await other.bin(PROJECT, BinId(1)) == page(1)
    changed = await store.change_bin(
        PROJECT, BinId(1), lambda one: replace(one, contents="<Response><Hangup/></Response>")
    )
    assert await other.bin(PROJECT, BinId(1)) == changed
    assert await store.bin(STRANGER, BinId(1)) is None
    assert await store.change_bin(STRANGER, BinId(1), lambda one: one) is None
    assert not await store.remove_bin(STRANGER, BinId(1))
    assert await store.remove_bin(PROJECT, BinId(1))
    assert not await store.remove_bin(PROJECT, BinId(1))
    assert await store.bin(PROJECT, BinId(1)) is None
    assert await store.open_bin(BinId(1), 5) is None
    assert await store.bin_place(PROJECT, BinId(1)) == place_of(page(1))
    assert await store.bin_place(STRANGER, BinId(1)) is None


async def test_each_opening_of_a_document_is_counted(store: Store):
    await store.add_bin(page(1))
    for count in (1, 2, 3):
        await store.open_bin(BinId(1), count * 50)
        opened = await store.open_bin(BinId(1), count * 100)
        assert opened is not None
        assert opened.contents == page(1).contents
        counted = replace(page(1), requests=2 * count, accessed_ms=count * 100)
        assert await store.bin(PROJECT, BinId(1)) == counted
    await store.open_bin(BinId(1), 400)
    [listed] = await store.bins(PROJECT, BinFilter(), WINDOW)
    assert (listed.requests, listed.accessed_ms) == (7, 400)


async def test_documents_are_listed_by_name_and_window(store: Store):
    for value, name in ((1, "hold"), (2, "wait"), (3, "hold")):
        await store.add_bin(page(value, name))
    named = await store.bins(PROJECT, BinFilter(name="hold"), WINDOW)
    assert [one.id.value for one in named] == [3, 1]
    rest = await store.bins(PROJECT, BinFilter(), Window(1, after=place_of(named[0])))
    assert [one.id.value for one in rest] == [2]
    assert await store.bins(STRANGER, BinFilter(), WINDOW) == []
