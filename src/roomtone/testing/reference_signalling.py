"""The signalling half of the reference engine: no SIP, but calls that a test makes, and a record of what they were told."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from roomtone.link import messages
from roomtone.testing.reference_checks import OrderDeclined


@dataclass(slots=True)
class Leg:
    """One call that a test made, and what became of it."""

    call: str
    told: messages.IncomingCall
    rings: bool = False
    answers: list[str] = field(default_factory=list)
    """Each SDP it was answered with, re-offers included."""

    refused: tuple[int, str] | None = None
    """Status and words of the last refusal."""

    reoffered: bool = False
    """Whether a re-offer waits for its reply."""


@dataclass(slots=True)
class RecorderSignalling:
    """All legs of one engine."""

    tell: Callable[[messages.Fact], None]
    legs: dict[str, Leg] = field(default_factory=dict)
    """Those that are up."""

    past: dict[str, Leg] = field(default_factory=dict)
    """Those that are over."""

    # What a test does ------------------------------------------------------------------------------------------------

    def ring(
        self,
        to: str,
        sdp: str | None,
        *,
        caller: str = "+15550001111",
        headers: tuple[tuple[str, str], ...] = (),
    ) -> str:
        """Let somebody call `to`, a number; give the call's hex."""
        call = f"{random.getrandbits(128):032x}"
        incoming = messages.IncomingCall(
            call=call,
            from_uri=f"sip:{caller}@127.0.0.1",
            from_display="",
            to_uri=f"sip:{to}@127.0.0.1",
            request_uri=f"sip:{to}@127.0.0.1",
            sip_call_id=f"{call}@reference",
            sdp=sdp,
            headers=[messages.Header(name=name, value=value) for name, value in headers],
            transport="udp",
            source_host="127.0.0.1",
            source_port=5060,
        )
        self.legs[call] = Leg(call, incoming)
        self.tell(incoming)
        return call

    def reoffer(self, call: str, sdp: str | None) -> None:
        """Let the caller send a re-INVITE."""
        self.legs[call].reoffered = True
        self.tell(messages.Reoffered(call=call, sdp=sdp))

    def hang_up_remotely(self, call: str) -> None:
        """Let the caller hang up, answered (BYE) or not (CANCEL)."""
        answered = bool(self.legs[call].answers)
        self._end(
            call, messages.EndedBy.REMOTE, 0 if answered else 487, "" if answered else "Request Terminated"
        )

    # What the brain orders -------------------------------------------------------------------------------------------

    def carry_out(self, order: messages.Ring | messages.Answer | messages.Refuse | messages.HangUp) -> None:
        """Carry out an order about a leg.

        Raises:
            OrderDeclined: There is no such leg, or it waits for no answer.
        """
        leg = self.legs.get(order.call)
        if leg is None:
            if isinstance(order, messages.HangUp):
                return
            raise OrderDeclined("unknown-call", f"no leg of call {order.call}")
        match order:
            case messages.Ring():
                leg.rings = True
            case messages.Answer(sdp=sdp):
                self._answer(leg, sdp)
            case messages.Refuse(status=status, reason=reason):
                self._refuse(leg, status, reason)
            case messages.HangUp(reason=reason):
                self._end(leg.call, messages.EndedBy.LOCAL, 0 if leg.answers else 480, reason)

    def _answer(self, leg: Leg, sdp: str) -> None:
        if leg.answers and not leg.reoffered:
            raise OrderDeclined("nothing-offered", "the call is answered, and no re-INVITE waits")
        leg.answers.append(sdp)
        leg.reoffered = False
        self.tell(messages.Confirmed(call=leg.call, sdp=None))

    def _refuse(self, leg: Leg, status: int, reason: str) -> None:
        leg.refused = (status, reason)
        if leg.reoffered:
            leg.reoffered = False
        elif leg.answers:
            raise OrderDeclined("nothing-offered", "the call is answered, and no re-INVITE waits")
        else:
            self._end(leg.call, messages.EndedBy.LOCAL, status, reason)

    def _end(self, call: str, by: messages.EndedBy, status: int, reason: str) -> None:
        leg = self.past[call] = self.legs.pop(call)
        answered = bool(leg.answers)
        self.tell(messages.Ended(call=call, by=by, status=status, reason=reason, answered=answered))

    def end_all(self) -> None:
        """End every leg."""
        for call in list(self.legs):
            self._end(call, messages.EndedBy.LOCAL, 0, "shutdown")

    def states(self) -> list[messages.LegState]:
        """Give what a snapshot says of the legs."""
        return [
            messages.LegState(
                call=leg.call,
                answered=bool(leg.answers),
                from_uri=leg.told.from_uri,
                to_uri=leg.told.to_uri,
                sip_call_id=leg.told.sip_call_id,
            )
            for leg in self.legs.values()
        ]
