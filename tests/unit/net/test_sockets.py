"""Where a customer's WebSocket is, if it may be asked."""

from __future__ import annotations

import socket
from ipaddress import ip_network

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from roomtone.core.streaming import Located, NotLocated, StreamFault
from roomtone.net.client import Client, Settings
from roomtone.net.sockets import Sockets


class Names(AbstractResolver):
    """Knows two names."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = {
            "public.example": "93.184.216.34",
            "inner.example": "10.0.0.1",
            "six.example": "2606:4700::1",
        }
        if host not in found and not host[0].isdigit():
            raise OSError("no such host")
        return [
            ResolveResult(
                hostname=host, host=found.get(host, host), port=port, family=family, proto=0, flags=0
            )
        ]

    async def close(self) -> None:
        """Do nothing."""


@pytest.fixture
def sockets() -> Sockets:
    return Sockets(Client(Settings(), Names()))


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("wss://public.example/x", "93.184.216.34:443"),
        ("wss://public.example:8443/x", "93.184.216.34:8443"),
        ("wss://six.example/", "[2606:4700::1]:443"),
        ("ws://127.0.0.1:9/", "127.0.0.1:9"),
    ],
)
async def test_who_may_be_asked_is_found(sockets: Sockets, url: str, address: str) -> None:
    assert await sockets.locate(url) == Located((address,))


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("wss://inner.example/", StreamFault.INVALID_URL),
        ("wss://10.0.0.1/", StreamFault.INVALID_URL),
        ("wss://169.254.169.254/", StreamFault.INVALID_URL),
        ("ws://public.example/", StreamFault.INVALID_URL),
        ("https://public.example/", StreamFault.INVALID_URL),
        ("wss://public.example:99999/", StreamFault.INVALID_URL),
        ("wss://nobody.example/", StreamFault.CONNECTION_REFUSED),
    ],
)
async def test_who_may_not_is_not(sockets: Sockets, url: str, fault: StreamFault) -> None:
    found = await sockets.locate(url)
    assert isinstance(found, NotLocated)
    assert found.fault is fault


async def test_an_allowed_network_is_asked_but_not_without_tls() -> None:
    sockets = Sockets(Client(Settings(allow_networks=(ip_network("10.0.0.0/8"),)), Names()))
    assert await sockets.locate("wss://inner.example/") == Located(("10.0.0.1:443",))
    assert isinstance(await sockets.locate("ws://inner.example/"), NotLocated)
    assert isinstance(await sockets.locate("ws://127.0.0.1/"), NotLocated)
