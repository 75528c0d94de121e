"""The outbound guard as one table: how somebody would spell the way inwards, tried at every door that goes out.

Documents, callbacks and audio go through `Client.ask`, streams through `Sockets.locate`; phones are called by
`roomtone.core.routing`, whose own rule is that nothing is called but what is known.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from roomtone.core.refusals import Refused
from roomtone.core.routing import Trunk, ways_to
from roomtone.core.streaming import Located, NotLocated
from roomtone.core.values import Method
from roomtone.dialects.limits import Patience
from roomtone.net.addresses import LOOPBACK, PRIVATE, Network
from roomtone.net.client import Client, Settings
from roomtone.net.sockets import Sockets
from roomtone.net.words import Answer, FaultKind, NetFault, Question

SPELLINGS = {
    "as it is": "127.0.0.1",
    "another of this machine's": "127.255.255.254",
    "by name": "localhost",
    "by name, rooted": "localhost.",
    "short": "127.1",
    "decimal": "2130706433",
    "octal": "0177.0.0.1",
    "one octal number": "017700000001",
    "hexadecimal": "0x7f000001",
    "mixed": "0x7f.0.0.01",
    "leading zeros": "127.000.000.001",
    "rooted": "127.0.0.1.",
    "circled digits": "\u2460\u2461\u2466.\u24ea.\u24ea.\u2460",
    "full-width dots": "127\uff0e0\uff0e0\uff0e1",
    "encoded dots": "127%2e0%2e0%2e1",
    "encoded digits": "%31%32%37.0.0.1",
    "any address": "0.0.0.0",
    "zero": "0",
    "IPv6": "[::1]",
    "IPv6, long": "[0:0:0:0:0:0:0:1]",
    "IPv6, any": "[::]",
    "mapped": "[::ffff:127.0.0.1]",
    "mapped, hexadecimal": "[::ffff:7f00:1]",
    "compatible": "[::127.0.0.1]",
    "NAT64": "[64:ff9b::7f00:1]",
    "6to4": "[2002:7f00:1::]",
    "Teredo": "[2001:0:7f00:1::80ff:fffe]",
    "scoped": "[::1%25lo]",
    "user before it": "public.example@127.0.0.1",
    "name that leads there": "inwards.example",
    "name with both": "both.example",
    "name that leads there by IPv6": "six.example",
    "private": "10.0.0.1",
    "private, 172": "172.16.0.1",
    "private, 192": "192.168.0.1",
    "private, mapped": "[::ffff:192.168.0.1]",
    "private, IPv6": "[fd12:3456::1]",
    "shared": "100.64.0.1",
    "metadata": "169.254.169.254",
    "metadata, decimal": "2852039166",
    "metadata, IPv6": "[fd00:ec2::254]",
    "metadata, mapped": "[::ffff:a9fe:a9fe]",
    "link-local": "[fe80::1]",
    "broadcast": "255.255.255.255",
    "multicast": "224.0.0.1",
    "multicast, IPv6": "[ff02::1]",
}
ALWAYS_REFUSED = {"metadata", "metadata, decimal", "metadata, IPv6", "metadata, mapped", "link-local", "broadcast",
                  "multicast", "multicast, IPv6", "any address", "zero", "IPv6, any"}  # fmt: skip
NAMES = {
    "inwards.example": ["127.0.0.1"],
    "both.example": ["10.0.0.1", "127.0.0.1"],
    "six.example": ["::1"],
    "localhost": ["127.0.0.1", "::1"],
    "localhost.": ["127.0.0.1", "::1"],
    "public.example": ["93.184.216.34"],
}
PATIENCE = Patience(connect_s=5, read_s=5, total_s=20, redirects=3)
EVERYTHING: tuple[Network, ...] = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))


class Names(AbstractResolver):
    """Finds names in the table, and reads numbers as generously as any system does; counts what it is asked."""

    def __init__(self) -> None:
        self.table = {name: list(found) for name, found in NAMES.items()}
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked.append(host)
        try:
            found = self.table.get(host) or [socket.inet_ntoa(socket.inet_aton(host))]
        except (OSError, UnicodeError):
            raise OSError(f"no {host}") from None
        return [
            ResolveResult(hostname=host, host=one, port=port, family=family, proto=0, flags=0)
            for one in found
        ]

    async def close(self) -> None:
        """Do nothing."""


@dataclass
class House:
    """A server of this machine that nobody is to reach, and who has."""

    port: int
    came: int = 0
    answer: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@pytest.fixture
async def house() -> AsyncIterator[House]:
    one = House(0)

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        one.came += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(one.answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    one.port = server.sockets[0].getsockname()[1]
    async with server:
        yield one


def question(url: str) -> Question:
    return Question(Method.GET, url, PATIENCE)


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_no_spelling_leads_a_request_inwards(house: House, spelling: str) -> None:
    async with Client(Settings(allow_networks=()), Names()) as client:
        outcome = await client.ask(question(f"http://{SPELLINGS[spelling]}:{house.port}/"))
    assert isinstance(outcome, NetFault)
    assert outcome.kind in {FaultKind.ADDRESS_REFUSED, FaultKind.URL_INVALID, FaultKind.NAME_NOT_FOUND}
    assert house.came == 0


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_no_spelling_leads_a_redirect_inwards(house: House, spelling: str) -> None:
    """One address is allowed; it sends us on to what is not."""
    location = f"http://{SPELLINGS[spelling]}:{house.port}/"
    answer = f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()
    first = ipaddress.ip_network("127.0.0.77/32")
    names = Names()
    names.table["first.example"] = ["127.0.0.77"]
    server = await asyncio.start_server(_say(answer), "127.0.0.77", 0)
    async with server, Client(Settings(allow_networks=(first,)), names) as client:
        port = server.sockets[0].getsockname()[1]
        outcome = await client.ask(question(f"http://first.example:{port}/"))
    assert isinstance(outcome, NetFault)
    assert outcome.kind in {FaultKind.ADDRESS_REFUSED, FaultKind.URL_INVALID, FaultKind.NAME_NOT_FOUND}
    assert house.came == 0


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_no_spelling_leads_a_stream_inwards(spelling: str) -> None:
    sockets = Sockets(Client(Settings(allow_networks=()), Names()))
    for scheme in ("wss", "ws"):
        assert isinstance(await sockets.locate(f"{scheme}://{SPELLINGS[spelling]}/x"), NotLocated)


@pytest.mark.parametrize("spelling", sorted(ALWAYS_REFUSED))
async def test_some_ways_are_shut_whatever_is_allowed(spelling: str) -> None:
    client = Client(Settings(allow_networks=EVERYTHING), Names())
    async with client:
        outcome = await client.ask(question(f"http://{SPELLINGS[spelling]}:1/"))
        assert isinstance(outcome, NetFault)
        assert outcome.kind in {FaultKind.ADDRESS_REFUSED, FaultKind.URL_INVALID}
        assert isinstance(await Sockets(client).locate(f"wss://{SPELLINGS[spelling]}/"), NotLocated)


@pytest.mark.parametrize("host", ["127.0.0.1", "inwards.example", "both.example"])
async def test_in_development_this_machine_is_asked(house: House, host: str) -> None:
    async with Client(Settings(allow_networks=LOOPBACK), Names()) as client:
        outcome = await client.ask(question(f"http://{host}:{house.port}/"))
        found = await Sockets(client).locate(f"wss://{host}:{house.port}/")
    assert isinstance(outcome, Answer)
    assert found == Located((f"127.0.0.1:{house.port}",))


async def test_a_private_network_is_asked_where_it_is_allowed() -> None:
    sockets = Sockets(Client(Settings(allow_networks=PRIVATE), Names()))
    assert await sockets.locate("wss://10.0.0.1/") == Located(("10.0.0.1:443",))
    assert isinstance(await sockets.locate("wss://127.0.0.1/"), NotLocated)


# Rebinding -----------------------------------------------------------------------------------------------------------


class Turning(Names):
    """Gives a public address the first time, and this machine's ever after."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.table[host] = ["127.0.0.1" if self.asked else "93.184.216.34"]
        return await super().resolve(host, port, family)


async def test_a_stream_goes_to_the_address_that_was_judged() -> None:
    names = Turning()
    sockets = Sockets(Client(Settings(allow_networks=()), names))
    found = await sockets.locate("wss://turning.example/")
    assert found == Located(("93.184.216.34:443",))
    assert names.asked == ["turning.example"], (
        "it is asked once; the engine is given addresses, and asks nobody"
    )
    assert isinstance(await sockets.locate("wss://turning.example/"), NotLocated)


async def test_a_name_that_turned_inwards_is_refused_when_it_is_asked_again(house: House) -> None:
    names = Names()
    names.table["turning.example"] = ["127.0.0.1"]
    client = Client(Settings(allow_networks=LOOPBACK), names)
    async with client:
        url = f"http://turning.example:{house.port}/"
        assert isinstance(await client.ask(question(url)), Answer)
        names.table["turning.example"] = ["169.254.169.254"]
        outcome = await client.ask(question(url))
    assert isinstance(outcome, NetFault)
    assert outcome.kind is FaultKind.ADDRESS_REFUSED
    assert house.came == 1


# Phones --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "uri",
    [
        "sip:x@10.0.0.1",
        "sip:x@169.254.169.254:80",
        "sip:x@[fd00:ec2::254]",
        "sip:x@93.184.216.34",
        "sip:x@carrier.example.evil.example",
        "sip:+15551230000@other.example",
        "sips:x@intranet",
    ],
)
def test_a_phone_is_called_only_where_something_leads(uri: str) -> None:
    with pytest.raises(Refused):
        ways_to(uri, (Trunk("sip:carrier.example", ("+1",)),))


def _say(answer: bytes) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    return take
