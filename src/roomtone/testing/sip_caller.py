"""A small SIP caller with a pitch: dials a number, speaks, listens, hangs up. For demonstrations and your own tests.

One dialog over UDP, on a network that loses little: it retransmits its own requests and its ACK, and that is about
all of RFC 3261 that it does. As a program it is a process of its own, steered by JSON lines (see `sip_caller_program`)::

    async with SipCaller(("127.0.0.1", 5060), "+15551230000", pitch_hz=440.0) as caller:
        await caller.answered()
        assert caller.phone.heard((660.0,)) == {660.0}

Sources: RFC 3261, sections 8.1, 9.1, 12, 13.2, 14, 15, 17.1; RFC 3264.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from dataclasses import dataclass
from typing import Self

from roomtone.sdp.agreement import Codec
from roomtone.testing.rtp_phone import PhoneSettings, RtpPhone
from roomtone.testing.sip_text import (
    Headers,
    SipMessage,
    address_of,
    offer,
    parse,
    read_answer,
    reply_to,
    uri_in,
)

T1_S = 0.5
"""First pause between retransmissions (RFC 3261, section 17.1.1.1)."""

T2_S = 4.0
"""Longest pause between retransmissions of anything but INVITE."""

GIVE_UP_S = 32.0
"""64 T1: when a request nobody answers has failed."""


@dataclass(frozen=True, slots=True)
class CallOver:
    """How a call ended."""

    by: str
    """``"remote"``, ``"local"`` or ``"timeout"``."""

    status: int
    """SIP status of a call that was not answered; 0 for a BYE."""

    reason: str = ""


class CallFailed(Exception):  # noqa: N818 - told by what happened
    """The call was over before it was answered; `over` says how."""

    def __init__(self, over: CallOver) -> None:
        self.over = over
        super().__init__(f"{over.status} {over.reason}".strip())


@dataclass(frozen=True, slots=True)
class CallerSettings:
    """Who calls, and how."""

    user: str = "caller"
    """User part of From: a name or a number."""

    codecs: tuple[Codec, ...] = (Codec.PCMU,)
    """What is offered; it speaks the first."""

    headers: Headers = ()
    """More headers for the INVITE (X-…)."""


class SipCaller:
    """One outgoing call with sound."""

    def __init__(
        self, server: tuple[str, int], number: str, *, pitch_hz: float | None = None,
        settings: CallerSettings | None = None,
    ) -> None:  # fmt: skip
        self.settings = settings or CallerSettings()
        self.phone: RtpPhone
        """What it says and hears; there from `start` on."""

        self._server, self._number, self._pitch_hz = server, number, pitch_hz
        host = f"[{server[0]}]" if ":" in server[0] else server[0]
        self._target = f"sip:{number}@{host}:{server[1]}"
        self._to = f"<{self._target}>"
        self._route: tuple[str, ...] = ()
        self._tag, self._call_id = f"{random.getrandbits(48):012x}", f"{random.getrandbits(96):024x}"
        self._cseq = 0
        self._invite: SipMessage | None = None
        self._sdp_version = 0
        self._acks: dict[int, SipMessage] = {}
        self._waiting: dict[tuple[int, str], asyncio.Queue[SipMessage]] = {}
        self._transport: asyncio.DatagramTransport | None = None
        self._tasks: set[asyncio.Task[object]] = set()
        self._rings, self._up, self._over = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._how_over: CallOver | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    # What the user does ----------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Take two ports and send the INVITE."""
        local = "::1" if ":" in self._server[0] else "127.0.0.1"
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: _Ear(self), local_addr=(local, 0))
        phone = PhoneSettings(pitch_hz=self._pitch_hz, codec=self.settings.codecs[0], host=local)
        self.phone = RtpPhone.bind(phone)
        self._begin(self._run_invite("sendrecv"))

    async def ringing(self, within_s: float = 5.0) -> None:
        """Wait for 180 or 183."""
        await self._first_of(self._rings, within_s)

    async def answered(self, within_s: float = 10.0) -> None:
        """Wait for the answer; sound flows then.

        Raises:
            CallFailed: The call was refused or ended.
            TimeoutError: Neither in `within_s` seconds.
        """
        await self._first_of(self._up, within_s)

    async def ended(self, within_s: float | None = 10.0) -> CallOver:
        """Wait for the end, or for ever with None.

        Raises:
            TimeoutError: It has not come in `within_s` seconds.
        """
        async with asyncio.timeout(within_s):
            await self._over.wait()
        assert self._how_over is not None
        return self._how_over

    async def hang_up(self) -> None:
        """End the call, answered (BYE) or not (CANCEL); does nothing if it is over."""
        if self._over.is_set():
            return
        if self._up.is_set():
            await self._exchange(self._in_dialog("BYE"))
            await self._finish(CallOver("local", 0))
            return
        # A CANCEL may only follow a provisional response (RFC 3261, section 9.1).
        with contextlib.suppress(TimeoutError, CallFailed):
            await self._first_of(self._rings, GIVE_UP_S)
        if self._invite is not None and not self._over.is_set() and not self._up.is_set():
            start = self._invite.start.replace("INVITE", "CANCEL", 1)
            names = {"via", "from", "to", "call-id", "max-forwards", "route"}
            kept = tuple((name, value) for name, value in self._invite.headers if name.lower() in names)
            number = self._invite.get("cseq").split()[0]
            await self._exchange(SipMessage(start, (*kept, ("CSeq", f"{number} CANCEL"))))

    async def offer_again(self, flow: str) -> str:
        """Send a re-INVITE with another direction (``sendonly`` puts the other side on hold); give the answer's."""
        reply = await self._run_invite(flow)
        return read_answer(reply.body).flow if reply is not None else ""

    async def close(self) -> None:
        """Hang up if need be and give the ports back."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(3.0):
                await self.hang_up()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.phone.close()
        if self._transport is not None:
            self._transport.close()

    # Requests of ours ------------------------------------------------------------------------------------------------

    def _in_dialog(self, method: str, *, body: str = "", more: Headers = ()) -> SipMessage:
        assert self._transport is not None, "start it first"
        host, port = self._transport.get_extra_info("sockname")[:2]
        self._cseq += 1
        headers = [
            ("Via", f"SIP/2.0/UDP {host}:{port};branch=z9hG4bK{random.getrandbits(64):016x};rport"),
            ("Max-Forwards", "70"),
            ("From", f"<sip:{self.settings.user}@{host}:{port}>;tag={self._tag}"),
            ("To", self._to),
            ("Call-ID", self._call_id),
            ("CSeq", f"{self._cseq} {method}"),
            ("Contact", f"<sip:{self.settings.user}@{host}:{port}>"),
            ("User-Agent", "roomtone sip caller"),
            *(("Route", route) for route in self._route),
            *more,
        ]
        if body:
            headers.append(("Content-Type", "application/sdp"))
        return SipMessage(f"{method} {self._target} SIP/2.0", tuple(headers), body)

    def _offer(self, flow: str) -> str:
        self._sdp_version += 1
        local = self.phone.settings
        return offer(
            local.host, self.phone.port, self.settings.codecs, digits=local.digit_payload_type, flow=flow,
            version=self._sdp_version,
        )  # fmt: skip

    async def _run_invite(self, flow: str) -> SipMessage | None:
        """Send an INVITE or re-INVITE and see it through to its final response; None if it failed."""
        more = self.settings.headers if self._invite is None else ()
        invite = self._in_dialog(
            "INVITE", body=self._offer(flow), more=(*more, ("Allow", "INVITE, ACK, BYE, CANCEL, OPTIONS"))
        )
        first = self._invite is None
        if first:
            self._invite = invite
        reply = await self._exchange(invite)
        if reply is not None and 200 <= reply.status < 300:
            self._take_answer(invite, reply)
            return reply
        if reply is not None:
            self._acknowledge_refusal(invite, reply)
        if first:
            refused = CallOver("remote", reply.status, reply.reason) if reply else CallOver("timeout", 408)
            await self._finish(refused)
        return None

    async def _exchange(self, request: SipMessage) -> SipMessage | None:
        """Send a request, again until something is heard, and give its final response; None if none came."""
        inbox: asyncio.Queue[SipMessage] = asyncio.Queue()
        key = (int(request.get("cseq").split()[0]), request.method)
        self._waiting[key] = inbox
        pause_s, patience_s = T1_S, GIVE_UP_S
        self._send(request)
        try:
            while patience_s > 0:
                try:
                    reply = await asyncio.wait_for(inbox.get(), pause_s)
                except TimeoutError:
                    patience_s -= pause_s
                    pause_s = 2 * pause_s if request.method == "INVITE" else min(2 * pause_s, T2_S)
                    self._send(request)
                    continue
                if reply.status >= 200:
                    return reply
                pause_s = patience_s = 180.0  # it is being worked on: no more retransmissions
                if reply.status > 100:
                    self._rings.set()
            return None
        finally:
            del self._waiting[key]

    def _take_answer(self, invite: SipMessage, reply: SipMessage) -> None:
        self._to = reply.get("to")
        self._target = uri_in(reply.get("contact")) or self._target
        # Reversed for the side that called (RFC 3261, section 12.1.2).
        self._route = tuple(reversed(reply.all("record-route")))
        number = int(invite.get("cseq").split()[0])
        ack = self._in_dialog("ACK")
        self._cseq -= 1  # an ACK takes the INVITE's number (section 13.2.2.4)
        headers = tuple((name, f"{number} ACK" if name == "CSeq" else value) for name, value in ack.headers)
        self._acks[number] = SipMessage(ack.start, headers)
        self._send(self._acks[number])
        media = read_answer(reply.body)
        self.phone.point(media.host, media.port)
        self._rings.set()
        self._up.set()

    def _acknowledge_refusal(self, invite: SipMessage, reply: SipMessage) -> None:
        """ACK of a 3xx-6xx: part of the INVITE's own transaction (RFC 3261, section 17.1.1.3)."""
        kept = [
            (name, value)
            for name, value in invite.headers
            if name in {"Via", "Max-Forwards", "From", "Call-ID", "Route"}
        ]
        number = int(invite.get("cseq").split()[0])
        headers = (*kept, ("To", reply.get("to")), ("CSeq", f"{number} ACK"))
        self._acks[number] = SipMessage(invite.start.replace("INVITE", "ACK", 1), headers)
        self._send(self._acks[number])

    # What comes in ---------------------------------------------------------------------------------------------------

    def take(self, datagram: bytes, source: tuple[str, int]) -> None:
        """Take one datagram; called by the socket."""
        message = parse(datagram)
        if message is None or message.get("call-id") != self._call_id:
            return
        if not message.status:
            self._take_request(message, source)
            return
        number = int(message.get("cseq").split()[0])
        waiting = self._waiting.get((number, message.method))
        if waiting is not None:
            waiting.put_nowait(message)
        elif message.method == "INVITE" and message.status >= 200 and number in self._acks:
            self._send(self._acks[number])  # the final response again: our ACK was lost

    def _take_request(self, request: SipMessage, source: tuple[str, int]) -> None:
        match request.method:
            case "BYE":
                self._reply(reply_to(request, 200, "OK"), source)
                self._begin(self._finish(CallOver("remote", 0)))
            case "INVITE":
                answer = self._offer("sendrecv")
                more = (("Contact", request_uri(request)), ("Content-Type", "application/sdp"))
                self._reply(reply_to(request, 200, "OK", tag=self._tag, more=more, body=answer), source)
                if request.body:
                    media = read_answer(request.body)
                    self.phone.point(media.host, media.port)
            case "ACK":
                pass
            case "OPTIONS" | "UPDATE" | "INFO":
                self._reply(reply_to(request, 200, "OK"), source)
            case _:
                self._reply(reply_to(request, 405, "Method Not Allowed"), source)

    # Small steps -----------------------------------------------------------------------------------------------------

    def _send(self, message: SipMessage) -> None:
        assert self._transport is not None, "start it first"
        route = next(iter(message.all("route")), None)
        in_dialog = ";tag=" in message.get("to")
        target = address_of(uri_in(route) if route else self._target) if in_dialog else self._server
        self._transport.sendto(message.pack(), target)

    def _reply(self, message: SipMessage, source: tuple[str, int]) -> None:
        if self._transport is not None:
            self._transport.sendto(message.pack(), source)

    def _begin(self, work: object) -> None:
        assert asyncio.iscoroutine(work)
        task: asyncio.Task[object] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _finish(self, over: CallOver) -> None:
        if not self._over.is_set():
            self._how_over = over
            self._over.set()
            await self.phone.pause()

    async def _first_of(self, wanted: asyncio.Event, within_s: float) -> None:
        waits = [asyncio.create_task(event.wait()) for event in (wanted, self._over)]
        try:
            done, _ = await asyncio.wait(waits, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        if not done:
            raise TimeoutError(f"nothing from {self._number} in {within_s} s")
        if not wanted.is_set() and self._how_over is not None:
            raise CallFailed(self._how_over)


class _Ear(asyncio.DatagramProtocol):
    def __init__(self, caller: SipCaller) -> None:
        self._caller = caller

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._caller.take(data, addr)


def request_uri(request: SipMessage) -> str:
    """Give the URI a request was sent to, as a Contact value."""
    return f"<{request.start.split(' ')[1]}>"


if __name__ == "__main__":
    from roomtone.testing.sip_caller_program import main

    main()
