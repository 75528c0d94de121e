"""Which worker runs which file: sound in as many as are told but one, and in that one what has no need to be on time.

A worker at tests with sound waits for more than half of its time. Of three or more the last takes no such file: at a lower
priority it works in the pauses of the others, who take what it leaves in the end. A file goes to one worker, and files begin in
the order they are given in (`tests/conftest.py`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable

import pytest
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

FEWEST = 3
"""With fewer workers each takes everything."""

NICE = 10
"""So much does the last worker give way: it goes on when others use the whole machine, too."""


def gives_way(worker: str, workers: int) -> bool:
    """Say whether this worker, of so many (gw0, gw1 …), leaves sound to the others."""
    return workers >= FEWEST and worker == f"gw{workers - 1}"


def give_way(config: pytest.Config) -> None:
    """Lower this process' priority, and that of all it starts, if it is the worker that gives way."""
    told: dict[str, object] = getattr(config, "workerinput", {})
    if told and gives_way(str(told["workerid"]), int(str(told["workercount"]))):
        os.nice(NICE)


def next_file(files: Iterable[str], worker: str, workers: int, may_wait: Callable[[str], bool]) -> str | None:
    """Choose what a worker does next, of what is left in order; None: nothing for this one."""
    left = list(files)
    if workers < FEWEST:
        return next(iter(left), None)
    if gives_way(worker, workers):
        return next(filter(may_wait, left), None)
    return next((file for file in left if not may_wait(file)), next(iter(left), None))


class Apart(LoadFileScheduling):
    """Hands out whole files."""

    def __init__(self, config: pytest.Config, log: object, may_wait: Callable[[str], bool]) -> None:
        super().__init__(config, log)  # type: ignore[arg-type]
        self._may_wait = may_wait

    def _assign_work_unit(self, node: WorkerController) -> None:
        file = next_file(self.workqueue, node.gateway.id, self.numnodes, self._may_wait)
        if file is None:
            node.shutdown()
            return
        self.workqueue.move_to_end(file, last=False)
        super()._assign_work_unit(node)
