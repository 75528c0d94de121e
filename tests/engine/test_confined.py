"""What the engine has given up before it reads anything of a stranger's, as the system sees it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from engine.brain import Brain
from engine.calls import answered
from engine.conftest import NewPhone
from engine.running import Running, running

NET_BIND_SERVICE, SYS_NICE, DAC_OVERRIDE = 1 << 10, 1 << 23, 1 << 1


def threads(engine: Running) -> list[dict[str, str]]:
    """The status of each thread, as /proc tells it."""
    found = []
    for task in Path(f"/proc/{engine.process.pid}/task").iterdir():
        lines = (task / "status").read_text().splitlines()
        found.append({name: text.strip() for name, _, text in (line.partition(":") for line in lines)})
    return found


def core_limits(engine: Running) -> list[str]:
    """How large a core dump may be, soft and hard."""
    lines = Path(f"/proc/{engine.process.pid}/limits").read_text().splitlines()
    return next(line for line in lines if "core file" in line).split()[4:6]


async def test_the_engine_is_confined(engine: Running, brain: Brain, new_phone: NewPhone) -> None:
    await answered(brain, await new_phone())  # with threads that mix, and all else a call needs
    assert {"undumpable", "capabilities", "no-new-privileges", "system-calls"} == set(
        engine.ready["confined"]
    )
    for one in threads(engine):
        assert (one["NoNewPrivs"], one["Seccomp"]) == ("1", "2"), one["Name"]
        assert int(one["CapPrm"], 16) & ~(NET_BIND_SERVICE | SYS_NICE | DAC_OVERRIDE) == 0, one["Name"]
        assert one["Umask"] == "0077", one["Name"]
    assert stat.S_IMODE(engine.socket.stat().st_mode) == 0o600
    assert core_limits(engine) == ["0", "0"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may look into everybody")
def test_other_programs_of_the_same_user_cannot_look_in(engine: Running) -> None:
    with pytest.raises(PermissionError):
        list(Path(f"/proc/{engine.process.pid}/fd").iterdir())


def test_whoever_measures_may_be_let_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROOMTONE_ENGINE_DUMPABLE", "1")
    with running(tmp_path) as engine:
        assert list(Path(f"/proc/{engine.process.pid}/fd").iterdir())
