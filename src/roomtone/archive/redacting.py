"""Silencing a span of a recording in all its files, for good.

Each file is written anew and takes the old one's place; the sidecar, with new digests and a marker, is the last. What is
to be done is noted first, so that a killed redaction is done again from its beginning: silencing twice is silencing.
The blocks of the old files are given back to the file system, which may keep their bytes for a while. Blocks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec

from roomtone.archive import disk, sidecar
from roomtone.archive.coding import blocks_of, writer
from roomtone.archive.forms import Damaged
from roomtone.core.recording.sidecar import FileNote, Redaction, Sidecar

INTENT = "redaction.json"


def redact(folder: Path, span: Redaction, bring: Callable[[str], None]) -> Sidecar | None:
    """Silence a span of a finished recording.

    Args:
        folder: Locked by whoever asks.
        span: In samples; what is beyond the end is passed over.
        bring: Brings a file by its name to the folder, from wherever it is kept, if it is not there.

    Returns:
        The new sidecar; None: it is not finished.

    Raises:
        Damaged: A file cannot be read whole and stays as it is; the others are silenced.
        OSError: A file cannot be read or written; it is done again by `resume`.
    """
    known = sidecar.read(folder)
    if known is None:
        return None
    held = Redaction(max(0, span.from_sample), min(known.samples, span.to_sample))
    if held.from_sample >= held.to_sample:
        return known
    if resume(folder, bring):  # what is left of an earlier one comes first
        known = sidecar.read(folder) or known
    disk.write_whole(folder / INTENT, msgspec.json.encode(held))
    return _redact(folder, known, held, bring)


def resume(folder: Path, bring: Callable[[str], None]) -> bool:
    """Do what a killed redaction has left; False: there was none. In a locked folder."""
    try:
        span = msgspec.json.decode((folder / INTENT).read_bytes(), type=Redaction)
    except FileNotFoundError:
        return False
    known = sidecar.read(folder)
    if known is not None:
        _redact(folder, known, span, bring)
    return True


def _redact(folder: Path, known: Sidecar, span: Redaction, bring: Callable[[str], None]) -> Sidecar:
    """Silence it in every file that can be read; if one cannot, the others are silent before that is told."""
    files, fault = [], None
    for note in known.files:
        bring(note.name)
        try:
            files.append(_silenced(folder / note.name, note, known, span))
        except Damaged as found:
            files.append(note)
            fault = fault or found
    if fault:
        sidecar.write(folder, replace(known, files=tuple(files)))
        (folder / INTENT).unlink()  # damage does not heal, and must not be in the way of the next one
        raise fault
    marks = known.redactions if span in known.redactions else (*known.redactions, span)
    made = replace(known, files=tuple(files), redactions=marks)
    sidecar.write(folder, made)
    (folder / INTENT).unlink()
    return made


def _silenced(path: Path, note: FileNote, known: Sidecar, span: Redaction) -> FileNote:
    at = 0
    with disk.beside(path) as file:
        made = writer(file, sidecar.form_of(note), known.rate_hz, len(note.channels), known.samples)
        for block in blocks_of(path, sidecar.form_of(note), known.samples):
            first, last = max(0, span.from_sample - at), max(0, span.to_sample - at)
            if first < len(block) and last:
                block = block.copy()  # noqa: PLW2901 - the file's own is not to be written to
                block[first:last] = 0
            made.write(block)
            at += len(block)
        made.end()
    return replace(note, sha256=disk.sha256_of(path), size_bytes=path.stat().st_size)
