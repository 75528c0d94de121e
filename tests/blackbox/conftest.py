"""What several files of black-box tests share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from stage import browsers
from stage.console import CHROMIUM, Console, chromium, opened, without_complaints
from stage.desk import Desk
from stage.scene import Scene


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    async with chromium() as one:
        yield one


@pytest.fixture
async def console(browser: Browser, scene: Scene) -> AsyncIterator[Console]:
    """The console's first page, before anybody has signed in."""
    async with opened(browser, scene) as one:
        yield one


@pytest.fixture
async def desk(scene: Scene, tmp_path: Path) -> AsyncIterator[Desk]:
    """An operator at a console with a microphone, before they have signed in."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    scene.others["operator"] = browsers.PITCH_HZ
    async with browsers.chromium(tmp_path, f"{scene.server.ready['http']}/console") as page:
        with without_complaints(page):
            yield Desk(page, scene)
