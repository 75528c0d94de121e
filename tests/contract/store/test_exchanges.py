"""The delivery log: what was said to whom, found again by call, conference, event and number, and forgotten in time."""

from __future__ import annotations

from dataclasses import replace

from rooms import NOW, PROJECT, A, B
from roomtone.core.ids import ConferenceId, ProjectId
from roomtone.core.inspection import DOCUMENT, About, Logged, Said
from roomtone.store import Store, open_store

ROOM = ConferenceId(1)
SAID = Said(
    "POST", "http://h/", (("X-Twilio-Signature", "é="),), (("CallSid", "CA"),), "http://h/CallSidCA", False,
    (("server", "x"),), "ok",
)  # fmt: skip
LINE = Logged(About(PROJECT, A, ROOM), DOCUMENT, "", 1, NOW.wall_ms, 7, 200, None, SAID)


async def keep(store: Store, *lines: Logged) -> None:
    for line in lines:
        store.note_exchange(line)
    await store.write_exchanges()


async def numbers(store: Store, of: object, limit: int = 10, before: int | None = None) -> list[int]:
    return [number for number, _ in await store.exchanges(PROJECT, of, limit, before)]  # type: ignore[arg-type]


async def test_what_was_said_is_found_by_what_it_was_about(store: Store) -> None:
    await keep(
        store, LINE, replace(LINE, about=About(PROJECT, B)), replace(LINE, about=About(PROJECT, None, ROOM))
    )
    assert await numbers(store, A) == [1]
    assert await numbers(store, B) == [2]
    assert await numbers(store, ROOM) == [3, 1], "the newest first"
    assert (await store.exchanges(PROJECT, A, 10))[0][1] == LINE
    assert await store.exchanges(ProjectId(9), A, 10) == [], "another's"


async def test_a_long_log_is_read_in_pages(store: Store) -> None:
    await keep(store, *[LINE] * 5)
    assert await numbers(store, A, 2) == [5, 4]
    assert await numbers(store, A, 2, before=4) == [3, 2]
    assert await numbers(store, A, 2, before=2) == [1]


async def test_the_log_is_followed(store: Store) -> None:
    told = replace(LINE, event_id="e", what="participant-joined")
    await keep(store, LINE, told, replace(told, number=2))

    async def after(*asked: object, **more: object) -> list[int]:
        return [number for number, _ in await store.exchanges_after(*asked, **more)]  # type: ignore[arg-type]

    assert await after(-1, 2) == [2, 3], "the last ones, oldest first"
    assert await after(1, 10) == [2, 3]
    assert await after(0, 10, PROJECT, A) == await after(0, 10, None, ROOM) == [1, 2, 3]
    assert await after(0, 10, ProjectId(9)) == await after(0, 10, PROJECT, B) == []
    assert (await after(0, 10, callbacks=True), await after(0, 10, callbacks=False)) == ([2, 3], [1])
    assert [line.number for _, line in await store.exchanges_of_event("e")] == [1, 2]
    assert await store.exchange(2) == told
    assert await store.exchange(9) is None


async def test_it_is_written_without_being_asked_for(store: Store) -> None:
    store.note_exchange(LINE)
    assert store._noting is not None
    await store._noting
    assert await numbers(store, A) == [1]


async def test_a_store_that_is_closed_has_kept_all(store: Store, where: str) -> None:
    store.note_exchange(LINE)
    await store.close()
    async with open_store(where) as again:
        assert await numbers(again, A) == [1]


async def test_what_is_old_is_forgotten(store: Store) -> None:
    await keep(store, LINE, replace(LINE, at_ms=LINE.at_ms + 1))
    assert await store.forget_exchanges(LINE.at_ms + 1) == 1
    assert await store.forget_exchanges(LINE.at_ms + 1) == 0
    assert await numbers(store, A) == [2]
