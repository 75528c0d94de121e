"""The inspector's own parts: forwarding as it came, and telling what a stranger's server said."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from click.testing import CliRunner

from keeping import started
from rooms import NOW, PROJECT, A
from roomtone.cli import main
from roomtone.core.ids import CallId, ConferenceId, ProjectId
from roomtone.core.inspection import About, Logged, Said
from roomtone.core.project import Project
from roomtone.dialects import TWILIO
from roomtone.inspector import listening, telling
from roomtone.inspector.forwarding import Forwarder, Passed
from roomtone.inspector.reading import Line
from roomtone.store import open_store

OWN = "a key of our own making, by dice"
SAID = Said(
    "POST", "https://app.example.com/told", (("X-Twilio-Signature", "s="),), (("CallSid", "CA1"),), "text\nover",
    answered=(("server", "\x1b[31mred"),), body="line one\n\x1b]0;title\x07",
)  # fmt: skip
LOGGED = Logged(About(ProjectId(1), CallId(1)), "call-completed", "e1", 2, 0, 12, 500, None, SAID)


@pytest.fixture
async def application() -> AsyncIterator[tuple[str, list[tuple[str, str, dict[str, str], bytes]]]]:
    """An application, and what it was asked."""
    heard: list[tuple[str, str, dict[str, str], bytes]] = []

    async def answer(request: web.Request) -> web.Response:
        heard.append((request.method, request.raw_path, dict(request.headers), await request.read()))
        return web.Response(status=418, text="<R/>", headers={"X-Own": "1"}, content_type="text/xml")

    runner = web.ServerRunner(web.Server(answer), shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}", heard
    await runner.cleanup()


async def test_what_comes_goes_on_as_it_is_and_the_answer_back(application) -> None:
    target, heard = application
    told: list[Passed] = []
    async with Forwarder(target, told.append) as forwarder, aiohttp.ClientSession() as session:
        await forwarder.listen("127.0.0.1", 0)
        own = "{}:{}".format(*forwarder.address)
        body = b"CallStatus=ringing&A=%20b+c"
        headers = {"X-Twilio-Signature": "s=", "Content-Type": "application/x-www-form-urlencoded"}
        async with session.post(f"http://{own}/v/%2Fx?a='b'", data=body, headers=headers) as answer:
            assert (answer.status, answer.headers["X-Own"], await answer.text()) == (418, "1", "<R/>")
    (method, path, sent, came) = heard[0]
    assert (method, path.partition("?")[0], came) == ("POST", "/v/%2Fx", body)
    assert (sent["Host"], sent["X-Twilio-Signature"]) == (own, "s=")
    assert (told[0].status, told[0].parameters["CallStatus"]) == (418, "ringing")


async def test_an_application_that_is_not_there_is_told_of() -> None:
    told: list[Passed] = []
    async with Forwarder("http://127.0.0.1:1", told.append) as forwarder, aiohttp.ClientSession() as session:
        await forwarder.listen("127.0.0.1", 0)
        async with session.get("http://{}:{}/".format(*forwarder.address)) as answer:
            assert answer.status == 502
    assert told[0].status is None
    assert told[0].problem


async def test_a_copy_is_what_was_said_to_somebody_else(application) -> None:
    target, heard = application
    async with Forwarder(target, lambda _: None) as forwarder:
        await forwarder.copy(SAID)
        await forwarder.copy(Said("GET", "http://other/x?a=b", (), (("C", "d e"),)))
    assert [(method, path, body) for method, path, _, body in heard] == [
        ("POST", "/told", b"CallSid=CA1"), ("GET", "/x?a=b&C=d+e", b""),
    ]  # fmt: skip
    assert (heard[0][2]["Host"], heard[0][2]["X-Forwarded-Proto"]) == ("app.example.com", "https")


def test_what_a_strangers_server_said_steers_no_terminal() -> None:
    told = "\n".join(telling.whole(Line(7, LOGGED, TWILIO.sids)))
    assert "\x1b]" not in told
    assert "\x1b[31mred" not in told
    assert "#7" in told
    assert "attempt 2" in told
    assert "text\nover" in told, "the signed text is as it was"


def test_a_key_is_exchanged_at_the_command_line(tmp_path) -> None:
    def run(*words: str) -> dict[str, object]:
        done = CliRunner().invoke(main, [*words, "--data", str(tmp_path)])
        assert done.exit_code == 0, done.output
        found = json.loads(done.output.splitlines()[-1])
        assert isinstance(found, dict)
        return found

    made = run("project", "create")
    sid = str(made["sid"])
    changed = run("project", "rotate-key", "--sid", sid, "--overlap", "90s")
    assert changed["signing_key"] != made["signing_key"]
    assert changed["previous_until"] is not None
    given = run("project", "rotate-key", "--sid", sid, "--key", OWN)
    assert given["signing_key"] == OWN
    assert run("project", "rotate-key", "--sid", sid, "--done")["previous_until"] is None


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("callbacks", "replay"), "say which"),
        (("project", "rotate-key", "--sid", "x", "--key", OWN[:-1]), "at least 32 printable"),
        (("callbacks", "show", "nothing"), "neither an event nor a line"),
        (("callbacks", "replay", "--since", "soon"), "no moment"),
        (("callbacks", "tail", "--call", "x"), "no sid"),
        (("listen", "--forward", "localhost:3000"), "no http or https address"),
        (("listen", "--forward", "http://h", "--on", "here"), "HOST:PORT"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(tmp_path, words: tuple[str, ...], told: str) -> None:
    done = CliRunner().invoke(main, [*words, "--data", str(tmp_path)])
    assert done.exit_code != 0
    assert told in done.output


async def expired(data: Path) -> str:
    """Have a conference's callbacks expire without an attempt, and give the event id of one."""
    async with open_store(data / "roomtone.db") as store:
        for id_ in (PROJECT, ProjectId(77)):
            await store.add_project(Project(id_, "p", "twilio", "k", 0), f"token {id_.hex}")
        await started(store, 1, [A])
        later = NOW.after(60).wall_ms
        assert await store.expire(later, later)
        return (await store.dead())[0].event_id


@pytest.mark.parametrize(("of", "whose"), [("name", PROJECT), ("--conference", PROJECT), ("--since", PROJECT),
                                           ("name", ProjectId(77)), ("--conference", ProjectId(77))])  # fmt: skip
def test_what_expired_without_an_attempt_is_told_again(tmp_path: Path, of: str, whose: ProjectId) -> None:
    event = asyncio.run(expired(tmp_path))
    which = {
        "name": [event.upper()],
        "--conference": ["--conference", TWILIO.sids.show(ConferenceId(1))],
        "--since": ["--since", "1970-01-01T00:00:00Z"],
    }
    words = ["callbacks", "replay", *which[of], "--sid", TWILIO.sids.show(whose), "--data", str(tmp_path)]
    done = CliRunner().invoke(main, words)
    if whose == PROJECT:
        assert done.exit_code == 0, done.output
        assert json.loads(done.output.splitlines()[-1])["replayed"] >= 1
    elif of == "name":
        assert "neither an event nor a line" in done.output
    else:
        assert json.loads(done.output.splitlines()[-1]) == {"replayed": 0}


def test_what_a_stranger_asks_steers_no_terminal_either() -> None:
    passed = Passed("POST", "/x", {"CallStatus": "\x1b]0;title\x07"}, 200, None, 1, copied=False)
    assert "\x1b]" not in listening._line(passed)
