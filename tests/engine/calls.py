"""Shorthands for what most tests need: a call that has come in, and one that stands."""

from __future__ import annotations

from typing import Any

from engine.brain import Brain
from engine.phone import SDP, Phone
from roomtone.link import messages as m


async def incoming(brain: Brain, phone: Phone, body: str = SDP, **more: Any) -> m.IncomingCall:
    """Let the phone call; give the fact of it."""
    phone.say("INVITE", body, **more)
    return await brain.fact(m.IncomingCall, sip_call_id=phone.call_id)


async def answered(brain: Brain, phone: Phone, body: str = SDP, **more: Any) -> str:
    """Let the phone call, be answered and confirm; give the call."""
    call = (await incoming(brain, phone, body, **more)).call
    await brain.ask(m.Answer, call=call, sdp=SDP)
    await phone.hears(200, "INVITE")
    phone.say("ACK")
    await brain.fact(m.Confirmed, call=call)
    return call


async def ended_once(brain: Brain, call: str) -> m.Ended:
    """Wait for the end of a call, and make sure that it is told once: a later order's reply comes after all facts."""
    ended = await brain.fact(m.Ended, call=call)
    await brain.ask(m.TakeSnapshot)
    assert brain.told(m.Ended, call=call) == [ended]
    return ended
