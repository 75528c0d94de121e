"""The REST doors for tests, in process: a tiny ASGI caller, a switchboard that folds the core, a store in memory."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from roomtone.api import FrontDesk, create_app
from roomtone.api.archived import Archive
from roomtone.api.changes import Changes
from roomtone.api.kept_audio import KeptAudio
from roomtone.api.limits import Limits
from roomtone.api.readiness import Readiness
from roomtone.core import streaming
from roomtone.core.audio_file import AudioFile
from roomtone.core.browsing import BrowserWish
from roomtone.core.call.messages import StreamFigures
from roomtone.core.call.state import Call, CallStatus
from roomtone.core.call.wishes import Instructions, Invitation, Wish, too_late
from roomtone.core.conference.messages import Command, Expect, Join, Message, Seating, StartRecording
from roomtone.core.conference.state import Conference
from roomtone.core.conference.step import fold, opened
from roomtone.core.ids import (
    AudioFileId,
    CallId,
    ConferenceId,
    ParticipantId,
    ProjectId,
    QueueId,
    RecordingId,
    StreamId,
)
from roomtone.core.listing import Place, Window
from roomtone.core.pool import FICTIONAL, NumberKind, NumberRange
from roomtone.core.project import Project
from roomtone.core.queueing import Member, Queue, members_of
from roomtone.core.recording import step as recording_step
from roomtone.core.recording.messages import Command as RecordingCommand
from roomtone.core.recording.sidecar import FileNote, Noted, Redaction, Sidecar
from roomtone.core.recording.state import Recording, RecordingSource
from roomtone.core.recording.wishes import RecordingWish
from roomtone.core.refusals import Reason, Refused
from roomtone.core.routing import Trunk
from roomtone.core.streaming import Stream, StreamWish, Subject
from roomtone.core.values import Caller, Document
from roomtone.dialects import DIALECTS, Dialect
from roomtone.switchboard.calling import Calling, Outward
from roomtone.testing.memory_store import MemoryStore
from roomtone.testing.virtual_clock import CountingDice, VirtualClock

SIGNALWIRE_PROJECT = Project(ProjectId(0x51), "one", "signalwire", "PSK_key", 1)
TWILIO_PROJECT = Project(ProjectId(0x72), "two", "twilio", "key", 1)
TOKEN = "s3cret"
PROJECTS = {"signalwire": SIGNALWIRE_PROJECT, "twilio": TWILIO_PROJECT}
FORM = "application/x-www-form-urlencoded"
EVERYWHERE = Trunk("sip:carrier.example", ("+",))


@dataclass
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)


@dataclass
class StillTrunks:
    """Trunks over which nobody calls."""

    settled: tuple[Trunk, ...] = ()
    heeded: int = 0
    """How often it was told to go by what is in the store."""

    there: dict[str, bool] = field(default_factory=dict)
    """At which addresses somebody answers, or does not."""

    async def heed(self) -> None:
        self.heeded += 1

    def answers(self, uri: str) -> bool | None:
        return self.there.get(uri)

    def carries(self, trunk: Trunk) -> int:
        return 0


@dataclass
class FoldingSwitchboard:
    """Folds the core's machine over the store, without tasks and without an engine."""

    store: MemoryStore
    clock: VirtualClock
    asked: list[tuple[Command, ...]] = field(default_factory=list)
    fault: Exception | None = None
    """Raised instead of an answer, if set."""

    told: dict[CallId, StreamFigures] = field(default_factory=dict)
    """How the audio of calls fares."""

    placed: list[tuple[Invitation, Instructions]] = field(default_factory=list)
    """Calls that were wished for."""

    steered: list[tuple[CallId, Wish]] = field(default_factory=list)
    """What calls were wished to do."""

    waiting: dict[QueueId, list[tuple[CallId, int]]] = field(default_factory=dict)
    """Who waits in queues, and since when."""

    recorded: int = 0
    """How many recordings were begun."""

    browsed: int = 0
    """How many browsers were let in."""

    carried: int = 0
    """How many streams were begun."""

    sent: list[tuple[CallId, Document]] = field(default_factory=list)
    """Who was taken out of a queue, and where they were sent."""

    trunks: StillTrunks = field(default_factory=StillTrunks)

    def members(self, queue: Queue) -> tuple[Member, ...]:
        return members_of(queue, self.waiting.get(queue.id, []), self.clock.now().wall_ms)

    def dequeue(self, queue: Queue, call: CallId, document: Document) -> bool:
        before = self.waiting.get(queue.id, [])
        self.waiting[queue.id] = [one for one in before if one[0] != call]
        self.sent.append((call, document))
        return len(before) > len(self.waiting[queue.id])

    async def figures(self, call: CallId) -> StreamFigures | None:
        return self.told.get(call)

    async def figures_of_all(self, calls: Sequence[CallId]) -> Mapping[CallId, StreamFigures]:
        return {call: self.told[call] for call in calls if call in self.told}

    async def call(self, project: Project, invitation: Invitation, instructions: Instructions) -> Call:
        """Keep the record of a call that is never made."""
        id_ = CallId(0xCA11 + len(self.placed))
        self.placed.append((invitation, instructions))
        wish = (invitation, instructions)
        call = (
            Calling(Outward((EVERYWHERE,), 0)).place(id_, project, wish, "127.0.0.1", self.clock.now()).call
        )
        await self.store.commit_call(replace(call, revision=1))
        return call

    async def browse(self, project: Project, wish: BrowserWish) -> tuple[CallId, str]:
        """Keep the record of a browser's call that nobody hears; what is no description is refused."""
        if not wish.offer.startswith("v=0"):
            raise Refused(Reason.PARAMETER_INVALID, name="Sdp", expected="an offer")
        self.browsed += 1
        call = Call(
            CallId(0xB000 + self.browsed),
            project.id,
            Caller(f"client:{wish.name}", wish.to),
            1,
            1,
            CallStatus.IN_PROGRESS,
            revision=1,
        )
        await self.store.commit_call(call)
        return call.id, "v=0\r\n"

    def leave(self, call: CallId) -> None:
        """Hear nobody hang up."""

    async def invite(
        self, project: Project, where: Conference | str, invitation: Invitation, join: Seating
    ) -> tuple[Conference, Call]:
        call = await self.call(project, invitation, Instructions(text="<Response/>"))
        seat = Expect(join(ParticipantId(call.id.value), call.id, call.caller))
        if isinstance(where, str):
            found = await self.store.live_conference(project.id, where)
            where = found or opened(
                ConferenceId(0xC0FFEE + len(self.placed)), project.id, where, self.clock.now()
            )
        return await self.take(where, seat), call

    async def steer(self, call: CallId, wish: Wish) -> Call:
        """Note a wish; a call that is over, or is not there, refuses it."""
        found = next((one for one in await self.store.live_calls() if one.id == call), None)
        if found is None:
            raise too_late(call, wish)
        self.steered.append((call, wish))
        return found

    async def record_call(self, call: CallId, wish: RecordingWish) -> Recording:
        """Begin a recording of a call that is not over."""
        found = next((one for one in await self.store.live_calls() if one.id == call), None)
        if found is None:
            raise Refused(Reason.CALL_NOT_IN_PROGRESS, call=call.hex)
        return await self.record(found.project, RecordingSource.CALL_STARTED, wish, call=call)

    async def carry(self, project: Project, subject: Subject, wish: StreamWish) -> Stream:
        """Keep a stream that nobody carries; of a call that is not over."""
        if isinstance(subject, CallId) and subject not in [one.id for one in await self.store.live_calls()]:
            raise Refused(Reason.CALL_NOT_IN_PROGRESS, call=subject.hex)
        self.carried += 1
        now, whose = self.clock.now(), "call" if isinstance(subject, CallId) else "conference"
        made = Stream(
            StreamId(0x57E0 + self.carried), project.id, wish, now.wall_ms, now.wall_ms, **{whose: subject}
        )
        await self.store.commit_stream(made, (), now)
        return made

    async def carry_no_more(self, stream: Stream) -> Stream:
        """Keep a stream as stopped."""
        now = self.clock.now()
        stopped, _ = streaming.stopped(stream, now)
        await self.store.commit_stream(stopped, (), now)
        return stopped

    async def record_conference(self, conference: ConferenceId, wish: RecordingWish) -> Recording:
        state = await self.ask(conference, (StartRecording(wish),))
        source = RecordingSource.CONFERENCE_STARTED
        return await self.record(state.project, source, wish, conference=conference, call=CallId(1))

    async def record(
        self, project: ProjectId, source: RecordingSource, wish: RecordingWish, **subject
    ) -> Recording:
        """Keep a recording that runs."""
        self.recorded += 1
        now, id_ = self.clock.now(), RecordingId(0x5EC0 + self.recorded)
        made = recording_step.opened(recording_step.begun(id_, project, source, wish, now, **subject)).state
        await self.store.commit_recording(made, (), (), now)
        return made

    async def steer_recording(self, recording: Recording, command: RecordingCommand) -> Recording:
        now = self.clock.now()
        made = recording_step.step(recording, command, now).state
        if made is not recording:
            await self.store.commit_recording(made, (), (), now)
        return made

    async def remove_recording(self, recording: Recording) -> bool:
        return await self.store.remove_recording(recording.project, recording.id)

    async def ask(self, conference: ConferenceId, commands: tuple[Command, ...]) -> Conference:
        self.asked.append(commands)
        if self.fault is not None:
            raise self.fault
        state = await self.store.conference(conference)
        if state is None:
            raise Refused(Reason.NOT_FOUND)
        return await self.take(state, *commands)

    async def take(self, state: Conference, *messages: Message) -> Conference:
        step = fold(state, messages, self.clock.now())
        if step.state != state:
            await self.store.commit_conference(step.state, step.events, (), self.clock.now())
        return step.state


class StillArchive:
    """Knows of every recording the same, and has no sound."""

    sidecar = Sidecar(
        "0" * 32,
        16_000,
        16_000,
        1,
        files=(FileNote("sound.wav", "0" * 64, 32_044, ("mix",)),),
        moments=(Noted(0, "join", "0" * 32),),
    )

    async def about(self, recording: RecordingId) -> Sidecar:
        return self.sidecar

    async def redact(self, recording: RecordingId, from_sample: int, to_sample: int) -> Sidecar:
        return replace(self.sidecar, redactions=(Redaction(from_sample, to_sample),))

    async def sound(
        self, recording: RecordingId, form: str | None = None, channels: int | None = None
    ) -> None:
        return None

    async def track(self, recording: RecordingId, name: str, form: str | None = None) -> None:
        return None

    def waits(self, recording: RecordingId) -> bool:
        return False


class FewAudioFiles:
    """Keeps what begins like a WAV file, and forgets it at the end."""

    def __init__(self) -> None:
        self.kept: dict[AudioFileId, tuple[AudioFile, bytes]] = {}

    async def keep(self, file: AudioFile, content: bytes) -> AudioFile:
        if not content.startswith(b"RIFF"):
            raise ValueError("an audio file: it is none")
        known = replace(file, size_bytes=len(content), duration_s=1.0)
        self.kept[file.id] = known, content
        return known

    async def find(self, project: ProjectId, id_: AudioFileId) -> AudioFile | None:
        found = self.kept.get(id_)
        return found[0] if found and found[0].project == project else None

    async def place(self, project: ProjectId, id_: AudioFileId) -> Place | None:
        found = await self.find(project, id_)
        return None if found is None else Place(found.created_ms, found.id)

    async def page(self, project: ProjectId, window: Window) -> Sequence[AudioFile]:
        return [one for one, _ in self.kept.values() if one.project == project][: window.limit]

    async def remove(self, project: ProjectId, id_: AudioFileId) -> bool:
        return await self.find(project, id_) is not None and self.kept.pop(id_, None) is not None

    async def content(self, id_: AudioFileId) -> tuple[AudioFile, bytes] | None:
        return self.kept.get(id_)


@dataclass
class Doors:
    """The doors, and everything behind them."""

    store: MemoryStore = field(default_factory=MemoryStore)
    clock: VirtualClock = field(default_factory=VirtualClock)
    dice: CountingDice = field(default_factory=lambda: CountingDice(1 << 64))
    limits: Limits = Limits()  # noqa: RUF009 - frozen
    archive: Archive | None = None
    public_recordings: bool = False
    readiness: Readiness = field(default_factory=Readiness)
    transcribe: Callable[[], None] | None = None
    swamped: bool = False
    changes: Changes = field(default_factory=Changes)
    audio_files: KeptAudio | None = field(default_factory=FewAudioFiles)
    operator: ProjectId | None = None

    def __post_init__(self) -> None:
        for project in PROJECTS.values():
            self.store.put_project(project, TOKEN)
        self.switchboard = FoldingSwitchboard(self.store, self.clock)
        self.app = create_app(
            FrontDesk(
                self.switchboard,
                self.store,
                self.clock,
                self.dice,
                "https://room.example:8443",
                (*FICTIONAL, NumberRange("+447700900000", "+447700900099", NumberKind.MOBILE)),
                self.limits,
                archive=self.archive,
                public_recordings=self.public_recordings,
                readiness=self.readiness,
                transcribe=self.transcribe,
                changes=self.changes,
                is_swamped=lambda: self.swamped,
                audio_files=self.audio_files,
                operator=self.operator,
            )
        )

    async def open(
        self, project: Project, name: str = "Room", *people: int | Join, id_: int = 0xC0
    ) -> Conference:
        """Open a conference and let people in, a second apart."""
        state = opened(ConferenceId(id_), project.id, name, self.clock.now())
        for person in people:
            self.clock.advance(1)
            state = await self.switchboard.take(state, person if isinstance(person, Join) else join(person))
        return state

    def speaker(self, dialect: str) -> Speaker:
        return Speaker(self, PROJECTS[dialect], DIALECTS[dialect])

    async def call(
        self,
        method: str,
        path: str | bytes,
        body: bytes = b"",
        headers: Iterable[tuple[str, str]] = (),
    ) -> Reply:
        """Make one request; the path may hold a query and is not touched."""
        raw, _, query = (path.encode() if isinstance(path, str) else path).partition(b"?")
        return await request(self.app, method, raw, query, body, headers)


@dataclass
class Speaker:
    """A customer with credentials, who speaks a dialect."""

    doors: Doors
    project: Project
    dialect: Dialect

    @property
    def sid(self) -> str:
        return self.dialect.sids.show(self.project.id)

    @property
    def root(self) -> str:
        return f"{self.dialect.paths.prefix}/Accounts/{self.sid}"

    @property
    def authorization(self) -> tuple[str, str]:
        return basic(self.sid, TOKEN)

    async def get(self, path: str, **query: str) -> Reply:
        """Ask for a resource: below the account, or from the host's slash on."""
        return await self.ask("GET", path + (f"?{urlencode(query)}" if query else ""))

    async def post(self, path: str, form: Mapping[str, str] | None = None, **more: str) -> Reply:
        body = urlencode({**(form or {}), **more}).encode()
        return await self.ask("POST", path, body, (("content-type", FORM),))

    async def post_json(self, path: str, value: object) -> Reply:
        return await self.ask(
            "POST", path, json.dumps(value).encode(), (("content-type", "application/json"),)
        )

    async def delete(self, path: str) -> Reply:
        return await self.ask("DELETE", path)

    async def ask(
        self, method: str, path: str, body: bytes = b"", headers: Iterable[tuple[str, str]] = ()
    ) -> Reply:
        whole = path if path.startswith(("/api/", "/2010")) else f"{self.root}/{path}"
        return await self.doors.call(method, whole, body, (self.authorization, *headers))

    def show(self, id_: CallId | ConferenceId) -> str:
        return self.dialect.sids.show(id_)

    def people(self, conference: Conference, who: CallId | str | None = None) -> str:
        """The path of a conference's participants, or of one."""
        path = f"Conferences/{self.show(conference.id)}/Participants"
        if who is None:
            return path
        return f"{path}/{who if isinstance(who, str) else self.show(who)}"


def join(number: int, **wishes: Any) -> Join:
    """The wish of a caller to come in; the participant's bits are the call's, reversed, so that they differ."""
    return Join(
        ParticipantId(number << 32), CallId(number), Caller(f"+1555000{number}", "+15551230000"), **wishes
    )


def basic(user: str, password: str) -> tuple[str, str]:
    return "authorization", "Basic " + b64encode(f"{user}:{password}".encode()).decode()


async def request(
    app: Any,
    method: str,
    raw_path: bytes,
    query: bytes = b"",
    body: bytes = b"",
    headers: Iterable[tuple[str, str]] = (),
) -> Reply:
    """Speak ASGI to an application, as uvicorn does, the body in two pieces."""
    pieces = [body[: len(body) // 2], body[len(body) // 2 :]]
    sent: list[Mapping[str, Any]] = []

    async def receive() -> Mapping[str, Any]:
        if not pieces:  # nobody goes away here
            await asyncio.Event().wait()
        return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": raw_path.decode("utf-8", "replace"),
        "raw_path": raw_path,
        "query_string": query,
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers],
    }
    await app(scope, receive, send)
    start, *rest = sent
    assert start["type"] == "http.response.start"
    assert {message["type"] for message in rest} == {"http.response.body"}
    assert [message.get("more_body", False) for message in rest] == [True] * (len(rest) - 1) + [False]
    lines = [(name.decode(), value.decode()) for name, value in start["headers"]]
    assert len(dict(lines)) == len(lines), f"no header twice: {lines}"
    return Reply(start["status"], dict(lines), b"".join(message.get("body", b"") for message in rest))
