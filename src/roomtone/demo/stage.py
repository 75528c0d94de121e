"""Sets the demo's stage: server, project, number, document, music, and three callers in a conference."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
import wave
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from roomtone.demo.api import Answer, Api, Order
from roomtone.demo.ears import ANNOUNCEMENT, HOLD, PLAYED_HZ
from roomtone.demo.processes import (
    Background,
    Caller,
    StageProblem,
    create_project,
    start_music,
    start_server,
    wait_for,
)
from roomtone.demo.steps import EVERYBODY, PITCHES_HZ, Cast
from roomtone.testing.tones import RATE_HZ, tone

NUMBER = "+15550100"
ROOM = "demo"
HOLD_S, ANNOUNCEMENT_S = 60.0, 3.5

DOCUMENT = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    f'<Response><Dial><Conference beep="false">{ROOM}</Conference></Dial></Response>'
)
"""What the called number answers with."""

Report = Callable[[str], None]


@dataclass
class Stage:
    """All that runs for the demo."""

    folder: Path
    ready: dict[str, Any] = field(default_factory=dict)
    """What the server's ready line said."""

    api: Api = field(default_factory=lambda: Api("", "", ""))
    cast: Cast = field(default_factory=lambda: Cast("", {}, ""))
    server: Background | None = None
    music: Background | None = None
    callers: list[Caller] = field(default_factory=list)

    def pids(self) -> list[int]:
        """Ids of all processes that somebody has to end some day."""
        running = [self.server, self.music, *(caller.process for caller in self.callers)]
        return [one.pid for one in running if one is not None]

    def close(self) -> None:
        """End everything and remove the folder."""
        for caller in self.callers:
            if not caller.gone:
                caller.ask(do="quit")
        for caller in self.callers:
            caller.process.end(within_s=5.0)
        for background in (self.server, self.music):
            if background is not None:
                background.end()
        shutil.rmtree(self.folder, ignore_errors=True)


def set_stage(report: Report) -> Stage:
    """Start everything and wait until three callers are in one conference.

    Args:
        report: Is told what has been done, one line each.

    Raises:
        StageProblem: Something did not come up; what had come up is ended again.
    """
    stage = Stage(Path(tempfile.mkdtemp(prefix="roomtone-demo-")))
    with contextlib.ExitStack() as on_failure:
        on_failure.callback(stage.close)
        _start_servers(stage, report)
        _prepare_number(stage, report)
        for name in EVERYBODY:
            _bring_in(stage, name, report)
        on_failure.pop_all()
    return stage


def _start_servers(stage: Stage, report: Report) -> None:
    stage.server, stage.ready = start_server(stage.folder)
    report(f"server ready: API {stage.ready['http']} and {stage.ready['https']}, phones {stage.ready['sip']}")
    music = stage.folder / "music"
    music.mkdir()
    _write_wav(music / "hold.wav", PLAYED_HZ[HOLD], HOLD_S)
    _write_wav(music / "announcement.wav", PLAYED_HZ[ANNOUNCEMENT], ANNOUNCEMENT_S)
    stage.music, url = start_music(stage.folder, music)
    stage.cast = Cast("", {}, url)
    report(f"a customer's web server with hold music and an announcement: {url}")


def _write_wav(path: Path, hz: float, duration_s: float) -> None:
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes(tone(hz, duration_s).tobytes())


def _prepare_number(stage: Stage, report: Report) -> None:
    project = create_project(stage.folder)
    stage.api = Api(stage.ready["http"].rstrip("/"), project["sid"], project["token"])
    made = _insist(stage, Order("POST", "LamlBins", (("Name", "demo"), ("Contents", DOCUMENT))))
    form = (("PhoneNumber", NUMBER), ("VoiceUrl", made["request_url"]))
    _insist(stage, Order("POST", "IncomingPhoneNumbers", form))
    report(
        f"project {project['sid']} has the number {NUMBER}; whoever calls it comes into the conference «{ROOM}»"
    )


def _bring_in(stage: Stage, name: str, report: Report) -> None:
    caller = Caller(name, PITCHES_HZ[name], NUMBER, stage.ready["sip"], stage.folder)
    stage.callers.append(caller)
    caller.wait_until_answered()
    conference, calls = wait_for(lambda: _newcomer(stage), f"{name} in the conference")
    caller.call = calls[0]
    stage.cast = Cast(conference, {**stage.cast.calls, name: caller.call}, stage.cast.music)
    report(f"{name} calls {NUMBER} and speaks {caller.pitch_hz:g} Hz (call {caller.call})")


def _newcomer(stage: Stage) -> tuple[str, list[str]] | None:
    """Find the conference and the one call in it that is not in the cast yet."""
    found = _insist(stage, Order("GET", f"Conferences?FriendlyName={ROOM}"))["conferences"]
    if not found:
        return None
    conference = str(found[0]["sid"])
    listed = _insist(stage, Order("GET", f"Conferences/{conference}/Participants"))["participants"]
    new = [one["call_sid"] for one in listed if one["call_sid"] not in stage.cast.calls.values()]
    return (conference, new) if len(new) == 1 else None


def _insist(stage: Stage, order: Order) -> dict[str, Any]:
    answer: Answer = stage.api.send(order)
    if answer.status not in {200, 201} or not isinstance(answer.body, dict):
        raise StageProblem(f"{stage.api.curl(order)}\nanswered {answer.status}: {answer.body}")
    return answer.body
