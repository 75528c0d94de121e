"""A dialog: what both sides of a call remember of one another, and how requests within it are written.

Source: RFC 3261, sections 12.1 (how it begins), 12.2 (requests in it), 8.1.1 (headers that each has).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from roomtone.softphone.agent import Agent
from roomtone.testing.sip_text import Headers, SipMessage, uri_in

ALLOW = "INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, INFO"


@dataclass(slots=True)
class Dialog:
    """One call, as SIP sees it."""

    local: str
    """Our From or To, with our tag."""

    remote: str
    """Theirs."""

    target: str
    """URI that requests go to: their Contact."""

    contact: str
    """Ours."""

    call_id: str = field(default_factory=lambda: secrets.token_hex(12))
    routes: tuple[str, ...] = ()
    """Route values, the next first."""

    number: int = 0
    """CSeq of our last request."""

    @classmethod
    def outgoing(cls, agent: Agent, user: str, own_uri: str, target: str) -> Dialog:
        """Begin one with somebody."""
        tag = secrets.token_hex(6)
        return cls(f"<{own_uri}>;tag={tag}", f"<{target}>", target, f"<sip:{user}@{agent.host_port}>")

    @classmethod
    def incoming(cls, agent: Agent, user: str, invite: SipMessage) -> Dialog:
        """Begin one that somebody else asks for."""
        return cls(
            f"{invite.get('to')};tag={secrets.token_hex(6)}",
            invite.get("from"),
            uri_in(invite.get("contact")) or uri_in(invite.get("from")),
            f"<sip:{user}@{agent.host_port}>",
            invite.get("call-id"),
            tuple(_each(invite.all("record-route"))),
        )

    @property
    def tag(self) -> str:
        """Ours."""
        return self.local.rpartition(";tag=")[2]

    @property
    def next_hop(self) -> str:
        """URI of whoever a request is sent to first."""
        return uri_in(self.routes[0]) if self.routes else self.target

    def established(self, reply: SipMessage) -> None:
        """Take what the other side's 2xx says of them."""
        self.remote = reply.get("to")
        self.target = uri_in(reply.get("contact")) or self.target
        # Reversed for the side that called (RFC 3261, section 12.1.2).
        self.routes = tuple(reversed(_each(reply.all("record-route"))))

    def request(self, agent: Agent, method: str, *, more: Headers = (), body: str = "") -> SipMessage:
        """Write the next request; an ACK has its INVITE's number (section 13.2.2.4)."""
        self.number += method != "ACK"
        headers = [
            agent.via(),
            ("Max-Forwards", "70"),
            *(("Route", route) for route in self.routes),
            ("From", self.local),
            ("To", self.remote),
            ("Call-ID", self.call_id),
            ("CSeq", f"{self.number} {method}"),
            ("Contact", self.contact),
            ("User-Agent", "roomtone phone"),
            *more,
        ]
        if body:
            headers.append(("Content-Type", "application/sdp"))
        return SipMessage(f"{method} {self.target} SIP/2.0", tuple(headers), body)


def _each(values: list[str]) -> list[str]:
    """Part values that share a header line."""
    return [part.strip() for value in values for part in value.split(",") if part.strip()]
