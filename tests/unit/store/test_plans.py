"""The questions of every call and request are answered by an index, however many conferences were ever held."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.engine import ExecutionContext

from keeping import claim, next_due, number, prepared, presence, started
from rooms import NOW, PROJECT, A, B
from roomtone.core.access import AccountFilter
from roomtone.core.delivery import Attempt
from roomtone.core.ids import BinId, KeyId, NumberId
from roomtone.core.listing import BinFilter, ConferenceFilter, NumberFilter, ParticipantFilter, Place, Window
from roomtone.store import Store, open_store

PLACE = Place(NOW.wall_ms, presence(1, A))
WINDOW = Window(10, after=PLACE)
Question = Callable[[Store], Awaitable[object]]


async def deliver(store: Store) -> None:
    """Settle what is owed for one conference."""
    for owed in await claim(store):
        await store.delivered(owed, Attempt(1, NOW.wall_ms, 0, 200), until_ms=NOW.wall_ms + 99)


QUESTIONS: dict[str, Question] = {
    "access by project": lambda store: store.access(PROJECT, "wrong"),
    "access by key": lambda store: store.access(KeyId(1), "wrong"),
    "key": lambda store: store.key(PROJECT, KeyId(1)),
    "keys": lambda store: store.keys(PROJECT, WINDOW),
    "all_keys": lambda store: store.all_keys(PROJECT),
    "family": lambda store: store.family(PROJECT, AccountFilter(), WINDOW),
    "conference": lambda store: store.conference(presence(1, A)),
    "live_conference": lambda store: store.live_conference(PROJECT, "room 1"),
    "conferences": lambda store: store.conferences(PROJECT, ConferenceFilter(), WINDOW),
    "participants": lambda store: store.participants(presence(1, A), ParticipantFilter(muted=True), WINDOW),
    "participant_place": lambda store: store.participant_place(presence(1, A), presence(1, A)),
    "number_called": lambda store: store.number_called("+1"),
    "numbers": lambda store: store.numbers(PROJECT, NumberFilter(), WINDOW),
    "number_place": lambda store: store.number_place(PROJECT, NumberId(1)),
    "add_number": lambda store: store.add_number(number(1)),
    "bins": lambda store: store.bins(PROJECT, BinFilter(), WINDOW),
    "open_bin": lambda store: store.open_bin(BinId(1), 1),
    "commit": lambda store: started(store, 2, [A, B]),
    "deliver": deliver,
    "release": lambda store: store.release("courier"),
    "next_due": next_due,
    "dead": lambda store: store.dead(PROJECT, 10, 99),
    "delivery": lambda store: store.delivery("0" * 32, PROJECT),
    "replay": lambda store: store.replay([1, 2], NOW.wall_ms, PROJECT),
    "expire": lambda store: store.expire(NOW.wall_ms + 1, NOW.wall_ms),
    "forget": lambda store: store.forget(NOW.wall_ms),
    "live_calls": lambda store: store.live_calls(),
    "live_conferences": lambda store: store.live_conferences(),
}
OF_WHAT_IS_OPEN = {"live_calls", "live_conferences", "release", "next_due", "deliver", "expire"}
"""These look at all that is unfinished; that much they may scan, by a partial index that holds nothing else."""


@pytest.mark.parametrize("name", QUESTIONS)
async def test_no_question_reads_a_whole_table(tmp_path: Path, name: str):
    async with open_store(prepared(tmp_path)) as store:
        await started(store, 1, [A])
        store.glance_with(None)  # what is asked at once is asked by the same words
        asked: list[tuple[str, object]] = []

        def note(
            _c: object, _cursor: object, sql: str, parameters: object, context: ExecutionContext, many: bool
        ) -> None:
            asked.append((sql, parameters[0] if many else parameters))

        engines = (store._readers._engine, store._writer._engine)
        for engine in engines:
            event.listen(engine, "before_cursor_execute", note)
        await QUESTIONS[name](store)
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
        assert asked
        plans = await store._read(
            lambda connection: [
                row.detail
                for sql, parameters in asked
                if sql.startswith(("SELECT", "UPDATE", "INSERT"))
                for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", parameters)
            ]
        )
    scans = [plan for plan in plans if plan.startswith("SCAN") and not allowed(plan, name)]
    assert scans == []


def allowed(plan: str, name: str) -> bool:
    """Whether a scan is of something small: a sub-query's result, or a partial index of what is open."""
    derived = plan.split()[1].startswith(("anon_", "(", "found")) or "CONSTANT ROW" in plan
    partial = any(
        index in plan
        for index in (
            "outbox_pending",
            "outbox_ready",
            "conferences_live",
            "calls_live",
            "participants_present",
        )
    )
    return derived or (name in OF_WHAT_IS_OPEN and partial)
