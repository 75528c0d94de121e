"""Trunks at work: which of them take a call now, whether each is there, and from which addresses its calls come.

Where a number may go is `core/routing.py`'s to say; here is what changes by the minute: who has not answered of late, who
carries as many calls as it may, what its names lead to.

Sources: RFC 3261, section 11 (OPTIONS); RFC 3263, section 4.3 (the next address when one fails).
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from roomtone.core.call.messages import PeerReplied
from roomtone.core.entrance import Entrance, Network, is_within
from roomtone.core.exchange import EngineUnavailable
from roomtone.core.ids import CallId
from roomtone.core.moment import Moment
from roomtone.core.refusals import Reason, Refused
from roomtone.core.routing import Trunk, Way, ways_to, without_password
from roomtone.sip.contacts import host_of
from roomtone.switchboard.ports import Clock, Dice, Signalling, Store

log = logging.getLogger(__name__)

LOOK_S = 1.0
"""Seconds between looks at what is due."""

LOST_NS = 40_000_000_000
"""Nanoseconds after which a question of ours is not going to be answered (64 times T1 of RFC 3261, and some)."""

READ_S = 5.0
"""Seconds after which a trunk that was made or removed from the command line is known."""

HEED_S = 2.0
"""Seconds that whoever changes a trunk waits at most until calls from its addresses are taken for its calls."""

SILENT = frozenset({408, 503})
"""Answers to OPTIONS that mean that nobody is there, or nobody who takes calls; any other means that somebody is."""


@dataclass(slots=True)
class _Health:
    """Of one address."""

    asked_ns: int | None = None
    request: str = ""
    """That waits for its answer; empty: none does."""

    down: bool | None = None
    """None: it has not been heard of yet."""


class Trunks:
    """All trunks: those of the settings and those of the store."""

    def __init__(  # noqa: PLR0917 - each is a port
        self,
        settled: Sequence[Trunk],
        store: Store,
        signalling: Signalling,
        clock: Clock,
        dice: Dice,
        entrance: Entrance,
    ) -> None:
        self._settled = tuple(settled)
        self._store = store
        self._signalling = signalling
        self._clock = clock
        self._dice = dice
        self._entrance = entrance
        self._health: dict[str, _Health] = {}
        self._carried: dict[CallId, str] = {}
        self._next_ns: dict[str, int] = {}
        self._read_ns: int | None = None
        self._reading = asyncio.Lock()
        self._known: tuple[Trunk, ...] = self._settled
        self._asked = self._learned = 0
        self._found: dict[str, tuple[str, ...]] = {}
        """Addresses by what the trunks' addresses name."""
        self._networks: tuple[Network, ...] = ()

    # Calls -----------------------------------------------------------------------------------------------------------

    async def way(self, to: str) -> Way:
        """Give the way to somebody, and the ways to try after it.

        Raises:
            Refused: DESTINATION_INVALID, DESTINATION_NOT_ALLOWED; the latter also when every trunk carries all it may.
        """
        trunks = await self.all()
        ways = ways_to(to, trunks)
        limits = {one.key: one for one in trunks}
        now = self._clock.now()
        free = [one for one in ways if not one.trunk or self._has_room(limits[one.trunk], now)]
        if not free:
            raise Refused(Reason.DESTINATION_NOT_ALLOWED, to=to, problem="its trunk carries all it may")
        there = [one for one in free if not self._is_down(one.address)]
        first, *others = there or free
        return replace(first, otherwise=tuple(others))

    def took(self, call: CallId, way: Way) -> None:
        """Count a call that is about to be made."""
        if way.trunk:
            self._carried[call] = way.trunk
            trunk = next((one for one in self._known if one.key == way.trunk), None)
            if trunk is not None and trunk.calls_per_s:
                now_ns = self._clock.now().mono_ns
                gap_ns = round(1_000_000_000 / trunk.calls_per_s)
                self._next_ns[trunk.key] = max(now_ns, self._next_ns.get(trunk.key, 0)) + gap_ns

    def ended(self, call: CallId) -> None:
        """Count a call no more."""
        self._carried.pop(call, None)

    def _has_room(self, trunk: Trunk, now: Moment) -> bool:
        few = not trunk.calls or self.carries(trunk) < trunk.calls
        return few and self._next_ns.get(trunk.key, 0) <= now.mono_ns

    def is_at(self, host: str) -> bool:
        """Say whether a trunk has this address. On this machine anybody has it: it proves nothing of who calls."""
        return is_within(host, self._networks)

    # What there is ---------------------------------------------------------------------------------------------------

    @property
    def settled(self) -> Sequence[Trunk]:
        """Give those of the settings."""
        return self._settled

    async def all(self) -> tuple[Trunk, ...]:
        """Give all trunks, those of the settings first."""
        self._asked += 1
        mine = self._asked
        found = (*self._settled, *await self._store.trunks())
        if mine > self._learned:  # what was read first never holds last
            self._known, self._learned = found, mine
        return found

    async def heed(self, within_s: float = HEED_S) -> None:
        """Go by what has just been made, changed or removed; waits for slow names no longer than this."""
        try:
            async with asyncio.timeout(within_s):
                await self.all()
                self._believe()  # a trunk that is removed is no trunk any more, however slow the names of others are
                await self._read()
        except OSError as fault:  # too slow, too: then `run` goes on with it
            log.info("trunks are looked up later: %r", fault)
            self._read_ns = None

    def carries(self, trunk: Trunk) -> int:
        """Say how many calls of ours a trunk carries now."""
        return Counter(self._carried.values())[trunk.key]

    # Whether they are there ------------------------------------------------------------------------------------------

    def answers(self, uri: str) -> bool | None:
        """Say whether somebody answers at an address; None: it is not asked, or has not been heard of yet."""
        health = self._health.get(uri)
        return None if health is None or health.down is None else not health.down

    async def run(self) -> None:
        """Ask those that are to be asked, and follow what their names lead to, for ever."""
        while True:
            try:
                await self._look()
            except (OSError, EngineUnavailable) as fault:
                log.info("trunks cannot be looked after: %s", fault)
            await asyncio.sleep(LOOK_S)

    async def _look(self) -> None:
        now_ns = self._clock.now().mono_ns
        if self._read_ns is None or now_ns - self._read_ns >= READ_S * 1_000_000_000:
            await self._read()
        for trunk in self._known:
            for uri in trunk.uris if trunk.options_s else ():
                health = self._health.setdefault(uri, _Health())
                due = health.asked_ns is None or now_ns - health.asked_ns >= trunk.options_s * 1_000_000_000
                lost = health.asked_ns is not None and now_ns - health.asked_ns >= LOST_NS
                if due and (lost or not health.request):
                    health.asked_ns, health.request = now_ns, f"{self._dice.bits128():032x}"
                    await self._signalling.probe(health.request, uri)

    async def _read(self) -> None:
        """Learn which trunks there are and where, one at a time."""
        async with self._reading:
            self._read_ns = self._clock.now().mono_ns
            hosts = {host_of(uri) for trunk in await self.all() for uri in trunk.uris}
            for host in hosts:
                self._found[host] = tuple(await self._signalling.locate(host))
            for host in self._found.keys() - hosts:
                del self._found[host]
            self._believe()
            asked = {uri for trunk in self._known if trunk.options_s for uri in trunk.uris}
            for uri in self._health.keys() - asked:
                del self._health[uri]

    def _believe(self) -> None:
        """Take calls from the known trunks' addresses, as far as they are found, for theirs."""
        networks: list[Network] = []
        for trunk in self._known:
            networks += (ipaddress.ip_network(one) for one in trunk.allow)
            for uri in trunk.uris:
                networks += (ipaddress.ip_network(one) for one in self._found.get(host_of(uri), ()))
        self._networks = tuple(dict.fromkeys(networks))
        # Whoever is on this machine may say that they are a trunk: so they are not believed.
        self._entrance.trunks = tuple(one for one in self._networks if not one.is_loopback)

    def replied(self, reply: PeerReplied) -> None:
        """Take the answer to a question of ours."""
        for uri, health in self._health.items():
            if health.request == reply.request:
                down = reply.status in SILENT
                if down != bool(health.down):
                    shown = without_password(uri)
                    log.warning("trunk=%s is %s: %d", shown, "gone" if down else "there again", reply.status)
                health.request, health.down = "", down

    def _is_down(self, uri: str) -> bool:
        return self.answers(uri) is False
