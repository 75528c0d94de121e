from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from roomtone.config import load
from roomtone.core.ids import CallId, ProjectId, RecordingId
from roomtone.core.project import Project
from roomtone.core.recording.retention import DAY_MS, Retention
from roomtone.core.recording.state import Recording, RecordingSource, RecordingStatus
from roomtone.core.refusals import Reason, Refused
from roomtone.retention import sweep
from roomtone.testing.memory_store import MemoryStore

ONE, OTHER = (Project(ProjectId(number), "p", "twilio", "key", 1) for number in (1, 2))
NOW_MS = 100 * DAY_MS


@dataclass
class House:
    store: MemoryStore = field(default_factory=MemoryStore)
    refused: set[RecordingId] = field(default_factory=set)

    def __post_init__(self) -> None:
        for project in (ONE, OTHER):
            self.store.put_project(project, "t")

    async def keep(self, number: int, project: Project, days: float, over: bool = True) -> None:
        status = RecordingStatus.COMPLETED if over else RecordingStatus.IN_PROGRESS
        began = NOW_MS - int(days * DAY_MS)
        await self.store.add_recording(
            Recording(RecordingId(number), project.id, began, began, RecordingSource.DIAL, status, CallId(1))
        )

    async def remove(self, recording: Recording) -> bool:
        if recording.id in self.refused:
            raise Refused(Reason.RECORDING_NOT_OVER)
        return await self.store.remove_recording(recording.project, recording.id)

    async def left(self) -> list[int]:
        known = [(one, number) for one in (ONE, OTHER) for number in range(1, 500)]
        return [
            number
            for project, number in known
            if await self.store.recording(project.id, RecordingId(number)) is not None
        ]


async def test_each_project_has_its_days() -> None:
    house = House()
    for number, (project, days) in enumerate(((ONE, 29), (ONE, 31), (OTHER, 6), (OTHER, 8)), 1):
        await house.keep(number, project, days)
    retention = Retention(30, ((OTHER.id, 7),))
    assert await sweep(retention, (ONE, OTHER), house.store, (house.remove, NOW_MS)) == 2
    assert await house.left() == [1, 3]


async def test_what_runs_stays_and_what_is_refused_does_not_hold_up_the_others() -> None:
    house = House(refused={RecordingId(2)})
    await house.keep(1, ONE, 50, over=False)
    await house.keep(2, ONE, 50)
    await house.keep(3, ONE, 50)
    assert await sweep(Retention(30), (ONE, OTHER), house.store, (house.remove, NOW_MS)) == 1
    assert await house.left() == [1, 2]


async def test_all_of_many_go() -> None:
    house = House()
    for number in range(1, 450):
        await house.keep(number, ONE, 50)
    assert await sweep(Retention(30), (ONE, OTHER), house.store, (house.remove, NOW_MS)) == 449


async def test_for_ever() -> None:
    house = House()
    await house.keep(1, ONE, 99)
    assert Retention().for_ever
    assert not Retention(0, ((ONE.id, 1),)).for_ever
    assert await sweep(Retention(0, ((OTHER.id, 1),)), (ONE, OTHER), house.store, (house.remove, NOW_MS)) == 0
    assert await house.left() == [1]


def test_days_are_read_from_a_setting() -> None:
    sid = "AC" + "0" * 31 + "2"
    told = load({"recording_days": f"30, {sid}=7"}, {}, None).recording_days
    assert (told.days_of(ONE.id), told.days_of(OTHER.id)) == (30, 7)
    with pytest.raises(Exception, match="is no project"):
        load({"recording_days": "x=7"}, {}, None)
