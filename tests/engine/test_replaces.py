"""An INVITE with Replaces: which call it means is told by its dialog, and only of one that is up.

Source: RFC 3891, section 3.
"""

from __future__ import annotations

import pytest

from engine.brain import Brain
from engine.calls import answered, incoming
from engine.conftest import NewPhone
from engine.phone import SDP, Phone
from roomtone.link import messages as m


def replaces(phone: Phone, more: str = "") -> str:
    return f"Replaces: {phone.call_id};to-tag={phone.to_tag};from-tag={phone.tag}{more}\r\n"


async def test_the_call_that_is_meant_is_told(brain: Brain, new_phone: NewPhone) -> None:
    alice, dora = await new_phone(), await new_phone()
    call = await answered(brain, alice)
    came = await incoming(brain, dora, headers=f"Require: replaces\r\n{replaces(alice)}")
    assert came.replaces == call
    assert brain.told(m.IncomingCall, call=call)[0].replaces is None


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (lambda text: text.replace("to-tag=", "to-tag=x"), 481),
        (lambda text: text.replace("from-tag=", "from-tag=x"), 481),
        (lambda text: text.replace("\r\n", ";early-only\r\n"), 486),
        (lambda text: text.replace("from-tag=", "tag="), 400),
        (lambda text: text + text, 400),
    ],
    ids=["our-tag", "their-tag", "early-only", "half", "twice"],
)
async def test_what_means_no_call_that_may_be_taken_is_refused(
    brain: Brain, new_phone: NewPhone, change: object, status: int
) -> None:
    assert callable(change)
    alice, dora = await new_phone(), await new_phone()
    await answered(brain, alice)
    dora.say("INVITE", SDP, headers=change(replaces(alice)))
    await dora.hears(status, "INVITE")
    assert not brain.told(m.IncomingCall, sip_call_id=dora.call_id)


async def test_a_call_that_is_not_answered_is_not_taken_over(brain: Brain, new_phone: NewPhone) -> None:
    alice, dora = await new_phone(), await new_phone()
    await brain.ask(m.Ring, call=(await incoming(brain, alice)).call, sdp=None)
    await alice.hears(180, "INVITE")
    assert alice.to_tag
    dora.say("INVITE", SDP, headers=replaces(alice))
    await dora.hears(481, "INVITE")
