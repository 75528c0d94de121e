"""Signatures on requests to a customer's server, so that it can tell ours from anybody's.

``base64(HMAC-SHA1(key, url + k1 + v1 + k2 + v2 …))``: form parameters sorted by name, without separators; a GET carries
them in its URL, so nothing is appended; a JSON body is named in the URL by its digest. Both vendors compute the same;
only the header's name differs, and the value is put into both, since the SDKs look for either.

While a key is being exchanged for another, both sign: the new one in those headers, the former one in headers of their
own. No official validator takes two values in one header, and none looks for a second header; what lets a server that
knows the former key alone go on unmodified is that it is asked once more, with the former signature in front, when it
has refused the new one (docs/decisions/0028).

Sources: Twilio "Validating Signatures"; SignalWire "Webhook signature"; both vendors' validators.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha1, sha256
from hmac import new as hmac

from roomtone.core.exchange import Parameters
from roomtone.core.project import Project
from roomtone.core.values import Method
from roomtone.dialects import urls
from roomtone.dialects.public_urls import NOTHING_SAID, PublicUrls

FORMER = "-Previous"
"""What is appended to a header's name where the former key signs."""


@dataclass(frozen=True, slots=True)
class Signatures:
    """How a dialect signs."""

    headers: tuple[str, ...]
    """Names of the headers that carry the signature, the dialect's own first."""

    def sign(self, project: Project, url: str, parameters: Parameters, method: Method) -> Mapping[str, str]:
        """Give the headers that sign one request with a project's key, and with no other.

        Args:
            project: Whose signing key is used.
            url: As the customer configured it; the request itself goes to ``urls.to_request`` of the same.
            parameters: What the request says: its form body (POST) or what is added to its query (GET).
            method: How it is asked.

        Raises:
            ValueError: The URL is not an absolute http or https URL.
        """
        return self.over(text(url, parameters, method), project.signing_key)

    def sign_json(self, project: Project, url: str) -> Mapping[str, str]:
        """Give the headers that sign a request with a JSON body; the URL is one that `with_digest` gave."""
        return self.over(url, project.signing_key)

    def over(self, signed: str, key: str, former: str | None = None) -> dict[str, str]:
        """Give the headers that sign this very text, with the former key's beside, if there is one."""
        headers = dict.fromkeys(self.headers, digest(key, signed))
        if former is not None:
            headers |= dict.fromkeys((name + FORMER for name in self.headers), digest(former, signed))
        return headers


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs whatever goes to customers' servers, for all projects of the house."""

    by_dialect: Callable[[str], Signatures]
    """How a dialect signs, by its name."""

    public: PublicUrls = NOTHING_SAID
    """Which addresses are seen as others."""

    now_ms: Callable[[], int] = lambda: 0
    """Wall clock, for the end of a former key; 0: it has not ended."""

    def text(self, url: str, parameters: Parameters, method: Method) -> str:
        """Give exactly what is signed of a request.

        Raises:
            ValueError: The URL is not an absolute http or https URL.
        """
        return text(url, parameters, method, self.public)

    def sign(self, project: Project, url: str, parameters: Parameters, method: Method) -> Mapping[str, str]:
        """Give the headers that sign a request: with the project's key, and with its former one while that is good.

        Raises:
            ValueError: The URL is not an absolute http or https URL.
        """
        signed = self.text(url, parameters, method)
        former = project.former_key(self.now_ms())
        return self.by_dialect(project.dialect).over(signed, project.signing_key, former)

    def sign_again(
        self, project: Project, url: str, parameters: Parameters, method: Method
    ) -> Mapping[str, str] | None:
        """Give the headers for whoever has refused those of `sign`: the former key's in front; None: there is none.

        Raises:
            ValueError: The URL is not an absolute http or https URL.
        """
        former = project.former_key(self.now_ms())
        if former is None:
            return None
        return self.by_dialect(project.dialect).over(self.text(url, parameters, method), former, former)


def text(url: str, parameters: Parameters, method: Method, public: PublicUrls = NOTHING_SAID) -> str:
    """Give what is signed of a form: its URL exactly as it is seen, and, if it is posted, its decoded parameters.

    Raises:
        ValueError: The URL is not an absolute http or https URL.
    """
    return of_request(public.seen(urls.to_request(url, parameters, method)), parameters, method)


def of_request(url: str, parameters: Parameters, method: Method) -> str:
    """Give what is signed of a request to exactly this URL."""
    if method is Method.GET:
        return url
    return url + "".join(name + value for name, value in sorted(parameters))


def with_digest(url: str, body: bytes) -> str:
    """Give the URL to request for a JSON body: with ``bodySHA256`` in its query.

    Raises:
        ValueError: It is not an absolute http or https URL.
    """
    return urls.to_request(url, (("bodySHA256", sha256(body).hexdigest()),), Method.GET)


def digest(key: str, signed: str) -> str:
    """Sign a text. SHA-1 is the vendors' choice; as an HMAC it still stands."""
    return b64encode(hmac(key.encode(), signed.encode(), sha1).digest()).decode("ascii")
