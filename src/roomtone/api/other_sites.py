"""What a page of another site may have a browser do here, with a login that the browser keeps itself: change nothing.

Whoever has typed sid and token into a browser's own question for them sends them along from then on, also with what another
site's page submits or fetches. So no browser is made to ask that question, and forms of other sites are refused all the
same. Browsers say of every request which site asked for it and how; programs say nothing of the kind, and pages that send
a token themselves go on as before.

Sources: W3C "Fetch Metadata Request Headers", section 2; OWASP "Cross-Site Request Forgery Prevention".
"""

from __future__ import annotations

from starlette.datastructures import Headers

from roomtone.core.refusals import Reason, Refused

_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_OTHERS = frozenset({"cross-site", "same-site"})
_WITHOUT_ASKING = frozenset({"navigate", "nested-navigate", "no-cors"})
"""Modes of forms, links and images: no page that sends a token itself has these."""


def challenge(headers: Headers, asking: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """Give the header that asks for a login, for programs alone: a browser would keep what its user answers."""
    return () if "sec-fetch-mode" in headers else (asking,)


def check(method: str, headers: Headers) -> None:
    """Let a request pass that no other site's page has made up.

    Raises:
        Refused: ACCESS_DENIED.
    """
    if (
        method in _CHANGING
        and headers.get("sec-fetch-site") in _OTHERS
        and headers.get("sec-fetch-mode") in _WITHOUT_ASKING
    ):
        raise Refused(Reason.ACCESS_DENIED, problem="a page of another site asks for it")
