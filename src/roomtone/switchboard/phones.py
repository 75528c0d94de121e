"""Phones that register: who they are is proved here, where they are is kept in the store, and calls find them there.

The engine hands every REGISTER up and says what is answered; it knows no names. Whoever guesses passwords is counted by
address and shunned for a while, without the guesser learning which names exist.

Sources: RFC 3261, sections 10.3 and 22; RFC 8760.
"""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from roomtone.core.call.messages import FlowClosed, IncomingCall, PeerAsked
from roomtone.core.call.parties import user_of
from roomtone.core.doorkeeper import Doorkeeper
from roomtone.core.endpoint import Binding, Domain, Endpoint
from roomtone.core.exchange import EngineUnavailable
from roomtone.core.project import Project
from roomtone.core.registering import (
    DEFAULT_S,
    MOST,
    SHORTEST_S,
    OutOfOrder,
    Place,
    TooBrief,
    clear,
    register,
)
from roomtone.core.routing import Phone, Way, is_this_machine, phone_meant, way_to_phone
from roomtone.dialects import passes
from roomtone.dialects.passes import NoPass
from roomtone.sip import contacts, digest
from roomtone.sip.digest import ALGORITHMS, Algorithm, Claim, Freshness
from roomtone.switchboard.flows import Flows
from roomtone.switchboard.ports import Clock, Dice, Signalling, Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Denied:
    """A request that is not granted, and how that is said."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Asking:
    """A request of somebody who may have to prove to be a phone."""

    method: str
    uri: str
    """Whom it is for."""

    headers: Sequence[tuple[str, str]]
    source: str
    """Address it comes from."""


class Phones:
    """All registered phones of the house."""

    def __init__(
        self,
        store: Store,
        signalling: Signalling,
        clock: Clock,
        dice: Dice,
        *,
        algorithms: Sequence[Algorithm] = ALGORITHMS,
        trusts: Callable[[str], bool] = is_this_machine,
    ) -> None:
        """Begin.

        Args:
            store: Where phones are kept.
            signalling: Answers, and shuns.
            clock: Tells the time.
            dice: Makes nonces.
            algorithms: Of digests, the best first.
            trusts: Says which addresses are never shunned.
        """
        self._store = store
        self._signalling = signalling
        self._clock = clock
        self._dice = dice
        self._algorithms = algorithms
        self._nonces = digest.Nonces(dice.bits128().to_bytes(16))
        self._trusts = trusts
        self._flows = Flows(signalling)
        self.doorkeeper = Doorkeeper()

    # Registrations ---------------------------------------------------------------------------------------------------

    async def take(self, asked: PeerAsked) -> None:
        """Answer a REGISTER."""
        try:
            answer = await self._register(asked)
        except OSError as fault:
            log.error("source=%s nothing can be registered: %s", asked.source_host, fault)  # noqa: TRY400
            answer = Denied(503, "No record can be kept", (("Retry-After", "5"),))
        try:
            await self._signalling.respond(asked, answer.status, answer.reason, answer.headers)
        except EngineUnavailable as fault:
            log.info("source=%s a registration went with the engine: %s", asked.source_host, fault)

    async def gone(self, closed: FlowClosed) -> None:
        """Have nobody called over a connection that is closed."""
        self._flows.close(closed.flow)
        try:
            await self._store.close_flow(closed.flow)
        except OSError as fault:
            log.error("flow=%s stays on record: %s", closed.flow, fault)  # noqa: TRY400

    async def compare(self) -> None:
        """Have nobody called over connections of an engine that is gone."""
        try:
            await self._store.keep_flows_of(self._signalling.instance)
        except OSError as fault:
            log.error("connections of other engines stay on record: %s", fault)  # noqa: TRY400

    async def _register(self, asked: PeerAsked) -> Denied:
        name, host = user_of(asked.to_uri), contacts.host_of(asked.to_uri)
        domain = await self._store.domain_named(host) if host else None
        found = await self._taken(await self._named(name, domain), domain, registering=True)
        asking = Asking("REGISTER", asked.request_uri, asked.headers, asked.source_host)
        token = passes.of(asked.headers)
        until_ms: int | None = None
        if token is None:
            proof = await self.prove(asking, found)
        else:
            proof, until_ms = await self._passed(token, asking, found)
        if isinstance(proof, Denied):
            return proof
        said = contacts.read(asked.headers)
        if said is None or (said.everywhere and said.expires_s != 0):
            return Denied(400, "Unreadable Contact")
        if len(said.each) > MOST:
            return Denied(400, "Too many Contacts")
        now_ms = self._clock.now().wall_ms
        try:
            held = await self._change(proof, asked, said, now_ms, until_ms)
        except TooBrief:
            return Denied(423, "Interval Too Brief", (("Min-Expires", str(SHORTEST_S)),))
        except OutOfOrder:
            return Denied(500, "Out Of Order")
        log.info("endpoint=%s source=%s registered at=%d places", proof.name, asked.source_host, len(held))
        left = [contacts.written(one.uri, (one.expires_ms - now_ms) // 1_000) for one in held]
        return Denied(200, "OK", tuple(("Contact", one) for one in left))

    async def _change(
        self,
        endpoint: Endpoint,
        asked: PeerAsked,
        said: contacts.Contacts,
        now_ms: int,
        until_ms: int | None,
    ) -> Sequence[Binding]:
        if said.everywhere:
            return await self._store.change_bindings(
                endpoint.id, lambda held: clear(held, asked.sip_call_id, asked.cseq, now_ms)
            )
        if not said.each:
            held = await self._store.bindings(endpoint.id)
            return [one for one in held if one.expires_ms > now_ms]
        places = [_place(endpoint, asked, one, said.expires_s) for one in said.each]
        if until_ms is not None:
            left_s = (until_ms - now_ms) // 1_000
            places = [replace(one, wanted_s=min(one.wanted_s, left_s)) for one in places]
        return await self._store.change_bindings(
            endpoint.id, lambda held: register(held, places, contacts.same, now_ms)
        )

    async def _passed(
        self, token: str, asking: Asking, phones: Sequence[Endpoint]
    ) -> tuple[Endpoint | Denied, int | None]:
        """Let a page register by a pass in place of a password, for as long as that is good.

        Source: RFC 8898 (tokens of bearers in SIP).
        """
        now = self._clock.now()
        try:
            project = await self._store.project(passes.project_of(token))
            one = passes.proved(token, project, now.wall_ms)
        except NoPass as why:
            log.warning("source=%s no pass: %s", asking.source, why)
            await self._shun(asking.source, self.doorkeeper.failed(asking.source, now))
            return Denied(403, "Forbidden"), None
        meant = (one.project, one.identity.lower())
        named = [phone for phone in phones if (phone.project, phone.name.lower()) == meant]
        if not one.incoming or not named or project is None or not project.active:
            return Denied(403, "Forbidden"), None
        self.doorkeeper.passed(asking.source, now)
        return named[0], one.expires_s * 1_000

    # Who somebody is -------------------------------------------------------------------------------------------------

    async def caller(
        self, signal: IncomingCall, here: str, called: Domain | None, *, trusted: bool
    ) -> Endpoint | Denied | None:
        """Say which phone calls, once it has proved it; None: the caller claims to be none of ours.

        Whoever claims to be one is asked for a password whether there is such a phone or not, so that nobody learns which
        there are. From where calls need no password, only those that are there are asked.

        Args:
            signal: The call.
            here: Our own address.
            called: The domain it is for.
            trusted: Whether it needs no password where it comes from.
        """
        name, host = user_of(signal.from_uri), contacts.host_of(signal.from_uri)
        claims = digest.claims(signal.headers)
        home = await self._store.domain_named(host)
        ours = (
            home is not None or host in {here, contacts.host_of(signal.request_uri)} or is_this_machine(host)
        )
        found = await self._taken(await self._named(name, home), called, registering=False) if ours else []
        by_list = called is not None and bool(called.calls)
        if by_list and not found:
            # A PBX may call as whom it likes, once it has said which of the list it is.
            for username in sorted({one.username.lower() for one in claims})[:MOST]:
                found += await self._taken(await self._named(username, called), called, registering=False)
        if not found and not claims and (trusted or not (ours or by_list)):
            return None
        asking = Asking("INVITE", signal.request_uri, signal.headers, signal.source_host)
        return await self.prove(asking, found, proxy=True)

    async def prove(
        self, asking: Asking, phones: Sequence[Endpoint], *, proxy: bool = False
    ) -> Endpoint | Denied:
        """Have somebody prove to be a phone.

        Args:
            asking: What they want.
            phones: Whom they may mean; none: nobody is there, which they are not to learn.
            proxy: Ask as a proxy does (407), which phones expect of a call.
        """
        now, source = self._clock.now(), asking.source
        stale = False
        for claim in digest.claims(asking.headers):
            freshness = self._nonces.judge(claim, now.wall_ms, source)
            if freshness is Freshness.FOREIGN:
                stale = True  # said of right and wrong ones alike, so that nobody learns which it was
                continue
            proved = [one for one in phones if _names(one, claim) and _proves(one, claim, asking.method)]
            if len(proved) != 1:
                log.warning(
                    "source=%s wrong password for=%r method=%s", source, claim.username[:80], asking.method
                )
                await self._shun(source, self.doorkeeper.failed(source, now))
                return Denied(403, "Forbidden")
            if freshness is Freshness.FRESH and not claim.is_for(asking.uri):
                return Denied(400, "Digest of another request")
            if freshness is Freshness.FRESH:
                self._nonces.used(claim)
                self.doorkeeper.passed(source, now)
                return proved[0]
            stale = True
        await self._shun(source, self.doorkeeper.challenged(source, now))
        return self._challenge(now.wall_ms, source, stale=stale, proxy=proxy)

    async def strange(self, source: str) -> None:
        """Count a call that has no business here."""
        await self._shun(source, self.doorkeeper.challenged(source, self._clock.now()))

    def _challenge(self, now_ms: int, source: str, *, stale: bool, proxy: bool) -> Denied:
        nonce = self._nonces.make(now_ms, self._dice.bits128(), source)
        name = "Proxy-Authenticate" if proxy else "WWW-Authenticate"
        headers = tuple((name, text) for text in digest.challenges(nonce, self._algorithms, stale=stale))
        return (
            Denied(407, "Proxy Authentication Required", headers)
            if proxy
            else Denied(401, "Unauthorized", headers)
        )

    async def _shun(self, source: str, for_s: float) -> None:
        if not for_s:
            return
        if self._trusts(source):
            log.warning("source=%s would be shunned, and is trusted wrong=%d", source, self.doorkeeper.wrong)
            return
        log.warning(
            "source=%s shunned for=%.0f s wrong=%d times=%d",
            source,
            for_s,
            self.doorkeeper.wrong,
            self.doorkeeper.shunned,
        )
        try:
            await self._signalling.shun(source, for_s)
        except EngineUnavailable as fault:
            log.info("source=%s not shunned: %s", source, fault)

    async def _named(self, name: str, domain: Domain | None) -> Sequence[Endpoint]:
        """Find the phones of a name: in a domain's project, else in all; the password tells which is meant."""
        return await self._store.endpoints_named(name, domain.project if domain else None)

    async def _taken(
        self, phones: Sequence[Endpoint], domain: Domain | None, *, registering: bool
    ) -> list[Endpoint]:
        """Leave out phones of lists that the domain has not taken, or none of their project if they name none."""
        taken = []
        for one in phones:
            own = domain is not None and domain.project == one.project
            where = (
                [domain] if own else [] if one.list is None else await self._store.all_domains(one.project)
            )
            if one.list is None or any(
                each is not None and each.takes(one, registering=registering) for each in where
            ):
                taken.append(one)
        return taken

    # Where somebody is -----------------------------------------------------------------------------------------------

    async def way(self, project: Project, to: str, here: str) -> Way | None:
        """Give the way to a phone of a project; None: somebody else is meant.

        Raises:
            Refused: DESTINATION_NOT_ALLOWED: the phone is registered nowhere.
        """
        meant = phone_meant(to)
        if meant is None:
            return None
        endpoint = await self._meant(project, meant, here)
        if endpoint is None:
            return None
        now_ms = self._clock.now().wall_ms
        places = await self._store.bindings(endpoint.id)
        held = [one for one in places if one.expires_ms > now_ms and self._flows.leads(one.flow)]
        return way_to_phone(meant, held)

    async def _meant(self, project: Project, phone: Phone, here: str) -> Endpoint | None:
        if phone.host is not None and phone.host != here and not is_this_machine(phone.host):
            domain = await self._store.domain_named(phone.host)
            if domain is None or domain.project != project.id:
                return None
        found = await self._store.endpoints_named(phone.name, project.id)
        return found[0] if found else None


def _proves(endpoint: Endpoint, claim: Claim, method: str) -> bool:
    secret = endpoint.ha1_sha256 if claim.algorithm is Algorithm.SHA256 else endpoint.ha1_md5
    return claim.proves(secret, method)


def _names(endpoint: Endpoint, claim: Claim) -> bool:
    return claim.username.lower() == endpoint.name.lower()


def _place(endpoint: Endpoint, asked: PeerAsked, contact: contacts.Contact, default_s: int | None) -> Place:
    wanted_s = next((one for one in (contact.expires_s, default_s) if one is not None), DEFAULT_S)
    binding = Binding(
        endpoint=endpoint.id,
        uri=contact.uri,
        source_host=str(ipaddress.ip_address(asked.source_host)),
        source_port=asked.source_port,
        transport=asked.transport,
        sip_call_id=asked.sip_call_id,
        cseq=asked.cseq,
        expires_ms=0,
        user_agent=(asked.header("User-Agent") or "")[:200],
        flow=asked.flow,
    )
    return Place(binding, wanted_s)
