"""The HTTP client through which all requests to customers' servers go.

Resolves names itself and connects only to addresses that may be asked, so that neither a name that points inwards nor
a redirect nor a second look-up gets past; follows redirects by hand, because each is a new question; reads no more
than it is told to. Keeps no cookies but a question's own, heeds no proxy settings of the environment, and takes no compressed answers (an
answer must not grow after it was measured). Never raises for a fault of the world.

Sources: RFC 9110 (section 15.4, redirects); RFC 7617 (Basic); both vendors' documents on webhook connections.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from base64 import b64encode
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self
from urllib.parse import urlencode, urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from roomtone.core.exchange import Parameters
from roomtone.core.values import Method
from roomtone.dialects import urls
from roomtone.dialects.limits import Trouble
from roomtone.net.addresses import LOOPBACK, Network, refusal
from roomtone.net.words import (
    BEFORE_ASKING,
    NOT_LET_IN,
    Answer,
    FaultKind,
    NetFault,
    Question,
    content_type,
)

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHUNK = 65_536
_PEEK_S = 0.2
_LEAVING_S = 5.0
"""How long the end of an exchange may take that has its answer."""
_KEPT_OPEN_S = (
    4.0  # many servers close an idle connection after 5 s: a POST must not meet one that is closing
)


_WITHIN: ContextVar[asyncio.Timeout] = ContextVar("within")
"""The end of the patience with the question that is being asked."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How the client behaves."""

    allow_networks: tuple[Network, ...] = LOOPBACK
    """Networks, besides public addresses, that may be asked; default: this machine only."""

    extra_ca: Path | None = None
    """PEM file with certificates to trust besides the system's; default: none."""

    user_agent: str = "Roomtone"
    """Value of the User-Agent header."""

    connections: int = 256
    """Connections open at once; further questions wait, within their patience. 1 to 65 535."""


class AddressRefused(OSError):  # noqa: N818 - a fault of the world, told by its state
    """A connection would go to an address that is not asked."""


class Client:
    """Asks customers' servers; one for the whole house.

    Args:
        settings: What may be asked, and whom to trust.
        resolver: Finds addresses of names; the system's if not given. Whatever it finds is judged here.

    Raises:
        OSError: The file of further certificates cannot be read (`ssl.SSLError`: or holds none).
    """

    def __init__(self, settings: Settings, resolver: AbstractResolver | None = None) -> None:
        self._settings = settings
        self._resolver = resolver
        self._trust = _trust(settings.extra_ca)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections. Idempotent; a later question opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def ask(self, question: Question) -> Answer | NetFault:
        """Ask, and follow redirects, within the question's patience.

        Tries again only as often as the patience says, after a connection that failed or, if it says so, an answer
        of 400 or more.
        """
        try:
            async with asyncio.timeout(question.patience.total_s) as within:
                _WITHIN.set(within)
                return await self._attempts(question)
        except TimeoutError:
            problem = f"no whole answer within {question.patience.total_s:g} s"
            return NetFault(FaultKind.TOTAL_TIMED_OUT, problem, shown(question.url))

    async def locate(self, host: str, port: int) -> tuple[str, ...]:
        """Give the addresses of a host that may be asked, as ``ip:port`` (an IPv6 address in brackets).

        Raises:
            AddressRefused: It leads to where nobody is to be sent.
            OSError: There is no such host.
        """
        self._judge_host(host)
        found = await _Judging(self._resolver or ThreadedResolver(), self._settings.allow_networks).resolve(
            host, port, socket.AF_UNSPEC
        )
        bare = [(one["host"], one["port"]) for one in found]
        return tuple(f"[{ip}]:{at}" if ":" in ip else f"{ip}:{at}" for ip, at in bare)

    @property
    def further_roots(self) -> str:
        """What is trusted besides the system's certificates, in PEM."""
        extra = self._settings.extra_ca
        return "" if extra is None else extra.read_text()

    async def _attempts(self, question: Question) -> Answer | NetFault:
        left = question.patience.attempts
        while True:
            outcome = await self._let_in(question)
            left -= 1
            if left <= 0 or not _worth_again(question, outcome):
                return outcome

    async def _let_in(self, question: Question) -> Answer | NetFault:
        """Ask, and once more with the other signature if the first does not open."""
        outcome = await self._follow(question)
        again = _signed_again(question, outcome)
        if again is None:
            return outcome
        second = await self._follow(again)
        if not isinstance(second, Answer) or second.status in NOT_LET_IN:
            return outcome
        return replace(second, signed_again=True)

    async def _follow(self, question: Question) -> Answer | NetFault:
        for _ in range(question.patience.redirects + 1):
            outcome = await self._once(question)
            if not isinstance(outcome, Answer) or outcome.status not in _REDIRECTS:
                return outcome
            if not (location := outcome.headers.get("location", "").strip()):
                return outcome
            try:
                question = _redirected(question, outcome, location)
            except ValueError as why:
                return NetFault(FaultKind.URL_INVALID, f"redirected to what is no URL: {why}", outcome.url)
        problem = f"more than {question.patience.redirects} redirects"
        return NetFault(FaultKind.TOO_MANY_REDIRECTS, problem, shown(question.url))

    async def _once(self, question: Question) -> Answer | NetFault:
        try:
            return await self._request(question)
        except AddressRefused as why:
            kind, problem = FaultKind.ADDRESS_REFUSED, str(why)
        except aiohttp.ClientConnectorDNSError as why:
            refused = isinstance(why.os_error, AddressRefused)
            kind = FaultKind.ADDRESS_REFUSED if refused else FaultKind.NAME_NOT_FOUND
            problem = str(why.os_error) if refused else f"the name {why.host!r} was not found"
        except aiohttp.ClientSSLError as why:
            kind, problem = FaultKind.TLS_FAILED, f"TLS failed: {why}"
        except aiohttp.ClientConnectorError as why:
            refused = isinstance(why.os_error, AddressRefused)
            kind = FaultKind.ADDRESS_REFUSED if refused else FaultKind.CONNECTION_FAILED
            problem = f"no connection: {why.os_error.strerror or why.os_error}"
        except aiohttp.ConnectionTimeoutError:
            kind = FaultKind.CONNECTION_TIMED_OUT
            problem = f"no connection within {question.patience.connect_s:g} s"
        except aiohttp.SocketTimeoutError:
            kind, problem = FaultKind.READ_TIMED_OUT, f"nothing was sent for {question.patience.read_s:g} s"
        except (aiohttp.InvalidURL, ValueError) as why:
            kind, problem = FaultKind.URL_INVALID, f"not a URL that can be asked: {why}"
        except (aiohttp.ClientError, OSError) as why:
            kind, problem = (
                FaultKind.PROTOCOL_VIOLATED,
                f"the connection broke or was not HTTP: {str(why)[:200]}",
            )
        return NetFault(kind, problem, shown(question.url))

    async def _request(self, question: Question) -> Answer | NetFault:
        target = urls.to_request(question.url, question.form, question.method)
        self._judge_literal(target)
        body = urlencode(question.form).encode() if question.method is Method.POST else None
        patience = question.patience
        timeout = aiohttp.ClientTimeout(total=None, connect=patience.connect_s, sock_read=patience.read_s)
        async with self._opened().request(
            question.method,
            URL(target, encoded=True),
            data=body,
            headers=_headers(question) | _cookie(question, target),
            allow_redirects=False,
            timeout=timeout,
        ) as response:
            if question.cookies is not None:
                question.cookies.note(response.url, response.cookies)
            return await _read(question, response)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    resolver=_Judging(self._resolver or ThreadedResolver(), self._settings.allow_networks),
                    use_dns_cache=False,
                    limit=self._settings.connections,
                    keepalive_timeout=_KEPT_OPEN_S,
                    ssl=self._trust,
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
                headers={
                    "User-Agent": self._settings.user_agent,
                    "Accept-Encoding": "identity",
                    "Accept": "*/*",
                },
            )
        return self._session

    def _judge_literal(self, target: str) -> None:
        """Judge an address that stands in the URL itself: the resolver is never asked about those."""
        self._judge_host(urlsplit(target).hostname or "")

    def _judge_host(self, host: str) -> None:
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return
        if (why := refusal(address, self._settings.allow_networks)) is not None:
            raise AddressRefused(why)


class _Judging(AbstractResolver):
    """Gives only addresses that may be asked; what it gives is what is connected to."""

    def __init__(self, inner: AbstractResolver, allowed: tuple[Network, ...]) -> None:
        self._inner = inner
        self._allowed = allowed

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        reasons = [refusal(ipaddress.ip_address(one["host"]), self._allowed) for one in found]
        fit = [one for one, why in zip(found, reasons, strict=True) if why is None]
        if found and not fit:
            raise AddressRefused(f"{host} leads inwards: {reasons[0]}")
        return fit

    async def close(self) -> None:
        await self._inner.close()


def shown(url: str) -> str:
    """Give a URL fit to be shown: without user, password and fragment."""
    try:
        return urls.normal(url)
    except ValueError:
        return url.partition("#")[0][:200]


def _worth_again(question: Question, outcome: Answer | NetFault) -> bool:
    after = question.patience.retry_after
    if isinstance(outcome, Answer):
        return (
            outcome.status >= 400
            and (Trouble.SERVER_ERROR if outcome.status >= 500 else Trouble.CLIENT_ERROR) in after
        )
    if outcome.kind in BEFORE_ASKING:
        return Trouble.CONNECTION in after
    return outcome.kind is FaultKind.READ_TIMED_OUT and Trouble.READING in after


def _signed_again(question: Question, outcome: Answer | NetFault) -> Question | None:
    """Give the same question with the other signature, if there is one and the server did not take the first."""
    if question.sign_again is None or not isinstance(outcome, Answer) or outcome.status not in NOT_LET_IN:
        return None
    sign_again = question.sign_again
    if sign_again(question.url, question.form, question.method) is None:
        return None

    def sign(url: str, parameters: Parameters, method: Method) -> Mapping[str, str]:
        return sign_again(url, parameters, method) or {}

    return replace(question, sign=sign, sign_again=None)


def _redirected(question: Question, answer: Answer, location: str) -> Question:
    """Make a redirect the next question.

    307 and 308 keep the method, the others turn a POST into a GET as every browser does (RFC 9110, 15.4.3). The
    parameters are not sent again, nor user and password, unless the new location has its own.
    """
    method = question.method if answer.status in {307, 308} else Method.GET
    return replace(question, method=method, url=urljoin(shown(question.url), location), form=())


def _headers(question: Question) -> dict[str, str]:
    headers = dict(question.headers)
    if (user := urls.user_information(question.url)) is not None:
        headers["Authorization"] = "Basic " + b64encode(":".join(user).encode()).decode("ascii")
    if question.method is Method.POST:
        headers["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"
    if question.sign is not None:
        headers.update(question.sign(question.url, question.form, question.method))
    return headers


def _cookie(question: Question, target: str) -> dict[str, str]:
    sent = "" if question.cookies is None else question.cookies.header(URL(target, encoded=True))
    return {"Cookie": sent} if sent else {}


async def _read(question: Question, response: aiohttp.ClientResponse) -> Answer | NetFault:
    url = shown(question.url)
    headers: dict[str, str] = {}
    for name, value in response.headers.items():
        headers.setdefault(name.lower(), value)
    if not question.wants_body:
        peek_s = _spare_s(response)
        return Answer(response.status, url, headers, await _beginning(response, question.peek_bytes, peek_s))
    if headers.get("content-encoding", "identity").strip().lower() not in {"identity", ""}:
        return NetFault(FaultKind.PROTOCOL_VIOLATED, "the answer is compressed, which was not asked for", url)
    limit = question.max_bytes
    if not isinstance(limit, int):
        limit = limit(content_type(response.headers.get("Content-Type", "")))
    body = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        body += chunk
        if len(body) > limit:
            response.close()
            return NetFault(FaultKind.TOO_LARGE, f"the answer has more than {limit} bytes", url)
    return Answer(response.status, url, headers, bytes(body))


def _spare_s(response: aiohttp.ClientResponse) -> float:
    """Give how long one may look at a body that nobody waits for; an answer of 2xx is not taken for a time-out any more."""
    within, now = _WITHIN.get(), asyncio.get_running_loop().time()
    ends = within.when()
    if 200 <= response.status < 300 and not within.expired():
        within.reschedule(now + _LEAVING_S)
    return _PEEK_S if ends is None else max(0.0, min(_PEEK_S, ends - now))


async def _beginning(response: aiohttp.ClientResponse, limit: int, within_s: float) -> bytes:
    """Give the beginning of a body that nobody waits for: what is there within a moment, however it ends."""
    found = bytearray()
    if limit <= 0 or response.headers.get("Content-Encoding", "identity").lower() != "identity":
        return b""
    try:
        async with asyncio.timeout(within_s):
            while len(found) < limit and (more := await response.content.read(limit - len(found))):
                found += more
    except (TimeoutError, aiohttp.ClientError, OSError):
        return bytes(found)
    return bytes(found)


def _trust(extra_ca: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if extra_ca is not None:
        context.load_verify_locations(cafile=extra_ca)
    return context
