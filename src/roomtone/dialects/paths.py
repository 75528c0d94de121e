"""Where a dialect's resources live, as its bodies name them. Relative to the host, since clients put it before them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode

VERSION = "2010-04-01"
"""The one version of the API; also ``ApiVersion`` in requests and ``api_version`` in resources."""


@dataclass(frozen=True, slots=True)
class Paths:
    """How a dialect writes the addresses of its resources."""

    prefix: str
    """From the host's slash to the version, without a slash at its end."""

    item_suffix: str
    """After the path of one resource."""

    list_suffix: str
    """After the path of a list."""

    bin_suffix: str
    """After the path of one hosted document."""

    def item(self, *segments: str) -> str:
        """Give the address of one resource; the first segment is its account."""
        return self._join(segments) + self.item_suffix

    def bin(self, *segments: str) -> str:
        """Give the address of one hosted document."""
        return self._join(segments) + self.bin_suffix

    def media(self, *segments: str) -> str:
        """Give the address of a recording's sound: that of its resource, without a suffix."""
        return self._join(segments)

    def list(self, *segments: str) -> str:
        """Give the address of a list, as it is without a query."""
        return self._join(segments) + self.list_suffix

    def page(self, segments: tuple[str, ...], query: tuple[tuple[str, str], ...]) -> str:
        """Give the address of one page of a list."""
        return f"{self._join(segments)}{self.list_suffix}?{urlencode(query)}"

    def _join(self, segments: tuple[str, ...]) -> str:
        return "/".join((self.prefix, "Accounts", *(quote(segment, safe="") for segment in segments)))
