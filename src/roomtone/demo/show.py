"""Runs the demo: sets the stage, takes the steps one at a time, listens after each, and tells."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape

from roomtone.demo import tables
from roomtone.demo.ears import Hearing, Verdict, judge
from roomtone.demo.processes import StageProblem
from roomtone.demo.stage import NUMBER, Stage, set_stage
from roomtone.demo.steps import ENDING, STEPS, DemoStep


def run_demo(*, keep: bool = False, as_json: bool = False) -> int:
    """Run the whole demo.

    Args:
        keep: Leave server and callers running, and say how to reach and end them.
        as_json: Print one JSON object instead of tables.

    Returns:
        The exit code: 0 when every cell of every table is as expected, else 1.
    """
    console = Console(quiet=as_json, highlight=False)
    try:
        return _perform(console, keep=keep, as_json=as_json)
    except StageProblem as problem:
        if as_json:
            print(json.dumps({"ok": False, "problem": str(problem)}, indent=2))  # noqa: T201 - what --json is for
        console.print("[bold red]the demo cannot go on:[/]", escape(str(problem)), soft_wrap=True)
        return 1


def _perform(console: Console, *, keep: bool, as_json: bool) -> int:
    began_s = time.monotonic()
    stage = set_stage(lambda line: console.print(f"[dim]·[/] {line}", soft_wrap=True))
    with contextlib.ExitStack() as ending:
        ending.callback(stage.close)
        results = _take_steps(stage, STEPS[:-ENDING] if keep else STEPS, console)
        wrong, cells = (sum(result[name] for result in results) for name in ("wrong", "cells"))
        console.print(tables.closing(cells, wrong, time.monotonic() - began_s))
        if keep:
            ending.pop_all()
            _tell_kept(stage, console)
        if as_json:
            told = {"ok": not wrong, "cells": cells, "wrong": wrong, "steps": results}
            print(json.dumps(told | (_kept(stage) if keep else {}), indent=2))  # noqa: T201 - same
    return 1 if wrong else 0


def _take_steps(stage: Stage, steps: Sequence[DemoStep], console: Console) -> list[dict[str, Any]]:
    results = []
    for turn, step in enumerate(steps, start=1):
        console.print(tables.heading(turn, len(steps), step.title, step.story), soft_wrap=True)
        order = step.order(stage.cast)
        curl = stage.api.curl(order)
        console.print(curl, style="yellow", soft_wrap=True, markup=False)
        began_s = time.monotonic()
        answer = stage.api.send(order)
        answered_ms = (time.monotonic() - began_s) * 1_000
        verdict = judge(stage.callers, step.hearing)
        if answer.status != step.status:
            console.print(
                f"[bold red]answered {answer.status}, not {step.status}: {answer.body}[/]", soft_wrap=True
            )
        console.print(tables.matrix(verdict))
        results.append(_result(step, curl, verdict, answer.status) | {"answered_ms": round(answered_ms, 1)})
    return results


def _result(step: DemoStep, curl: str, verdict: Verdict, status: int) -> dict[str, Any]:
    return {
        "title": step.title,
        "story": step.story,
        "curl": curl,
        "status": status,
        "expected_status": step.status,
        "expected": _plain(verdict.expected),
        "measured": _plain(verdict.measured),
        "cells": verdict.cells,
        "wrong": verdict.wrong + (status != step.status),
    }


def _plain(hearing: Hearing) -> dict[str, list[str] | None]:
    return {listener: None if heard is None else sorted(heard) for listener, heard in hearing.items()}


def _kept(stage: Stage) -> dict[str, Any]:
    return {
        "ready": stage.ready,
        "console": _console(stage),
        "sid": stage.api.sid,
        "token": stage.api.token,
        "number": NUMBER,
        "conference": stage.cast.conference,
        "calls": stage.cast.calls,
        "folder": str(stage.folder),
        "pids": stage.pids(),
    }


def _console(stage: Stage) -> str:
    """Give the console's address, sid and token filled in."""
    return f"{stage.ready['http']}/console#/sign-in/{stage.api.sid}/{stage.api.token}"


def _tell_kept(stage: Stage, console: Console) -> None:
    console.print(
        "\n[bold]Server and callers go on.[/] Every curl line above works again; so do:", soft_wrap=True
    )
    ann = stage.callers[0]
    ask = json.dumps({"do": "measure", "pitches": [caller.pitch_hz for caller in stage.callers[1:]]})
    lines = [
        f"see and hear it  {_console(stage)}",
        f"the API          {stage.ready['http']}  {stage.ready['https']}  (CA: {stage.folder / 'data' / 'ca.pem'})",
        f"a phone of yours {stage.ready['sip'].replace('sip:', f'sip:{NUMBER}@')}",
        f"project, token   {stage.api.sid}  {stage.api.token}",
        f"conference       {stage.cast.conference}",
        *(f"{name:<16} {call}" for name, call in stage.cast.calls.items()),
        f"what ann hears   echo '{ask}' > {ann.commands}; sleep 0.1; tail -n 1 {ann.process.output}",
        f"to end it        kill {' '.join(str(pid) for pid in stage.pids())}",
    ]
    for line in lines:
        console.print(f"  {line}", soft_wrap=True, markup=False)
