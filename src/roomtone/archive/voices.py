"""One voice of a recording as a file of its own, for whoever writes down what was said: 16-bit WAV, one channel.

Voices are the participants' own tracks, where they are kept; else the channels of the sound. Blocks.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from roomtone.archive import sidecar
from roomtone.archive.coding import blocks_of, writer
from roomtone.archive.forms import Form, Stopped
from roomtone.core.recording.sidecar import SOUND, TRACKS, FileNote, Sidecar


def voices_of(known: Sidecar) -> tuple[str, ...]:
    """Name the voices, in order; none: there is nothing but silence."""
    apart = tuple(one.stem for one in known.files if one.stem not in {SOUND, TRACKS})
    sound = known.file(SOUND)
    return apart or (() if sound is None else sound.channels)


def file_of(known: Sidecar, voice: str) -> tuple[FileNote, int]:
    """Say in which file a voice is, and in which of its channels.

    Raises:
        FileNotFoundError: In none.
    """
    for note in known.files:
        if note.stem == voice:
            return note, 0
    sound = known.file(SOUND)
    if sound is None or voice not in sound.channels:
        raise FileNotFoundError(2, f"there is no voice {voice}")
    return sound, sound.channels.index(voice)


def write(
    folder: Path, known: Sidecar, found: tuple[FileNote, int], to: Path, go_on: Callable[[], bool]
) -> None:
    """Write a voice to a file, in a folder that has the file it is in.

    Raises:
        OSError: It cannot be read or written.
        Stopped: `go_on` said no.
    """
    note, channel = found
    form = sidecar.form_of(note)
    with to.open("xb") as file:
        made = writer(file, Form.WAV, known.rate_hz, 1, known.samples)
        for block in blocks_of(folder / note.name, form, known.samples):
            if not go_on():
                raise Stopped
            made.write(np.ascontiguousarray(block[:, channel : channel + 1]))
        made.end()
