"""What guards every answer: headers that say what a browser may do with it, and TLS that is not of yesterday."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from doors import FORM, Doors
from roomtone.api.listening import Certificate, Listening, bind
from roomtone.api.wire import protocol, refusals
from roomtone.core.moment import Moment
from roomtone.trust import CIPHERS, open_trust

NOW = Moment(1_790_000_000_000, 0)
ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


async def test_every_answer_says_what_a_browser_may_not_do() -> None:
    doors = Doors()
    speaker = doors.speaker("twilio")
    for path in ("Calls.json", "Nothing.json"):
        reply = await speaker.get(path)
        assert ALWAYS.items() <= reply.headers.items()
        assert "frame-ancestors 'none'" in reply.headers["content-security-policy"]
        assert reply.headers["cache-control"] == "no-store"
        assert "strict-transport-security" not in reply.headers


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("mode", ["navigate", "no-cors"])
@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_a_page_of_another_site_changes_nothing_with_a_login_that_the_browser_keeps(
    site: str, mode: str, method: str
) -> None:
    doors = Doors()
    speaker = doors.speaker("twilio")
    said = (("sec-fetch-site", site), ("sec-fetch-mode", mode), ("content-type", FORM))
    made = (await speaker.post("Applications", FriendlyName="desk")).json
    reply = await speaker.ask(method, made["uri"], b"FriendlyName=theirs", said)
    assert (reply.status, reply.json["code"]) == (401, 20006)
    assert (await speaker.get(made["uri"])).json["friendly_name"] == "desk"


@pytest.mark.parametrize(
    "said",
    [{}, {"site": "same-origin", "mode": "cors"}, {"site": "none", "mode": "navigate"}, {"site": "cross-site", "mode": "cors"}],
)  # fmt: skip
async def test_programs_our_own_pages_and_pages_that_bring_a_token_are_let_in(said: dict[str, str]) -> None:
    speaker = Doors().speaker("signalwire")
    headers = ((f"sec-fetch-{name}", text) for name, text in said.items())
    reply = await speaker.ask(
        "POST", "Applications", b"FriendlyName=desk", (*headers, ("content-type", FORM))
    )
    assert reply.status == 201


@pytest.mark.parametrize("mode", ["navigate", "cors", "no-cors"])
async def test_no_browser_is_made_to_ask_for_a_login(mode: str) -> None:
    """It would keep what its user answers, and send it along with whatever another site's page makes up."""
    speaker = Doors().speaker("twilio")
    path = f"{speaker.root}/Applications"
    by_page = await speaker.doors.call("GET", path, b"", (("sec-fetch-mode", mode),))
    by_program = await speaker.doors.call("GET", path, b"", ())
    assert (by_page.status, by_program.status) == (401, 401)
    assert "www-authenticate" not in by_page.headers
    assert "www-authenticate" in by_program.headers


def test_what_is_no_http_is_answered_with_the_same_guards() -> None:
    from http import HTTPStatus

    head = refusals("http://h")(b"/2010-04-01/x", HTTPStatus.BAD_REQUEST, "no").partition(b"\r\n\r\n")[0]
    assert b"\r\nx-content-type-options: nosniff" in head
    assert b"\r\ncontent-security-policy: default-src 'none'" in head


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[tuple[int, Path]]:
    """The doors by TLS: the port, and the CA to trust."""
    trust = open_trust(tmp_path, ["127.0.0.1", "calls.example"], NOW)
    door = Listening(
        Doors().app, bind("127.0.0.1", 0), Certificate(trust.certificate, trust.key), protocol(refusals(""))
    )
    door.start()
    yield door.port, trust.ca
    await door.stop()


async def ask(port: int, host: str, context: ssl.SSLContext) -> str:
    """Ask for /healthz by TLS; gives the head of the answer."""
    async with asyncio.timeout(30):
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=context, server_hostname="127.0.0.1"
        )
        writer.write(f"GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        said = await reader.read()
        writer.close()
    return said.partition(b"\r\n\r\n")[0].decode().lower()


@pytest.mark.parametrize(
    ("host", "kept"),
    [
        ("calls.example", True),
        ("calls.example:8443", True),
        ("localhost", False),
        ("localhost:8443", False),
        ("127.0.0.1:8443", False),
        ("[::1]:8443", False),
    ],
)
async def test_browsers_are_told_to_keep_to_tls_where_the_name_is_ours(
    served: tuple[int, Path], host: str, kept: bool
) -> None:
    port, ca = served
    head = await ask(port, host, ssl.create_default_context(cafile=ca))
    assert head.startswith("http/1.1 200")
    assert ("strict-transport-security: max-age=31536000" in head) is kept


async def test_tls_of_today_is_spoken(served: tuple[int, Path]) -> None:
    port, ca = served
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = ssl.create_default_context(cafile=ca)
        context.minimum_version = context.maximum_version = version
        assert (await ask(port, "h", context)).startswith("http/1.1 200")


@pytest.mark.parametrize(
    ("version", "ciphers"),
    [
        (ssl.TLSVersion.TLSv1_1, "ALL:@SECLEVEL=0"),
        (ssl.TLSVersion.TLSv1_2, "AES128-SHA256:AES256-GCM-SHA384:AES128-SHA:@SECLEVEL=0"),
        (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES256-SHA:@SECLEVEL=0"),
        (ssl.TLSVersion.TLSv1_2, "aNULL:eNULL:@SECLEVEL=0"),
    ],
)
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
async def test_tls_of_yesterday_is_not(
    served: tuple[int, Path], version: ssl.TLSVersion, ciphers: str
) -> None:
    port, ca = served
    context = ssl.create_default_context(cafile=ca)
    context.set_ciphers(ciphers)
    context.minimum_version = context.maximum_version = version
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await ask(port, "h", context)


def test_every_cipher_has_forward_secrecy_and_seals() -> None:
    for one in CIPHERS.split(":"):
        assert one.startswith("ECDHE-")
        assert "GCM" in one or "POLY1305" in one
