"""The certificates in the data folder: made on first start, the server's renewed in time, the CA kept.

Customers' programs are told to trust ``ca.pem``, so that one is never replaced behind their backs: where it cannot be
used any more, starting fails and says what to do. It vouches for this server alone and knows nothing of public CAs.
"""

from __future__ import annotations

import ipaddress
import os
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from roomtone.core.moment import Moment
from roomtone.trust.certificates import Pair, make_ca, make_server, names_of, signed_by
from roomtone.trust.profile import harden

RENEWAL = timedelta(days=30)
"""A server certificate is renewed at a start that finds less than this left of it."""

HOSTS = ("localhost", "127.0.0.1", "::1")
"""What every server certificate is for, beside where the server listens."""


class TrustProblem(Exception):  # noqa: N818 - it is the operator's to mend
    """The certificates cannot be used; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Trust:
    """The files a TLS server needs, and the one its clients need."""

    ca: Path
    """The CA's certificate, PEM: clients trust it (``curl --cacert``, NODE_EXTRA_CA_CERTS, SSL_CERT_FILE)."""

    certificate: Path
    """The server's certificate, PEM."""

    key: Path
    """The server's key, PEM; readable by its owner alone."""

    def context(self) -> ssl.SSLContext:
        """Give a server's TLS context (`profile`)."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        harden(context)
        context.load_cert_chain(self.certificate, self.key)
        return context


def open_trust(folder: Path, hosts: Iterable[str], now: Moment) -> Trust:
    """Give the certificates of a data folder, made or renewed as needed.

    Args:
        folder: The data folder; made if it is not there.
        hosts: Where the server listens, beside this machine's own names; wildcard addresses are left out.
        now: Decides what is near its end.

    Raises:
        TrustProblem: The CA is unreadable, incomplete or at its end, or the folder cannot be written.
    """
    wanted = tuple(dict.fromkeys((*HOSTS, *filter(None, map(_name, hosts)))))
    today = datetime.fromtimestamp(now.wall_ms // 1_000, UTC)
    trust = Trust(folder / "ca.pem", folder / "server.pem", folder / "server.key")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        ca = _ca(trust.ca, folder / "ca.key", today)
        if not _usable(trust, ca, frozenset(wanted), today):
            _write(make_server(ca, wanted, today), trust.certificate, trust.key)
    except OSError as fault:
        raise TrustProblem(f"{fault.filename}: {fault.strerror}") from fault
    return trust


def _ca(certificate: Path, key: Path, today: datetime) -> Pair:
    """Read the CA, or make it. A key without a certificate is a first start that was cut short."""
    if not certificate.exists():
        made = make_ca(today)
        _write(made, certificate, key)
        return made
    remedy = f"restore it, or remove {certificate.name} and {key.name} to have a new CA made, which clients must be told"
    if not key.exists():
        raise TrustProblem(f"{key} is missing: {remedy}")
    found = _read(certificate, key)
    if found is None or not found.matches:
        raise TrustProblem(f"{certificate} and {key.name} are not a certificate and its key: {remedy}")
    end = found.certificate.not_valid_after_utc
    if end - today < RENEWAL:
        raise TrustProblem(f"{certificate} is at its end ({end:%Y-%m-%d}): {remedy}")
    return found


def _usable(trust: Trust, ca: Pair, hosts: frozenset[str], today: datetime) -> bool:
    """Say whether the server certificate can stay: whole, ours, for these hosts, and good for a while yet."""
    if not (trust.certificate.exists() and trust.key.exists()):
        return False
    server = _read(trust.certificate, trust.key)
    return (
        server is not None
        and server.matches
        and signed_by(server.certificate, ca.certificate)
        and names_of(server.certificate) == hosts
        and server.certificate.not_valid_before_utc <= today
        and server.certificate.not_valid_after_utc - today >= RENEWAL
    )


def _read(certificate: Path, key: Path) -> Pair | None:
    try:
        loaded = serialization.load_pem_private_key(key.read_bytes(), password=None)
        pair = x509.load_pem_x509_certificate(certificate.read_bytes())
    except ValueError:
        return None
    return Pair(pair, loaded) if isinstance(loaded, EllipticCurvePrivateKey) else None


def _write(pair: Pair, certificate: Path, key: Path) -> None:
    """Write the key before the certificate: whoever finds the certificate finds its key."""
    _replace(
        key,
        pair.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        0o600,
    )
    _replace(certificate, pair.certificate.public_bytes(serialization.Encoding.PEM), 0o644)


def _replace(path: Path, content: bytes, mode: int) -> None:
    """Write a file whole or not at all, never readable by more than `mode` says."""
    beside = path.with_name(path.name + ".new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        os.fchmod(file.fileno(), mode)  # whatever the process's umask takes away
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _name(host: str) -> str:
    """Spell a host as a certificate does; empty for a wildcard address, which stands for no host in particular."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host.lower().encode("idna").decode("ascii")
    return "" if address.is_unspecified else str(address)
