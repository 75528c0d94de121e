"""What several files of black-box tests share."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from stage.console import CHROMIUM, Console, chromium, opened
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
