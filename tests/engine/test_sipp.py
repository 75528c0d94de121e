"""The same calls as made by SIPp, which keeps to RFC 3261 by code that is not ours.

The scenarios are those of `experiments/sip-stack`, whose figures stand in `docs/decisions/0002-sip-stack.md`.
"""

from __future__ import annotations

import asyncio
import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from engine.brain import Brain
from engine.phone import SDP
from engine.running import ROOT, Running
from roomtone.link import messages as m


def _experiment(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "experiments/sip-stack" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    __import__("sys").modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


sipp = _experiment("sipp")
pytestmark = pytest.mark.skipif(
    not sipp.available(), reason="SIPp is not installed (Debian package sip-tester)"
)


def decide(brain: Brain, decision: str) -> None:
    """Have the brain answer, ring, refuse, or hang up what it has answered."""

    def on_fact(fact: object) -> None:
        if isinstance(fact, m.IncomingCall):
            if decision == "ring":
                brain.post(m.Ring, call=fact.call, sdp=None)
            elif decision == "refuse":
                brain.post(m.Refuse, call=fact.call, status=486, reason="", headers=[])
            else:
                brain.post(m.Answer, call=fact.call, sdp=SDP)
        elif isinstance(fact, m.Reoffered):
            held = "a=sendonly" in (fact.sdp or "")
            brain.post(m.Answer, call=fact.call, sdp=SDP + ("a=recvonly\r\n" if held else "a=sendrecv\r\n"))
        elif isinstance(fact, m.Confirmed) and decision == "hang up":
            brain.post(m.HangUp, call=fact.call, reason="")

    brain.on_fact = on_fact


@pytest.mark.parametrize("transport", ["u1", "t1"])
@pytest.mark.parametrize(
    ("scenario", "decision"),
    [
        ("basic", "answer"),
        ("hold", "answer"),
        ("hangup", "hang up"),
        ("cancel", "ring"),
        ("refused", "refuse"),
        ("options", "answer"),
    ],
)
async def test_sipp_sees_what_it_expects(
    engine: Running, brain: Brain, tmp_path: Path, scenario: str, decision: str, transport: str
) -> None:
    decide(brain, decision)
    options = ("-m", "5", "-r", "50", "-t", transport)
    outcome = await asyncio.to_thread(sipp.run, scenario, engine.sip, tmp_path, *options, within_s=20)
    assert (outcome.made, outcome.succeeded, outcome.failed) == (5, 5, 0), outcome.messages
    if scenario != "options":
        calls = [fact.call for fact in brain.told(m.IncomingCall)]
        assert len(calls) == 5
        for call in calls:
            await brain.fact(m.Ended, call=call)
        assert len(brain.told(m.Ended)) == 5
