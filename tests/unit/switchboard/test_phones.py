"""Who registers and who calls in: by password, by list and by network; and what strangers neither learn nor bring about."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from roomtone.core.call.messages import FlowClosed, IncomingCall, PeerAsked
from roomtone.core.endpoint import (
    AccessLink,
    AccessList,
    CredentialLink,
    CredentialList,
    Domain,
    Endpoint,
    IpAddress,
)
from roomtone.core.ids import (
    AccessListId,
    CallId,
    CredentialListId,
    DomainId,
    EndpointId,
    IpAddressId,
    ProjectId,
)
from roomtone.core.passes import Pass
from roomtone.core.project import Project
from roomtone.core.refusals import Reason, Refused
from roomtone.core.registering import MOST
from roomtone.core.values import Document, Method
from roomtone.dialects import passes
from roomtone.sip.digest import Algorithm, digest, ha1
from roomtone.testing.recorders import RecordingSignalling

from .conftest import OFFER, PROJECT, VOICE, Board, until
from .test_switchboard import ROOM

HERE, AFAR = "198.51.100.7", "203.0.113.9"
OTHER = Project(ProjectId(8), "other", "twilio", "key", 1)
LIST, NETWORKS = CredentialListId(1), AccessListId(1)
PBX = Domain(DomainId(1), PROJECT.id, "pbx.test", 1, Document(VOICE), registration=False)


def phone(name: str = "alice", password: str = "pw", **more: object) -> Endpoint:
    md5, sha256 = (ha1(one, name, password) for one in (Algorithm.MD5, Algorithm.SHA256))
    return replace(Endpoint(EndpointId(len(name)), PROJECT.id, name, md5, sha256, 1), **more)


_TURN = count()


class Stranger:
    """Somebody somewhere who asks and answers challenges."""

    def __init__(self, board: Board, host: str = AFAR) -> None:
        self.board, self.host, self.turn = board, host, 0
        self.flow = ""
        self.replaces: CallId | None = None
        self.latest = CallId(0)

    @property
    def told(self) -> RecordingSignalling:
        return self.board.signalling

    async def register(
        self, name: str = "alice", headers: tuple[tuple[str, str], ...] = (), domain: str = "pbx.test"
    ) -> tuple[int, dict[str, str]]:
        """Send one REGISTER."""
        self.turn += 1
        asked = PeerAsked(
            f"r{self.turn}", None, "REGISTER", f"sip:{domain}", f"sip:{name}@{domain}", f"sip:{name}@{domain}",
            "id", self.turn, headers, "", "ws" if self.flow else "udp", self.host, 5060, self.flow,
        )  # fmt: skip
        before = len(self.told.responses)
        self.board.switchboard.take(asked)
        await until(lambda: len(self.told.responses) > before)
        _, status, answered = self.told.responses[-1]
        return status, dict(answered)

    def proof(self, challenge: str, name: str, password: str, method: str, uri: str) -> str:
        found = re.search(r'nonce="([^"]*)"', challenge)
        assert found is not None
        nonce, secret = found[1], ha1(Algorithm.MD5, name, password)
        ha2 = digest(Algorithm.MD5, f"{method}:{uri}")
        response = digest(Algorithm.MD5, f"{secret}:{nonce}:00000001:c:auth:{ha2}")
        return (
            f'Digest username="{name}", realm="roomtone", nonce="{nonce}", uri="{uri}", response="{response}", '
            f'algorithm=MD5, qop=auth, nc=00000001, cnonce="c"'
        )

    async def registers(self, name: str = "alice", password: str = "pw", contacts: int = 1) -> int:
        """Register as phones do, and give the last status."""
        status, answered = await self.register(name)
        assert status == 401
        proof = self.proof(answered["WWW-Authenticate"], name, password, "REGISTER", "sip:pbx.test")
        places = tuple(("Contact", f"<sip:{name}@{self.host}:{5060 + one}>") for one in range(contacts))
        return (await self.register(name, (("Authorization", proof), *places)))[0]

    async def calls(
        self,
        from_: str,
        to: str = "sip:desk@pbx.test",
        proof: tuple[str, str] | None = None,
        claimed: str | None = None,
    ) -> int:
        """Call, and answer the challenge if there is something to answer it with; the last status, 200 if taken."""
        status, headers = await self._rings(from_, to, ())
        if status == 407 and proof is not None:
            name, password = proof
            text = self.proof(headers["Proxy-Authenticate"], name, password, "INVITE", claimed or to)
            status, _ = await self._rings(from_, to, (("Proxy-Authorization", text),))
        return status

    async def _rings(
        self, from_: str, to: str, headers: tuple[tuple[str, str], ...]
    ) -> tuple[int, dict[str, str]]:
        self.turn += 1
        call = self.latest = CallId(900_000 + next(_TURN))
        self.board.switchboard.take(
            IncomingCall(
                call,
                from_,
                "",
                to,
                to,
                f"i{self.turn}",
                OFFER,
                headers,
                "udp",
                self.host,
                5060,
                self.replaces,
            )
        )
        told = self.told
        await until(lambda: call in told.refusals or "answer" in told.told(call))
        return told.refusals.get(call, 200), dict(told.told_headers.get(call, ()))


@pytest.fixture
async def house(board: Board) -> Board:
    """A project with a domain, a list of phones and a list of networks, none of them taken by the domain."""
    board.says(ROOM)
    await board.store.sip_domains.add(PBX)
    await board.store.credential_lists.add(CredentialList(LIST, PROJECT.id, "phones", 1, 1))
    await board.store.access_lists.add(AccessList(NETWORKS, PROJECT.id, "office", 1, 1))
    office = IpAddress(IpAddressId(1), PROJECT.id, NETWORKS, "office", "198.51.100.0", 24, 1, 1)
    await board.store.ip_addresses.add(office)
    return board


async def change(board: Board, **more: object) -> None:
    assert await board.store.sip_domains.change(PROJECT.id, PBX.id, lambda one: replace(one, **more))


TAKEN = (CredentialLink(LIST, 1),)


# What opens what -------------------------------------------------------------------------------------------------------


async def test_a_phone_of_a_list_registers_once_the_domain_has_taken_the_list(house: Board) -> None:
    await house.store.phones.add(phone(list=LIST))
    caller = Stranger(house)
    assert await caller.registers() == 403
    await change(house, registrations=TAKEN)
    assert await caller.registers() == 403, "phones may not register there at all"
    await change(house, registration=True)
    assert await caller.registers() == 200
    assert len(await house.store.bindings(phone().id)) == 1
    await house.store.phones.remove(PROJECT.id, phone().id)
    assert await caller.registers() == 403


async def test_a_phone_of_a_list_calls_where_the_list_is_taken_for_calls(house: Board) -> None:
    await house.store.phones.add(phone(list=LIST))
    caller, known = Stranger(house), ("alice", "pw")
    await change(house, registrations=TAKEN, registration=True)
    assert await caller.calls("sip:alice@pbx.test", proof=known) == 403
    await change(house, calls=TAKEN)
    assert await caller.calls("sip:alice@pbx.test", proof=known) == 200
    assert await caller.calls("sip:+15550001111@pbx.elsewhere", proof=known) == 200, "a PBX calls as anybody"
    assert await caller.calls("sip:+15550001111@pbx.elsewhere", proof=("alice", "no")) == 403
    assert await caller.calls("sip:+15550001111@pbx.elsewhere") == 407


async def test_a_list_of_networks_lets_calls_in_from_there_and_from_nowhere_else(house: Board) -> None:
    assert await Stranger(house, HERE).calls("sip:bob@elsewhere.test") == 403
    await change(house, networks=(AccessLink(NETWORKS, 1),))
    assert await Stranger(house, HERE).calls("sip:bob@elsewhere.test") == 200
    assert await Stranger(house, AFAR).calls("sip:bob@elsewhere.test") == 403


async def test_with_both_kinds_of_lists_both_are_needed(house: Board) -> None:
    await house.store.phones.add(phone(list=LIST))
    await change(house, calls=TAKEN, networks=(AccessLink(NETWORKS, 1),))
    known = ("alice", "pw")
    assert await Stranger(house, HERE).calls("sip:alice@pbx.test", proof=known) == 200
    assert await Stranger(house, AFAR).calls("sip:alice@pbx.test", proof=known) == 403
    assert await Stranger(house, HERE).calls("sip:bob@elsewhere.test") == 407


async def test_the_end_of_a_call_to_a_domain_is_told(house: Board) -> None:
    await change(
        house, allow=(f"{AFAR}/32",), status_callback=Document("http://127.0.0.1:9/over", Method.GET)
    )
    assert await Stranger(house).calls("sip:bob@elsewhere.test") == 200
    (call,) = await house.store.live_calls()
    assert call.callback is not None
    assert call.callback.url == "http://127.0.0.1:9/over"


async def test_of_two_phones_of_a_name_the_password_tells_which_is_meant(house: Board) -> None:
    await house.store.add_project(OTHER, "token")
    await house.store.phones.add(phone())
    theirs = replace(phone(password="theirs"), id=EndpointId(99), project=OTHER.id)
    await house.store.phones.add(theirs)
    caller = Stranger(house)
    for password, whose in (("pw", phone().id), ("theirs", theirs.id)):
        status, answered = await caller.register(domain="192.0.2.1")
        proof = caller.proof(answered["WWW-Authenticate"], "alice", password, "REGISTER", "sip:192.0.2.1")
        contact = ("Contact", "<sip:alice@203.0.113.9>")
        status, _ = await caller.register("alice", (("Authorization", proof), contact), "192.0.2.1")
        assert status == 200
        assert len(await house.store.bindings(whose)) == 1


# Connections --------------------------------------------------------------------------------------------------------


async def rings(house: Board) -> bool:
    """Say whether alice would be called."""
    try:
        way = await house.switchboard.phones.way(PROJECT, "client:alice", "192.0.2.1")
    except Refused as no:
        assert no.reason is Reason.DESTINATION_NOT_ALLOWED  # noqa: PT017 - what is said is half of the answer
        return False
    return way is not None


async def registered_over(house: Board, flow: str) -> None:
    await house.store.phones.add(phone())
    caller = Stranger(house)
    caller.flow = flow
    assert await caller.registers() == 200
    assert await rings(house)


async def test_nobody_is_called_over_a_connection_that_is_closed(house: Board) -> None:
    await registered_over(house, "engine.1")
    house.switchboard.take(FlowClosed("engine.2"))
    assert await rings(house), "another connection was closed"
    house.switchboard.take(FlowClosed("engine.1"))
    async with asyncio.timeout(10):
        while await house.store.bindings(phone().id):  # noqa: ASYNC110 - nobody tells when
            await asyncio.sleep(0.001)
    assert not await rings(house)


async def test_a_connection_that_closes_while_its_registration_is_kept_leads_nowhere(house: Board) -> None:
    house.switchboard.take(FlowClosed("engine.1"))
    await house.store.phones.add(phone())
    caller = Stranger(house)
    caller.flow = "engine.1"
    assert await caller.registers() == 200
    assert not await rings(house)


async def test_nobody_is_called_over_a_connection_of_an_engine_that_is_gone(house: Board) -> None:
    await registered_over(house, "engine.1")
    house.signalling.instance = "other"
    assert not await rings(house)
    await house.switchboard.phones.compare()
    assert not await house.store.bindings(phone().id)


async def test_who_registered_over_no_connection_stays(house: Board) -> None:
    await registered_over(house, "")
    house.signalling.instance = "other"
    await house.switchboard.phones.compare()
    assert await rings(house)


# What strangers neither learn nor bring about ---------------------------------------------------------------------------


async def test_nobody_learns_by_calling_which_phones_there_are(house: Board) -> None:
    await house.store.phones.add(phone())
    for name in ("alice", "nobody"):
        assert await Stranger(house).calls(f"sip:{name}@pbx.test") == 407
        assert await Stranger(house).calls(f"sip:{name}@pbx.test", proof=(name, "wrong")) == 403
        assert (await Stranger(house).register(name))[0] == 401


async def test_nobody_has_an_address_shunned_that_is_not_theirs(house: Board) -> None:
    """Whoever forges an address does not see the challenges that are sent there."""
    await house.store.phones.add(phone())
    victim, forger = Stranger(house, HERE), Stranger(house, HERE)
    assert await victim.registers() == 200
    elsewhere = Stranger(house, AFAR)
    _, seen = await elsewhere.register()
    for nonce in ('nonce="made-up"', seen["WWW-Authenticate"]):
        for password in ("pw", "no"):
            proof = forger.proof(nonce, "alice", password, "REGISTER", "sip:pbx.test")
            for _ in range(200):
                status, again = await forger.register("alice", (("Authorization", proof),))
                assert (status, "stale=true" in again["WWW-Authenticate"]) == (401, True), (
                    "right and wrong alike"
                )
    assert house.signalling.shunned == {}
    assert house.switchboard.phones.doorkeeper.wrong == 0


async def test_a_guesser_is_shunned_and_an_address_of_trust_never(house: Board) -> None:
    await house.store.phones.add(phone())
    for host in (AFAR, "127.0.0.5"):
        guesser = Stranger(house, host)
        for guess in range(12):
            assert await guesser.registers(password=f"guess {guess}") == 403
    assert house.signalling.shunned == {AFAR: 60.0}
    assert house.switchboard.phones.doorkeeper.wrong == 24


async def test_an_answer_to_a_challenge_is_for_the_number_it_was_made_for(house: Board) -> None:
    await house.store.phones.add(phone())
    caller = Stranger(house)
    to, elsewhere = "sip:+15551230000@pbx.test", "sip:+19005551234@pbx.test"
    assert await caller.calls("sip:alice@pbx.test", to, ("alice", "pw"), claimed=elsewhere) == 400
    assert await caller.calls("sip:alice@pbx.test", to, ("alice", "pw")) == 200


async def test_a_registration_of_very_many_places_is_refused(house: Board) -> None:
    await house.store.phones.add(phone())
    assert await Stranger(house).registers(contacts=MOST) == 200
    assert await Stranger(house).registers(contacts=MOST + 1) == 400
    assert await Stranger(house).registers(contacts=5_000) == 400


def test_secrets_are_in_no_description() -> None:
    shown = repr(phone())
    assert phone().ha1_md5 not in shown
    assert phone().ha1_sha256 not in shown


class TestPasses:
    """A page registers by a pass in place of a password."""

    PLACE = ("Contact", "<sip:alice@203.0.113.9:5060>;expires=3600")

    @pytest.fixture
    async def stranger(self, board: Board) -> Stranger:
        await board.store.phones.add(phone())
        return Stranger(board)

    def token(self, board: Board, *, lasts_s: int = 600, key: str = PROJECT.signing_key, **more: Any) -> str:
        now_s = board.clock.now().wall_ms // 1_000
        one = replace(Pass(PROJECT.id, "alice", (), now_s + lasts_s, incoming=True), **more)
        return passes.write(one, key, now_s, 1)

    async def by(self, stranger: Stranger, token: str, name: str = "alice") -> tuple[int, dict[str, str]]:
        return await stranger.register(name, (("Authorization", f"Bearer {token}"), self.PLACE), "127.0.0.1")

    async def test_it_is_there_for_as_long_as_the_pass_is_good(
        self, board: Board, stranger: Stranger
    ) -> None:
        status, answered = await self.by(stranger, self.token(board, lasts_s=600))
        assert status == 200
        assert "expires=600" in answered["Contact"]

    @pytest.mark.parametrize(
        "more",
        [
            {"incoming": False},
            {"key": "guessed"},
            {"lasts_s": -1},
            {"identity": "bob"},
            {"project": OTHER.id},
        ],
        ids=lambda more: next(iter(more)),
    )
    async def test_another_is_not_let_in(
        self, board: Board, stranger: Stranger, more: dict[str, Any]
    ) -> None:
        assert (await self.by(stranger, self.token(board, **more)))[0] == 403

    async def test_whoever_is_almost_over_is_too_brief(self, board: Board, stranger: Stranger) -> None:
        assert (await self.by(stranger, self.token(board, lasts_s=30)))[0] == 423
