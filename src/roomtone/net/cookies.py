"""Cookies of one story with customers' servers: what they set is sent back to them. Whoever has the story forgets them.

Source: RFC 6265 (sections 5.3 and 5.4), as aiohttp's jar keeps it.
"""

from __future__ import annotations

from http.cookies import SimpleCookie

import aiohttp
from yarl import URL

MOST = 50
"""Cookies kept of one story, as RFC 6265 (section 6.1) asks of a domain; with more, all of them are forgotten."""

LONGEST = 8_190
"""Characters of them, names and values together, that are kept and sent at most: servers take no more in a line."""


class Cookies:
    """Of one story, with all its servers; made and used in a loop that runs."""

    def __init__(self) -> None:
        self._jar = aiohttp.CookieJar(
            unsafe=True
        )  # servers that are named by their address have cookies, too

    @property
    def any(self) -> bool:
        """Whether there are any."""
        return len(self._jar) > 0

    def header(self, url: URL) -> str:
        """Give what is sent along to there; empty: nothing."""
        fit = self._jar.filter_cookies(url)
        text = "; ".join(f"{name}={morsel.coded_value}" for name, morsel in fit.items())
        return text if len(text) <= LONGEST else ""

    def note(self, url: URL, told: SimpleCookie) -> None:
        """Keep what a server has set."""
        self._jar.update_cookies(told, url)
        if len(self._jar) > MOST or self._size() > LONGEST:
            self._jar.clear()

    def _size(self) -> int:
        return sum(len(morsel.key) + len(morsel.value) for morsel in self._jar)
