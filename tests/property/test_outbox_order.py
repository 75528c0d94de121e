"""Whatever couriers do, and however they die, the notices of conferences and calls are settled in order, each under one
name."""

from __future__ import annotations

import asyncio
import atexit
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Coroutine
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import func, select

from keeping import claim, commit, fresh, next_due, presence
from rooms import EVERYTHING, NOW, PROJECT, A, join
from roomtone.core.call.notices import notices
from roomtone.core.call.state import Call, CallCallback, CallStatus, CallTopic
from roomtone.core.conference.messages import Mute, Unmute
from roomtone.core.conference.state import Conference
from roomtone.core.delivery import Attempt, Delivery, Owed, event_id
from roomtone.core.ids import CallId, ConferenceId
from roomtone.core.values import Caller, Direction
from roomtone.store import Settings, open_store
from roomtone.store.tables import outbox, pending, ready, settled

T = TypeVar("T")
FAST = Settings(survive_power_loss=False)
ROOMS = 3
Lane = ConferenceId | CallId
LIFE = (CallStatus.QUEUED, CallStatus.RINGING, CallStatus.IN_PROGRESS, CallStatus.COMPLETED)
QUEUED = Call(
    A, PROJECT, Caller("+1", "+2", Direction.OUTBOUND_API), NOW.wall_ms, NOW.wall_ms,
    callback=CallCallback(EVERYTHING.url, events=frozenset(CallTopic)),
)  # fmt: skip


def first_of(lane: Lane) -> int:
    """The number of a lane's first notice."""
    return 1 if isinstance(lane, ConferenceId) else 0


@cache
def empty_store() -> Path:
    """A database made once; each run copies it."""
    folder = Path(tempfile.mkdtemp(prefix="roomtone-outbox-"))
    atexit.register(shutil.rmtree, folder)
    path = folder / "empty.db"

    async def make() -> None:
        await open_store(path, FAST).close()

    asyncio.run(make())
    return path


class OutboxOrder(RuleBasedStateMachine):
    """Conferences and calls that owe notices, two couriers that lease, deliver, fail, forget and crash, and a clock.

    Invariants: a notice is given out only when all before it in its lane are settled; no two live leases are on one lane;
    a notice has the same event id whenever it is given out; of each lane with something owed exactly one can be given out;
    at the end everything owed is settled.
    """

    @initialize()
    def open(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="roomtone-outbox-"))
        self.path = Path(shutil.copy(empty_store(), self.folder / "store.db"))
        shutil.copy(empty_store().with_name("secret.key"), self.folder)
        self.runner = asyncio.Runner()
        self.store = self.do(self._open())
        self.now = NOW
        self.rooms: dict[int, Conference] = {}
        self.calls: dict[int, Call] = {}
        self.settled: defaultdict[Lane, set[int]] = defaultdict(set)
        self.hands: list[Owed] = []

    async def _open(self):
        return open_store(self.path, FAST)

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    @rule(number=st.integers(1, ROOMS))
    def something_happens(self, number: int) -> None:
        state = self.rooms.get(number)
        if state is None:
            wish = replace(join(A, callback=EVERYTHING), participant=presence(number, A))
            self.rooms[number] = self.do(commit(self.store, fresh(number), wish, now=self.now))
        else:
            muted = state.participants[0].muted
            self.rooms[number] = self.do(
                commit(self.store, state, Unmute(A) if muted else Mute(A), now=self.now)
            )

    @rule(number=st.integers(1, ROOMS))
    def a_call_goes_on(self, number: int) -> None:
        """To the next status; after its end it stays as it is."""
        before = self.calls.get(number)
        if before is None:
            after = replace(QUEUED, id=CallId(number << 32), revision=1)
        elif before.over:
            return
        else:
            status = LIFE[LIFE.index(before.status) + 1]
            at_ms = self.now.wall_ms
            times = {"started_ms": at_ms} if status is CallStatus.IN_PROGRESS else {}
            times |= {"ended_ms": at_ms} if status is CallStatus.COMPLETED else {}
            after = replace(before, status=status, revision=before.revision + 1, **times)
        self.calls[number], owed = notices(before, after, self.now)
        self.do(self.store.commit_call(self.calls[number], owed, self.now))

    @rule(seconds=st.sampled_from([0.5, 3, 11]))
    def time_passes(self, seconds: float) -> None:
        self.now = self.now.after(seconds)

    @rule(holder=st.sampled_from(["one", "two"]), limit=st.integers(1, ROOMS))
    def claims(self, holder: str, limit: int) -> None:
        for owed in self.do(claim(self.store, self.now.wall_ms, holder=holder, limit=limit)):
            self.take(owed)

    @precondition(lambda self: self.hands)
    @rule(data=st.data(), arrived=st.booleans(), onwards=st.booleans())
    def settles(self, data: st.DataObject, *, arrived: bool, onwards: bool) -> None:
        owed = self.put_down(data)
        self.settled[owed.notice.lane].add(owed.notice.sequence)
        settle = self.store.delivered if arrived else self.store.given_up
        until_ms = self.now.wall_ms + 10_000 if onwards else None
        following = self.do(settle(owed, self.attempt(owed), until_ms=until_ms))
        if following is not None:
            self.take(following)

    @precondition(lambda self: self.hands)
    @rule(data=st.data(), seconds=st.sampled_from([0.5, 5]))
    def postpones(self, data: st.DataObject, seconds: float) -> None:
        owed = self.put_down(data)
        self.do(self.store.postponed(owed, self.attempt(owed), due_ms=self.now.after(seconds).wall_ms))

    @precondition(lambda self: self.hands)
    @rule(data=st.data())
    def forgets(self, data: st.DataObject) -> None:
        self.put_down(data)

    @rule(seconds=st.sampled_from([2, 20]))
    def waits_too_long(self, seconds: float) -> None:
        now_ms = self.now.wall_ms
        owed = {one.row: one for one in self.all() if one.settled_ms is None}
        while self.do(self.store.expire(now_ms - round(seconds * 1_000), now_ms)):
            pass
        for one in self.all():
            if one.row in owed and one.settled_ms is not None:
                self.settled[one.notice.lane].add(one.notice.sequence)

    @rule(data=st.data())
    def is_put_back(self, data: st.DataObject) -> None:
        over = [one for one in self.all() if one.settled_ms is not None]
        if not over:
            return
        chosen = data.draw(st.lists(st.sampled_from(over), unique=True, max_size=4), label="which")
        assert self.do(self.store.replay([one.row for one in chosen], self.now.wall_ms)) == len(chosen)

    def all(self) -> list[Delivery]:
        return self.do(self.store._deliveries(select(outbox)))

    @rule(holder=st.sampled_from(["one", "two"]))
    def crashes_and_comes_back(self, holder: str) -> None:
        self.hands = [owed for owed in self.hands if owed.holder != holder]
        self.do(self.store.close())
        self.store = self.do(self._open())
        self.do(self.store.release(holder))

    def take(self, owed: Owed) -> None:
        lane, sequence = owed.notice.lane, owed.notice.sequence
        assert set(range(first_of(lane), sequence)) <= self.settled[lane], (
            "given out before those in front of it were settled"
        )
        assert owed.event_id == event_id(lane, sequence)
        self.hands.append(owed)

    def put_down(self, data: st.DataObject) -> Owed:
        return self.hands.pop(data.draw(st.integers(0, len(self.hands) - 1), label="which"))

    def attempt(self, owed: Owed) -> Attempt:
        return Attempt(owed.attempts + 1, self.now.wall_ms, 0, None)

    @invariant()
    def no_two_leases_on_one_lane(self) -> None:
        live = [
            owed.notice.lane
            for owed in getattr(self, "hands", [])
            if owed.leased_until_ms > self.now.wall_ms
            and owed.notice.sequence not in self.settled[owed.notice.lane]
        ]
        assert len(live) == len(set(live))

    @invariant()
    def of_each_lane_the_head_alone_can_be_given_out(self) -> None:
        if not hasattr(self, "store"):
            return
        owed = select(func.count(outbox.c.ready_ms)).where(pending).group_by(outbox.c.lane)
        over = select(func.count()).where(settled, ready)
        heads, strays = self.do(
            self.store._read(lambda one: (one.execute(owed).scalars().all(), one.execute(over).scalar()))
        )
        assert set(heads) <= {1}
        assert strays == 0

    def teardown(self) -> None:
        if not hasattr(self, "store"):
            return
        try:
            self.everything_is_settled_in_the_end()
        finally:
            self.do(self.store.close())
            self.runner.close()
            shutil.rmtree(self.folder)

    def everything_is_settled_in_the_end(self) -> None:
        self.hands.clear()
        self.now = self.now.after(60)
        while self.do(next_due(self.store)) is not None:
            for owed in self.do(claim(self.store, self.now.wall_ms)):
                self.take(owed)
                self.do(self.store.delivered(owed, self.attempt(owed), until_ms=None))
                self.settled[owed.notice.lane].add(owed.notice.sequence)
        for state in (*self.rooms.values(), *self.calls.values()):
            assert self.settled[state.id] == set(range(first_of(state.id), state.last_sequence + 1))


OutboxOrder.TestCase.settings = settings(max_examples=25, stateful_step_count=40, deadline=None)
TestOutboxOrder = OutboxOrder.TestCase
