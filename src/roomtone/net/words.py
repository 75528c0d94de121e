"""What is asked, and what comes back. Plain values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from roomtone.core.exchange import Parameters
from roomtone.core.values import Method
from roomtone.dialects.limits import Patience
from roomtone.net.cookies import Cookies

Sign = Callable[[str, Parameters, Method], Mapping[str, str]]
"""Gives the headers that sign a request to a URL; asked anew at each redirect. May raise ValueError for a bad URL."""

SignAgain = Callable[[str, Parameters, Method], Mapping[str, str] | None]
"""Gives the headers for a server that has refused the first ones; None: there are no others."""

NOT_LET_IN = frozenset({401, 403})
"""Statuses by which a server says that it does not know who asks: what all validators' examples answer to a signature
that is wrong."""


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
    sign_again: SignAgain | None = None
    """How it is signed once more if the server does not let the first signature in (`NOT_LET_IN`)."""

    signed: str = ""
    """What the signature is over, for whoever looks into it; it is not sent."""

    max_bytes: int | Callable[[str], int] = 65_536
    """Of the answer's body; a function is asked with the answer's content type, in lower case, without parameters."""

    cookies: Cookies | None = None
    """Sent where they belong, at each redirect too, and added to by what answers; None: none are, and none are kept."""

    wants_body: bool = True
    """Whether the answer's body is read; if not, the status is the answer, whatever follows it."""

    peek_bytes: int = 0
    """Where the body is not read: how much of its beginning is taken along, if it comes at once."""


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
    signed_again: bool = False
    """Whether it is the answer to the second signature, the first having been refused."""


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
