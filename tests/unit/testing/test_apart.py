"""Which worker runs which file of tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from stage.apart import next_file

TESTS = Path(__file__).parents[2]
LEFT = ["sound a", "books a", "sound b", "books b"]


def is_of_books(file: str) -> bool:
    return file.startswith("books")


@pytest.mark.parametrize(
    ("worker", "workers", "left", "chosen"),
    [
        ("gw1", 2, LEFT, "sound a"),
        ("gw1", 2, LEFT[1:], "books a"),
        ("gw0", 3, LEFT, "sound a"),
        ("gw1", 3, LEFT[1:], "sound b"),
        ("gw2", 3, LEFT, "books a"),
        ("gw2", 3, ["sound a", "sound b"], None),
        ("gw0", 3, ["books a", "books b"], "books a"),
        ("gw3", 3, LEFT, "sound a"),
        ("gw0", 3, [], None),
    ],
)
def test_the_last_of_three_or_more_leaves_sound_to_the_others(
    worker: str, workers: int, left: list[str], chosen: str | None
) -> None:
    assert next_file(left, worker, workers, is_of_books) == chosen


def test_what_may_wait_is_there(pytestconfig: pytest.Config) -> None:
    (conftest,) = (
        plugin
        for plugin in pytestconfig.pluginmanager.get_plugins()
        if getattr(plugin, "__file__", None) == str(TESTS / "conftest.py")
    )
    assert [name for name in conftest.MAY_WAIT if not (TESTS / name).exists()] == []
    assert conftest.may_wait("tests/unit/core/conference/test_step.py")
    assert not conftest.may_wait("tests/blackbox/test_dial.py")
