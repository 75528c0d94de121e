"""Phones of a project, where each can be reached now, the names a project's calls come to, and the lists that say who may
call there. Plain values.

A phone that is in a list may register and call where a domain has taken that list; one in none (the operator's) anywhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from roomtone.core.ids import (
    AccessListId,
    CredentialListId,
    DomainId,
    EndpointId,
    IpAddressId,
    ProjectId,
)
from roomtone.core.values import Document, Method

NAME = re.compile(r"[A-Za-z0-9._~+-]{1,64}", re.ASCII)
"""What a phone may be called: it stands in SIP addresses and in ``client:name`` as it is."""

DOMAIN_NAME = re.compile(
    r"(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*", re.ASCII
)
"""What a domain may be called, in lower case."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A phone that may register."""

    id: EndpointId
    project: ProjectId
    name: str
    """Unique in its project; the same in upper and lower case."""

    ha1_md5: str = field(repr=False)
    """Digest of name, realm and password; the password itself is kept nowhere."""

    ha1_sha256: str = field(repr=False)
    created_ms: int
    list: CredentialListId | None = None
    """The list it is in; None: it was made by the operator."""

    updated_ms: int = 0
    """0: nothing was ever changed."""


@dataclass(frozen=True, slots=True)
class CredentialList:
    """Phones that a domain can let in together."""

    id: CredentialListId
    project: ProjectId
    name: str
    """For people."""

    created_ms: int
    updated_ms: int


@dataclass(frozen=True, slots=True)
class AccessList:
    """Networks that a domain can let in together."""

    id: AccessListId
    project: ProjectId
    name: str
    """For people."""

    created_ms: int
    updated_ms: int


@dataclass(frozen=True, slots=True)
class IpAddress:
    """A network of a list."""

    id: IpAddressId
    project: ProjectId
    list: AccessListId
    name: str
    """For people."""

    address: str
    """As it was given, IPv4 or IPv6."""

    prefix_length: int
    """Bits of it that count."""

    created_ms: int
    updated_ms: int

    @property
    def network(self) -> str:
        """Write it as a network (CIDR)."""
        return f"{self.address}/{self.prefix_length}"


@dataclass(frozen=True, slots=True)
class CredentialLink:
    """A list of phones that a domain has taken."""

    list: CredentialListId
    created_ms: int


@dataclass(frozen=True, slots=True)
class AccessLink:
    """A list of networks that a domain has taken."""

    list: AccessListId
    created_ms: int


@dataclass(frozen=True, slots=True)
class Domain:
    """A name that calls come to, and whose project they are: ``sip:anything@name``."""

    id: DomainId
    project: ProjectId
    name: str
    """In lower case; unique in the house."""

    created_ms: int
    voice: Document | None = None
    """What becomes of calls to it that are for no number and no phone."""

    voice_fallback: Document | None = None
    allow: tuple[str, ...] = ()
    """Networks (CIDR) whose calls need no password."""

    friendly_name: str = ""
    """For people; empty: its name."""

    updated_ms: int = 0
    """0: nothing was ever changed."""

    voice_method: Method = Method.POST
    """Kept apart from `voice`, since it can be set before the URL is."""

    voice_fallback_method: Method = Method.POST
    status_callback: Document | None = None
    """Where the end of a call to it is to be told."""

    status_callback_method: Method = Method.POST
    registration: bool = True
    """Whether phones of lists may register here; those of the operator always may."""

    calls: tuple[CredentialLink, ...] = ()
    """Lists whose phones may call here by password. With any, whoever calls is asked for one."""

    registrations: tuple[CredentialLink, ...] = ()
    """Lists whose phones may register here."""

    networks: tuple[AccessLink, ...] = ()
    """Lists of networks. With any, calls come from there alone; without `calls` they need no password."""

    def takes(self, phone: Endpoint, *, registering: bool) -> bool:
        """Say whether a phone may register, or call, here, once it has proved to be itself."""
        if phone.project != self.project:
            return False
        if phone.list is None:
            return True
        links = self.registrations if registering else self.calls
        return (self.registration or not registering) and any(one.list == phone.list for one in links)


@dataclass(frozen=True, slots=True)
class Binding:
    """A place where a phone can be reached for a while."""

    endpoint: EndpointId
    uri: str
    """Its Contact."""

    source_host: str
    """Where its registration came from: behind a NAT the only place that leads there."""

    source_port: int
    transport: str
    """``udp``, ``tcp`` …, in lower case."""

    sip_call_id: str
    cseq: int
    expires_ms: int
    """Wall clock."""

    user_agent: str = ""
    flow: str = ""
    """The connection it came over, which alone leads there; empty: UDP, where there is none."""
