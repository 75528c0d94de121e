"""Who the phone is, and how it writes addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from roomtone.testing.sip_text import address_of


class PhoneProblem(Exception):  # noqa: N818 - told by what is wrong
    """The phone cannot do what was asked; the text says why."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who the phone is."""

    user: str = "phone"
    """Name it registers by, and the user part of its address."""

    password: str | None = field(default=None, repr=False)
    server: str | None = None
    """``host`` or ``host:port`` of the registrar, which also carries its calls; None: it registers nowhere."""

    local: str | None = None
    """IP address to send from; None: the one that leads to the server."""

    port: int = 0
    """UDP port for SIP, 0 for any."""

    @property
    def domain(self) -> str:
        """What follows the @ in its own address, if it has a server."""
        return self.server or self.local or "127.0.0.1"

    @property
    def uri(self) -> str:
        """Its own address."""
        return f"sip:{self.user}@{self.domain}"


def target(asked: str, server: str | None) -> str:
    """Make a SIP URI of what somebody typed: an address, or a number or name at the phone's server.

    Raises:
        PhoneProblem: It is none, or there is no server to ask.
    """
    text = asked.strip()
    if re.match(r"sips:", text, re.IGNORECASE) or "transport=t" in text.lower():
        raise PhoneProblem("this phone calls over UDP only, not over TLS or TCP")
    if not re.match(r"sip:", text, re.IGNORECASE):
        if "@" not in text and server is None:
            raise PhoneProblem(f"whom is {text!r} at? Say sip:{text}@HOST, or give a --server")
        text = f"sip:{text}" if "@" in text else f"sip:{text}@{server}"
    if re.search(r'[\s<>"]', text) or not re.match(r"sip:[^@]+@[^@]+$", text, re.IGNORECASE):
        raise PhoneProblem(f"{asked!r} is no SIP address")
    try:
        address_of(text)
    except ValueError as why:
        raise PhoneProblem(str(why)) from why
    return text
