"""Signatures on requests to a customer's server, so that it can tell ours from anybody's.

``base64(HMAC-SHA1(key, url + k1 + v1 + k2 + v2 …))``: form parameters sorted by name, without separators; a GET carries
them in its URL, so nothing is appended; a JSON body is named in the URL by its digest. Both vendors compute the same;
only the header's name differs, and the value is put into both, since the SDKs look for either.

Sources: Twilio "Validating Signatures"; SignalWire "Webhook signature"; both vendors' validators.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha1, sha256
from hmac import new as hmac

from roomtone.core.exchange import Parameters
from roomtone.core.project import Project
from roomtone.core.values import Method
from roomtone.dialects import urls


@dataclass(frozen=True, slots=True)
class Signatures:
    """How a dialect signs."""

    headers: tuple[str, ...]
    """Names of the headers that carry the signature, the dialect's own first."""

    def sign(self, project: Project, url: str, parameters: Parameters, method: Method) -> Mapping[str, str]:
        """Give the headers that sign one request.

        Args:
            project: Whose signing key is used.
            url: As the customer configured it; the request itself goes to ``urls.to_request`` of the same.
            parameters: What the request says: its form body (POST) or what is added to its query (GET).
            method: How it is asked.

        Raises:
            ValueError: The URL is not an absolute http or https URL.
        """
        value = of_form(project.signing_key, urls.to_request(url, parameters, method), parameters, method)
        return dict.fromkeys(self.headers, value)

    def sign_json(self, project: Project, url: str) -> Mapping[str, str]:
        """Give the headers that sign a request with a JSON body; the URL is one that `with_digest` gave."""
        return dict.fromkeys(self.headers, digest(project.signing_key, url))


def of_form(key: str, url: str, parameters: Parameters, method: Method) -> str:
    """Sign a form: its URL exactly as requested, and, if it is posted, its decoded parameters."""
    if method is Method.GET:
        return digest(key, url)
    return digest(key, url + "".join(name + value for name, value in sorted(parameters)))


def with_digest(url: str, body: bytes) -> str:
    """Give the URL to request for a JSON body: with ``bodySHA256`` in its query.

    Raises:
        ValueError: It is not an absolute http or https URL.
    """
    return urls.to_request(url, (("bodySHA256", sha256(body).hexdigest()),), Method.GET)


def digest(key: str, text: str) -> str:
    """Sign a text. SHA-1 is the vendors' choice; as an HMAC it still stands."""
    return b64encode(hmac(key.encode(), text.encode(), sha1).digest()).decode("ascii")
