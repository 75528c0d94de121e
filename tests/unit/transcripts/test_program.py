"""Running a transcriber: what it is given, and that no program can do harm."""

from __future__ import annotations

import asyncio
import sys
import wave
from pathlib import Path

import pytest

from roomtone.transcripts.program import NotTranscribed, Transcriber, run, transcriber_of
from unit.archive.tapes import tape, tone

LISTENING = """
import sys, wave
with wave.open(sys.argv[1] if len(sys.argv) > 1 else sys.stdin.buffer) as heard:
    print(heard.getnchannels(), heard.getframerate(), heard.getnframes())
"""
AMPLE_S = 60.0


def scripted(folder: Path, text: str, *arguments: str) -> Transcriber:
    path = folder / "transcriber.py"
    path.write_text(text)
    return Transcriber((sys.executable, "-S", str(path), *arguments))


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    path = tmp_path / "a voice.wav"
    tape(path, tone(440, 0.5))
    return path


@pytest.mark.parametrize("arguments", [(), ("{path}",)], ids=["stdin", "path"])
async def test_it_is_given_the_file(tmp_path: Path, sound: Path, arguments: tuple[str, ...]) -> None:
    assert await run(scripted(tmp_path, LISTENING, *arguments), sound, AMPLE_S) == b"1 16000 8000\n"
    with wave.open(str(sound)) as left:
        assert left.getnframes() == 8_000


async def test_why_it_fails_is_told(tmp_path: Path, sound: Path) -> None:
    broken = scripted(tmp_path, "import sys; print('no model\\nthere', file=sys.stderr); sys.exit(3)")
    with pytest.raises(NotTranscribed, match="status 3: no model there"):
        await run(broken, sound, AMPLE_S)
    with pytest.raises(NotTranscribed, match="status 127"):
        await run(Transcriber((str(tmp_path / "nothing"),)), sound, AMPLE_S)
    with pytest.raises(NotTranscribed, match="cannot be run"):
        await run(scripted(tmp_path, LISTENING), tmp_path / "gone.wav", AMPLE_S)


async def test_one_that_takes_too_long_is_ended_with_what_it_began(tmp_path: Path, sound: Path) -> None:
    child = "import time, pathlib, os; pathlib.Path(r'{}').write_text(str(os.getpid())); time.sleep(600)"
    noted = tmp_path / "child"
    text = f"""
import subprocess, sys, pathlib, time
subprocess.Popen([sys.executable, "-S", "-c", {child.format(noted)!r}])
while not pathlib.Path({str(noted)!r}).exists(): time.sleep(0.01)
print("begun", flush=True)
time.sleep(600)
"""
    slow = scripted(tmp_path, text)
    with pytest.raises(NotTranscribed, match="longer than"):
        await run(slow, sound, 5.0)
    async with asyncio.timeout(20):
        while await asyncio.to_thread(_runs, noted):  # noqa: ASYNC110 - it is no child of ours
            await asyncio.sleep(0.05)


def _runs(noted: Path) -> bool:
    """Whether the process runs whose number is noted; a zombie does not."""
    if not noted.exists() or not (pid := noted.read_text()):
        return False
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and state.read_text().rpartition(")")[2].split()[0] not in "ZX"


async def test_one_that_writes_without_end_is_ended(tmp_path: Path, sound: Path) -> None:
    with pytest.raises(NotTranscribed, match="too much"):
        await run(scripted(tmp_path, "while True: print('a' * 999)"), sound, AMPLE_S, 100_000)


async def test_complaints_without_end_hold_nothing_up(tmp_path: Path, sound: Path) -> None:
    text = "import sys\nfor _ in range(999): print('x' * 999, file=sys.stderr)\nprint('done')"
    assert await run(scripted(tmp_path, text), sound, AMPLE_S) == b"done\n"


def test_the_setting() -> None:
    assert transcriber_of("off") is None
    assert transcriber_of("hear 'a b' {path}") == Transcriber(("hear", "a b", "{path}"))
    for wrong in ("", "hear {file}", "hear 'a"):
        with pytest.raises(ValueError, match=r"."):
            transcriber_of(wrong)
