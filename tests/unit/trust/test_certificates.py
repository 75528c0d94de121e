"""Certificates that strict clients accept, for the hosts they name and no others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from roomtone.trust.certificates import CA_LIFE, SERVER_LIFE, make_ca, make_server, names_of, signed_by

TODAY = datetime(2025, 6, 1, tzinfo=UTC)
CA = make_ca(TODAY)
SERVER = make_server(CA, ("localhost", "127.0.0.1", "::1"), TODAY)


def verify(host: x509.GeneralName, at: datetime = TODAY) -> None:
    """Do as a client does: build a chain to the CA under the rules of the web (RFC 5280 and CA/B)."""
    policy = PolicyBuilder().store(Store([CA.certificate])).time(at.replace(tzinfo=None))
    policy.build_server_verifier(host).verify(SERVER.certificate, [])


def extension(certificate: x509.Certificate, kind: type) -> x509.Extension:
    return certificate.extensions.get_extension_for_class(kind)


def test_the_chain_stands_for_each_name_under_the_rules_of_the_web():
    verify(x509.DNSName("localhost"))


def test_the_chain_stands_for_no_other_name():
    with pytest.raises(VerificationError):
        verify(x509.DNSName("example.com"))


@pytest.mark.parametrize("at", [TODAY - timedelta(days=2), TODAY + SERVER_LIFE + timedelta(days=1)])
def test_the_chain_stands_in_its_time_alone(at: datetime):
    with pytest.raises(VerificationError):
        verify(x509.DNSName("localhost"), at)


def test_the_ca_signs_servers_and_no_further_ca():
    basic = extension(CA.certificate, x509.BasicConstraints)
    usage = extension(CA.certificate, x509.KeyUsage)
    assert (basic.critical, basic.value.ca, basic.value.path_length) == (True, True, 0)
    assert (usage.critical, usage.value.key_cert_sign, usage.value.digital_signature) == (True, True, False)
    assert extension(CA.certificate, x509.SubjectKeyIdentifier)


def test_the_server_serves_and_calls_and_signs_nothing():
    usage = extension(SERVER.certificate, x509.KeyUsage)
    assert extension(SERVER.certificate, x509.BasicConstraints).value.ca is False
    assert (usage.critical, usage.value.digital_signature, usage.value.key_cert_sign) == (True, True, False)
    assert list(extension(SERVER.certificate, x509.ExtendedKeyUsage).value) == [
        ExtendedKeyUsageOID.SERVER_AUTH,
        ExtendedKeyUsageOID.CLIENT_AUTH,
    ]


def test_the_server_names_the_key_that_signed_it():
    """Python 3.13's default flags ask for it (RFC 5280, 4.2.1.1)."""
    signer = extension(CA.certificate, x509.SubjectKeyIdentifier).value.digest
    assert extension(SERVER.certificate, x509.AuthorityKeyIdentifier).value.key_identifier == signer


def test_lives_are_as_long_as_clients_allow():
    assert SERVER.certificate.not_valid_after_utc - TODAY == timedelta(days=397)
    assert CA.certificate.not_valid_after_utc - TODAY == CA_LIFE


def test_no_server_outlives_its_ca():
    late = TODAY + CA_LIFE - timedelta(days=40)
    assert (
        make_server(CA, ("localhost",), late).certificate.not_valid_after_utc
        == CA.certificate.not_valid_after_utc
    )


def test_a_server_is_known_by_its_ca():
    stranger = make_ca(TODAY)
    assert signed_by(SERVER.certificate, CA.certificate)
    assert not signed_by(SERVER.certificate, stranger.certificate)
    assert names_of(SERVER.certificate) == {"localhost", "127.0.0.1", "::1"}
