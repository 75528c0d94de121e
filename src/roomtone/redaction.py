"""Silencing a span of a recording from the command line: while no server runs, and beside one that does."""

from __future__ import annotations

import asyncio
from math import ceil, floor
from pathlib import Path

from roomtone.archive import Archive
from roomtone.config import Settings
from roomtone.config import archive as archive_settings
from roomtone.core.ids import RecordingId
from roomtone.core.transcription import silenced
from roomtone.dialects import sids
from roomtone.starting import ServerProblem
from roomtone.store import open_store
from roomtone.switchboard.clock import SystemClock

__all__ = ["redact"]


async def redact(settings: Settings, sid: str, from_s: float, to_s: float) -> dict[str, object]:
    """Silence a span for good, and say what the recording is now.

    Args:
        settings: Name the data folder, and the storage.
        sid: The recording, in either spelling.
        from_s: Beginning of the span, in seconds of the recording as it is delivered.
        to_s: Its end.

    Raises:
        ServerProblem: There is no such recording, or it cannot be read or written now.
    """
    id_ = sids.parse(RecordingId, sid)
    if id_ is None:
        raise ServerProblem(f"{sid!r} is neither a UUID nor RE and 32 hex digits")
    if not 0 <= from_s < to_s:
        raise ServerProblem("--from takes seconds from 0 on, and --to more than that")
    archive = Archive(archive_settings(settings))
    try:
        known = await archive.about(id_)
        if known is None or not known.files:
            raise ServerProblem(f"{sid}: there is no finished recording with sound in {settings.data}")
        made = await archive.redact(id_, floor(from_s * known.rate_hz), ceil(to_s * known.rate_hz))
        assert made is not None, "it was there a moment ago"
        await _forget(settings.data / "roomtone.db", id_, (floor(from_s * 1_000), ceil(to_s * 1_000)))
        return {
            "recording": sid,
            "sha256": made.files[0].sha256,
            "redactions": [
                {"from_s": one.from_sample / made.rate_hz, "to_s": one.to_sample / made.rate_hz}
                for one in made.redactions
            ],
            "storage": await _brought(archive, id_),
        }
    except OSError as fault:
        raise ServerProblem(f"{sid}: not silenced everywhere yet: {fault}; try again") from fault
    finally:
        await archive.close()


async def _forget(database: Path, recording: RecordingId, span: tuple[int, int]) -> None:
    """Forget what was written down of a span, in ms."""
    if not await asyncio.to_thread(database.exists):
        return
    now = SystemClock().now()
    async with open_store(database) as store:
        if (found := await store.recording_of(recording)) is not None:
            await store.change_transcriptions(found.project, recording, lambda one: silenced(one, *span, now))


async def _brought(archive: Archive, recording: RecordingId) -> str:
    """Bring the new sound to the storage; where it cannot be, a server goes on trying."""
    try:
        await archive.bring(recording)
    except OSError as fault:
        return f"the storage has the old sound still: {fault}"
    return "done"
