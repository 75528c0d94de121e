"""An engine goes on with the dialogs of one that was killed: same tags, higher numbers, the phone's latest address."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from engine.brain import Brain
from engine.calls import answered, ended_once
from engine.conftest import NewPhone
from engine.phone import SDP
from engine.running import Running, running
from roomtone.link import messages as m


def die(engine: Running) -> None:
    """Kill an engine without a word."""
    os.kill(engine.process.pid, signal.SIGKILL)
    engine.process.wait(10)


async def test_a_call_goes_on_in_another_engine(
    engine: Running, brain: Brain, new_phone: NewPhone, tmp_path: Path
) -> None:
    phone = await new_phone()
    call = await answered(brain, phone)
    kept = brain.told(m.DialogKept, call=call)[-1]
    (leg,) = (await brain.ask(m.TakeSnapshot)).legs
    assert leg.dialog is not None
    die(engine)
    other = tmp_path / "other"
    other.mkdir()
    with running(other, sip_port=engine.sip[1]) as next_engine:
        again = await Brain.attach(next_engine.socket)
        assert isinstance(await again.ask(m.RestoreLeg, call=call, dialog=kept.dialog), m.Done)
        twice = await again.ask(m.RestoreLeg, call=call, dialog=kept.dialog)
        assert (twice.code, len((await again.ask(m.TakeSnapshot)).legs)) == ("call-exists", 1)
        assert isinstance(await again.ask(m.Reoffer, call=call, sdp=SDP.replace("40000", "40002")), m.Done)
        crossing = await again.ask(m.Reoffer, call=call, sdp=SDP)
        assert crossing.code == "offer-waits"
        invite = await phone.asked("INVITE")
        assert "m=audio 40002" in invite.body
        assert f"tag={phone.tag}" in invite.header("to")
        assert f"tag={phone.to_tag}" in invite.header("from")
        phone.respond(invite, body=SDP.replace("40000", "41000"))
        told = await again.fact(m.Reanswered, call=call)
        assert told.status == 200
        assert "m=audio 41000" in (told.sdp or "")
        await phone.asked("ACK")
        phone.say("BYE")
        await phone.hears(200, "BYE")
        assert (await ended_once(again, call)).by is m.EndedBy.REMOTE
        await again.close()


@pytest.mark.parametrize(("status", "ends"), [(488, False), (481, True)])
async def test_a_phone_that_refuses_is_told_as_it_is(
    brain: Brain, new_phone: NewPhone, status: int, ends: bool
) -> None:
    phone = await new_phone()
    call = await answered(brain, phone)
    await brain.ask(m.Reoffer, call=call, sdp=SDP)
    phone.respond(await phone.asked("INVITE"), f"{status} No")
    if ends:
        assert (await brain.fact(m.Ended, call=call)).status == status
        return
    assert (await brain.fact(m.Reanswered, call=call)).status == status
    phone.say("BYE")
    await phone.hears(200, "BYE")


async def test_who_asks_before_their_call_is_handed_over_waits(
    engine: Running, brain: Brain, new_phone: NewPhone, tmp_path: Path
) -> None:
    phones = [await new_phone() for _ in range(2)]
    calls = [await answered(brain, phone) for phone in phones]
    kept = [brain.told(m.DialogKept, call=call)[-1].dialog for call in calls]
    die(engine)
    other = tmp_path / "other"
    other.mkdir()
    with running(other, "--handing-over", "60000", sip_port=engine.sip[1]) as next_engine:
        phones[0].say("INVITE", SDP)
        await phones[0].hears(100, "INVITE")
        phones[1].say("BYE")
        stranger = await new_phone()
        stranger.say("OPTIONS")
        await stranger.hears(503, "OPTIONS")  # which came later, and no brain is there yet
        assert not [one for phone in phones for one in phone.heard() if one.status >= 200]
        again = await Brain.attach(next_engine.socket)
        for call, dialog in zip(calls, kept, strict=True):
            await again.ask(m.RestoreLeg, call=call, dialog=dialog)
        await again.fact(m.Reoffered, call=calls[0])
        await phones[1].hears(200, "BYE")
        assert (await ended_once(again, calls[1])).by is m.EndedBy.REMOTE
        await again.close()


@pytest.mark.parametrize("engine", [("--handing-over", "500")], indirect=True)
async def test_who_speaks_of_no_call_is_told_so_in_the_end(brain: Brain, new_phone: NewPhone) -> None:
    phone = await new_phone()
    phone.to_tag = "nobody"
    phone.say("BYE")
    await phone.hears(481, "BYE")


async def test_what_no_engine_kept_is_refused(brain: Brain) -> None:
    assert (await brain.ask(m.RestoreLeg, call="0" * 32, dialog=b"nonsense")).code == "bad-dialog"
    assert (await brain.ask(m.Reoffer, call="0" * 32, sdp=SDP)).code == "unknown-call"


async def test_what_was_pressed_while_no_brain_was_there_is_told_to_the_next(
    engine: Running, brain: Brain, new_phone: NewPhone
) -> None:
    phone = await new_phone()
    call = await answered(brain, phone)
    await brain.close()
    await engine.logged("brain gone")
    for digit in "42":
        phone.say(
            "INFO", f"Signal={digit}\r\nDuration=100\r\n", headers="Content-Type: application/dtmf-relay\r\n"
        )
        await phone.hears(200, "INFO")
    again = await Brain.attach(engine.socket)
    await again.ask(m.TakeSnapshot)
    assert [(await again.fact(m.Digit, call=call, digit=digit)).digit for digit in "42"] == ["4", "2"]
    await again.close()
