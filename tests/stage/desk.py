"""An operator at the console with a microphone, which says a tone, and with ears."""

from __future__ import annotations

from playwright.async_api import expect

from stage.browsers import hears
from stage.console import WITHIN_MS, Console

_LISTEN = "() => listen(document.querySelector('#phone audio').srcObject)"


class Desk(Console):
    """A console whose softphone calls and is listened to; its page is `stage.browsers.chromium`'s."""

    async def phone_says(self, text: str) -> None:
        """Wait until the phone says so of its call."""
        await expect(self.page.locator("#phone-state")).to_contain_text(text, timeout=WITHIN_MS)

    async def open_drawer(self) -> None:
        """Open the phone; a tone is noise to a browser that removes noise, so it is sent as it is."""
        await self.page.locator("#phone summary").click()
        await self.page.get_by_label("Send my sound as it is").check()

    async def join(self, how: str = "") -> None:
        """Join the conference whose page is open, and listen.

        Args:
            how: As the page's list has it: nothing for a participant, ``muted``, or the call that is coached.
        """
        await self.open_drawer()
        await self.page.get_by_label("Join with this browser").select_option(how)
        await self.press("join")
        await self.phone_says("connected: conference:")
        await self.listen()

    async def listen(self) -> None:
        """Hear with the test's ears what the operator hears."""
        await self.page.evaluate(_LISTEN)

    async def hears_names(self, *names: str) -> None:
        """Wait until the operator hears just these."""
        pitches = self.scene.pitches_hz
        await hears(self.page, {pitches[name] for name in names}, pitches.values())
