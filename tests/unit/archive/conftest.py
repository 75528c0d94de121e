"""A server that speaks S3, in a process of its own, on this machine."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.request import Request, urlopen

import pytest

from roomtone.archive import Bucket

PROGRAM = """
import sys, time
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
"""


@dataclass
class S3Server:
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method: str, path: str, body: bytes | None = None) -> bytes:
        with urlopen(
            Request(self.url + path, body, {"Content-Type": "text/plain"}, method=method), timeout=60
        ) as answer:
            return bytes(answer.read())

    def bucket(self, prefix: str = "") -> Bucket:
        return Bucket("sound", prefix, self.url, "us-east-1", "key", "secret", patience_s=1.0)

    def deny(self, denied: bool) -> None:
        """Have every request refused from now on, for want of rights, or none."""
        self.ask("POST", "/moto-api/reset-auth", b"0" if denied else b"inf")

    def keys(self) -> set[str]:
        listing = self.ask("GET", "/sound?list-type=2").decode()
        return {part.partition("</Key>")[0] for part in listing.split("<Key>")[1:]}

    def content(self, key: str) -> bytes:
        import obstore
        from obstore.store import S3Store

        store = S3Store(
            "sound",
            config={
                "endpoint": self.url,
                "region": "us-east-1",
                "access_key_id": "k",
                "secret_access_key": "s",
            },
            client_options={"allow_http": True},
        )
        return bytes(obstore.get(store, key).bytes())


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        line = next(one for one in running.stdout if one.strip().isdigit())
        yield S3Server(int(line))
        running.stdin.close()


@pytest.fixture
def s3(s3_server: S3Server) -> S3Server:
    s3_server.ask("POST", "/moto-api/reset", b"")
    s3_server.deny(False)
    s3_server.ask("PUT", "/sound")
    return s3_server
