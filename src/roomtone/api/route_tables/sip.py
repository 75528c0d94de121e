"""Routes of SIP domains, and of lists of phones and networks."""

from __future__ import annotations

from collections.abc import Iterator

from roomtone.api import sip_domains, sip_lists
from roomtone.api.frontdesk import Endpoint
from roomtone.api.route import OPEN, Route
from roomtone.api.sip_domains import Mappings
from roomtone.dialects import paging, sip_forms

Five = tuple[Endpoint, Endpoint, Endpoint, Endpoint, Endpoint]
"""List, create, fetch, update, delete."""

_DOMAINS = ("SIP", "Domains")
_CREDENTIAL_LISTS = ("SIP", "CredentialLists")
_CREDENTIALS = (*_CREDENTIAL_LISTS, OPEN, "Credentials")
_ACCESS_LISTS = ("SIP", "IpAccessControlLists")
_ADDRESSES = (*_ACCESS_LISTS, OPEN, "IpAddresses")


def _mappings(name: str, kind: Mappings, read: frozenset[str]) -> Iterator[Route]:
    """Name the operations on lists that a domain has taken."""
    pattern = (*_DOMAINS, OPEN, *kind.path)
    yield Route(f"{name}.list", "GET", pattern, kind.list_, paging.NAMES, "twilio")
    yield Route(f"{name}.create", "POST", pattern, kind.create, read, "twilio")
    yield Route(f"{name}.fetch", "GET", (*pattern, OPEN), kind.fetch, vendors="twilio")
    yield Route(f"{name}.delete", "DELETE", (*pattern, OPEN), kind.delete, vendors="twilio")


def _five(
    name: str, pattern: tuple[str, ...], room: Five, create: frozenset[str], update: frozenset[str]
) -> Iterator[Route]:
    """Name the five operations on a resource of Twilio's."""
    yield Route(f"{name}.list", "GET", pattern, room[0], paging.NAMES, "twilio")
    yield Route(f"{name}.create", "POST", pattern, room[1], create, "twilio")
    yield Route(f"{name}.fetch", "GET", (*pattern, OPEN), room[2], vendors="twilio")
    yield Route(f"{name}.update", "POST", (*pattern, OPEN), room[3], update, "twilio")
    yield Route(f"{name}.delete", "DELETE", (*pattern, OPEN), room[4], vendors="twilio")


def routes_of_sip() -> Iterator[Route]:
    """Name the operations on SIP domains, and on lists of phones and networks."""
    domains, lists, names = sip_domains, sip_lists, sip_forms
    yield from _five(
        "sip-domains",
        _DOMAINS,
        (domains.list_, domains.create, domains.fetch, domains.update, domains.delete),
        names.DOMAIN_NAMES,
        names.DOMAIN_NAMES,
    )
    phones, networks = names.CREDENTIAL_LINK_NAMES, names.ACCESS_LINK_NAMES
    yield from _mappings("sip-call-credential-mappings", domains.CALLS, phones)
    yield from _mappings("sip-call-access-mappings", domains.NETWORKS, networks)
    yield from _mappings("sip-registration-mappings", domains.REGISTRATIONS, phones)
    yield from _mappings("sip-credential-mappings", domains.OLD_CALLS, phones)
    yield from _mappings("sip-access-mappings", domains.OLD_NETWORKS, networks)
    any_list, address = names.LIST_NAMES, names.ADDRESS_NAMES
    for name, pattern, room, create, update in (
        ("credential-lists", _CREDENTIAL_LISTS, lists.CREDENTIAL_LISTS, any_list, any_list),
        ("credentials", _CREDENTIALS, lists.CREDENTIALS, names.CREDENTIAL_NAMES, names.PASSWORD_NAMES),
        ("access-lists", _ACCESS_LISTS, lists.ACCESS_LISTS, any_list, any_list),
        ("addresses", _ADDRESSES, lists.ADDRESSES, address, address),
    ):
        five = (room.list_, room.create, room.fetch, room.update, room.delete)
        yield from _five(f"sip-{name}", pattern, five, create, update)
