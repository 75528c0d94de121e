"""Phones of a project, where each can be reached now, and the names a project's calls come to. Plain values."""

from __future__ import annotations

import re
from dataclasses import dataclass

from roomtone.core.ids import DomainId, EndpointId, ProjectId
from roomtone.core.values import Document

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

    ha1_md5: str
    """Digest of name, realm and password; the password itself is kept nowhere."""

    ha1_sha256: str
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
