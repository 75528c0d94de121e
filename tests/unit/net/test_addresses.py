"""Which addresses may be asked: one table."""

from __future__ import annotations

import ipaddress

import pytest

from roomtone.net.addresses import LOOPBACK, refusal

PUBLIC = [
    "93.184.216.34",
    "8.8.8.8",
    "2606:2800:220:1::1",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "2002:808:808::1",
]
PRIVATE = [
    "10.0.0.1",
    "172.16.5.4",
    "192.168.1.1",
    "100.64.0.1",
    "198.18.0.1",
    "192.0.2.1",
    "fd12:3456::1",
    "2001:db8::1",
    "::ffff:10.0.0.1",
    "::ffff:192.168.1.1",
    "::10.0.0.1",
    "64:ff9b::a00:1",
    "64:ff9b:1::a00:1",
    "2002:a00:1::1",
    "2001:0:a00:1::f5ff:fffe",
]
LOCAL = ["127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1"]
NEVER = [
    "0.0.0.0",
    "0.1.2.3",
    "::",
    "169.254.169.254",
    "169.254.0.1",
    "fe80::1",
    "fec0::1",
    "224.0.0.1",
    "255.255.255.255",
    "240.0.0.1",
    "ff02::1",
    "100.100.100.200",
    "192.0.0.192",
    "168.63.129.16",
    "fd00:ec2::254",
    "fd20:ce::254",
    "::ffff:169.254.169.254",
    "::ffff:0.0.0.0",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::",
    "::169.254.169.254",
]
EVERYTHING = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))


@pytest.mark.parametrize("text", PUBLIC)
def test_a_public_address_is_asked(text: str) -> None:
    assert refusal(ipaddress.ip_address(text), ()) is None


@pytest.mark.parametrize("text", PRIVATE + LOCAL)
def test_an_inner_address_is_not_asked_unless_its_network_is_allowed(text: str) -> None:
    address = ipaddress.ip_address(text)
    assert refusal(address, ()) is not None
    assert refusal(address, EVERYTHING) is None


@pytest.mark.parametrize("text", LOCAL)
def test_this_machine_is_asked_by_default_in_whatever_spelling(text: str) -> None:
    assert refusal(ipaddress.ip_address(text), LOOPBACK) is None


@pytest.mark.parametrize("text", PRIVATE)
def test_allowing_this_machine_allows_no_other(text: str) -> None:
    assert refusal(ipaddress.ip_address(text), LOOPBACK) is not None


@pytest.mark.parametrize("text", NEVER)
def test_some_addresses_are_never_asked_whatever_is_allowed(text: str) -> None:
    assert "never asked" in str(refusal(ipaddress.ip_address(text), EVERYTHING))


def test_allowing_one_network_allows_its_mapped_spelling_too() -> None:
    allowed = (ipaddress.ip_network("10.1.0.0/16"),)
    assert refusal(ipaddress.ip_address("::ffff:10.1.2.3"), allowed) is None
    assert refusal(ipaddress.ip_address("::ffff:10.2.2.3"), allowed) is not None
