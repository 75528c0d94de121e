"""The console in Debian's Chromium, driven by Playwright: what an operator does, in few words.

Whatever the page tells on the browser's own console (a breach of its security policy, an error) fails the test.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, ConsoleMessage, Locator, Page, async_playwright, expect

from stage.scene import Scene

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
WITHIN_MS = 40_000
ROOT = Path(__file__).parents[2]
NODE_MODULES = ROOT / "tests" / "interop" / "js" / "node_modules"
SIGNALWIRE_PYTHON, TWILIO_PYTHON = (
    ROOT / folder / "bin" / "python" for folder in (".venv-signalwire", ".venv-twilio8")
)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Start the browser."""
    async with async_playwright() as playwright:
        one = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        )
        yield one
        await one.close()


@asynccontextmanager
async def opened(browser: Browser, scene: Scene, **context: Any) -> AsyncIterator[Console]:
    """Open the console's first page, before anybody has signed in."""
    page = await browser.new_page(**context)
    page.set_default_timeout(WITHIN_MS)
    with without_complaints(page):
        await page.goto(f"{scene.server.ready['http']}/console")
        yield Console(page, scene)
        await page.close()


@contextmanager
def without_complaints(page: Page) -> Iterator[None]:
    """Insist that a page has nothing to complain of: no breach of its security policy, no fault."""
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:  # refusals, too
            complaints.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda fault: complaints.append(str(fault)))
    yield
    assert complaints == []


@dataclass
class Console:
    """An operator's page."""

    page: Page
    scene: Scene

    async def sign_in(self, token: str = "") -> None:
        """Sign in; with the project's own token, unless it is said."""
        await self.page.get_by_label("Project (sid)").fill(self.scene.rest.who.sid)
        await self.page.get_by_label("Token").fill(token or self.scene.rest.who.token)
        await self.page.get_by_role("button", name="Sign in").click()

    async def open_conference(self, token: str = "") -> None:
        """Sign in, and open the scene's conference from the list."""
        await self.sign_in(token)
        await self.link().click()
        await self.loaded()
        # Where the link was a button may lie now: what is under the pointer is written down like what has the focus.
        await self.page.mouse.move(0, 0)

    def link(self) -> Locator:
        """The scene's conference in the list, where conferences that are over may have the same name."""
        return self.page.locator(f"li[data-key='{self.scene.conference}'] a")

    async def go(self, where: str) -> None:
        """Open a page by its address."""
        await self.page.goto(f"{self.scene.server.ready['http']}/console#/{where}")
        await self.loaded()

    async def loaded(self) -> None:
        """Wait until the page shows what it is for."""
        await expect(self.page.locator("#view")).not_to_have_attribute("aria-busy", "true", timeout=WITHIN_MS)

    async def is_live(self) -> None:
        """Wait until it is told of changes."""
        await expect(self.page.locator("#state")).to_have_text("live", timeout=WITHIN_MS)

    def cell(self, listener: str, talker: str) -> Locator:
        """The place in the matrix that says whether one hears another."""
        line, column = (self.scene.callers[name].call_sid for name in (listener, talker))
        return self.page.locator(f"tr[data-key='{line}'] td[data-key='{column}']")

    async def says(self, listener: str, talker: str, text: str) -> None:
        """Wait until the matrix says so of these two."""
        await expect(self.cell(listener, talker)).to_contain_text(text, timeout=WITHIN_MS)

    def card(self, who: str) -> Locator:
        """What the page has of a participant."""
        return self.page.locator(f".people li[data-key='{self.scene.callers[who].call_sid}']")

    async def press(self, what: str, who: str | None = None) -> None:
        """Press a button of the page's, or of a participant's."""
        root: Page | Locator = self.page if who is None else self.card(who)
        await root.locator(f"button[data-do='{what}']").click()

    async def until(self, expression: str) -> None:
        """Wait until something is so on the page, whose policy lets Playwright's own way of waiting not evaluate."""
        async with asyncio.timeout(WITHIN_MS / 1_000):
            while not await self.page.evaluate(expression):  # noqa: ASYNC110 - there is nothing to wait for
                await asyncio.sleep(0.05)

    async def done(self, what: str) -> None:
        """Wait until the log says that something was done."""
        line = self.page.locator("#log li").filter(has_text=what).first
        await expect(line.locator(".done")).to_have_text("done", timeout=WITHIN_MS)
