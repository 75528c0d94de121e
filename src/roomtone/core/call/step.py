"""The life of a call, in one table.

Each function takes a call as it is and gives it as it is next. They leave the revision alone, so that a leg may chain
several and commit once: `revised(stored, call)` gives what to commit. A move the table does not know is a bug of
ours, not a refusal, and stops at an assertion that names both ends.

What a call does between answer and end is its document's business (`roomtone.cxml.script`); here it is opaque text.

Sources: Twilio "Call resource" (status values), TwiML "Reject"; SignalWire "Call" (status values); RFC 3261, section
21 (final responses).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from roomtone.core.call.messages import CallEnded, EndedBy, IncomingCall
from roomtone.core.call.state import Call, CallCallback, CallStatus, HangupParty
from roomtone.core.ids import CallId, ConferenceId, NumberId, ProjectId
from roomtone.core.moment import Moment
from roomtone.core.values import Caller

_UNANSWERED_ENDS = frozenset({CallStatus.BUSY, CallStatus.FAILED, CallStatus.NO_ANSWER, CallStatus.CANCELED})

NEXT: Mapping[CallStatus, frozenset[CallStatus]] = MappingProxyType(
    {
        CallStatus.QUEUED: frozenset({CallStatus.RINGING, CallStatus.IN_PROGRESS}) | _UNANSWERED_ENDS,
        CallStatus.RINGING: frozenset({CallStatus.IN_PROGRESS}) | _UNANSWERED_ENDS,
        CallStatus.IN_PROGRESS: frozenset({CallStatus.COMPLETED}),
        CallStatus.COMPLETED: frozenset(),
        CallStatus.BUSY: frozenset(),
        CallStatus.FAILED: frozenset(),
        CallStatus.NO_ANSWER: frozenset(),
        CallStatus.CANCELED: frozenset(),
    }
)
"""Where a call may go from where it is; a status that leads nowhere is final."""

_STATUS_OF_RESPONSE: Mapping[int, CallStatus] = MappingProxyType(
    {
        486: CallStatus.BUSY,
        600: CallStatus.BUSY,
        408: CallStatus.NO_ANSWER,
        480: CallStatus.NO_ANSWER,
        487: CallStatus.CANCELED,
    }
)
"""How a call that was never answered ended, by its final SIP response; any other means it failed."""

ANSWERED = 200
"""The SIP response that answers a call."""


def incoming(
    signal: IncomingCall,
    project: ProjectId,
    caller: Caller,
    now: Moment,
    *,
    number: NumberId | None = None,
    parameters: tuple[tuple[str, str], ...] = (),
) -> Call:
    """Open the record of a call that has just come in: queued, revision 0 (not stored).

    Args:
        signal: What the engine told; it minted the identity.
        project: Whose number was called.
        caller: Who calls whom, in the words of a webhook.
        now: Becomes its dates.
        number: The claimed number that was called.
        parameters: What the call brought along for webhooks, in order.
    """
    return Call(
        id=signal.call,
        project=project,
        caller=caller,
        created_ms=now.wall_ms,
        updated_ms=now.wall_ms,
        number=number,
        parameters=parameters,
    )


def outgoing(call: CallId, project: ProjectId, caller: Caller, now: Moment) -> Call:
    """Open the record of a call that we are going to make: queued, revision 0 (not stored)."""
    return Call(id=call, project=project, caller=caller, created_ms=now.wall_ms, updated_ms=now.wall_ms)


def ringing(call: Call, now: Moment) -> Call:
    """Note that it rings."""
    return _moved(call, CallStatus.RINGING, now)


def answered(call: Call, now: Moment) -> Call:
    """Note that it was answered: from here its duration counts."""
    return replace(_moved(call, CallStatus.IN_PROGRESS, now), started_ms=now.wall_ms)


def ended(call: Call, signal: CallEnded, now: Moment) -> Call:
    """Note what the engine tells of its end.

    A call that is over already stays as it is: an end of our own making (`ended_by_us`) is followed by the engine's
    word of it.
    """
    if call.over:
        return call
    party = HangupParty.PEER if signal.by is EndedBy.REMOTE else HangupParty.ROOMTONE
    over = _over(call, final_status(call, signal), party, now)
    return replace(over, sip_status=_final_response(call, signal))


def ended_by_us(call: Call, status: CallStatus, now: Moment, sip_status: int | None = None) -> Call:
    """Note that we ended it, before the engine says so: a refused call has the status its document chose.

    A call that is over already stays as it is: the caller's hanging up may cross our refusal.

    Args:
        call: In any status.
        status: Final; ``completed`` for one that was answered, else ``busy``, ``no-answer``, ``failed``, ``canceled``.
        now: Becomes its end.
        sip_status: The final response with which it was refused; None: with none. One that was answered had its 200.
    """
    if call.over:
        return call
    final = sip_status if call.started_ms is None else ANSWERED
    return replace(_over(call, status, HangupParty.ROOMTONE, now), sip_status=final)


def final_status(call: Call, signal: CallEnded) -> CallStatus:
    """Say how a call ended.

    Whoever was answered has completed, however the line went. Before the answer the final response decides; a call
    given up without one was canceled if either side hung up, not answered if the time ran out, and failed otherwise.
    """
    if call.status is CallStatus.IN_PROGRESS:
        return CallStatus.COMPLETED
    if signal.by is EndedBy.TIMEOUT:
        return CallStatus.NO_ANSWER
    if signal.by is EndedBy.TRANSPORT:
        return CallStatus.FAILED
    if signal.status == 0:
        hung_up = signal.by in {EndedBy.REMOTE, EndedBy.LOCAL}
        return CallStatus.CANCELED if hung_up else CallStatus.FAILED
    return _STATUS_OF_RESPONSE.get(signal.status, CallStatus.FAILED)


def entered(call: Call, conference: ConferenceId) -> Call:
    """Note which conference it is in."""
    assert call.status is CallStatus.IN_PROGRESS, (
        f"call {call.id} is {call.status} and cannot enter a conference"
    )
    assert call.conference is None, f"call {call.id} is in {call.conference} and cannot enter {conference}"
    return replace(call, conference=conference)


def reported(call: Call, callback: CallCallback | None, now: Moment) -> Call:
    """Note where its life is told from now on."""
    return call if callback == call.callback else replace(call, callback=callback, updated_ms=now.wall_ms)


def left(call: Call) -> Call:
    """Note that it is in no conference (any more)."""
    return replace(call, conference=None)


def placed(call: Call, script_json: str | None) -> Call:
    """Note where it stands in its document.

    Args:
        call: In any status: a document may go on for a moment after the call is over.
        script_json: Versioned JSON of the script; None: it has none.
    """
    return replace(call, script=script_json)


def revised(stored: Call | None, call: Call) -> Call:
    """Give the call to commit: one revision on from the stored one, or the stored one itself if nothing changed.

    Args:
        stored: As last committed; None: never.
        call: What has become of it since, through any number of functions of this file.
    """
    if stored is None:
        return replace(call, revision=1)
    same = replace(call, revision=stored.revision)
    return stored if same == stored else replace(call, revision=stored.revision + 1)


def _moved(call: Call, status: CallStatus, now: Moment) -> Call:
    assert status in NEXT[call.status], f"call {call.id} is {call.status} and cannot become {status}"
    return replace(call, status=status, updated_ms=now.wall_ms)


def _final_response(call: Call, signal: CallEnded) -> int | None:
    """Give the final response to the call's INVITE: 200 for whoever was answered, whatever ended the call then."""
    return ANSWERED if call.started_ms is not None else signal.status or None


def _over(call: Call, status: CallStatus, party: HangupParty, now: Moment) -> Call:
    assert not NEXT[status], f"call {call.id} cannot end as {status}"
    over = _moved(call, status, now)
    return replace(over, ended_ms=now.wall_ms, conference=None, hung_up_by=party)
