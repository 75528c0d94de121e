"""Which addresses may be asked. Pure.

A customer's URL must not become a way into the operator's own network, or to the keys a cloud serves to its machines.
So only public addresses are asked, and besides them the networks the operator allows; a few are never asked.

Sources: IANA special-purpose address registries (RFC 6890); RFC 4291, 2.5.5 (mapped); RFC 3056 (6to4); RFC 6052
(NAT64); RFC 4380 (Teredo); cloud providers' documents on their metadata addresses.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LOOPBACK: tuple[Network, ...] = (ipaddress.IPv4Network("127.0.0.0/8"), ipaddress.IPv6Network("::1/128"))
"""This machine itself."""

PRIVATE: tuple[Network, ...] = tuple(
    ipaddress.ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
)
"""Networks of houses (RFC 1918, RFC 4193): containers and machines beside a developer's own."""

_NEVER: tuple[Network, ...] = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",  # "this network": reaches the machine itself on many systems
        "169.254.0.0/16",  # link-local, and with it most clouds' metadata
        "224.0.0.0/4",
        "240.0.0.0/4",  # reserved, and broadcast
        "100.100.100.200/32",  # metadata (Alibaba)
        "192.0.0.192/32",  # metadata (Oracle)
        "168.63.129.16/32",  # the platform's own wire server (Azure); public in form only
        "::/128",
        "fe80::/10",
        "fec0::/10",  # site-local, deprecated
        "ff00::/8",
        "fd00:ec2::/32",  # metadata (Amazon)
        "fd20:ce::254/128",  # metadata (Google)
    )
)
_NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))


def refusal(address: Address, allowed: Iterable[Network]) -> str | None:
    """Say why an address is not asked; None if it may be.

    Args:
        address: Where a connection would go. An IPv6 address that stands for an IPv4 one is judged as both.
        allowed: Networks the operator allows besides public addresses; what is never asked is not asked even then.
    """
    networks = tuple(allowed)
    return next((why for one in (address, *_embedded(address)) if (why := _refusal(one, networks))), None)


def _refusal(address: Address, allowed: tuple[Network, ...]) -> str | None:
    if any(address in network for network in _NEVER):
        return f"{address} is never asked"
    if any(address in network for network in allowed):
        return None
    if isinstance(address, ipaddress.IPv6Address) and _embedded(address):
        return None  # its IPv4 address decides
    return None if address.is_global else f"{address} is not public and not in an allowed network"


def _embedded(address: Address) -> tuple[ipaddress.IPv4Address, ...]:
    """Give the IPv4 addresses that an IPv6 address would lead to."""
    if isinstance(address, ipaddress.IPv4Address):
        return ()
    low = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    if any(address in network for network in _NAT64):
        return (low,)
    if address.teredo is not None:
        return address.teredo
    inner = address.ipv4_mapped or address.sixtofour
    if inner is not None:
        return (inner,)
    # ::a.b.c.d, the deprecated compatible form; :: and ::1 are addresses of their own
    return (low,) if 1 < int(address) <= 0xFFFF_FFFF else ()
