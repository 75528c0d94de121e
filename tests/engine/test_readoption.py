"""The brain dies, comes back, or does not: what happens to calls and facts meanwhile, and how the engine ends."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import stat
from pathlib import Path

import pytest

from engine.brain import Brain
from engine.calls import answered, ended_once, incoming
from engine.conftest import NewPhone
from engine.phone import SDP
from engine.running import Running, launch, running, wait_ready
from roomtone.link import messages as m


async def test_without_a_brain_new_calls_are_503(engine: Running, new_phone: NewPhone) -> None:
    assert engine.ready
    phone = await new_phone()
    phone.say("INVITE", SDP)
    assert (await phone.hears(503)).header("retry-after")
    phone.say("OPTIONS")
    assert (await phone.hears(503, "OPTIONS")).header("retry-after")


async def test_calls_outlive_the_brain_and_facts_wait_for_the_next(
    engine: Running, brain: Brain, new_phone: NewPhone
) -> None:
    stays, leaves, rings = [await new_phone() for _ in range(3)]
    calls = {phone.call_id: await answered(brain, phone) for phone in (stays, leaves)}
    calls[rings.call_id] = (await incoming(brain, rings)).call
    await brain.close()
    await engine.logged("brain gone")
    turned_away = await new_phone()
    turned_away.say("INVITE", SDP)
    assert (await turned_away.hears(503)).header("retry-after")
    leaves.say("BYE")
    await leaves.hears(200, "BYE")
    stays.say("UPDATE", SDP)

    again = await Brain.connect(engine.socket)
    welcome = await again.hello()
    assert welcome.instance == engine.ready["instance"]
    await asyncio.sleep(0)
    assert again.facts == []
    snapshot = await again.ask(m.TakeSnapshot)
    legs = {leg.sip_call_id: leg for leg in snapshot.legs}
    assert legs.keys() == {stays.call_id, rings.call_id}
    assert legs[stays.call_id].answered
    assert not legs[rings.call_id].answered
    assert legs[stays.call_id].call == calls[stays.call_id]
    assert legs[stays.call_id].from_uri == "sip:phone@roomtone.test"
    ended = await again.fact(m.Ended)
    assert (ended.call, ended.by) == (calls[leaves.call_id], m.EndedBy.REMOTE)
    await again.fact(m.Reoffered, call=calls[stays.call_id])
    await again.ask(m.Answer, call=calls[stays.call_id], sdp=SDP)
    await stays.hears(200, "UPDATE")
    await again.ask(m.Answer, call=calls[rings.call_id], sdp=SDP)
    await rings.hears(200, "INVITE")
    newcomer = await new_phone()
    await incoming(again, newcomer)
    await again.close()


@pytest.mark.parametrize("engine", [("--orphan-seconds", "0.6", "--sip-t1", "20")], indirect=True)
async def test_an_engine_left_alone_hangs_up_and_ends(
    engine: Running, brain: Brain, new_phone: NewPhone
) -> None:
    phone = await new_phone()
    await answered(brain, phone)
    await brain.close()
    phone.respond(await phone.asked("BYE"))
    assert await asyncio.to_thread(engine.process.wait, 10) == 0
    assert not engine.socket.exists()


@pytest.mark.parametrize("engine", [("--orphan-seconds", "0.3")], indirect=True)
async def test_an_engine_nobody_ever_spoke_to_ends_too(engine: Running) -> None:
    assert await asyncio.to_thread(engine.process.wait, 10) == 0


@pytest.mark.parametrize("engine", [("--orphan-seconds", "0.6")], indirect=True)
async def test_a_brain_that_comes_back_in_time_keeps_the_engine(engine: Running, brain: Brain) -> None:
    for _ in range(4):
        await brain.close()
        await asyncio.sleep(0.3)  # the time itself is what is tested
        brain = await Brain.attach(engine.socket)
    assert engine.process.poll() is None
    await brain.close()


async def test_shutdown_says_goodbye_everywhere_and_tells_it(
    engine: Running, brain: Brain, new_phone: NewPhone
) -> None:
    talking, ringing = await new_phone(), await new_phone()
    calls = [await answered(brain, talking), (await incoming(brain, ringing)).call]
    assert isinstance(await brain.ask(m.Shutdown, within_ms=3000), m.Done)
    bye = await talking.asked("BYE")
    await ringing.hears(480)
    for call in calls:
        assert (await brain.fact(m.Ended, call=call)).by is m.EndedBy.LOCAL
    assert engine.process.poll() is None  # the BYE is not answered yet
    talking.respond(bye)
    assert await asyncio.to_thread(engine.process.wait, 10) == 0
    assert brain.gone


async def test_shutdown_does_not_wait_longer_than_it_is_told(
    engine: Running, brain: Brain, new_phone: NewPhone
) -> None:
    phone = await new_phone()
    call = await answered(brain, phone)
    await brain.ask(m.Shutdown, within_ms=100)
    await brain.fact(m.Ended, call=call)
    assert await asyncio.to_thread(engine.process.wait, 10) == 0


async def test_sigterm_says_goodbye_too(engine: Running, brain: Brain, new_phone: NewPhone) -> None:
    phone = await new_phone()
    call = await answered(brain, phone)
    engine.process.send_signal(signal.SIGTERM)
    phone.respond(await phone.asked("BYE"))
    await ended_once(brain, call) if engine.process.poll() is None else None
    assert await asyncio.to_thread(engine.process.wait, 10) == 0


async def test_sighup_and_a_closed_stdout_are_no_reason_to_end(tmp_path: Path) -> None:
    read, write = os.pipe()
    process = launch(tmp_path, "--sip", "127.0.0.1:0", "--log", "debug", stderr=write)
    os.close(write)
    try:
        wait_ready(process, tmp_path)
        os.close(read)
        assert process.stdout is not None
        process.stdout.close()
        process.send_signal(signal.SIGHUP)
        for _ in range(3):
            brain = await Brain.attach(tmp_path / "engine.sock")
            await brain.close()
        assert process.poll() is None
    finally:
        process.terminate()
        assert process.wait(10) == 0


def test_the_socket_is_for_its_owner_alone_and_goes_with_the_engine(engine: Running) -> None:
    assert stat.S_IMODE(engine.socket.stat().st_mode) == 0o600
    assert engine.stop() == 0
    assert not engine.socket.exists()


def test_a_living_engines_socket_is_not_taken(engine: Running, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    process = launch(other, "--sip", "127.0.0.1:0", socket=engine.socket)
    assert process.wait(10) == 1
    assert "already" in (other / "engine.log").read_text()
    assert engine.process.poll() is None
    assert process.stdout is not None
    process.stdout.close()


def test_a_dead_engines_socket_is_replaced_and_another_file_is_not(tmp_path: Path) -> None:
    left_over = socket.socket(socket.AF_UNIX)
    left_over.bind(str(tmp_path / "engine.sock"))
    left_over.close()
    with running(tmp_path) as engine:
        assert engine.ready["socket"] == str(tmp_path / "engine.sock")
    (tmp_path / "precious").write_text("data")
    process = launch(tmp_path, "--sip", "127.0.0.1:0", socket=tmp_path / "precious")
    assert process.wait(10) == 1
    assert (tmp_path / "precious").read_text() == "data"
    assert process.stdout is not None
    process.stdout.close()
