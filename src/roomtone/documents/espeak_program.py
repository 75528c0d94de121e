"""A program of its own that speaks: SSML on standard input, a WAV file on standard output.

Loads eSpeak NG, which is under the GNU GPL 3, and is therefore run as a separate process; nothing of Roomtone imports
it. Takes the folder of the library and the name of a voice; imports nothing but the standard library, so that it starts
in some 20 ms (``python -I -S``). Limits its own memory and time.

Source: eSpeak NG, ``speak_lib.h`` (espeak_Initialize, espeak_SetSynthCallback, espeak_Synth).
"""

from __future__ import annotations

import ctypes
import resource
import struct
import sys
from pathlib import Path

SYNCHRONOUS = 2
DONT_EXIT = 0x8000
UTF8_AND_SSML = 0x01 | 0x10
MAX_INPUT_BYTES = 1 << 18
MEMORY_BYTES = 1 << 30
CPU_S = 30


def main(folder: Path, voice: str) -> int:
    """Speak; the status is 0 if something was said."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    markup = sys.stdin.buffer.read(MAX_INPUT_BYTES)
    library = ctypes.CDLL(str(next(folder.glob("libespeak-ng.*"))))
    rate_hz = library.espeak_Initialize(SYNCHRONOUS, 0, str(folder / "espeak-ng-data").encode(), DONT_EXIT)
    if rate_hz <= 0 or library.espeak_SetVoiceByName(voice.encode()) != 0:
        print(f"no voice {voice}", file=sys.stderr)  # noqa: T201 - the program's own output
        return 1
    pcm = bytearray()
    kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)

    def keep(samples: object, count: int, _events: object) -> int:
        if samples and count > 0:
            pcm.extend(ctypes.string_at(samples, 2 * count))  # type: ignore[arg-type]
        return 0

    heard = kind(keep)  # kept alive as long as the library may call it
    library.espeak_SetSynthCallback(heard)
    text = markup + b"\0"
    library.espeak_Synth(text, ctypes.c_size_t(len(text)), 0, 0, 0, UTF8_AND_SSML, None, None)
    library.espeak_Synchronize()
    sys.stdout.buffer.write(_header(rate_hz, len(pcm)) + pcm)
    return 0 if pcm else 1


def _header(rate_hz: int, size: int) -> bytes:
    """Make the header of a WAV file: 16-bit mono."""
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate_hz, 2 * rate_hz, 2, 16)
    return struct.pack("<4sI4s", b"RIFF", 36 + size, b"WAVE") + form + struct.pack("<4sI", b"data", size)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
