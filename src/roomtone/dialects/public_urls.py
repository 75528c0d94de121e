"""Addresses as customers' applications see them, where a proxy stands before them. Pure.

A validator rebuilds the address it was asked by, and holds the signature against that. Behind a proxy that is the proxy's
address, and maybe not the one Roomtone asks. So an operator can say which addresses are seen as which, and then those are
signed. What is asked stays the same.

Source: Twilio "Validating Signatures", on applications behind a load balancer or a TLS proxy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from roomtone.dialects import urls

_PORTS = {"http": "80", "https": "443"}


@dataclass(frozen=True, slots=True)
class PublicUrls:
    """Beginnings of addresses, and what the application takes them for."""

    rules: tuple[tuple[str, str], ...] = ()
    """As asked, as seen; both without a slash at the end, the longest first."""

    def seen(self, url: str) -> str:
        """Give what an application takes an address for; the address itself if nothing is said of it.

        Args:
            url: As it is requested (`urls.to_request`).
        """
        if not self.rules:
            return url
        origin, rest = _apart(url)
        for asked, seen in self.rules:
            if _begins(origin + rest, asked):
                return seen + (origin + rest)[len(asked) :]
        return url


NOTHING_SAID = PublicUrls()
"""Every address is seen as it is asked."""


def read_public_urls(text: str) -> PublicUrls:
    """Read ``http://127.0.0.1:3000=https://app.example.com``, several apart by commas or blanks.

    Raises:
        ValueError: One of them is no pair of addresses, or an address is said of twice.
    """
    rules: dict[str, str] = {}
    for part in re.split(r"[,\s]+", text.strip()):
        if not part:
            continue
        asked, equals, seen = part.partition("=")
        if not equals:
            raise ValueError(
                f"{part!r}: takes ASKED=SEEN, such as http://127.0.0.1:3000=https://app.example.com"
            )
        key = "".join(_apart(_plain(asked)))
        if key in rules:
            raise ValueError(f"{asked!r} is there twice")
        rules[key] = _plain(seen)
    return PublicUrls(tuple(sorted(rules.items(), key=lambda rule: -len(rule[0]))))


def _plain(text: str) -> str:
    """Bring an address that others begin with into the form in which they are asked."""
    if any(sign in text for sign in "?#@") or not urls.acceptable(text):
        raise ValueError(f"{text!r} is no http or https address without user, query and fragment")
    return urls.normal(text).rstrip("/")


def _apart(url: str) -> tuple[str, str]:
    """Give scheme, host and port, without the port that the scheme has anyhow; and the rest."""
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    rest = url[len(origin) :]
    return origin.removesuffix(f":{_PORTS[parts.scheme]}"), rest


def _begins(url: str, with_: str) -> bool:
    """Whether an address is another one, or below it."""
    return url.startswith(with_) and url[len(with_) : len(with_) + 1] in {"", "/", "?"}
