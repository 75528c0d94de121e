"""From where calls are taken without a password."""

from __future__ import annotations

import ipaddress

from roomtone.core.entrance import Entrance

TRUNK = ipaddress.ip_network("198.51.100.7/32")


def test_this_machine_and_trunks_need_no_password() -> None:
    entrance = Entrance(trunks=(TRUNK,))
    assert all(entrance.trusts(host) for host in ("127.0.0.9", "::1", "198.51.100.7"))
    assert not any(
        entrance.trusts(host) for host in ("198.51.100.8", "10.0.0.1", "2001:db8::1", "", "a.name")
    )
    assert entrance.is_trunk("198.51.100.7")
    assert not entrance.is_trunk("127.0.0.1")


def test_a_number_is_open_when_it_is_said_to_be() -> None:
    assert not Entrance().is_open("+15550100")
    assert Entrance(open_numbers=("+1555",)).is_open("+15550100")
    assert Entrance(open_numbers=("+",)).is_open("+49301")


def test_a_domain_has_networks_of_its_own() -> None:
    assert Entrance.within(("192.0.2.0/24", "2001:db8::/32"), "2001:db8::9")
    assert not Entrance.within(("192.0.2.0/24",), "2001:db8::9")
    assert not Entrance.within((), "127.0.0.1")


def test_a_network_may_be_given_by_any_address_in_it() -> None:
    """Twilio's SDK gives an address and the length of its prefix: 192.0.2.1 and 24."""
    assert Entrance.within(["192.0.2.1/24"], "192.0.2.200")
    assert not Entrance.within(["192.0.2.1/24"], "192.0.3.1")
