"""Carries calls through the link: orders down, signals up.

Fits `roomtone.switchboard.ports.Signalling`. An order for a call the engine no longer has does nothing: its
`CallEnded` is already told or on its way.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from roomtone.core.call.messages import (
    CallAnswered,
    CallConfirmed,
    CallEnded,
    CallProgressed,
    CallReanswered,
    CallReoffered,
    CallSignal,
    EndedBy,
    FlowClosed,
    IncomingCall,
    PeerAsked,
    PeerReplied,
)
from roomtone.core.exchange import EngineUnavailable, OnSignal, Summons
from roomtone.core.ids import CallId
from roomtone.core.routing import leads_on
from roomtone.link import Link, OrderRefused, messages

log = logging.getLogger(__name__)


class EngineSignalling:
    """Signalling by the engine behind a link."""

    def __init__(self, link: Link, on_signal: OnSignal) -> None:
        self._link = link
        self._on_signal = on_signal
        self._others: dict[str, tuple[Summons, str]] = {}
        """Calls that have other ways to go if the one they are on leads nowhere, and their offers."""

        self._between: dict[str, CallEnded] = {}
        """Calls whose one way has ended and whose next is not begun."""

        self._dialogs: dict[str, bytes] = {}
        """What another engine would need to go on with each answered call."""

        self._instance = ""
        self._tasks: set[asyncio.Task[None]] = set()
        link.on_fact(self._take)

    async def invite(self, call: CallId, summons: Summons, sdp: str) -> None:
        """Call somebody; `CallProgressed`, then `CallAnswered` or `CallEnded`, follow.

        Raises:
            EngineUnavailable: No engine answers, or it makes no such call.
        """
        order = messages.Invite(
            n=0,
            call=call.hex,
            target_uri=summons.target_uri,
            hop_uri=summons.hop_uri,
            from_uri=summons.from_uri,
            from_display=summons.from_display,
            to_uri=summons.target_uri,
            username=summons.username,
            password=summons.password,
            sdp=sdp,
            headers=[messages.Header(name=name, value=value) for name, value in summons.headers],
            ring_ms=summons.ring_s * 1_000,
            also=[messages.Target(uri=one.uri, hop_uri=one.hop_uri) for one in summons.also] or None,
        )
        if summons.otherwise:
            self._others[call.hex] = (summons, sdp)
        try:
            await self._link.ask(order)
        except OrderRefused as no:
            raise EngineUnavailable(str(no)) from no

    async def ring(self, call: CallId, sdp: str | None = None) -> None:
        """Let the caller hear that it rings (180), or, with a description, what is sent before the answer (183).

        Raises:
            EngineUnavailable: No engine answers.
        """
        await self._ask(messages.Ring(n=0, call=call.hex, sdp=sdp), call)

    async def answer(self, call: CallId, sdp: str) -> None:
        """Answer an INVITE or a re-INVITE.

        Raises:
            EngineUnavailable: No engine answers.
        """
        await self._ask(messages.Answer(n=0, call=call.hex, sdp=sdp), call)

    def remember(self, dialogs: Mapping[CallId, bytes]) -> None:
        """Keep what the engine has told an earlier brain of its calls, in case another has to go on with them."""
        for call, dialog in dialogs.items():
            self._dialogs.setdefault(call.hex, dialog)

    @property
    def restorable(self) -> AbstractSet[CallId]:
        """Calls that were answered and whose end no engine has told: what another can go on with."""
        return frozenset(CallId.from_hex(call) for call in self._dialogs)

    def forget(self, but: AbstractSet[CallId]) -> None:
        """Have no other engine go on with any call but these."""
        for call in self.restorable - but:
            del self._dialogs[call.hex]

    async def restore(self, call: CallId) -> bool:
        """Have an engine that took another's place go on with a call; False: it cannot.

        Raises:
            EngineUnavailable: No engine answers.
        """
        dialog = self._dialogs.get(call.hex)
        if dialog is None:
            return False
        try:
            await self._link.ask(messages.RestoreLeg(n=0, call=call.hex, dialog=dialog))
        except OrderRefused as no:
            log.warning("call=%s cannot go on: %s", call, no)
            if no.code != "call-exists":  # which will tell its end
                self._dialogs.pop(call.hex, None)
            return False
        return True

    async def reoffer(self, call: CallId, sdp: str) -> None:
        """Offer other media in a call that is up; `CallReanswered` follows.

        Raises:
            EngineUnavailable: No engine answers.
        """
        await self._ask(messages.Reoffer(n=0, call=call.hex, sdp=sdp), call)

    async def refuse(
        self, call: CallId, status: int, reason: str, headers: Sequence[tuple[str, str]] = ()
    ) -> None:
        """Answer an INVITE or a re-INVITE with a final status of 300 or more.

        Raises:
            EngineUnavailable: No engine answers.
        """
        order = messages.Refuse(n=0, call=call.hex, status=status, reason=reason, headers=_written(headers))
        await self._ask(order, call)

    async def respond(
        self, asked: PeerAsked, status: int, reason: str, headers: Sequence[tuple[str, str]] = ()
    ) -> None:
        """Answer what a peer asked; nothing happens if it does not wait any more.

        Raises:
            EngineUnavailable: No engine answers.
        """
        order = messages.Respond(
            n=0, request=asked.request, status=status, reason=reason, headers=_written(headers)
        )
        try:
            await self._link.ask(order)
        except OrderRefused as no:
            log.info("order refused request=%s code=%s", asked.request, no.code)

    async def probe(self, request: str, uri: str) -> None:
        """Ask whether somebody is there (OPTIONS); `PeerReplied(request)` follows, once.

        Raises:
            EngineUnavailable: No engine answers.
        """
        order = messages.Ask(
            n=0,
            request=request,
            call=None,
            method="OPTIONS",
            target_uri=uri,
            hop_uri=None,
            from_uri="sip:roomtone@roomtone.invalid",
            username=None,
            password=None,
            headers=[],
            content_type=None,
            body="",
        )
        try:
            await self._link.ask(order)
        except OrderRefused as no:
            log.warning("order refused uri=%s code=%s", uri, no.code)
            self._on_signal(PeerReplied(request, 503, no.code))

    async def ask(
        self,
        request: str,
        call: CallId,
        method: str,
        headers: Sequence[tuple[str, str]],
        content: tuple[str, str] | None = None,
    ) -> None:
        """Send a request within a call, its body (type and text) with it; `PeerReplied(request)` follows, once.

        Raises:
            EngineUnavailable: No engine answers.
        """
        kind, body = content or (None, "")
        order = messages.Ask(
            n=0,
            request=request,
            call=call.hex,
            method=method,
            target_uri="",
            hop_uri=None,
            from_uri="",
            username=None,
            password=None,
            headers=_written(headers),
            content_type=kind,
            body=body,
        )
        try:
            await self._link.ask(order)
        except OrderRefused as no:
            log.info("order refused call=%s method=%s code=%s", call, method, no.code)
            self._on_signal(PeerReplied(request, 481, no.code))

    @property
    def instance(self) -> str:
        """Which engine this is: the beginning of the names of its connections."""
        if self._link.welcome is not None:
            self._instance = self._link.welcome.instance
        return self._instance

    async def locate(self, host: str) -> Sequence[str]:
        """Give the IP addresses of a host; none: it has none, or nobody can say."""
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_DGRAM)
        except (
            OSError,
            UnicodeError,
        ) as fault:  # a label too long, or none between two dots, cannot be encoded
            log.info("host=%s has no address: %s", host, fault)
            return ()
        return tuple(str(address[0]).partition("%")[0] for *_, address in found)

    async def shun(self, host: str, for_s: float) -> None:
        """Take nothing new from an address for a while.

        Raises:
            EngineUnavailable: No engine answers.
        """
        try:
            await self._link.ask(messages.Shun(n=0, host=host, for_ms=round(for_s * 1_000)))
        except OrderRefused as no:
            log.warning("order refused host=%s code=%s", host, no.code)

    async def hang_up(self, call: CallId) -> None:
        """End the call; `CallEnded` follows.

        Raises:
            EngineUnavailable: No engine answers.
        """
        self._others.pop(call.hex, None)
        if (ended := self._between.pop(call.hex, None)) is not None:
            self._on_signal(ended)
            return
        await self._ask(messages.HangUp(n=0, call=call.hex, reason=""), call)

    async def _ask(self, order: messages.Order, call: CallId) -> None:
        try:
            await self._link.ask(order)
        except OrderRefused as no:
            log.info("order refused call=%s order=%s code=%s", call, type(order).__name__, no.code)

    def _goes_on(self, ended: CallEnded) -> bool:
        """Try the next way of a call that has one, if how it ended leaves hope; then its end is not told."""
        summons, sdp = self._others.pop(ended.call.hex, (None, ""))
        if summons is None or not leads_on(ended.by, ended.status, answered=ended.answered):
            return False
        log.info("call=%s tries another way after %d %s", ended.call, ended.status, ended.reason)
        self._between[ended.call.hex] = ended
        task = asyncio.get_running_loop().create_task(self._invite_again(ended, _next(summons), sdp))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def _invite_again(self, ended: CallEnded, summons: Summons, sdp: str) -> None:
        if self._between.pop(ended.call.hex, None) is None:
            return  # hung up meanwhile, which was told
        try:
            await self.invite(ended.call, summons, sdp)
        except EngineUnavailable as fault:
            log.warning("call=%s finds no other way: %s", ended.call, fault)
            self._others.pop(ended.call.hex, None)
            self._on_signal(ended)

    def _take(self, fact: messages.Fact) -> None:
        match fact:
            case messages.DialogKept(call=call, dialog=dialog):
                self._dialogs[call] = dialog
            case messages.Ended(call=call):
                self._dialogs.pop(call, None)
        signal = signal_of(fact)
        if isinstance(signal, CallEnded) and self._goes_on(signal):
            return
        if isinstance(signal, CallAnswered):
            self._others.pop(signal.call.hex, None)
        if signal is not None:
            self._on_signal(signal)


def _next(summons: Summons) -> Summons:
    way, *others = summons.otherwise
    return replace(
        summons,
        target_uri=way.target_uri,
        hop_uri=way.hop_uri,
        username=way.username,  # never another trunk's login
        password=way.password,
        otherwise=tuple(others),
    )


def _written(headers: Sequence[tuple[str, str]]) -> list[messages.Header]:
    return [messages.Header(name=name, value=value) for name, value in headers]


def signal_of(fact: messages.Fact) -> CallSignal | None:
    """Say a fact about a leg in the house's words; None if it is not about a leg."""
    match fact:
        case messages.IncomingCall():
            return _incoming(fact)
        case messages.Requested() | messages.Replied() | messages.FlowClosed():
            return _besides_calls(fact)
        case messages.Progressed(call=call, status=status, sdp=sdp):
            return CallProgressed(CallId.from_hex(call), status, sdp)
        case messages.Answered(call=call, sdp=sdp, sip_call_id=sip_call_id):
            return CallAnswered(CallId.from_hex(call), sdp, sip_call_id)
        case messages.Confirmed(call=call, sdp=sdp):
            return CallConfirmed(CallId.from_hex(call), sdp)
        case messages.Reoffered(call=call, sdp=sdp):
            return CallReoffered(CallId.from_hex(call), sdp)
        case messages.Reanswered(call=call, status=status, sdp=sdp):
            return CallReanswered(CallId.from_hex(call), status, sdp)
        case messages.Ended(call=call):
            by = EndedBy(fact.by.value)
            return CallEnded(CallId.from_hex(call), by, fact.status, fact.reason, fact.answered)
        case _:
            return None


def _besides_calls(fact: messages.Requested | messages.Replied | messages.FlowClosed) -> CallSignal:
    match fact:
        case messages.Requested():
            return _asked(fact)
        case messages.Replied(request=request, status=status, reason=reason):
            return PeerReplied(request, status, reason)
        case messages.FlowClosed(flow=flow):
            return FlowClosed(flow)


def _asked(fact: messages.Requested) -> PeerAsked:
    return PeerAsked(
        request=fact.request,
        call=None if fact.call is None else CallId.from_hex(fact.call),
        method=fact.method,
        request_uri=fact.request_uri,
        from_uri=fact.from_uri,
        to_uri=fact.to_uri,
        sip_call_id=fact.sip_call_id,
        cseq=fact.cseq,
        headers=tuple((header.name, header.value) for header in fact.headers),
        body=fact.body,
        transport=fact.transport,
        source_host=fact.source_host,
        source_port=fact.source_port,
        flow=fact.flow or "",
    )


def _incoming(fact: messages.IncomingCall) -> IncomingCall:
    return IncomingCall(
        call=CallId.from_hex(fact.call),
        from_uri=fact.from_uri,
        from_display=fact.from_display,
        to_uri=fact.to_uri,
        request_uri=fact.request_uri,
        sip_call_id=fact.sip_call_id,
        sdp=fact.sdp,
        headers=tuple((header.name, header.value) for header in fact.headers),
        transport=fact.transport,
        source_host=fact.source_host,
        source_port=fact.source_port,
        replaces=None if fact.replaces is None else CallId.from_hex(fact.replaces),
    )
