"""The guarded client, against servers on this machine."""

from __future__ import annotations

import asyncio
import base64
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from net.certificates import make_certificates
from roomtone.core.exchange import Parameters
from roomtone.core.values import Method
from roomtone.dialects.limits import Patience, Trouble
from roomtone.net.client import Client, Settings
from roomtone.net.cookies import Cookies
from roomtone.net.words import Answer, FaultKind, NetFault, Question

PATIENCE = Patience(connect_s=5, read_s=5, total_s=10, redirects=3)
Handle = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Names(AbstractResolver):
    """Finds names in a table."""

    def __init__(self, **table: list[str]) -> None:
        self.table = {name.replace("_", "."): found for name, found in table.items()}
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked.append(host)
        if host not in self.table:
            raise OSError(f"no {host}")
        flags = socket.AI_NUMERICHOST
        return [
            ResolveResult(hostname=host, host=one, port=port, family=family, proto=0, flags=flags)
            for one in self.table[host]
        ]

    async def close(self) -> None:
        return None


async def drip(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(100):
        await response.write(b".")
        await asyncio.sleep(0.05)
    return response


async def endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    response.content_type = "audio/mpeg"
    await response.prepare(request)
    while True:
        await response.write(b"x" * 65_536)


class Customer:
    """A server of the test's own; every path answers as it was told, and what came is kept."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.closing = asyncio.Event()
        self.ways: dict[str, Handle] = {"/silence": self.keep_silent, "/drip": drip, "/endless": endless}
        self.seen: list[tuple[str, str, str, Mapping[str, str]]] = []

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def says(self, path: str, text: str = "hello", status: int = 200, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}

        async def handle(_: web.Request) -> web.Response:
            return web.Response(text=text, status=status, headers=named)

        self.ways[path] = handle

    async def keep_silent(self, _: web.Request) -> web.Response:
        await self.closing.wait()
        return web.Response()

    async def take(self, request: web.Request) -> web.StreamResponse:
        self.seen.append((request.method, request.raw_path, await request.text(), request.headers))
        if (handle := self.ways.get(request.path)) is None:
            return web.Response(status=404, text="nothing here")
        return await handle(request)


@asynccontextmanager
async def serving(tls: ssl.SSLContext | None = None) -> AsyncIterator[Customer]:
    one = Customer(0)
    runner = web.ServerRunner(web.Server(one.take), shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    one.port = runner.addresses[0][1]
    try:
        yield one
    finally:
        one.closing.set()
        await runner.cleanup()


@pytest.fixture
async def customer() -> AsyncIterator[Customer]:
    async with serving() as one:
        yield one


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with Client(Settings()) as one:
        yield one


def get(url: str, **changes: object) -> Question:
    return Question(**({"method": Method.GET, "url": url, "patience": PATIENCE} | changes))  # type: ignore[arg-type]


def post(url: str, **changes: object) -> Question:
    return get(url, method=Method.POST, **changes)


async def fault(client: Client, question: Question) -> FaultKind:
    outcome = await client.ask(question)
    assert isinstance(outcome, NetFault), outcome
    assert outcome.problem
    return outcome.kind


async def answer(client: Client, question: Question) -> Answer:
    outcome = await client.ask(question)
    assert isinstance(outcome, Answer), outcome
    return outcome


# Asking --------------------------------------------------------------------------------------------------------------

FORM: Parameters = (("CallSid", "CA1"), ("From", "+1 555"), ("Empty", ""), ("Ü", "ä&="))


async def test_a_post_carries_its_parameters_as_a_form(client: Client, customer: Customer) -> None:
    customer.says("/v", "<Response/>", Content_Type="text/xml")
    said = await answer(client, post(customer.url("/v?a=1"), form=FORM))
    assert (said.status, said.body, said.headers["content-type"]) == (
        200,
        b"<Response/>",
        "text/xml; charset=utf-8",
    )
    assert said.url == customer.url("/v?a=1")
    method, path, body, headers = customer.seen[0]
    assert (method, path) == ("POST", "/v?a=1")
    assert body == "CallSid=CA1&From=%2B1+555&Empty=&%C3%9C=%C3%A4%26%3D"
    assert headers["Content-Type"] == "application/x-www-form-urlencoded; charset=utf-8"
    assert headers["Accept-Encoding"] == "identity"
    assert "Cookie" not in headers


async def test_a_get_carries_them_in_its_query_and_the_answer_comes_from_the_url_without_them(
    client: Client, customer: Customer
) -> None:
    customer.says("/v")
    said = await answer(client, get(customer.url("/v?a=%2f~#rt=100"), form=FORM[:2]))
    assert customer.seen[0][:3] == ("GET", "/v?a=%2f~&CallSid=CA1&From=%2B1+555", "")
    assert said.url == customer.url("/v?a=%2f~")


async def test_any_status_is_an_answer(client: Client, customer: Customer) -> None:
    assert (await answer(client, get(customer.url("/none")))).status == 404


async def test_a_user_in_the_url_is_sent_as_basic_authorization_and_never_shown(
    client: Client, customer: Customer
) -> None:
    customer.says("/v")
    said = await answer(client, get(f"http://anna:p%40ss@127.0.0.1:{customer.port}/v"))
    expected = "Basic " + base64.b64encode(b"anna:p@ss").decode()
    assert customer.seen[0][3]["Authorization"] == expected
    assert "anna" not in said.url


async def test_no_cookie_is_kept(client: Client, customer: Customer) -> None:
    customer.says("/v", Set_Cookie="a=1; Path=/")
    await answer(client, get(customer.url("/v")))
    await answer(client, get(customer.url("/v")))
    assert "Cookie" not in customer.seen[1][3]


async def test_what_is_signed_is_what_is_asked(client: Client, customer: Customer) -> None:
    signed: list[tuple[str, Parameters, Method]] = []

    def sign(url: str, parameters: Parameters, method: Method) -> Mapping[str, str]:
        signed.append((url, parameters, method))
        return {"X-Signature": f"number {len(signed)}"}

    customer.says("/v", status=302, Location="/w")
    customer.says("/w")
    await answer(client, post(customer.url("/v"), form=FORM, sign=sign))
    assert signed == [(customer.url("/v"), FORM, Method.POST), (customer.url("/w"), (), Method.GET)]
    assert [headers["X-Signature"] for *_, headers in customer.seen] == ["number 1", "number 2"]


def sign_with(key: str) -> Callable[[str, Parameters, Method], Mapping[str, str]]:
    return lambda *_: {"X-Signature": key}


def only_for(customer: Customer, path: str, key: str, status: int = 403) -> None:
    """Let nobody in there without this signature."""

    async def handle(request: web.Request) -> web.Response:
        return web.Response(status=204 if request.headers["X-Signature"] == key else status)

    customer.ways[path] = handle


@pytest.mark.parametrize("status", [401, 403])
async def test_a_server_that_knows_the_former_key_alone_is_asked_once_more(
    client: Client, customer: Customer, status: int
) -> None:
    only_for(customer, "/v", "former", status)
    question = post(customer.url("/v"), form=FORM, sign=sign_with("new"), sign_again=sign_with("former"))
    found = await answer(client, question)
    assert (found.status, found.signed_again) == (204, True)
    body = urlencode(FORM)
    assert [(method, sent, headers["X-Signature"]) for method, _, sent, headers in customer.seen] == [
        ("POST", body, "new"), ("POST", body, "former"),
    ]  # fmt: skip


async def test_a_server_that_knows_neither_key_is_asked_no_third_time(
    client: Client, customer: Customer
) -> None:
    only_for(customer, "/v", "another")
    question = post(customer.url("/v"), form=FORM, sign=sign_with("new"), sign_again=sign_with("former"))
    found = await answer(client, question)
    assert (found.status, found.signed_again, len(customer.seen)) == (403, False, 2)


async def test_without_another_key_nobody_is_asked_twice(client: Client, customer: Customer) -> None:
    only_for(customer, "/v", "another")
    question = post(customer.url("/v"), form=FORM, sign=sign_with("new"), sign_again=lambda *_: None)
    assert (await answer(client, question)).status == 403
    assert len(customer.seen) == 1


async def test_the_beginning_of_an_answer_that_is_not_read_is_taken_along(
    client: Client, customer: Customer
) -> None:
    customer.says("/v", "x" * 3_000)
    found = await answer(client, post(customer.url("/v"), wants_body=False, peek_bytes=1_024))
    assert found.body == b"x" * 1_024


@pytest.mark.parametrize("path", ["/endless", "/drip"])
async def test_nobody_waits_for_a_beginning(client: Client, customer: Customer, path: str) -> None:
    found = await answer(client, post(customer.url(path), wants_body=False, peek_bytes=1 << 20))
    assert found.status == 200
    assert found.body


async def test_an_answer_that_came_in_time_is_no_time_out_for_what_trickles_behind_it(
    client: Client, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("roomtone.net.client._PEEK_S", 30.0)
    question = post(customer.url("/drip"), wants_body=False, peek_bytes=1 << 20)
    found = await answer(client, replace(question, patience=replace(PATIENCE, total_s=3.0)))
    assert found.status == 200


async def test_a_compressed_answer_has_no_beginning(client: Client, customer: Customer) -> None:
    customer.says("/v", "rubbish", Content_Encoding="gzip")
    found = await answer(client, post(customer.url("/v"), wants_body=False, peek_bytes=1_024))
    assert (found.status, found.body) == (200, b"")


async def test_a_closed_client_can_ask_again(client: Client, customer: Customer) -> None:
    customer.says("/v")
    await answer(client, get(customer.url("/v")))
    await client.close()
    await client.close()
    assert (await answer(client, get(customer.url("/v")))).status == 200


# Redirects -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "method"), [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")]
)
async def test_a_redirect_is_followed_without_the_parameters_or_the_password(
    client: Client, customer: Customer, status: int, method: str
) -> None:
    customer.says("/v", status=status, Location="../w?x=1")
    customer.says("/w")
    said = await answer(client, post(f"http://a:b@127.0.0.1:{customer.port}/v", form=FORM))
    assert said.url == customer.url("/w?x=1")
    assert customer.seen[1][:3] == (method, "/w?x=1", "")
    assert "Authorization" not in customer.seen[1][3]


async def test_a_storys_cookies_are_kept_and_sent_on_the_way_of_a_redirect_too(
    client: Client, customer: Customer
) -> None:
    customer.says("/v", status=302, Location="/w", Set_Cookie="session=abc; Path=/")
    customer.says("/w")
    story = Cookies()
    for _ in range(2):
        await answer(client, post(customer.url("/v"), cookies=story))
    await answer(client, post(customer.url("/v")))
    sent = [headers.get("Cookie") for _, _, _, headers in customer.seen]
    assert sent == [None, "session=abc", "session=abc", "session=abc", None, None]


async def test_redirects_are_followed_only_so_often(client: Client, customer: Customer) -> None:
    customer.says("/v", status=302, Location="/v")
    assert await fault(client, get(customer.url("/v"))) is FaultKind.TOO_MANY_REDIRECTS
    assert len(customer.seen) == PATIENCE.redirects + 1


async def test_the_last_redirect_allowed_is_followed(client: Client, customer: Customer) -> None:
    for number in range(3):
        customer.says(f"/{number}", status=302, Location=f"/{number + 1}")
    customer.says("/3")
    assert (await answer(client, get(customer.url("/0")))).status == 200


async def test_a_redirect_to_nowhere_is_an_answer(client: Client, customer: Customer) -> None:
    customer.says("/v", status=302)
    assert (await answer(client, get(customer.url("/v")))).status == 302


@pytest.mark.parametrize("location", ["http://[bad", "ftp://127.0.0.1/", "http://h:70000/"])
async def test_a_redirect_to_what_is_no_url_is_a_fault(
    client: Client, customer: Customer, location: str
) -> None:
    customer.says("/v", status=302, Location=location)
    assert await fault(client, get(customer.url("/v"))) is FaultKind.URL_INVALID


@pytest.mark.parametrize(
    "location",
    [
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:169.254.169.254]/",
        "http://[::ffff:10.0.0.1]/",
        "http://[fe80::1]/",
        "http://inwards.example/",
    ],
)
async def test_a_redirect_is_judged_like_a_first_question(customer: Customer, location: str) -> None:
    customer.says("/v", status=302, Location=location)
    async with Client(Settings(), Names(inwards_example=["192.168.0.7"])) as client:
        assert await fault(client, get(customer.url("/v"))) is FaultKind.ADDRESS_REFUSED


# Whom it asks --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "017700000001", "0177.0.0.1",
        "0", "0.0.0.0", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:7f00:1]",
        "[64:ff9b::7f00:1]", "[::127.0.0.1]", "127.0.0.1.", "\u2460\u2461\u2466.\u24ea.\u24ea.\u2460", "169.254.169.254",
        "[fe80::1]", "224.0.0.1", "255.255.255.255", "10.0.0.1", "[fd00:ec2::254]",
    ],
)  # fmt: skip
async def test_without_leave_no_spelling_leads_to_this_machine_or_the_network_around_it(host: str) -> None:
    async with Client(Settings(allow_networks=())) as client:
        found = await fault(client, get(f"http://{host}:1/"))
    assert found in {FaultKind.ADDRESS_REFUSED, FaultKind.URL_INVALID}


async def test_a_name_is_judged_by_every_address_it_has(customer: Customer) -> None:
    customer.says("/v")
    names = Names(mixed_example=["10.0.0.1", "127.0.0.1"], inner_example=["10.0.0.1", "fe80::1"])
    async with Client(Settings(), names) as client:
        said = await answer(client, get(f"http://mixed.example:{customer.port}/v"))
        assert said.status == 200
        assert customer.seen[0][3]["Host"] == f"mixed.example:{customer.port}"
        assert await fault(client, get("http://inner.example/")) is FaultKind.ADDRESS_REFUSED


async def test_a_name_that_turns_inwards_is_caught_at_its_next_connection(customer: Customer) -> None:
    customer.says("/v", Connection="close")
    names = Names(turning_example=["127.0.0.1"])
    async with Client(Settings(), names) as client:
        url = f"http://turning.example:{customer.port}/v"
        assert (await answer(client, get(url))).status == 200
        names.table["turning.example"] = ["10.0.0.1"]
        assert await fault(client, get(url)) is FaultKind.ADDRESS_REFUSED
    assert names.asked == ["turning.example", "turning.example"]


@pytest.mark.parametrize("url", ["", "nonsense", "ftp://h/", "http://", "http://h:99999/", "http://a b/", "http://ä..b/", "http://" + "x" * 300 + ".example/"])  # fmt: skip
async def test_what_is_no_url_is_a_fault(client: Client, url: str) -> None:
    assert await fault(client, get(url)) in {FaultKind.URL_INVALID, FaultKind.NAME_NOT_FOUND}


async def test_a_name_nobody_knows_is_a_fault() -> None:
    async with Client(Settings(), Names()) as client:
        assert await fault(client, get("http://nobody.example/")) is FaultKind.NAME_NOT_FOUND


async def test_the_environments_proxy_is_not_heeded(
    customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The environment is not ours, so it is the one thing here that is patched."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1/")
    customer.says("/v")
    async with Client(Settings()) as client:
        assert (await answer(client, get(customer.url("/v")))).status == 200


# Faults --------------------------------------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


async def test_where_nobody_listens_there_is_no_connection(client: Client) -> None:
    url = f"http://127.0.0.1:{free_port()}/"
    assert await fault(client, get(url)) is FaultKind.CONNECTION_FAILED


async def test_a_connection_that_is_not_taken_is_not_waited_for(client: Client) -> None:
    patience = Patience(connect_s=0.2, read_s=5, total_s=5, redirects=0)
    async with AsyncExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(0)  # room for one that is not accepted; the system lets the next ones wait
        for _ in range(3):
            other = stack.enter_context(socket.socket())
            other.setblocking(False)
            other.connect_ex(server.getsockname())
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        assert await fault(client, get(url, patience=patience)) is FaultKind.CONNECTION_TIMED_OUT


@pytest.mark.parametrize(
    ("path", "patience", "kind"),
    [
        ("/silence", Patience(5, 0.2, 5, 0), FaultKind.READ_TIMED_OUT),
        ("/silence", Patience(5, 5, 0.2, 0), FaultKind.TOTAL_TIMED_OUT),
        ("/drip", Patience(5, 5, 0.4, 0), FaultKind.TOTAL_TIMED_OUT),
    ],
)
async def test_a_slow_server_is_given_up(
    client: Client, customer: Customer, path: str, patience: Patience, kind: FaultKind
) -> None:
    assert await fault(client, get(customer.url(path), patience=patience)) is kind


async def test_the_total_time_covers_redirects(client: Client, customer: Customer) -> None:
    async def slow_redirect(_: web.Request) -> web.Response:
        await asyncio.sleep(0.1)
        return web.Response(status=302, headers={"Location": "/v"})

    customer.ways["/v"] = slow_redirect
    patience = Patience(5, 5, 0.35, redirects=50)
    assert await fault(client, get(customer.url("/v"), patience=patience)) is FaultKind.TOTAL_TIMED_OUT
    assert len(customer.seen) < 6


async def test_a_body_without_end_is_left_at_the_limit(client: Client, customer: Customer) -> None:
    assert await fault(client, get(customer.url("/endless"), max_bytes=100_000)) is FaultKind.TOO_LARGE


async def test_the_limit_may_depend_on_what_comes(client: Client, customer: Customer) -> None:
    asked: list[str] = []

    def limit(type_: str) -> int:
        asked.append(type_)
        return 5

    customer.says("/five", "12345", Content_Type="Text/XML; charset=utf-8")
    customer.says("/six", "123456")
    assert (await answer(client, get(customer.url("/five"), max_bytes=limit))).body == b"12345"
    assert await fault(client, get(customer.url("/six"), max_bytes=limit)) is FaultKind.TOO_LARGE
    assert asked[0] == "text/xml"


async def test_a_compressed_answer_is_not_unpacked(client: Client, customer: Customer) -> None:
    customer.says("/v", Content_Encoding="gzip")
    assert await fault(client, get(customer.url("/v"))) is FaultKind.PROTOCOL_VIOLATED


@pytest.mark.parametrize(
    "spoken",
    [
        b"",
        b"garbage\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 2000 x\r\n\r\n",
    ],
)
async def test_what_is_not_http_is_a_fault(client: Client, spoken: bytes) -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(spoken)
        writer.close()

    async with await asyncio.start_server(speak, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        assert await fault(client, get(url)) is FaultKind.PROTOCOL_VIOLATED


# Trying again --------------------------------------------------------------------------------------------------------


async def test_a_failed_connection_is_tried_as_often_as_patience_says() -> None:
    names = Names()
    patience = Patience(5, 5, 5, redirects=0, attempts=3)
    async with Client(Settings(), names) as client:
        await fault(client, get("http://nobody.example/", patience=patience))
    assert len(names.asked) == 3


@pytest.mark.parametrize(("after", "asked"), [("ct", 1), ("5xx", 1), ("4xx", 3)])
async def test_a_bad_answer_is_tried_again_only_if_patience_says_so(
    client: Client, customer: Customer, after: str, asked: int
) -> None:
    patience = Patience(5, 5, 5, redirects=0, attempts=3, retry_after=frozenset({Trouble(after)}))
    assert (await answer(client, get(customer.url("/none"), patience=patience))).status == 404
    assert len(customer.seen) == asked


async def test_a_slow_answer_is_not_asked_twice(client: Client, customer: Customer) -> None:
    patience = Patience(5, 0.1, 5, redirects=0, attempts=3)
    assert await fault(client, get(customer.url("/silence"), patience=patience)) is FaultKind.READ_TIMED_OUT
    assert len(customer.seen) == 1


# TLS -----------------------------------------------------------------------------------------------------------------


async def test_a_certificate_is_checked_and_a_ca_of_ones_own_can_be_trusted(tmp_path: Path) -> None:
    ca, chain = make_certificates(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(chain)
    async with serving(context) as customer:
        customer.says("/v")
        url = f"https://127.0.0.1:{customer.port}/v"
        async with Client(Settings()) as client:
            assert await fault(client, get(url)) is FaultKind.TLS_FAILED
        async with Client(Settings(extra_ca=ca)) as client:
            assert (await answer(client, get(url))).status == 200
        async with Client(Settings(extra_ca=ca), Names(other_example=["127.0.0.1"])) as client:
            other = f"https://other.example:{customer.port}/v"
            assert await fault(client, get(other)) is FaultKind.TLS_FAILED


async def test_tls_with_a_server_that_has_none_is_a_fault(client: Client, customer: Customer) -> None:
    url = customer.url("/v").replace("http:", "https:")
    assert await fault(client, get(url)) is FaultKind.TLS_FAILED


def test_a_ca_that_cannot_be_read_is_found_at_once(tmp_path: Path) -> None:
    with pytest.raises(OSError):  # noqa: PT011 - the system words it
        Client(Settings(extra_ca=tmp_path / "none.pem"))
