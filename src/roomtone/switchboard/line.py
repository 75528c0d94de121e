"""The phone line of one call: its SIP answer and its stream, as the leg orders them. Decides nothing."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from roomtone.core.exchange import EngineUnavailable, Summons
from roomtone.core.ids import CallId
from roomtone.core.routing import Target, is_secure, is_websocket
from roomtone.sdp.agreement import Agreement, Codec, Flow
from roomtone.sdp.crypto import Crypto, Demand
from roomtone.sdp.doors import Ours
from roomtone.sdp.negotiate import NotAcceptable, negotiate
from roomtone.sdp.write import answer, offer
from roomtone.switchboard.ports import Clock, Media, Signalling
from roomtone.switchboard.sealing import Sealing

log = logging.getLogger(__name__)

UNDECIDED = Agreement(
    codec=Codec.PCMU,
    payload_type=0,
    digit_payload_type=101,
    ptime_ms=20,
    remote_host="127.0.0.1",
    remote_port=9,
    flow=Flow.INACTIVE,
)
"""What a stream runs with until the caller's ACK brings their answer to our offer: nothing is sent anywhere."""


@dataclass(frozen=True, slots=True)
class Offered:
    """What the caller offered."""

    sdp: str | None
    """As it came; None: they want our offer."""

    agreement: Agreement
    """What both can do."""

    from_trunk: bool = False
    """Whether a trunk offered it, which sends its sound from where it says."""

    @classmethod
    def read(cls, text: str | None, codecs: AbstractSet[Codec], encryption: Demand) -> Offered:
        """Understand an offer, as far as these codecs go and may be encrypted.

        Raises:
            NotAcceptable: There is nothing in it that we can do.
        """
        return cls(text, UNDECIDED if text is None else negotiate(text, codecs, encryption))


class Line:
    """One call's SIP leg and stream."""

    def __init__(
        self,
        call: CallId,
        offered: Offered,
        clock: Clock,
        signalling: Signalling,
        media: Media,
        *,
        sealing: Sealing,
    ) -> None:
        self._call = call
        self._offered = offered
        self._clock = clock
        self._signalling = signalling
        self._media = media
        self._sealing = sealing
        self._early: str | None = None
        """What the caller was told before the answer, which must say the same (RFC 3261, section 13.2.1)."""

        self._to_browser = False
        """Whether our own offer is for a browser."""

        self._moved = False
        """Whether the phone does not know yet where our sound comes from now."""

    async def ring(self) -> None:
        """Let the caller hear that it rings."""
        await self._signalling.ring(self._call)

    async def sound_early(self) -> bool:
        """Let the caller hear something before the answer; False: they want our offer, which only the answer brings.

        Raises:
            EngineUnavailable: No engine answers, or it has no port left.
        """
        if self._offered.sdp is None:
            return False
        if self._early is None:
            self._early = await self._describe(self._offered)
            await self._signalling.ring(self._call, self._early)
        return True

    async def prepare(self) -> str:
        """Open the stream and write our side's description; `pick_up` sends it.

        Raises:
            EngineUnavailable: No engine answers, or it has no port left.
        """
        return self._early or await self._describe(self._offered)

    async def pick_up(self, description: str) -> None:
        """Answer the call."""
        await self._signalling.answer(self._call, description)

    async def confirm(self, description: str | None) -> None:
        """Take the caller's ACK: after a late offer it brings their answer."""
        if description is None:
            return
        try:
            await self.connect(description)
        except NotAcceptable as no:
            log.warning("call=%s the answer to our offer is no good: %s", self._call, no)
            await self._signalling.hang_up(self._call)

    async def renegotiate(self, description: str | None) -> None:
        """Answer a re-INVITE: another address, on hold, back again. What we cannot do leaves the call as it is."""
        try:
            offered = Offered.read(description or "", self._media.codecs, self._sealing.demand)
        except NotAcceptable as no:
            log.info("call=%s re-INVITE refused: %s", self._call, no)
            await self._signalling.refuse(self._call, no.status, "Not Acceptable Here")
            return
        # What has no ICE and DTLS from the beginning cannot get it, nor lose it.
        if await self._media.change_stream(self._call, self._sealing.answer(offered.agreement)):
            await self._signalling.answer(self._call, await self._describe(offered))
        else:
            await self._signalling.refuse(self._call, 488, "Not Acceptable Here")

    async def restore(self) -> bool:
        """Have an engine that took another's place go on with the call, and tell the phone; False: it cannot.

        Raises:
            EngineUnavailable: No engine answers, or it has no port left.
        """
        if not await self._signalling.restore(self._call):
            return False
        stream = await self._media.reopen(self._call)
        if stream is None:
            await self._signalling.hang_up(self._call)
            return False
        self._moved = not stream.same_port
        self._sealing.begin_anew(sealed=stream.sealed)
        description = self._offer(stream.port, (stream.codec,), self._sealing.offer())
        await self._signalling.reoffer(self._call, description)
        return True

    async def reconnect(self, status: int, description: str | None) -> None:
        """Take what a phone said to `restore`: who refuses has sound as before, unless the port is another."""
        if description is not None:
            try:
                await self.connect(description)
            except NotAcceptable as no:
                log.info("call=%s its answer is no good: %s", self._call, no)
            else:
                return
        log.info("call=%s takes no new offer: %d", self._call, status)
        if self._moved:
            await self._signalling.hang_up(self._call)

    async def call(self, summons: Summons) -> None:
        """Open the stream and call somebody with our offer.

        Raises:
            EngineUnavailable: No engine answers, or it has no port left, or it makes no such call.
        """
        targets = (Target(summons.target_uri, summons.hop_uri), *summons.also)
        later = tuple(Target(one.target_uri, one.hop_uri) for one in summons.otherwise)
        # The same offer goes to each of them: its keys only if no way shows them.
        everywhere = all(is_secure(one.hop_uri or one.uri) for one in (*targets, *later))
        self._sealing.goes(secure=everywhere)
        # Who is reached over a WebSocket is a browser, which can do nothing else; others cannot do that.
        by_websocket = all(is_websocket(one.hop_uri or one.uri) for one in (*targets, *later))
        self._to_browser = by_websocket and self._media.fingerprint is not None
        description = await self._describe(self._offered, summons.codecs)
        await self._signalling.invite(self._call, summons, description)

    async def connect(self, description: str | None) -> None:
        """Take the answer of whom we called.

        Raises:
            NotAcceptable: There is nothing in it that we can do.
        """
        agreement = negotiate(description or "", self._media.codecs, self._sealing.expected)
        if not await self._media.change_stream(self._call, self._sealing.settle(agreement)):
            raise NotAcceptable(488, "the stream cannot become what it says")

    async def listen(self, description: str) -> bool:
        """Take the sound that comes from whom we call before they answer; False: we cannot do what it is."""
        try:
            await self.connect(description)
        except NotAcceptable as no:
            log.info("call=%s its early sound is not heard: %s", self._call, no)
            return False
        return True

    async def refuse(self, status: int, reason: str) -> None:
        """Refuse the unanswered call."""
        await self._signalling.refuse(self._call, status, reason)

    async def hang_up(self) -> None:
        """End the answered call."""
        await self._signalling.hang_up(self._call)

    async def part(self) -> None:
        """End a call that is over at the phone, too, which hears it only from an engine that has the call."""
        try:
            if await self._signalling.restore(self._call):
                await self._signalling.hang_up(self._call)
        except EngineUnavailable as fault:
            log.info("call=%s its phone is told by the next engine: %s", self._call, fault)

    async def close(self, *, hang_up: bool) -> None:
        """Leave nothing behind in the engine."""
        self._media.drop(self._call)
        try:
            if hang_up:
                await self._signalling.hang_up(self._call)
            await self._media.close_stream(self._call)
        except EngineUnavailable as fault:
            log.info("call=%s its stream went with the engine: %s", self._call, fault)

    async def _describe(self, offered: Offered, only: Sequence[str] = ()) -> str:
        """Give our description: an answer to theirs, or a late offer. Its version is the time, so it always grows."""
        agreement = self._sealing.answer(offered.agreement)
        keys: Sequence[Crypto] | Ours = () if offered.sdp is not None else self._sealing.offer()
        if offered.sdp is None and self._to_browser:
            keys = self._sealing.doorway.offer()
            agreement = replace(agreement, door=keys)
        port = await self._media.open_stream(self._call, agreement, shared=offered.from_trunk)
        if offered.sdp is None:
            return self._offer(port, only, keys)
        host, session, version = self._origin
        return answer(agreement, host=host, port=port, session=session, version=version, offer=offered.sdp)

    def _offer(self, port: int, only: Sequence[str], keys: Sequence[Crypto] | Ours) -> str:
        able = self._media.codecs
        wanted = frozenset(one for one in able if one.value.upper() in only) or able
        host, session, version = self._origin
        return offer(host=host, port=port, session=session, version=version, abilities=wanted, keys=keys)

    @property
    def _origin(self) -> tuple[str, int, int]:
        """Our address, and what names a description of ours and its version, which always grows."""
        return self._media.address, self._call.value & 0x7FFF_FFFF, self._clock.now().wall_ms
