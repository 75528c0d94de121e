"""The phone's socket for SIP: requests out until they are answered, requests in once each.

Transactions over UDP, and nothing about calls: those are told of requests, and keep their own dialogs.

Sources: RFC 3261, sections 17 (transactions, timers), 18 (transport); RFC 3581 (rport).
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
import socket
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Self, cast

from roomtone.softphone.account import PhoneProblem
from roomtone.testing.sip_text import SipMessage, address_of, parse

T1_S = 0.5
"""First pause between retransmissions (RFC 3261, section 17.1.1.1)."""

T2_S = 4.0
"""Longest pause between retransmissions of anything but INVITE."""

GIVE_UP_S = 64 * T1_S
"""When a request nobody answers has failed."""

RING_S = 180.0
"""How long an INVITE may be worked on (RFC 3261, section 16.6, timer C)."""

_REMEMBERED = 256

Address = tuple[str, int]
Take = Callable[[SipMessage, Address], None]


def branch() -> str:
    """Make a name for a transaction (RFC 3261, section 8.1.1.7)."""
    return f"z9hG4bK{secrets.token_hex(8)}"


class Agent(asyncio.DatagramProtocol):
    """One UDP socket that speaks SIP."""

    def __init__(self, take: Take) -> None:
        self._take = take
        """Told of each request once, ACKs included."""

        self._transport: asyncio.DatagramTransport | None = None
        self._waiting: dict[tuple[str, str], asyncio.Queue[SipMessage]] = {}
        self._replies: OrderedDict[tuple[str, str], tuple[SipMessage | None, Address]] = OrderedDict()
        self._acks: OrderedDict[tuple[str, int], tuple[SipMessage, Address]] = OrderedDict()

    @classmethod
    async def open(cls, local: str, port: int, take: Take) -> Self:
        """Take a port.

        Raises:
            PhoneProblem: It cannot be had.
        """
        try:
            loop = asyncio.get_running_loop()
            _, agent = await loop.create_datagram_endpoint(lambda: cls(take), local_addr=(local, port))
        except OSError as why:
            raise PhoneProblem(f"cannot listen for calls at {local}:{port}: {why.strerror}") from why
        return agent

    @property
    def host_port(self) -> str:
        """Where the phone is, as a URI spells it."""
        assert self._transport is not None
        host, port = self._transport.get_extra_info("sockname")[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    @property
    def host(self) -> str:
        """The IP address it sends from."""
        assert self._transport is not None
        return str(self._transport.get_extra_info("sockname")[0])

    def close(self) -> None:
        """Give the port back."""
        if self._transport is not None:
            self._transport.close()

    def via(self) -> tuple[str, str]:
        """Give the Via header of a new request."""
        return "Via", f"SIP/2.0/UDP {self.host_port};branch={branch()};rport"

    # Out ---------------------------------------------------------------------------------------------------------------

    def send(self, message: SipMessage, to: Address) -> None:
        """Send once."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(message.pack(), to)

    async def ask(
        self, request: SipMessage, to: Address, progress: Callable[[SipMessage], None] | None = None
    ) -> SipMessage | None:
        """Send a request, again until something is heard, and give its final response; None: none came.

        Args:
            request: With a Via of its own.
            to: Where it goes.
            progress: Told of each provisional response.
        """
        inbox: asyncio.Queue[SipMessage] = asyncio.Queue()
        key = (_branch_of(request), request.method)
        self._waiting[key] = inbox
        pause_s, patience_s, again = T1_S, GIVE_UP_S, True
        self.send(request, to)
        try:
            while patience_s > 0:
                try:
                    reply = await asyncio.wait_for(inbox.get(), min(pause_s, patience_s))
                except TimeoutError:
                    patience_s -= pause_s
                    pause_s = 2 * pause_s if request.method == "INVITE" else min(2 * pause_s, T2_S)
                    if again:
                        self.send(request, to)
                    continue
                if reply.status >= 200:
                    return reply
                pause_s = patience_s = RING_S
                again = False
                if progress is not None:
                    progress(reply)
            return None
        finally:
            del self._waiting[key]

    def acknowledge(self, ack: SipMessage, to: Address) -> None:
        """Send an ACK, and again whenever the response it is for comes again."""
        key = (ack.get("call-id"), _number(ack))
        self._acks[key] = (ack, to)
        _trim(self._acks)
        self.send(ack, to)

    def reply(self, request: SipMessage, response: SipMessage, source: Address) -> None:
        """Answer a request, and again whenever it comes again."""
        if request.method != "ACK":
            self._replies[_branch_of(request), request.method] = (response, source)
            _trim(self._replies)
        self.send(response, source)

    # In ----------------------------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the socket."""
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Take a datagram; what is no SIP, or no good SIP, is dropped."""
        with contextlib.suppress(ValueError, IndexError):
            message = parse(data)
            if message is not None and message.get("call-id") and message.get("cseq"):
                self._dispatch(message, addr[:2])

    def _dispatch(self, message: SipMessage, source: Address) -> None:
        key = (_branch_of(message), message.method)
        if message.status:
            number = (message.get("call-id"), _number(message))
            if key in self._waiting:
                self._waiting[key].put_nowait(message)
            elif message.method == "INVITE" and message.status >= 200 and number in self._acks:
                self.send(*self._acks[number])
            return
        if key in self._replies and message.method != "ACK":
            known, where = self._replies[key]
            if known is not None:
                self.send(known, where)
            return
        if message.method != "ACK":
            self._replies[key] = (None, source)
            _trim(self._replies)
        self._take(message, source)


def _trim(kept: OrderedDict[Any, Any]) -> None:
    while len(kept) > _REMEMBERED:
        kept.popitem(last=False)


def _branch_of(message: SipMessage) -> str:
    found = re.search(r";\s*branch=([^;,\s]+)", message.get("via"))
    return found[1] if found else ""


def _number(message: SipMessage) -> int:
    return int(message.get("cseq").split()[0])


async def locate(uri_or_host: str) -> Address:
    """Find the IP address and the port of a SIP URI, or of ``host:port``.

    Raises:
        PhoneProblem: The name is not known.
    """
    text = uri_or_host if uri_or_host.lower().startswith("sip") else f"sip:{uri_or_host}"
    host, port = address_of(text)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    except OSError as why:
        raise PhoneProblem(f"cannot find {host}: {why.strerror}") from why
    address = found[0][4]
    return str(address[0]), int(address[1])


def way_to(remote: Address) -> str:
    """Give the IP address of this machine that leads to another; sends nothing.

    Raises:
        PhoneProblem: No way leads there.
    """
    with socket.socket(socket.AF_INET6 if ":" in remote[0] else socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect(remote)
        except OSError as why:
            raise PhoneProblem(f"no way leads to {remote[0]}: {why.strerror}") from why
        return str(sock.getsockname()[0])
