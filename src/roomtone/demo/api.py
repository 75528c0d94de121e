"""One customer's requests to the REST API, and the curl line for each."""

from __future__ import annotations

import base64
import json
import shlex
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any

TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Order:
    """A request before it is sent."""

    method: str
    path: str
    """Relative to the account."""

    form: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said."""

    status: int
    body: Any
    """The JSON; None where there is none."""


@dataclass(frozen=True, slots=True)
class Api:
    """The API as one project sees it."""

    base: str
    """``http://127.0.0.1:8080``."""

    sid: str
    token: str

    def url(self, path: str) -> str:
        """Give the whole URL of a path that is relative to the account."""
        return f"{self.base}/api/laml/2010-04-01/Accounts/{self.sid}/{path}"

    def curl(self, order: Order) -> str:
        """Spell the order as a line for a shell."""
        words = ["curl", "-u", f"{self.sid}:{self.token}"]
        if order.method == "DELETE" or (order.method == "POST" and not order.form):
            words += ["-X", order.method]
        words.append(self.url(order.path))
        for name, value in order.form:
            words += [
                "--data-urlencode" if urllib.parse.quote_plus(value) != value else "-d",
                f"{name}={value}",
            ]
        return shlex.join(words)

    def send(self, order: Order) -> Answer:
        """Send it, and give whatever comes back, errors included."""
        body = urllib.parse.urlencode(order.form).encode() if order.method == "POST" else None
        credentials = base64.b64encode(f"{self.sid}:{self.token}".encode()).decode()
        request = urllib.request.Request(  # noqa: S310 - the URL is our own server's
            self.url(order.path),
            data=body,
            method=order.method,
            headers={"Authorization": f"Basic {credentials}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as reply:  # noqa: S310 - same
                return Answer(reply.status, _json(reply.read()))
        except urllib.error.HTTPError as refused:
            with refused:
                return Answer(refused.code, _json(refused.read()))


def _json(raw: bytes) -> Any:
    return json.loads(raw) if raw else None
