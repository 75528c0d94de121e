"""Calls by IPv6, in and out."""

from __future__ import annotations

from pathlib import Path

from engine.brain import Brain
from engine.callee import answer
from engine.calls import answered
from engine.phone import SDP, Phone
from engine.running import running
from engine.test_outgoing import calling
from roomtone.link import messages as m


async def test_calls_by_ipv6_come_in_go_out_and_end(tmp_path: Path) -> None:
    with running(tmp_path, host="::1") as engine:
        brain = await Brain.attach(engine.socket)
        for transport in ("UDP", "TCP"):
            phone = await Phone(engine.sip, transport, local="::1").open()
            call = await answered(brain, phone)
            told = await brain.fact(m.IncomingCall, call=call)
            assert (told.source_host, told.source_port) == ("::1", phone.address[1])
            await brain.ask(m.HangUp, call=call, reason="")
            bye = await phone.asked("BYE")
            phone.respond(bye)
            await brain.fact(m.Ended, call=call)
            await phone.close()
        callee = await Phone(engine.sip, local="::1").open()
        call, invite = await calling(brain, callee)
        assert f"<sip:[::1]:{engine.sip[1]}>" in invite.header("contact")
        answer(callee, invite, "200 OK", body=SDP)
        await brain.fact(m.Answered, call=call)
        await callee.asked("ACK")
        callee.say("REGISTER")
        registering = await brain.fact(m.Requested, method="REGISTER")
        assert registering.source_host == "::1"
        await callee.close()
        await brain.close()
