"""What is done with the server of a scene after a test."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from stage.customer import Customer
from stage.rest import Rest
from stage.scene import FAILED, Scene, put_away
from stage.server import Server


class Dead(Server):
    """A server whose process is gone, and how often it was started again."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "data", ready={"pid": 0})
        self.brain = subprocess.Popen([sys.executable, "-c", ""])
        self.brain.wait()

    def start_again(self) -> None:
        self.starts += 1
        self.brain = None


class Left(Scene):
    """A scene that notes whether everybody was taken off the line, and what was left was ended."""

    def __init__(self, server: Server, folder: Path) -> None:
        super().__init__(server, cast("Rest", None), Customer(), folder)
        self.done: list[str] = []

    async def close(self) -> None:
        self.done.append("closed")

    async def clear(self) -> None:
        self.done.append("cleared")


def request(*, failed: bool) -> Any:
    return SimpleNamespace(node=SimpleNamespace(stash={FAILED: failed}))


async def test_a_server_that_ended_by_itself_fails_a_test_that_passed(tmp_path: Path) -> None:
    scene = Left(Dead(tmp_path), tmp_path)
    with pytest.raises(AssertionError, match="by itself"):
        await put_away(scene, request(failed=False))
    assert (scene.done, scene.server.starts) == (["closed"], 0)


async def test_it_is_put_up_again_after_a_failure_or_if_the_test_ended_it(tmp_path: Path) -> None:
    scene = Left(Dead(tmp_path), tmp_path)
    await put_away(scene, request(failed=True))
    assert (scene.done, scene.server.starts) == (["closed", "cleared"], 1)
    scene = Left(Dead(tmp_path), tmp_path)
    scene.server.stop()
    assert scene.server.taken_away
    await put_away(scene, request(failed=False))
    assert (scene.done, scene.server.starts) == (["closed"], 1)


async def test_everybody_is_taken_off_the_line_also_if_it_does_not_start(tmp_path: Path) -> None:
    class Broken(Dead):
        def start_again(self) -> None:
            raise AssertionError("the server did not get ready")

    scene = Left(Broken(tmp_path), tmp_path)
    with pytest.raises(AssertionError, match="did not get ready"):
        await put_away(scene, request(failed=True))
    assert scene.done == ["closed"]
