"""Fetching of documents and audio: the one way from a customer's URL to a `Fetched`.

Asks, signs, sorts the answer by its content type, decodes audio in a thread, keeps audio where the server allows it.
Several who want the same audio at the same time share one request. Never raises for a fault of the world, and never
looks into a document.

Sources: both vendors' rules for instruction URLs (content types, sizes, error numbers).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import Protocol
from urllib.parse import parse_qsl, urlsplit

from roomtone.core.exchange import (
    Clip,
    Fetched,
    FetchedAudio,
    FetchedDocument,
    FetchFailed,
    FetchRequest,
    Parameters,
    Utterance,
)
from roomtone.core.ids import CallId
from roomtone.core.project import Project
from roomtone.core.values import Method
from roomtone.cxml.parse import MAX_BYTES
from roomtone.cxml.problems import Problem
from roomtone.cxml.speech import spoken_document
from roomtone.dialects.limits import Patience
from roomtone.documents.cache import Cache, Kept, keepable, renewed
from roomtone.documents.contents import Content, content_type, might_be_audio, sort_of, text_of
from roomtone.documents.decode import DecodeLimits, NotAudio, decode
from roomtone.documents.noting import Inspection, logged, wall_ms
from roomtone.net.client import shown
from roomtone.net.cookies import Cookies
from roomtone.net.words import Answer, FaultKind, NetFault, Question

log = logging.getLogger(__name__)

Sign = Callable[[Project, str, Parameters, Method], Mapping[str, str]]
"""Gives the headers that sign a request of a project."""

Hosted = Callable[[str, Parameters], Awaitable[str | int]]
"""Gives one of our own documents by its path and the parameters it is filled with, or the status that tells why not."""

KeptClip = Callable[[str], Awaitable[Clip | None]]
"""Gives one of the audio files that customers keep here by the end of its path, decoded; None: there is no such file."""

Patient = Callable[[Project, str], Patience]
"""Says how long a project's requests to a URL may take, the URL's own wishes heeded."""

PROBLEMS: Mapping[FaultKind, Problem] = MappingProxyType(
    {
        FaultKind.URL_INVALID: Problem.URL_INVALID,
        FaultKind.ADDRESS_REFUSED: Problem.CONNECTION_FAILED,
        FaultKind.NAME_NOT_FOUND: Problem.NAME_NOT_FOUND,
        FaultKind.CONNECTION_FAILED: Problem.CONNECTION_FAILED,
        FaultKind.CONNECTION_TIMED_OUT: Problem.CONNECTION_FAILED,
        FaultKind.TLS_FAILED: Problem.TLS_FAILED,
        FaultKind.READ_TIMED_OUT: Problem.RETRIEVAL_FAILED,
        FaultKind.TOTAL_TIMED_OUT: Problem.RETRIEVAL_FAILED,
        FaultKind.TOO_MANY_REDIRECTS: Problem.TOO_MANY_REDIRECTS,
        FaultKind.TOO_LARGE: Problem.TOO_LARGE,
        FaultKind.PROTOCOL_VIOLATED: Problem.PROTOCOL_VIOLATED,
    }
)
"""What customers are told of a fault."""


CALLS_WITH_COOKIES = 1_000
"""Calls whose servers' cookies are kept: those that asked last."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How much is fetched and kept."""

    max_audio_bytes: int = 40_000_000
    """Longest audio file, in bytes as it is sent."""

    max_audio_s: float = 1_800.0
    """Longest audio, in seconds."""

    cache_bytes: int = 128_000_000
    """Decoded audio kept at most, in bytes; 0 keeps none."""

    decoders: int = 2
    """Files decoded at once, each in its own thread; at least 1."""


class Asks(Protocol):
    """What is needed of the HTTP client."""

    async def ask(self, question: Question) -> Answer | NetFault:
        """Ask within the question's patience; never raises for a fault of the world."""


class Speaks(Protocol):
    """What is needed of whoever speaks."""

    async def speak(self, utterance: Utterance) -> Fetched:
        """Have something spoken; never raises for a fault of the world."""


class Fetcher:
    """Fetches for all calls of the house; fits the switchboard's port for documents.

    Args:
        client: The guarded HTTP client.
        sign: Signs requests; belongs to the dialects.
        patience: Says how long a request may take; belongs to the dialects.
        inspection: What looks into requests: the delivery log, keys that are exchanged.
        unfit_status: Gives a project's number for an answer of 400 or more (SignalWire has one of its own for it).
        speaker: Speaks what documents say; None: nothing can be spoken.
        settings: Limits.
        clock: Monotonic seconds, for the age of what is kept.
    """

    def __init__(  # noqa: PLR0913 - each is a port
        self,
        client: Asks,
        *,
        sign: Sign,
        patience: Patient,
        inspection: Inspection = Inspection(),  # noqa: B008 - frozen
        unfit_status: Callable[[Project], int] = lambda _: Problem.STATUS_UNFIT,
        speaker: Speaks | None = None,
        settings: Settings | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._sign = sign
        self._inspection = inspection
        self._patience = patience
        self._unfit_status = unfit_status
        self._speaker = speaker
        self._settings = settings or Settings()
        self._clock = clock
        self._cache = Cache(self._settings.cache_bytes)
        self._decoding = asyncio.Semaphore(self._settings.decoders)
        self._under_way: dict[tuple[str, str], asyncio.Task[Fetched]] = {}
        self._host: tuple[str, Hosted] | None = None
        self._keep: tuple[str, KeptClip] | None = None
        self._cookies: OrderedDict[CallId, Cookies] = OrderedDict()

    def host(self, prefix: str, hosted: Hosted) -> None:
        """Read what is under this URL here, and ask nobody: it is our own."""
        self._host = (prefix, hosted)

    def keep(self, prefix: str, kept: KeptClip) -> None:
        """Take audio that is under this URL from here, and ask nobody: it is our own."""
        self._keep = (prefix, kept)

    def key_tones(self, keys: str) -> Clip:
        """Give the tones of keys."""
        from roomtone.documents.key_tones import key_tones

        return key_tones(keys)

    def ring_tone(self, country: str | None) -> Clip:
        """Give one round of what a caller hears while it rings, as in a country (ISO 3166, two letters)."""
        from roomtone.documents.ring_tones import ring_tone

        return ring_tone(country)

    def house_music(self) -> Clip:
        """Give the music that Roomtone makes itself: at once, if `warm` was called some time ago."""
        from roomtone.documents.house_music import house_music

        return house_music()

    async def speak(self, utterance: Utterance) -> Fetched:
        """Have something spoken."""
        if self._speaker is None:
            return FetchFailed(Problem.NOT_SPOKEN, "nothing here can speak", "<Say>")
        return await self._speaker.speak(utterance)

    def warm(self) -> None:
        """Make and load what the first caller would have to wait for. Blocks for a good part of a second."""
        import av  # noqa: F401 - loaded, not used

        self.house_music()

    async def close(self) -> None:
        """Drop what is under way. Idempotent."""
        for task in tuple(self._under_way.values()):
            task.cancel()
        await asyncio.gather(*self._under_way.values(), return_exceptions=True)

    async def fetch(self, request: FetchRequest) -> Fetched:
        """Ask, follow redirects within limits, read, decode."""
        if self._keep is not None and request.url.startswith(self._keep[0]):
            return await self._kept(request, *self._keep)
        if request.audio_only:
            return await self._shared(replace(request, method=Method.GET, parameters=()))
        if self._host is not None and request.url.startswith(self._host[0]):
            return await self._own(request, *self._host)
        return await self._ask(request, None)

    async def _own(self, request: FetchRequest, prefix: str, hosted: Hosted) -> Fetched:
        """Read one of our own documents as its address would have answered."""
        parts = urlsplit(request.url)
        query = tuple(parse_qsl(parts.query, keep_blank_values=True))
        answer = await hosted(parts.path.removeprefix(urlsplit(prefix).path), query + request.parameters)
        url = shown(request.url)
        if isinstance(answer, str):
            return FetchedDocument(answer, url)
        return FetchFailed(self._unfit_status(request.project), f"the server answered {answer}", url)

    async def _kept(self, request: FetchRequest, prefix: str, kept: KeptClip) -> Fetched:
        """Take an audio file that is kept here."""
        url = shown(request.url)
        try:
            clip = await kept(urlsplit(request.url.removeprefix(prefix)).path)
        except ValueError as why:
            return FetchFailed(Problem.NOT_AUDIO, f"the file is not usable audio: {why}", url)
        except OSError as fault:
            return FetchFailed(Problem.RETRIEVAL_FAILED, f"the file cannot be read: {fault.strerror}", url)
        if clip is None:
            return FetchFailed(self._unfit_status(request.project), "there is no such file", url)
        return FetchedAudio(clip, request.url)

    async def _shared(self, request: FetchRequest) -> Fetched:
        """Fetch audio that may be kept already, or be on its way to somebody else."""
        key = (request.project.id.hex, request.url)
        kept = self._cache.find(key)
        if kept is not None and self._clock() < kept.fresh_until_s:
            return kept.audio
        if key not in self._under_way:
            task = asyncio.create_task(self._ask(request, kept), name="fetch audio")
            self._under_way[key] = task
            task.add_done_callback(lambda _: self._under_way.pop(key, None))
        return await asyncio.shield(self._under_way[key])

    async def _ask(self, request: FetchRequest, kept: Kept | None) -> Fetched:
        request = await self._with_current(request)
        try:
            question = self._question(request, kept)
        except ValueError as why:  # a URL so broken that not even its fragment can be read
            return FetchFailed(Problem.URL_INVALID, f"not a URL that can be asked: {why}", request.url)
        began_ms, began = wall_ms(), time.monotonic()
        outcome = await self._client.ask(question)
        self._keep_cookies(request.call, question.cookies)
        latency_ms = int((time.monotonic() - began) * 1_000)
        match outcome:
            case NetFault(kind, problem, url):
                fetched: Fetched = FetchFailed(_number(kind, request), problem, url)
            case Answer():
                fetched = await self._sort(request, outcome, kept)
        log.info("fetched url=%s outcome=%s", _without_query(fetched.url), _outcome(fetched))
        self._inspection.note(logged(request, question, outcome, fetched, (began_ms, latency_ms)))
        return fetched

    async def _with_current(self, request: FetchRequest) -> FetchRequest:
        """Give a request with its project as it is now: a call may be older than the key."""
        try:
            found = await self._inspection.current(request.project.id)
        except OSError:
            found = None  # the store does not answer: it is asked as it was
        return request if found is None else replace(request, project=found)

    def _question(self, request: FetchRequest, kept: Kept | None) -> Question:
        return Question(
            method=request.method,
            url=request.url,
            patience=self._patience(request.project, request.url),
            form=request.parameters,
            headers={} if kept is None else kept.conditions,
            sign=partial(self._sign, request.project),
            sign_again=partial(self._inspection.sign_again, request.project),
            signed=self._inspection.signed(request.url, request.parameters, request.method),
            max_bytes=self._max_bytes,
            cookies=None if request.call is None or request.audio_only else self._cookies_of(request.call),
        )

    def _cookies_of(self, call: CallId) -> Cookies:
        """Give the cookies of a call's documents."""
        return self._cookies.get(call) or Cookies()

    def _keep_cookies(self, call: CallId | None, cookies: Cookies | None) -> None:
        """Keep what there is of them; those of calls that asked for nothing for long are forgotten."""
        if call is None or cookies is None:
            return
        if not cookies.any:
            self._cookies.pop(call, None)
            return
        self._cookies[call] = cookies
        self._cookies.move_to_end(call)
        if len(self._cookies) > CALLS_WITH_COOKIES:
            self._cookies.popitem(last=False)

    def _max_bytes(self, type_: str) -> int:
        return self._settings.max_audio_bytes if might_be_audio(type_) else MAX_BYTES

    async def _sort(self, request: FetchRequest, answer: Answer, kept: Kept | None) -> Fetched:
        key = (request.project.id.hex, request.url)
        if answer.status == 304 and kept is not None:
            self._cache.keep(key, renewed(kept, answer.headers, self._clock()))
            return kept.audio
        if not 200 <= answer.status < 300:
            return FetchFailed(
                self._unfit_status(request.project), f"the server answered {answer.status}", answer.url
            )
        header = answer.headers.get("content-type", "")
        match sort_of(content_type(header), answer.body[:64], audio_only=request.audio_only):
            case Content.DOCUMENT:
                return FetchedDocument(_document(text_of(answer.body, header), header), answer.url)
            case Content.AUDIO:
                return await self._decode(key, answer, keep=request.audio_only)
            case Content.UNFIT:
                wanted = "audio" if request.audio_only else "a document or audio"
                code = Problem.NOT_AUDIO if request.audio_only else Problem.CONTENT_TYPE_UNFIT
                return FetchFailed(code, f"content type {header[:80]!r} is not {wanted}", answer.url)

    async def _decode(self, key: tuple[str, str], answer: Answer, *, keep: bool) -> Fetched:
        type_ = content_type(answer.headers.get("content-type", ""))
        limits = DecodeLimits(self._settings.max_audio_s)
        try:
            async with self._decoding:
                clip = await asyncio.to_thread(decode, answer.body, type_, limits)
        except NotAudio as why:
            return FetchFailed(Problem.NOT_AUDIO, f"the file is not usable audio: {why}", answer.url)
        audio = FetchedAudio(clip, answer.url)
        if keep and (kept := keepable(audio, answer.headers, self._clock())) is not None:
            self._cache.keep(key, kept)
        return audio


def _document(text: str, header: str) -> str:
    """Give a document as it is; plain text that is no XML is to be spoken."""
    plain = (
        content_type(header) == "text/plain"
        and text.strip()
        and not text.lstrip("\ufeff \t\r\n").startswith("<")
    )
    return spoken_document(text) if plain else text


def _number(kind: FaultKind, request: FetchRequest) -> Problem:
    """Number a fault; a file too large is too large for audio, and 11750 speaks of documents."""
    if kind is FaultKind.TOO_LARGE and request.audio_only:
        return Problem.NOT_AUDIO
    return PROBLEMS[kind]


def _outcome(fetched: Fetched) -> str:
    match fetched:
        case FetchedDocument(text):
            return f"document characters={len(text)}"
        case FetchedAudio(clip):
            return f"audio seconds={clip.duration_s:.1f}"
        case FetchFailed(Problem.URL_INVALID as code):
            return f"failed code={code}"  # the problem may quote the URL, secrets and all
        case FetchFailed(code, problem):
            return f"failed code={code} problem={problem!r}"


def _without_query(url: str) -> str:
    """Give a URL fit for the log: many keep tokens in the query."""
    return url.partition("#")[0].partition("?")[0]
