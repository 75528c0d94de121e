"""Certificates for tests: a CA that lasts a day, and whoever it signs."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from roomtone.trust.certificates import Pair, make_ca, make_server


@dataclass(frozen=True)
class Signed:
    """A certificate and its key, as files."""

    certificate: Path
    key: Path


class Authority:
    """A CA in a folder."""

    def __init__(self, folder: Path, name: str = "ca") -> None:
        self._folder = folder
        self._pair = make_ca(datetime.now(UTC))
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(self._pair.certificate.public_bytes(serialization.Encoding.PEM))

    def sign(self, name: str, *hosts: str) -> Signed:
        """Make a certificate for these hosts, in files of this name."""
        made = Signed(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        _write(make_server(self._pair, hosts or ("127.0.0.1",), datetime.now(UTC)), made)
        return made

    def trusting(self, shown: Signed | None = None) -> ssl.SSLContext:
        """A phone's context: believes this CA, and shows a certificate if it has one."""
        context = ssl.create_default_context(cafile=str(self.file))
        if shown is not None:
            context.load_cert_chain(shown.certificate, shown.key)
        return context


def serving(shown: Signed, clients: Authority | None = None) -> ssl.SSLContext:
    """A called phone's context: shows this certificate, and asks for one of these clients."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(shown.certificate, shown.key)
    if clients is not None:
        context.load_verify_locations(cafile=str(clients.file))
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _write(pair: Pair, files: Signed) -> None:
    files.key.write_bytes(
        pair.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    files.certificate.write_bytes(pair.certificate.public_bytes(serialization.Encoding.PEM))
