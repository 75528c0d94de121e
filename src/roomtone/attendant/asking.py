"""Asking the REST API, and saying what to do where it says no."""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Resource: TypeAlias = dict[str, Any]

TIMEOUT_S = 15.0
PAGE = 200
"""How many records of a list are asked for at once."""


class NoAnswer(Exception):  # noqa: N818 - it is the user's to mend
    """What was asked was not done; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Api:
    """The API as one project sees it."""

    url: str
    """``http://127.0.0.1:8080``, without a slash at its end."""

    sid: str
    token: str = field(repr=False)
    ca: str | None = None
    """File of a certificate authority to trust."""

    @property
    def account(self) -> str:
        """The path of the project."""
        prefix = "" if self.sid.startswith("AC") else "/api/laml"
        return f"{prefix}/2010-04-01/Accounts/{self.sid}"

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Resource:
        """Fetch a resource; `path` is relative to the account.

        Raises:
            NoAnswer: The server says no, or does not answer.
        """
        return self._ask("GET", _with(f"{self.account}/{path}", query), None)

    def post(self, path: str, form: Mapping[str, str]) -> Resource:
        """Change or make a resource. Raises `NoAnswer` as `get` does."""
        return self._ask("POST", f"{self.account}/{path}", form)

    def delete(self, path: str) -> None:
        """Remove a resource. Raises `NoAnswer` as `get` does."""
        self._ask("DELETE", f"{self.account}/{path}", None)

    def every(self, path: str, key: str, query: Mapping[str, str] | None = None) -> Iterator[Resource]:
        """Give the records of a list, page by page. Raises `NoAnswer` as `get` does."""
        following = _with(f"{self.account}/{path}", {"PageSize": str(PAGE), **(query or {})})
        while following:
            page = self._ask("GET", following, None)
            yield from page[key]
            following = page.get("next_page_uri") or ""

    def _ask(self, method: str, path: str, form: Mapping[str, str] | None) -> Resource:
        body = None if form is None else urllib.parse.urlencode(form).encode()
        credentials = base64.b64encode(f"{self.sid}:{self.token}".encode()).decode()
        request = urllib.request.Request(  # noqa: S310 - the scheme was looked at when the address was given
            self.url + path, data=body, method=method, headers={"Authorization": f"Basic {credentials}"}
        )
        context = ssl.create_default_context(cafile=self.ca) if self.url.startswith("https:") else None
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S, context=context) as answer:  # noqa: S310
                return _read(answer.read())
        except urllib.error.HTTPError as refused:
            with refused:
                raise NoAnswer(_said(refused)) from refused
        except (OSError, http.client.HTTPException) as fault:
            why = getattr(fault, "reason", None) or fault
            raise NoAnswer(
                f"{self.url} does not answer ({why}); is `roomtone serve` running there? --url names another address"
            ) from fault


def _with(path: str, query: Mapping[str, str] | None) -> str:
    return f"{path}?{urllib.parse.urlencode(query)}" if query else path


def _read(content: bytes) -> Resource:
    if not content:
        return {}
    try:
        found = json.loads(content)
    except ValueError:
        raise NoAnswer("what answers is no Roomtone: its answer is no JSON") from None
    return found if isinstance(found, dict) else {}


def _said(refused: urllib.error.HTTPError) -> str:
    """Put a refusal into one line: what the server says, its number, and its hint."""
    if refused.code == 401:
        return "the server does not know this sid and token; `roomtone token add` makes a token"
    try:
        told = json.loads(refused.read())
        text = f"{told['message']} ({told['code']})"
    except (ValueError, KeyError, TypeError, OSError):
        text = f"the server answered {refused.code}"
    hint = refused.headers.get("Hint")
    return f"{text}. {hint}" if hint else text
