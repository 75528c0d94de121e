"""Delivering the sound of recordings: whose it is, in which form, which part of it, and its bytes one piece at a time."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace

from starlette.datastructures import Headers
from starlette.types import Receive, Send

from roomtone.api import ranges, whole
from roomtone.api.archived import Archive, Sound
from roomtone.api.frontdesk import Answer, FrontDesk
from roomtone.api.sound_paths import ALL_TRACKS, WantedSound
from roomtone.core.ids import CallId, ConferenceId, ProjectId, RecordingId
from roomtone.core.project import Project
from roomtone.core.recording.finishing import track_of
from roomtone.core.recording.state import Recording
from roomtone.core.refusals import Reason, Refused
from roomtone.dialects import Dialect, by_name, parameters, sids, strictness
from roomtone.dialects.fields import Fields
from roomtone.dialects.strictness import Asked

NAMES = frozenset({"RequestedChannels"})
"""What is read of the query. Source: Twilio "Recording resource" (dual-channel media)."""

_TOGETHER = "tracks"
_CACHED = ("Cache-Control", "private, no-cache")
"""It may be kept, and is asked about each time: it may be silenced in part, or deleted."""


async def anybodys(wanted: WantedSound, desk: FrontDesk) -> Project:
    """Give the project of a path, where sound is public.

    Raises:
        Refused: NOT_FOUND.
    """
    id_ = sids.parse(ProjectId, wanted.account)
    project = None if id_ is None else await desk.store.project(id_)
    if project is None or not project.active:
        raise Refused(Reason.NOT_FOUND, path=wanted.account)
    return project


async def answer(wanted: WantedSound, project: Project, desk: FrontDesk, fields: Fields, path: str) -> Answer:
    """Open what is wanted.

    Args:
        wanted: What the path asks for.
        project: Whose.
        desk: Knows the recordings, and has their sound.
        fields: The query.
        path: As it came, for messages.

    Raises:
        Refused: NOT_FOUND: there is no such recording, or no sound of it yet; PARAMETER_INVALID.
        OSError: It cannot be read, or not be converted, just now.
    """
    assert desk.archive is not None, "whoever asks has looked"
    dialect = by_name(project.dialect)
    nothing = Refused(Reason.NOT_FOUND, path=path)
    if project.strict and not _known_to_vendor(wanted, dialect):
        raise nothing
    wish = parameters.one_of(fields, "RequestedChannels", "1", "2")
    recording = await _recording(wanted, project, desk)
    if recording is None:
        raise nothing
    sound = await _open(wanted, recording, desk.archive, None if wish is None else int(wish))
    if sound is None:
        raise nothing
    name = dialect.sids.show(recording.id) + f".{wanted.form}"
    shown = ("Content-Disposition", f'inline; filename="{name}"')
    return Answer(200, media_type=sound.media_type, headers=(shown, _CACHED), sound=sound)


async def _recording(wanted: WantedSound, project: Project, desk: FrontDesk) -> Recording | None:
    """Find the recording, if it is this project's, and of the call or conference that the path goes through."""
    id_ = sids.parse(RecordingId, wanted.recording)
    found = None if id_ is None else await desk.store.recording(project.id, id_)
    if found is None or wanted.parent is None:
        return found
    word, spelled = wanted.parent
    if word == "Calls":
        return found if found.call is not None and found.call == sids.parse(CallId, spelled) else None
    conference = sids.parse(ConferenceId, spelled)
    return found if found.conference is not None and found.conference == conference else None


async def _open(
    wanted: WantedSound, recording: Recording, archive: Archive, channels: int | None
) -> Sound | None:
    if wanted.track is None:
        return await archive.sound(recording.id, wanted.form, channels)
    if wanted.track == ALL_TRACKS:
        return await archive.track(recording.id, _TOGETHER, wanted.form)
    call = sids.parse(CallId, wanted.track)
    return None if call is None else await archive.track(recording.id, track_of(call), wanted.form)


def _known_to_vendor(wanted: WantedSound, dialect: Dialect) -> bool:
    """Whether the vendor itself has such a path, spelled so."""
    asked = Asked(
        route="recordings.fetch",
        prefix=wanted.prefix,
        account=wanted.account,
        names=(wanted.recording,),
        suffix=".json",
        json=False,
        fields=(),
        path="",
    )
    broken = strictness.breaches(dialect.strictness, asked)
    return wanted.of_vendors and all(one.refusal is None for one in broken)


def cut(given: Answer, method: str, headers: Headers) -> Answer:
    """Give the part of an answer's sound that the headers ask for."""
    sound = given.sound
    assert sound is not None, "whoever asks has looked"
    part = ranges.cut(method, headers, sound.size_bytes, sound.sha256)
    type_ = given.media_type if part.status in {200, 206} else None
    return replace(
        given.with_headers(*part.headers), status=part.status, media_type=type_, span=(part.first, part.last)
    )


async def send_pieces(given: Answer, lines: whole.Lines, receive: Receive, send: Send, *, head: bool) -> None:
    """Send a cut answer, a piece at a time, for as long as somebody listens."""
    sound = given.sound
    assert sound is not None, "whoever asks has looked"
    first, last = given.span
    if given.status != 304:
        lines = [*lines, (b"content-length", b"%d" % (last - first))]
    await send({"type": "http.response.start", "status": given.status, "headers": lines + whole.ON_ALL})
    gone = asyncio.ensure_future(_gone(receive))
    try:
        async for piece in sound.pieces(first, first if head else last):
            if gone.done():
                return
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    finally:
        gone.cancel()
        with suppress(asyncio.CancelledError):
            await gone


async def _gone(receive: Receive) -> None:
    """Wait until nobody listens any more; a body that comes with the question is not looked at."""
    while (await receive())["type"] != "http.disconnect":
        pass
