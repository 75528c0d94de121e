"""Transcriptions: what was said in a recording, as text, made by a program of the operator's.

The life of one as a small machine, and who is owed word of it. A transcription is begun with a recording's end or by
REST, tried a few times, and completed or failed. Pure: running the program is `roomtone.transcripts`', spelling the
dialects'.

Sources: Twilio "Transcription resource", TwiML "Record" (transcribeCallback); SignalWire "Transcriptions".
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from roomtone.core.call.state import Call
from roomtone.core.ids import CallId, ProjectId, RecordingId, TranscriptionId
from roomtone.core.moment import Moment
from roomtone.core.recording.state import Recording
from roomtone.core.values import Document, Method

TRIES = 3
"""How often the program is run for one transcription, at most."""

PAUSES_MS = (30_000, 300_000)
"""How long it rests after the first try and the second."""


class TranscriptionStatus(StrEnum):
    """How far a transcription is; the words both vendors have."""

    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Segment:
    """Something that was said."""

    from_ms: int
    """When, in ms of the recording as it is delivered."""

    to_ms: int
    text: str
    voice: str
    """Who: the name of a channel or a track (``mix``, ``left``, ``right``, ``call-HEX``)."""


@dataclass(frozen=True, slots=True)
class Heard:
    """All that was said in a recording."""

    segments: tuple[Segment, ...] = ()
    """In the order of their beginnings."""

    language: str | None = None
    """As the program names it; None: it does not say."""


@dataclass(frozen=True, slots=True)
class Transcription:
    """One transcription of one recording of one project."""

    id: TranscriptionId
    project: ProjectId
    recording: RecordingId
    created_ms: int
    updated_ms: int
    duration_ms: int
    """Of the recording."""

    call: CallId | None = None
    """The call that was recorded; of a conference, the first that was in it."""

    callback: Document | None = None
    """Who is told of its end; None: nobody."""

    status: TranscriptionStatus = TranscriptionStatus.IN_PROGRESS
    heard: Heard = Heard()
    problem: str | None = None
    """Why it failed, or was not made at the last try; for people."""

    tries: int = 0
    """How often the program was run for it; one that was cut short counts."""

    due_ms: int | None = None
    """Wall clock of the next try; None: nothing more becomes of it."""

    revision: int = 0
    """Counts changes: what was heard before a span was silenced is not kept after."""

    @property
    def over(self) -> bool:
        """Whether nothing more becomes of it."""
        return self.status is not TranscriptionStatus.IN_PROGRESS

    @property
    def text(self) -> str:
        """What was said, one line for each turn of a speaker."""
        lines: list[tuple[str, list[str]]] = []
        for one in self.heard.segments:
            if not lines or lines[-1][0] != one.voice:
                lines.append((one.voice, []))
            lines[-1][1].append(one.text)
        return "\n".join(" ".join(texts) for _, texts in lines)


@dataclass(frozen=True, slots=True)
class TranscriptionNotice:
    """What a customer is to be told of a transcription's end, complete in itself."""

    project: ProjectId
    state: Transcription
    """As committed with this."""

    record: Recording | None
    """What was transcribed; None: it is gone."""

    call: Call | None
    """Whose call it was; None: nobody's, or it is gone."""

    at_ms: int
    url: str
    method: Method
    sequence: int = 0
    """There is one only."""

    @property
    def lane(self) -> TranscriptionId:
        """Whose notices arrive one after the other: this transcription's."""
        return self.state.id


def of_verb(recording: Recording, now: Moment) -> Transcription | None:
    """Begin what a recording is to be followed by; None: nothing, or there is no sound.

    The id is derived from the recording's, so that it is the same however often this is asked.
    """
    if recording.transcribing is None or not recording.fetchable:
        return None
    name = hashlib.sha256(f"roomtone transcription {recording.id.hex}".encode()).hexdigest()[:32]
    url = recording.transcribing.callback
    return begun(TranscriptionId.from_hex(name), recording, None if url is None else Document(url), now)


def begun(
    id_: TranscriptionId, recording: Recording, callback: Document | None, now: Moment
) -> Transcription:
    """Begin a transcription of a recording that has sound: due at once."""
    return Transcription(
        id_,
        recording.project,
        recording.id,
        now.wall_ms,
        now.wall_ms,
        recording.duration_ms or 0,
        call=recording.call,
        callback=callback,
        due_ms=now.wall_ms,
    )


def tried(one: Transcription, now: Moment, within_ms: int) -> Transcription:
    """Note that the program is about to be run; if nothing comes of that, it is tried again after `within_ms`."""
    return replace(one, tries=one.tries + 1, due_ms=now.wall_ms + within_ms, revision=one.revision + 1)


def completed(one: Transcription, heard: Heard, now: Moment) -> Transcription:
    """Keep what was said."""
    ordered = tuple(sorted(heard.segments, key=lambda said: (said.from_ms, said.to_ms)))
    return _over(
        replace(one, status=TranscriptionStatus.COMPLETED, heard=replace(heard, segments=ordered)), None, now
    )


def failed(one: Transcription, problem: str, now: Moment, *, for_good: bool = False) -> Transcription:
    """Note that it was not made: it is tried again in a while, but not for ever."""
    if for_good or one.tries >= TRIES:
        return _over(replace(one, status=TranscriptionStatus.FAILED), problem, now)
    due_ms = now.wall_ms + PAUSES_MS[min(one.tries, len(PAUSES_MS)) - 1]
    return replace(one, problem=problem, due_ms=due_ms, revision=one.revision + 1)


def silenced(one: Transcription, from_ms: int, to_ms: int, now: Moment) -> Transcription:
    """Forget what was said in a span that was silenced; what is being made is made anew."""
    if one.status is TranscriptionStatus.IN_PROGRESS:
        return replace(one, tries=0, due_ms=now.wall_ms, revision=one.revision + 1)
    left = tuple(said for said in one.heard.segments if said.to_ms <= from_ms or said.from_ms >= to_ms)
    if left == one.heard.segments:
        return one
    heard = replace(one.heard, segments=left)
    return replace(one, heard=heard, updated_ms=now.wall_ms, revision=one.revision + 1)


def notices(
    one: Transcription, record: Recording | None, call: Call | None, now: Moment
) -> tuple[TranscriptionNotice, ...]:
    """Say what the customer is owed word of, once it is over."""
    if one.callback is None or not one.over:
        return ()
    where = one.callback
    known = None if call is None else replace(call, script=None, parameters=(), callback=None)
    return (TranscriptionNotice(one.project, one, record, known, now.wall_ms, where.url, where.method),)


def merged(parts: Iterable[Heard]) -> Heard:
    """Put together what was said by several."""
    heard = tuple(parts)
    language = next((one.language for one in heard if one.language is not None), None)
    return Heard(tuple(said for one in heard for said in one.segments), language)


def _over(one: Transcription, problem: str | None, now: Moment) -> Transcription:
    return replace(one, problem=problem, due_ms=None, updated_ms=now.wall_ms, revision=one.revision + 1)
