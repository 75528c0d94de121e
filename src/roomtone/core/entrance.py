"""From where calls are taken without a password. Pure: addresses and numbers in, yes or no out.

Nobody's by default but this machine's own programs, trunks, and numbers that are said to be open.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LOOPBACK: tuple[Network, ...] = (ipaddress.IPv4Network("127.0.0.0/8"), ipaddress.IPv6Network("::1/128"))


@dataclass(slots=True)
class Entrance:
    """Who needs no password."""

    networks: tuple[Network, ...] = LOOPBACK
    """Whose calls are taken to every number and domain."""

    open_numbers: tuple[str, ...] = ()
    """Numbers that everybody may call, by how they begin; ``+``: all."""

    trunks: tuple[Network, ...] = ()
    """Addresses of trunks: as `networks`, and what they say of the caller is believed. Changes as names are resolved."""

    def trusts(self, host: str) -> bool:
        """Say whether calls from an address are taken to whatever they are for."""
        return is_within(host, self.networks) or is_within(host, self.trunks)

    def is_trunk(self, host: str) -> bool:
        """Say whether an address is a trunk's."""
        return is_within(host, self.trunks)

    def is_open(self, number: str) -> bool:
        """Say whether everybody may call a number."""
        return any(number.startswith(start) for start in self.open_numbers)

    @staticmethod
    def within(networks: Iterable[str], host: str) -> bool:
        """Say whether an address is in one of these networks."""
        return is_within(host, (ipaddress.ip_network(one, strict=False) for one in networks))


def is_within(host: str, networks: Iterable[Network]) -> bool:
    """Say whether an address is in one of these networks; what is no address is in none."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return any(address.version == network.version and address in network for network in networks)
