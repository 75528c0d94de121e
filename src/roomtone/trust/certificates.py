"""Making certificates: a CA of our own and, signed by it, the server's. No files, no clock.

Extensions are those that the strictest common client asks for (Python 3.13 sets VERIFY_X509_STRICT by default): key
usages marked critical, subject key identifiers, and an authority key identifier on what is signed.

Sources: RFC 5280, sections 4.2.1.1 to 4.2.1.12; CA/Browser Forum Baseline Requirements 6.3.2 (398 days, which Apple's
clients apply to private CAs too).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CA_LIFE = timedelta(days=3652)
"""Ten years: what customers put into their trust stores should outlast their machines."""

SERVER_LIFE = timedelta(days=397)

_ENDS = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH)
"""A SIP server calls as well as it is called, and shows who it is both times (RFC 5922, section 7.1)."""

SKEW = timedelta(days=1)
"""Certificates begin this much earlier, for clients whose clock is behind."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: EllipticCurvePrivateKey

    @property
    def matches(self) -> bool:
        """Whether they belong together."""
        return self.certificate.public_key() == self.key.public_key()


def make_ca(now: datetime) -> Pair:
    """Make a CA that signs servers and no further CA."""
    key = generate_private_key(SECP256R1())
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    name = _name(f"Roomtone local CA {identifier.digest.hex()[:8]}")
    usage = _usage(digital_signature=False, key_cert_sign=True, crl_sign=True)
    builder = (
        _builder(key, name, name, now, now + CA_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(identifier, critical=False)
    )
    return Pair(builder.sign(key, hashes.SHA256()), key)


def make_server(ca: Pair, hosts: Iterable[str], now: datetime) -> Pair:
    """Make a server certificate for these names and IP addresses, never valid longer than its CA."""
    key = generate_private_key(SECP256R1())
    until = min(now + SERVER_LIFE, ca.certificate.not_valid_after_utc)
    ca_identifier = ca.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    authority = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(ca_identifier)
    usage = _usage(digital_signature=True, key_cert_sign=False, crl_sign=False)
    builder = (
        _builder(key, _name("Roomtone server"), ca.certificate.subject, now, until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage(_ENDS), critical=False)
        .add_extension(x509.SubjectAlternativeName([_alternative(host) for host in hosts]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(authority, critical=False)
    )
    return Pair(builder.sign(ca.key, hashes.SHA256()), key)


def names_of(certificate: x509.Certificate) -> frozenset[str]:
    """Give the names and addresses a server certificate is for."""
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    addresses = (str(address) for address in names.get_values_for_type(x509.IPAddress))
    return frozenset((*names.get_values_for_type(x509.DNSName), *addresses))


def signed_by(certificate: x509.Certificate, ca: x509.Certificate) -> bool:
    """Say whether a certificate was issued by this CA's key."""
    try:
        certificate.verify_directly_issued_by(ca)
    except (InvalidSignature, TypeError, ValueError):
        return False
    return True


def _builder(
    key: EllipticCurvePrivateKey, subject: x509.Name, issuer: x509.Name, now: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(until)
    )


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Roomtone"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _alternative(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _usage(*, digital_signature: bool, key_cert_sign: bool, crl_sign: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
