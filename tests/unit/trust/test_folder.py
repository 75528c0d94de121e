"""The data folder's certificates: made once, kept, renewed in time, and believed by a client that knows the CA."""

from __future__ import annotations

import asyncio
import ssl
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from roomtone.core.moment import Moment
from roomtone.trust import Trust, TrustProblem, open_trust
from roomtone.trust.certificates import CA_LIFE, SERVER_LIFE
from roomtone.trust.folder import RENEWAL

NOW = Moment(int(datetime.now(UTC).timestamp() * 1_000), 0)
STRICT = ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
"""What Python 3.13 adds to a client's flags by default."""


def later(span: timedelta) -> Moment:
    return NOW.after(span.total_seconds())


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


async def handshake(
    trust: Trust, name: str, ca: Path | None = None, minimum: ssl.TLSVersion | None = None
) -> str:
    """Connect as a client that trusts the CA and nothing else, and give the TLS version agreed on."""
    client = ssl.create_default_context(cafile=ca or trust.ca)
    client.verify_flags |= STRICT
    if minimum is not None:
        client.minimum_version = client.maximum_version = minimum
    server = await asyncio.start_server(
        lambda _reader, writer: writer.close(), "127.0.0.1", 0, ssl=trust.context()
    )
    async with server:
        port = server.sockets[0].getsockname()[1]
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=client, server_hostname=name)
        version = writer.get_extra_info("ssl_object").version()
        writer.close()
        await writer.wait_closed()
    return version


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1", "192.0.2.7", "phones.example"])
async def test_a_strict_client_that_knows_the_ca_believes_the_server(tmp_path: Path, name: str):
    trust = open_trust(tmp_path, ["192.0.2.7", "phones.example"], NOW)
    assert await handshake(trust, name) == "TLSv1.3"


async def test_a_client_is_not_fooled_by_another_name_or_another_ca(tmp_path: Path):
    trust = open_trust(tmp_path / "ours", [], NOW)
    other = open_trust(tmp_path / "other", [], NOW)
    with pytest.raises(ssl.SSLCertVerificationError, match=r"192\.0\.2\.7"):
        await handshake(trust, "192.0.2.7")
    with pytest.raises(ssl.SSLCertVerificationError):
        await handshake(trust, "localhost", other.ca)


async def test_tls_1_2_is_the_oldest_spoken(tmp_path: Path):
    trust = open_trust(tmp_path, [], NOW)
    assert await handshake(trust, "localhost", minimum=ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
    assert trust.context().minimum_version is ssl.TLSVersion.TLSv1_2


def test_keys_are_their_owners_alone(tmp_path: Path):
    open_trust(tmp_path, [], NOW)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert modes == {"ca.key": 0o600, "server.key": 0o600, "ca.pem": 0o644, "server.pem": 0o644}


def test_a_second_start_changes_nothing(tmp_path: Path):
    open_trust(tmp_path, ["0.0.0.0", "0:0::1", "LOCALHOST"], NOW)
    before = contents(tmp_path)
    open_trust(tmp_path, ["::", "127.0.0.1"], later(SERVER_LIFE - RENEWAL))
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    ("hosts", "at"),
    [
        (["phones.example"], NOW),
        ([], later(SERVER_LIFE - RENEWAL + timedelta(seconds=1))),
        ([], later(timedelta(days=-30))),
    ],
    ids=["another host", "near its end", "clock set back"],
)
def test_the_server_is_renewed_when_need_be_and_the_ca_is_kept(tmp_path: Path, hosts: list[str], at: Moment):
    open_trust(tmp_path, [], NOW)
    before = contents(tmp_path)
    open_trust(tmp_path, hosts, at)
    after = contents(tmp_path)
    assert {name for name in before if before[name] != after[name]} == {"server.pem", "server.key"}


@pytest.mark.parametrize(
    "harm",
    [
        lambda folder: (folder / "server.key").unlink(),
        lambda folder: (folder / "server.pem").unlink(),
        lambda folder: (folder / "server.pem").write_bytes(b"torn"),
        lambda folder: (folder / "server.key").write_bytes((folder / "ca.key").read_bytes()),
    ],
    ids=["no key", "no certificate", "torn", "another's key"],
)
async def test_a_server_certificate_that_came_to_harm_is_made_anew(
    tmp_path: Path, harm: Callable[[Path], None]
):
    open_trust(tmp_path, [], NOW)
    ca = (tmp_path / "ca.pem").read_bytes()
    harm(tmp_path)
    trust = open_trust(tmp_path, [], NOW)
    await handshake(trust, "localhost")
    assert (tmp_path / "ca.pem").read_bytes() == ca


def test_a_first_start_that_was_cut_short_is_begun_again(tmp_path: Path):
    """The key is written before the certificate, so there may be one without the other."""
    (tmp_path / "ca.key").write_bytes(b"half")
    open_trust(tmp_path, [], NOW)
    open_trust(tmp_path, [], NOW)


@pytest.mark.parametrize(
    ("harm", "word"),
    [
        (lambda folder: (folder / "ca.key").unlink(), "missing"),
        (lambda folder: (folder / "ca.pem").write_bytes(b"torn"), "not a certificate and its key"),
        (
            lambda folder: (folder / "ca.key").write_bytes((folder / "server.key").read_bytes()),
            "not a certificate and its key",
        ),
    ],
    ids=["no key", "torn", "another's key"],
)
def test_a_ca_that_came_to_harm_is_not_replaced_behind_anybodys_back(
    tmp_path: Path, harm: Callable[[Path], None], word: str
):
    open_trust(tmp_path, [], NOW)
    harm(tmp_path)
    before = contents(tmp_path)
    with pytest.raises(TrustProblem, match=f"{word}.*restore it, or remove ca.pem and ca.key"):
        open_trust(tmp_path, [], NOW)
    assert contents(tmp_path) == before


def test_a_ca_at_its_end_is_not_replaced_either(tmp_path: Path):
    open_trust(tmp_path, [], NOW)
    with pytest.raises(TrustProblem, match="at its end"):
        open_trust(tmp_path, [], later(CA_LIFE - RENEWAL + timedelta(days=1)))


def test_a_folder_that_cannot_be_written_is_a_problem(tmp_path: Path):
    (tmp_path / "folder").write_text("a file where the folder should be")
    with pytest.raises(TrustProblem, match="folder"):
        open_trust(tmp_path / "folder", [], NOW)
