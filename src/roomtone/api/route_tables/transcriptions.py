"""Routes of transcriptions, of a project and of one recording."""

from __future__ import annotations

from collections.abc import Iterator

from roomtone.api import transcriptions as room
from roomtone.api.route import OPEN, Route
from roomtone.dialects import paging, transcription_forms

_PATH = ("Transcriptions",)
_BELOW = ("Recordings", OPEN, "Transcriptions")


def routes_of_transcriptions() -> Iterator[Route]:
    """Name the operations on transcriptions."""
    read = transcription_forms.FILTER_NAMES | paging.NAMES
    yield Route("transcriptions.list", "GET", _PATH, room.list_, read)
    yield Route("transcriptions.fetch", "GET", (*_PATH, OPEN), room.fetch)
    yield Route("transcriptions.delete", "DELETE", (*_PATH, OPEN), room.delete)
    segments = (*_PATH, OPEN, "Segments")
    yield Route("transcription-segments.fetch", "GET", segments, room.fetch_segments, vendors="neither")
    name, made = "recording-transcriptions", transcription_forms.CREATE_NAMES
    yield Route(f"{name}.list", "GET", _BELOW, room.list_of_recording, read, "twilio")
    yield Route(f"{name}.create", "POST", _BELOW, room.create, made, "neither")
    yield Route(f"{name}.fetch", "GET", (*_BELOW, OPEN), room.fetch_of_recording, vendors="twilio")
    yield Route(f"{name}.delete", "DELETE", (*_BELOW, OPEN), room.delete_of_recording, vendors="twilio")
