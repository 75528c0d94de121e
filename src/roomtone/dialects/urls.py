"""Customers' URLs: which are accepted, and how exactly one is asked.

What is signed must be what is requested, byte for byte, and what the receiver rebuilds from its request line and Host
header. So a URL is put into one form before both: lower-case scheme and host, at least ``/`` as its path, no steps
upwards in it, no bare ``?``, no user information (it travels in a header) and no fragment (it is for us, not for the server).

Sources: Twilio "Validating Signatures"; RFC 3986 sections 3.2.2, 5.2.4 and 6.2.2; measured on the vendors' own validators.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import SplitResult, quote, unquote, urlencode, urlsplit

from roomtone.core.exchange import Parameters
from roomtone.core.values import Method

LONGEST = 4_096
"""Characters of the longest URL accepted."""

_UNFIT = re.compile(r"[\x00-\x20\x7f]")
_KEPT = "%/:@!$&'()*+,;=~-._?[]"
_KEPT_IN_QUERY = _KEPT.replace("'", "")
"""Without the apostrophe, which the URL class of JavaScript spells ``%27`` there."""

_DOT = re.compile("%2e", re.IGNORECASE)
_NAME = re.compile(r"[a-z0-9._~-]+", re.ASCII)
_IPV6 = re.compile(r"[0-9a-f:.]+", re.ASCII)


def acceptable(text: str) -> bool:
    """Whether a text is an absolute http or https URL that can be asked."""
    if len(text) > LONGEST or _UNFIT.search(text):
        return False
    try:
        normal(text)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=1_024)
def normal(url: str) -> str:
    """Give the one form of a URL in which it is requested and signed.

    Raises:
        ValueError: It is not an absolute http or https URL.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("not an absolute http or https URL")
    path = _without_dots(quote(parts.path, safe=_KEPT)) or "/"
    query = quote(parts.query, safe=_KEPT_IN_QUERY)
    return f"{parts.scheme}://{_host_and_port(parts)}{path}" + (f"?{query}" if query else "")


def user_information(url: str) -> tuple[str, str] | None:
    """Give the user and password written into a URL, decoded; None if there are none."""
    parts = urlsplit(url)
    return None if parts.username is None else (unquote(parts.username), unquote(parts.password or ""))


def to_request(url: str, parameters: Parameters, method: Method) -> str:
    """Give the URL to request: with the parameters in its query if it is asked by GET.

    Raises:
        ValueError: It is not an absolute http or https URL.
    """
    target = normal(url)
    if method is not Method.GET or not parameters:
        return target
    return target + ("&" if "?" in target else "?") + urlencode(parameters)


def _without_dots(path: str) -> str:
    """Walk a path's steps upwards and on the spot: some validators do, others take them as they stand."""
    if "/." not in path and "/%2" not in path:
        return path
    kept: list[str] = []
    steps = path.split("/")[1:]
    for step in steps:
        plain = _DOT.sub(".", step)
        if plain == "..":
            del kept[-1:]
        elif plain != ".":
            kept.append(step)
    ends_open = _DOT.sub(".", steps[-1]) in {".", ".."}
    return "/" + "/".join([*kept, ""] if ends_open else kept)


def _host_and_port(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if not host.isascii():
        host = host.encode("idna").decode("ascii")
    if _IPV6.fullmatch(host) and ":" in host:
        host = f"[{host}]"
    elif not _NAME.fullmatch(host):
        raise ValueError(f"{host!r} names no host")
    if parts.port == 0:
        raise ValueError("port 0 cannot be asked")
    return host if parts.port is None else f"{host}:{parts.port}"
