"""Sound in forms that nobody keeps: made when they are first asked for, and kept for a while in a bounded folder.

A converted file's name holds the digest of what it was made from, so that none outlives a redaction, and its own, which
is its ETag. What was asked for longest ago goes first. Blocks.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from roomtone.archive import disk
from roomtone.archive.forms import Form, Stopped

_DIGITS = 16
"""Of the source's digest, in a name."""


@dataclass(frozen=True, slots=True)
class Source:
    """What is converted."""

    recording: str
    path: Path
    form: Form
    sha256: str
    rate_hz: int
    channels: int
    samples: int


@dataclass(frozen=True, slots=True)
class Converted:
    """A file made from another."""

    path: Path
    sha256: str
    form: Form


class Conversions:
    """The folder of converted files."""

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._folder = folder
        self._most_bytes = most_bytes

    def find(self, recording: str, source_sha256: str, channels: int, form: Form) -> Converted | None:
        """Give what was made before, and note that it is wanted."""
        beginning = f"{source_sha256[:_DIGITS]}-{channels}-"
        try:
            for path in (self._folder / recording).iterdir():
                if path.name.startswith(beginning) and path.suffix == f".{form}":
                    os.utime(path)
                    return Converted(path, path.stem.removeprefix(beginning), form)
        except FileNotFoundError:
            return None
        return None

    def make(self, source: Source, channels: int, form: Form, go_on: Callable[[], bool]) -> Converted:
        """Convert; `channels` is 1 or what the source has.

        Raises:
            OSError: It cannot be read or written.
            Stopped: `go_on` said no.
        """
        from av.error import FFmpegError

        from roomtone.archive.channels import mono
        from roomtone.archive.coding import blocks_of, writer

        folder = self._folder / source.recording
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        beginning = f"{source.sha256[:_DIGITS]}-{channels}-"
        rough = folder / f"{beginning}new.{form}"
        with disk.beside(rough) as file:
            try:
                made = writer(file, form, source.rate_hz, channels, source.samples)
                for block in blocks_of(source.path, source.form, source.samples):
                    if not go_on():
                        raise Stopped
                    made.write(mono(block) if channels == 1 else block)
                made.end()
            except FFmpegError as fault:
                raise OSError(errno.EIO, f"{source.path.name} cannot be converted: {fault}") from fault
        sha256 = disk.sha256_of(rough)
        path = rough.rename(folder / f"{beginning}{sha256}.{form}")
        self._make_room(path)
        return Converted(path, sha256, form)

    def drop(self, recording: str) -> None:
        """Remove all that was made of a recording."""
        shutil.rmtree(self._folder / recording, ignore_errors=True)

    def _make_room(self, newest: Path) -> None:
        found = []
        for path in self._folder.glob("*/*"):
            try:
                told = path.stat()
            except FileNotFoundError:
                continue
            found.append((told.st_mtime_ns, told.st_size, path))
        held = sum(size for _, size, _ in found)
        for _, size, path in sorted(found):
            if held <= self._most_bytes:
                return
            if path != newest:
                path.unlink(missing_ok=True)
                held -= size
