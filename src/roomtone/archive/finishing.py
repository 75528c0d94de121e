"""A folder of the engine's tracks made into what is delivered: channels joined, ends trimmed, coded, hashed.

May be killed at any moment: tracks are removed only after the sidecar is in place, which is the last step, and whatever
is begun again overwrites what was left. Holds a second or two of sound at a time, however long the recording is. Blocks.

Exceptions: `NotWave`, `OSError`, `Nothing`, `Stopped`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from roomtone.archive import channels, disk, sidecar
from roomtone.archive.channels import Tracks
from roomtone.archive.coding import MOST_CHANNELS, Writer, writer
from roomtone.archive.forms import Form, Nothing, Stopped
from roomtone.core.recording.finishing import LEFT, MIX, RIGHT, Finishing
from roomtone.core.recording.sidecar import SOUND, TRACKS, FileNote, Sidecar

_TRACK = re.compile(r"[a-z0-9-]{1,64}")

TOGETHER = 32
"""Participants' tracks that are open at once, each twice: a conference may have a thousand, a process may not."""


def finish(folder: Path, finishing: Finishing, form: Form, go_on: Callable[[], bool]) -> Sidecar:
    """Make what is delivered of a folder, or say again what was made.

    Args:
        folder: Where the tracks are; locked by whoever asks.
        finishing: What is to be made.
        form: How the sound is to be coded: WAV or FLAC. Participants' tracks are FLAC.
        go_on: Asked now and then; False: stop.
    """
    made = sidecar.read(folder)
    if made is None:
        made = _made(folder, finishing, form, go_on)
        sidecar.write(folder, made)
    clear(folder, made)
    return made


def clear(folder: Path, made: Sidecar) -> None:
    """Remove what a finished recording's folder does not need: the engine's tracks, and what was left half done."""
    kept = {one.name for one in made.files}
    for path in folder.iterdir():
        engines = path.suffix == ".wav" and path.name not in kept
        if engines or path.name.endswith(disk.BESIDE):
            path.unlink(missing_ok=True)


def _made(folder: Path, finishing: Finishing, form: Form, go_on: Callable[[], bool]) -> Sidecar:
    names = (MIX,) if finishing.channels == 1 else (LEFT, RIGHT)
    wished = tuple(name for name in finishing.tracks if _TRACK.fullmatch(name))
    groups = [wished[at : at + TOGETHER] for at in range(0, len(wished), TOGETHER)]
    with Tracks(folder, names, finishing.rate_hz) as sound:
        longest = max(sound.samples, *(_longest(folder, one, finishing.rate_hz) for one in groups), 0)
        samples = longest if finishing.samples is None else finishing.samples
        if not samples or not longest:
            raise Nothing
        first, last = _span(sound, samples, trimmed=finishing.trimmed)
        if first == last:
            return sidecar.begun(finishing, 0, samples, ())
        files = [_write(folder / f"{SOUND}.{form}", sound, (first, last), go_on)]
    for group in groups:
        with Tracks(folder, group, finishing.rate_hz) as each:
            files += _write_each(folder, each, (first, last), go_on, alone=len(groups) == 1)
    return sidecar.begun(finishing, first, last - first, tuple(files))


def _longest(folder: Path, names: Sequence[str], rate_hz: int) -> int:
    with Tracks(folder, names, rate_hz) as tracks:
        return tracks.samples


def _span(sound: Tracks, samples: int, *, trimmed: bool) -> tuple[int, int]:
    """Give what is kept; the same twice: nothing."""
    if trimmed:
        return channels.span_of_sound(sound, samples)
    return (0, samples) if channels.anything(sound, samples) else (0, 0)


def _write_each(
    folder: Path, tracks: Tracks, span: tuple[int, int], go_on: Callable[[], bool], *, alone: bool
) -> Sequence[FileNote]:
    """Write each participant's track, and a file of all if these are all and not too many; all in one reading."""
    paths = [folder / f"{name}.{Form.FLAC}" for name in tracks.names]
    together = folder / f"{TRACKS}.{Form.FLAC}" if alone and len(paths) <= MOST_CHANNELS else None
    with ExitStack() as stack:
        writers = [_writer(stack, path, tracks.rate_hz, 1, span) for path in paths]
        all_of_them = None if together is None else _writer(stack, together, tracks.rate_hz, len(paths), span)
        for block in tracks.blocks(*span):
            _check(go_on)
            for channel, one in enumerate(writers):
                one.write(block[:, channel : channel + 1])
            if all_of_them is not None:
                all_of_them.write(block)
        for one in (*writers, *(() if all_of_them is None else (all_of_them,))):
            one.end()
    notes = [_note(path, (name,)) for path, name in zip(paths, tracks.names, strict=True)]
    return notes if together is None else [*notes, _note(together, tracks.names)]


def _writer(stack: ExitStack, path: Path, rate_hz: int, count: int, span: tuple[int, int]) -> Writer:
    file = stack.enter_context(disk.beside(path))
    return writer(file, Form(path.suffix[1:]), rate_hz, count, span[1] - span[0])


def _write(path: Path, tracks: Tracks, span: tuple[int, int], go_on: Callable[[], bool]) -> FileNote:
    with ExitStack() as stack:
        one = _writer(stack, path, tracks.rate_hz, len(tracks.names), span)
        for block in tracks.blocks(*span):
            _check(go_on)
            one.write(block)
        one.end()
    return _note(path, tracks.names)


def _note(path: Path, names: Sequence[str]) -> FileNote:
    return FileNote(path.name, disk.sha256_of(path), path.stat().st_size, tuple(names))


def _check(go_on: Callable[[], bool]) -> None:
    if not go_on():
        raise Stopped
