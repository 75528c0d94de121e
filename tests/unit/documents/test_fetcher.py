"""Fetching: answers of every kind become what the switchboard understands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from http.cookies import SimpleCookie

import pytest
import yarl
from aiohttp import web

from documents.audio import tone_file
from roomtone.core.exchange import (
    Fetched,
    FetchedAudio,
    FetchedDocument,
    FetchFailed,
    FetchRequest,
    Parameters,
)
from roomtone.core.ids import CallId, ProjectId
from roomtone.core.project import Project
from roomtone.core.values import Method
from roomtone.dialects.limits import Patience
from roomtone.dialects.signalwire.limits import LIMITS
from roomtone.documents.fetcher import CALLS_WITH_COOKIES, PROBLEMS, Fetcher, Settings
from roomtone.net.client import Client
from roomtone.net.client import Settings as NetSettings
from roomtone.net.words import Answer, FaultKind, NetFault, Question

PROJECT = Project(ProjectId(1), "Test", "signalwire", "key", 0)
URL = "http://app.example.com/voice"
XML = "text/xml; charset=utf-8"
WAV = tone_file(seconds=0.5)


class Script:
    """Stands in for the client: answers from a list, keeps the questions."""

    def __init__(self, *answers: Answer | NetFault) -> None:
        self.answers = list(answers)
        self.questions: list[Question] = []
        self.asked = asyncio.Event()
        self.gate: asyncio.Event | None = None

    async def ask(self, question: Question) -> Answer | NetFault:
        self.questions.append(question)
        self.asked.set()
        if self.gate is not None:
            await self.gate.wait()
        return self.answers.pop(0)


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def sign(project: Project, url: str, parameters: Parameters, method: Method) -> Mapping[str, str]:
    return {"X-Signature": f"{project.signing_key} {method} {url} {len(parameters)}"}


def patience(_: Project, url: str) -> Patience:
    return Patience(1, 1, 1, redirects=1 if "few" in url else 3)


def fetcher(
    client: Script | Client, settings: Settings | None = None, clock: Callable[[], float] | None = None
) -> Fetcher:
    return Fetcher(client, sign=sign, patience=patience, settings=settings, clock=clock or Clock())


def said(body: bytes, type_: str = XML, status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, URL, {"content-type": type_, **named}, body)


def for_document(**changes: object) -> FetchRequest:
    plain: dict[str, object] = {
        "project": PROJECT,
        "url": URL,
        "method": Method.POST,
        "parameters": (("CallSid", "CA1"),),
    }
    return FetchRequest(**(plain | changes))  # type: ignore[arg-type]


def for_audio(url: str = URL) -> FetchRequest:
    return for_document(url=url, method=Method.GET, audio_only=True)


async def fetch(answer: Answer | NetFault, request: FetchRequest | None = None) -> Fetched:
    return await fetcher(Script(answer)).fetch(request or for_document())


# Documents -----------------------------------------------------------------------------------------------------------


async def test_a_document_is_handed_on_unread() -> None:
    assert await fetch(said("<R>é</R>".encode())) == FetchedDocument("<R>é</R>", URL)


async def test_plain_text_is_to_be_spoken_unless_it_is_a_document() -> None:
    spoken = await fetch(said(b"Hello & welcome", "text/plain"))
    assert spoken == FetchedDocument("<Response><Say>Hello &amp; welcome</Say></Response>", URL)
    assert await fetch(said(b" <Response/>", "text/plain")) == FetchedDocument(" <Response/>", URL)
    assert await fetch(said(b"", "text/plain")) == FetchedDocument("", URL)


async def test_a_question_carries_parameters_signature_and_patience() -> None:
    client = Script(said(b""))
    await fetcher(client).fetch(for_document(url=URL + "#few"))
    (question,) = client.questions
    assert (question.method, question.url, question.form) == (
        Method.POST,
        URL + "#few",
        (("CallSid", "CA1"),),
    )
    assert question.patience.redirects == 1
    assert question.sign is not None
    assert question.sign("http://x/", (("a", "b"),), Method.GET) == {"X-Signature": "key GET http://x/ 1"}


async def test_a_document_may_be_short_only_and_audio_long() -> None:
    client = Script(said(b""))
    await fetcher(client).fetch(for_document())
    limit = client.questions[0].max_bytes
    assert not isinstance(limit, int)
    assert (limit("text/xml"), limit("audio/mpeg"), limit("text/html")) == (65_536, 40_000_000, 65_536)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (said(b"", status=404), 11217),
        (said(b"", status=500), 11217),
        (said(b"", status=302), 11217),
        (said(b"", status=304), 11217),
        (said(b"{}", "application/json"), 12300),
        (said(b"hello", "image/png"), 12300),
        (said(b"hello", "audio/mpeg"), 13420),
    ],
)
async def test_an_answer_of_no_use_is_a_failure_with_a_number(answer: Answer, code: int) -> None:
    fetched = await fetch(answer)
    assert isinstance(fetched, FetchFailed)
    assert (fetched.code, fetched.url) == (code, URL)
    assert fetched.problem


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (FaultKind.URL_INVALID, 11100),
        (FaultKind.READ_TIMED_OUT, 11200),
        (FaultKind.TOTAL_TIMED_OUT, 11200),
        (FaultKind.CONNECTION_FAILED, 11205),
        (FaultKind.CONNECTION_TIMED_OUT, 11205),
        (FaultKind.ADDRESS_REFUSED, 11205),
        (FaultKind.NAME_NOT_FOUND, 11210),
        (FaultKind.TOO_MANY_REDIRECTS, 11215),
        (FaultKind.TLS_FAILED, 11220),
        (FaultKind.PROTOCOL_VIOLATED, 11251),
        (FaultKind.TOO_LARGE, 11750),
    ],
)
async def test_a_fault_is_a_failure_with_a_number(kind: FaultKind, code: int) -> None:
    assert await fetch(NetFault(kind, "why", "http://there/")) == FetchFailed(code, "why", "http://there/")


async def test_a_url_too_broken_to_be_read_is_a_failure_too() -> None:
    def strict(project: Project, url: str) -> Patience:
        return LIMITS.documents_at(url)

    one = Fetcher(Script(), sign=sign, patience=strict)
    fetched = await one.fetch(for_document(url="http://[broken"))
    assert isinstance(fetched, FetchFailed)
    assert fetched.code == 11100


def test_every_fault_has_a_number() -> None:
    assert PROBLEMS.keys() == set(FaultKind)


async def test_a_dialect_may_number_a_bad_status_in_its_own_way() -> None:
    one = Fetcher(Script(said(b"", status=503)), sign=sign, patience=patience, unfit_status=lambda _: 11200)
    fetched = await one.fetch(for_document())
    assert isinstance(fetched, FetchFailed)
    assert fetched.code == 11200


# Audio ---------------------------------------------------------------------------------------------------------------


async def test_audio_in_place_of_a_document_is_decoded() -> None:
    fetched = await fetch(said(WAV, "audio/x-wav"))
    assert isinstance(fetched, FetchedAudio)
    assert (fetched.clip.rate_hz, fetched.clip.duration_s, fetched.url) == (8_000, 0.5, URL)


async def test_a_file_to_play_is_asked_for_without_parameters() -> None:
    client = Script(said(WAV, "application/octet-stream"))
    fetched = await fetcher(client).fetch(for_audio())
    assert isinstance(fetched, FetchedAudio)
    assert (client.questions[0].method, client.questions[0].form) == (Method.GET, ())


@pytest.mark.parametrize("answer", [said(b"<html/>", "text/html"), said(b"", "audio/wav"), said(b"<R/>", "")])
async def test_a_file_to_play_that_is_no_audio_says_so(answer: Answer) -> None:
    fetched = await fetch(answer, for_audio())
    assert isinstance(fetched, FetchFailed)
    assert fetched.code == 13420


async def test_a_file_to_play_that_is_too_large_is_no_audio_for_us() -> None:
    fetched = await fetch(NetFault(FaultKind.TOO_LARGE, "too large", URL), for_audio())
    assert fetched == FetchFailed(13420, "too large", URL)


async def test_audio_that_is_too_long_is_refused() -> None:
    client = Script(said(WAV, "audio/wav"))
    fetched = await fetcher(client, Settings(max_audio_s=0.1)).fetch(for_audio())
    assert isinstance(fetched, FetchFailed)
    assert "longer than" in fetched.problem


# Keeping -------------------------------------------------------------------------------------------------------------


async def test_audio_is_not_asked_for_while_it_is_fresh() -> None:
    clock, client = Clock(), Script(*[said(WAV, "audio/wav", cache_control="max-age=60")] * 2)
    one = fetcher(client, clock=clock)
    first = await one.fetch(for_audio())
    clock.now_s += 59
    assert await one.fetch(for_audio()) is first
    clock.now_s += 2
    assert await one.fetch(for_audio()) == first
    assert len(client.questions) == 2


async def test_stale_audio_is_asked_for_by_its_tag_and_not_sent_again() -> None:
    answers = (said(WAV, "audio/wav", etag='"1"'), said(b"", "", 304, cache_control="max-age=9"))
    client = Script(*answers)
    one = fetcher(client)
    first = await one.fetch(for_audio())
    assert await one.fetch(for_audio()) is first
    assert client.questions[1].headers == {"If-None-Match": '"1"'}
    assert await one.fetch(for_audio()) is first
    assert len(client.questions) == 2


async def test_audio_that_has_changed_takes_the_place_of_the_old() -> None:
    other = tone_file(hz=800, seconds=0.5)
    client = Script(
        said(WAV, "audio/wav", etag='"1"'), said(other, "audio/wav", etag='"2"'), said(b"", "", 304)
    )
    one = fetcher(client)
    first, second, third = [await one.fetch(for_audio()) for _ in range(3)]
    assert first != second
    assert third is second
    assert client.questions[2].headers == {"If-None-Match": '"2"'}


async def test_nothing_is_kept_across_projects() -> None:
    client = Script(*[said(WAV, "audio/wav", cache_control="max-age=60")] * 2)
    one = fetcher(client)
    await one.fetch(for_audio())
    other = Project(ProjectId(2), "Other", "twilio", "key", 0)
    await one.fetch(for_document(project=other, method=Method.GET, audio_only=True))
    assert len(client.questions) == 2


async def test_many_who_want_the_same_audio_at_once_share_one_request() -> None:
    client = Script(said(WAV, "audio/wav"))
    client.gate = asyncio.Event()
    one = fetcher(client)
    waiting = [asyncio.create_task(one.fetch(for_audio())) for _ in range(5)]
    await client.asked.wait()
    waiting[0].cancel()  # one goes away; the others still get it
    client.gate.set()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(results[0], asyncio.CancelledError)
    assert all(isinstance(result, FetchedAudio) for result in results[1:])
    assert len(client.questions) == 1


async def test_closing_drops_what_is_under_way() -> None:
    client = Script(said(WAV, "audio/wav"))
    client.gate = asyncio.Event()
    one = fetcher(client)
    waiting = asyncio.create_task(one.fetch(for_audio()))
    await client.asked.wait()
    await one.close()
    await one.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting


def test_the_house_music_is_at_hand() -> None:
    assert fetcher(Script()).house_music().duration_s > 20


# With a real server --------------------------------------------------------------------------------------------------


@asynccontextmanager
async def serving(**files: tuple[str, bytes]) -> AsyncIterator[str]:
    async def take(request: web.BaseRequest) -> web.Response:
        type_, body = files[request.path.strip("/")]
        return web.Response(body=body, headers={"Content-Type": type_})

    runner = web.ServerRunner(web.Server(take), shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_the_whole_way_over_a_real_connection() -> None:
    mp3, huge = tone_file("mp3", rate_hz=16_000), b"<Response>" + b" " * 70_000 + b"</Response>"
    files = {"doc": (XML, b"<Response/>"), "mp3": ("audio/mpeg", mp3), "huge": (XML, huge)}
    async with serving(**files) as url, Client(NetSettings()) as client:
        one = fetcher(client)
        assert await one.fetch(for_document(url=f"{url}/doc")) == FetchedDocument("<Response/>", f"{url}/doc")
        assert isinstance(await one.fetch(for_document(url=f"{url}/mp3")), FetchedAudio)
        failed = await one.fetch(for_document(url=f"{url}/huge"))
        assert isinstance(failed, FetchFailed)
        assert failed.code == 11750
        refused = await one.fetch(for_audio("http://169.254.169.254/x.mp3"))
        assert isinstance(refused, FetchFailed)
        assert (refused.code, "never asked" in refused.problem) == (11205, True)


@pytest.mark.parametrize(
    "answer", [said(b"<Response/>"), NetFault(FaultKind.URL_INVALID, "no URL: h://u:hush@h", URL)]
)
async def test_no_query_of_a_url_is_logged(
    answer: Answer | NetFault, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    await fetch(replace(answer, url="https://example.com/voice?token=hush#hush"), for_document())
    assert "url=https://example.com/voice outcome=" in caplog.text
    assert "hush" not in caplog.text


# Cookies -------------------------------------------------------------------------------------------------------------


class Baker(Script):
    """Sets a cookie with each document."""

    async def ask(self, question: Question) -> Answer | NetFault:
        if question.cookies is not None:
            question.cookies.note(yarl.URL(question.url), SimpleCookie("session=1"))
        return await super().ask(question)


async def test_of_calls_without_cookies_nothing_is_kept() -> None:
    client = Script(*(said(b"<Response/>") for _ in range(2)))
    one = fetcher(client)
    for _ in range(2):
        await one.fetch(for_document(call=CallId(1)))
    assert client.questions[0].cookies is not client.questions[1].cookies


async def test_each_call_has_cookies_of_its_own() -> None:
    client = Baker(*(said(b"<Response/>") for _ in range(4)), said(WAV, "audio/wav"))
    one = fetcher(client)
    for call in (1, 1, 2):
        await one.fetch(for_document(call=CallId(call)))
    await one.fetch(for_document())
    await one.fetch(for_audio())
    first, again, other, nobodys, audio = [question.cookies for question in client.questions]
    assert first is again is not None
    assert other is not None
    assert other is not first
    assert nobodys is audio is None


async def test_cookies_of_calls_that_asked_long_ago_are_forgotten() -> None:
    client = Baker(*(said(b"<Response/>") for _ in range(CALLS_WITH_COOKIES + 2)))
    one = fetcher(client)
    for call in (*range(CALLS_WITH_COOKIES + 1), 0):
        await one.fetch(for_document(call=CallId(call)))
    assert client.questions[0].cookies is not client.questions[-1].cookies
