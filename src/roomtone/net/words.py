"""What is asked, and what comes back. Plain values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from roomtone.core.exchange import Parameters
from roomtone.core.values import Method
from roomtone.dialects.limits import Patience

Sign = Callable[[str, Parameters, Method], Mapping[str, str]]
"""Gives the headers that sign a request to a URL; asked anew at each redirect. May raise ValueError for a bad URL."""


@dataclass(frozen=True, slots=True)
class Question:
    """One request to a customer's server."""

    method: Method
    url: str
    """As configured: user and password in it are sent as Basic authorization, a fragment stays here."""

    patience: Patience
    """How long, how far and how often."""

    form: Parameters = ()
    """Sent as the body (POST) or in the query (GET); never sent again to where a redirect leads."""

    headers: Mapping[str, str] = field(default_factory=dict)
    """Further headers, sent at each redirect too."""

    sign: Sign | None = None
    max_bytes: int | Callable[[str], int] = 65_536
    """Of the answer's body; a function is asked with the answer's content type, in lower case, without parameters."""

    wants_body: bool = True
    """Whether the answer's body is read; if not, the status is the answer, whatever follows it."""


def content_type(header: str) -> str:
    """Give the bare type of a Content-Type header: lower case, without parameters."""
    return header.partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said in the end, whatever its status."""

    status: int
    url: str
    """Whom it came from: the question's URL, or where redirects led; without fragment, user and added parameters."""

    headers: Mapping[str, str]
    """Names in lower case; of a repeated one the first."""

    body: bytes


class FaultKind(StrEnum):
    """How the world failed."""

    URL_INVALID = "url-invalid"
    ADDRESS_REFUSED = "address-refused"
    NAME_NOT_FOUND = "name-not-found"
    CONNECTION_FAILED = "connection-failed"
    CONNECTION_TIMED_OUT = "connection-timed-out"
    TLS_FAILED = "tls-failed"
    READ_TIMED_OUT = "read-timed-out"
    TOTAL_TIMED_OUT = "total-timed-out"
    TOO_MANY_REDIRECTS = "too-many-redirects"
    TOO_LARGE = "too-large"
    PROTOCOL_VIOLATED = "protocol-violated"


BEFORE_ASKING = frozenset(
    {FaultKind.CONNECTION_FAILED, FaultKind.CONNECTION_TIMED_OUT, FaultKind.NAME_NOT_FOUND}
)
"""Faults that leave no doubt that nobody was asked: trying again is harmless."""


@dataclass(frozen=True, slots=True)
class NetFault:
    """There was no answer."""

    kind: FaultKind
    problem: str
    """One sentence for people."""

    url: str
    """Whom it happened with."""
