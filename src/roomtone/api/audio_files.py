"""Audio files that customers keep here: create, list, fetch, delete; and serving them, to anybody who knows the address.

Roomtone's own: for an announcement from a file, where no web server is at hand to serve it.
"""

from __future__ import annotations

import asyncio

from roomtone.api import lists
from roomtone.api.frontdesk import NO_CONTENT, Answer, FrontDesk, Visit, json_answer
from roomtone.api.kept_audio import KeptAudio
from roomtone.api.lists import Listing
from roomtone.core.audio_file import AudioFile
from roomtone.core.ids import AudioFileId
from roomtone.core.refusals import Reason, Refused
from roomtone.dialects import audio_file_forms, sids
from roomtone.dialects.audio_file_resources import audio_file


async def create(visit: Visit, desk: FrontDesk) -> Answer:
    """Keep a file, once it has been looked at.

    Raises:
        Refused: PARAMETER_MISSING; PARAMETER_INVALID: it is no audio, too long, or one too many; BODY_TOO_LARGE.
    """
    files = _files(desk)
    wish = await asyncio.to_thread(audio_file_forms.create, visit.fields)  # megabytes of base64
    id_, now_ms = AudioFileId(desk.dice.bits128()), desk.clock.now().wall_ms
    file = AudioFile(id_, visit.project.id, wish.name, wish.media_type, 0, 0.0, now_ms)
    try:
        kept = await files.keep(file, wish.content)
    except ValueError as unfit:
        raise Refused(Reason.PARAMETER_INVALID, name="Content", expected=str(unfit)) from unfit
    return json_answer(201, audio_file(kept, visit.dialect.sids, desk.public_url))


async def list_(visit: Visit, desk: FrontDesk) -> Answer:
    """List a project's files."""
    files, project = _files(desk), visit.project.id
    listing: Listing[AudioFile, AudioFileId] = Listing(
        key="audio_files",
        path=("AudioFiles",),
        filter_names=frozenset(),
        kind=AudioFileId,
        place=lambda id_: files.place(project, id_),
        fetch=lambda window: files.page(project, window),
        write=lambda one: audio_file(one, visit.dialect.sids, desk.public_url),
    )
    return await lists.page(visit, listing)


async def fetch(visit: Visit, desk: FrontDesk) -> Answer:
    """Tell of one file."""
    found = await _files(desk).find(visit.project.id, _id(visit))
    if found is None:
        raise visit.nothing_here()
    return json_answer(200, audio_file(found, visit.dialect.sids, desk.public_url))


async def delete(visit: Visit, desk: FrontDesk) -> Answer:
    """Remove a file; who hears it just now hears it to its end."""
    if not await _files(desk).remove(visit.project.id, _id(visit)):
        raise visit.nothing_here()
    return NO_CONTENT


async def serve(sid: str, desk: FrontDesk) -> Answer | None:
    """Give a file itself to whoever asks; None: there is no such file. Never as a page, whatever it was sent as."""
    id_ = sids.parse(AudioFileId, sid)
    found = None if id_ is None or desk.audio_files is None else await desk.audio_files.content(id_)
    if found is None:
        return None
    file, content = found
    return Answer(200, content, file.media_type or "application/octet-stream")


def _files(desk: FrontDesk) -> KeptAudio:
    if desk.audio_files is None:
        raise Refused(Reason.UNAVAILABLE)
    return desk.audio_files


def _id(visit: Visit) -> AudioFileId:
    id_ = visit.dialect.sids.parse(AudioFileId, visit.names[0])
    if id_ is None:
        raise visit.nothing_here()
    return id_
