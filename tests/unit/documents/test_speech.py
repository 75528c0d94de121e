"""Speaking by a program: what it is given, what is kept, and that no program can do harm."""

from __future__ import annotations

import asyncio
import io
import sys
import wave
from dataclasses import replace
from pathlib import Path

import pytest

from roomtone.core.exchange import Fetched, FetchedAudio, FetchFailed, Utterance
from roomtone.cxml.problems import Problem
from roomtone.cxml.verbs.voices import LANGUAGES
from roomtone.documents.espeak import voice_of
from roomtone.documents.speech import Engine, Settings, Speaker, engine_of

HELLO = Utterance("hello", "hello <break time='9ms'/>", "en-US", "female", "Polly.Joanna")

TELLING = """
import sys, wave
with open(sys.argv[1], "a") as log:
    print(sys.stdin.read(), *sys.argv[2:], sep="|", file=log)
with wave.open(sys.stdout.buffer, "wb") as out:
    out.setnchannels(1); out.setsampwidth(2); out.setframerate(16000); out.writeframes(bytes(3200))
"""


def program(folder: Path, text: str, *arguments: str, marks: bool = False) -> Engine:
    path = folder / "engine.py"
    path.write_text(text)
    return Engine((sys.executable, "-S", str(path), *arguments), marks)


def failure(fetched: Fetched) -> str:
    assert isinstance(fetched, FetchFailed)
    assert fetched.code == Problem.NOT_SPOKEN
    return fetched.problem


async def test_a_program_is_given_the_text_and_who_should_speak(tmp_path: Path) -> None:
    log = tmp_path / "log"
    places = ("{language}", "{gender}", "{voice}", "x-{espeak_voice}")
    speaker = Speaker(program(tmp_path, TELLING, str(log), *places))
    spoken = await speaker.speak(HELLO)
    assert isinstance(spoken, FetchedAudio)
    assert spoken.clip.duration_s == pytest.approx(0.1)
    assert log.read_text() == "hello|en-US|female|Polly.Joanna|x-en-us+f2\n"


async def test_an_engine_that_knows_marks_is_given_them(tmp_path: Path) -> None:
    log = tmp_path / "log"
    await Speaker(program(tmp_path, TELLING, str(log), marks=True)).speak(HELLO)
    assert log.read_text() == "<speak>hello <break time='9ms'/></speak>\n"


async def test_what_was_spoken_is_kept_and_shared(tmp_path: Path) -> None:
    log = tmp_path / "log"
    speaker = Speaker(program(tmp_path, TELLING, str(log)))
    first, second = await asyncio.gather(speaker.speak(HELLO), speaker.speak(HELLO))
    assert first is second
    assert await speaker.speak(HELLO) is first
    await speaker.speak(replace(HELLO, text="goodbye"))
    assert log.read_text() == "hello\ngoodbye\n"


async def test_a_customers_name_of_a_voice_is_no_option_of_the_program(tmp_path: Path) -> None:
    log = tmp_path / "log"
    speaker = Speaker(program(tmp_path, TELLING, str(log), "{voice}"))
    await speaker.speak(replace(HELLO, voice="--output=/etc/passwd"))
    assert log.read_text() == "hello|\n"


@pytest.mark.parametrize(
    ("text", "settings", "problem"),
    [
        ("import sys; sys.exit(3)", Settings(), "status 3"),
        ("print('no audio')", Settings(), "no audio file"),
        ("import time; time.sleep(60)", Settings(within_s=0.2), "longer than 0.2 s"),
        ("import os\nwhile True: os.write(1, bytes(65536))", Settings(max_bytes=100_000), "too much"),
    ],
)
async def test_a_program_that_misbehaves_is_ended_and_told(
    tmp_path: Path, text: str, settings: Settings, problem: str
) -> None:
    assert problem in failure(await Speaker(program(tmp_path, text), settings).speak(HELLO))


async def test_a_program_that_is_not_there_is_told() -> None:
    assert "could not be spoken" in failure(await Speaker(Engine(("/nowhere/engine",))).speak(HELLO))


async def test_without_an_engine_nothing_is_spoken() -> None:
    assert "setting speech" in failure(await Speaker(engine_of("off")).speak(HELLO))


async def test_too_many_who_wait_are_refused(tmp_path: Path) -> None:
    speaker = Speaker(program(tmp_path, "import time; time.sleep(60)"), Settings(waiting=1))
    first = asyncio.create_task(speaker.speak(HELLO))
    await asyncio.sleep(0)
    assert "too many" in failure(await speaker.speak(replace(HELLO, text="other")))
    first.cancel()
    await speaker.close()


@pytest.mark.parametrize("setting", ["", "piper --x {secret}", "piper 'unclosed"])
def test_a_command_that_cannot_be_read_is_refused(setting: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - several causes
        engine_of(setting)


def test_a_command_may_ask_for_marks() -> None:
    assert engine_of("ssml:speak -l {language} 'a b'") == Engine(
        ("speak", "-l", "{language}", "a b"), marks=True
    )
    assert engine_of("piper") == Engine(("piper",))


@pytest.mark.parametrize(
    "language", ["en-US", "en-GB", "de-DE", "fr-FR", "es-ES", "es-MX", "it-IT", "pt-BR", "ja-JP"]
)
async def test_the_default_engine_speaks(language: str) -> None:
    spoken = await Speaker(engine_of("auto")).speak(replace(HELLO, markup="12", language=language))
    assert isinstance(spoken, FetchedAudio)
    assert 0.3 < spoken.clip.duration_s < 3.0
    assert max(spoken.clip.pcm[1::2]) > 0


async def test_a_break_is_silence_of_its_length() -> None:
    speaker = Speaker(engine_of("auto"))
    without, with_break = [
        await speaker.speak(replace(HELLO, markup=markup))
        for markup in ("one two", 'one<break time="2000ms"/>two')
    ]
    assert isinstance(without, FetchedAudio)
    assert isinstance(with_break, FetchedAudio)
    assert 1.5 < with_break.clip.duration_s - without.clip.duration_s < 2.7


async def test_the_default_engine_has_a_voice_for_every_language() -> None:
    names = " ".join(f"<s>{one}</s>" for one in ("a", "b"))
    speaker = Speaker(engine_of("auto"), Settings(at_once=4))
    said = await asyncio.gather(
        *(speaker.speak(replace(HELLO, markup=names, language=one)) for one in sorted(LANGUAGES))
    )
    assert [one for one in said if isinstance(one, FetchFailed)] == []


def test_a_voice_has_language_and_gender() -> None:
    assert voice_of("pt-BR", "male") == "pt-br"
    assert voice_of("de-AT", "female") == "de+f2"
    assert voice_of("zh-HK", None) == "yue"


def test_a_wav_file_of_the_standard_library_reads_the_header() -> None:
    from roomtone.documents.espeak_program import _header

    with wave.open(io.BytesIO(_header(22_050, 4) + bytes(4))) as read:
        assert (read.getframerate(), read.getnframes(), read.getnchannels()) == (22_050, 2, 1)
