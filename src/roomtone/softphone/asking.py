"""Requests that may be challenged: sent once, and once more with a proof of who we are."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from roomtone.sip.proving import Proof, challenge, proof
from roomtone.softphone.account import Account
from roomtone.softphone.agent import Address, Agent
from roomtone.testing.sip_text import SipMessage

CHALLENGED = frozenset({401, 407})


async def ask_as(
    account: Account, agent: Agent, compose: Callable[[], SipMessage], to: Address,
    *, progress: Callable[[SipMessage], None] | None = None, sent: Callable[[SipMessage], None] | None = None,
) -> tuple[SipMessage, SipMessage | None]:  # fmt: skip
    """Send a request, and again with a proof if it is asked for; give what was sent last and its final response.

    Args:
        account: Whose proof.
        agent: Sends it.
        compose: Makes the request anew: another Via, the next number.
        to: Where it goes.
        progress: Told of provisional responses.
        sent: Told of each request before it is sent.
    """
    request = compose()
    if sent is not None:
        sent(request)
    reply = await agent.ask(request, to, progress)
    if reply is None or reply.status not in CHALLENGED or account.password is None:
        return request, reply
    asked = challenge(reply.headers)
    if asked is None:
        return request, reply
    if request.method == "INVITE":
        agent.acknowledge(refusal_ack(request, reply), to)
    uri = request.start.split(" ")[1]
    given = Proof(account.user, account.password, request.method, uri, secrets.token_hex(8))
    again = compose()
    again = SipMessage(again.start, (*again.headers, proof(asked, given)), again.body)
    if sent is not None:
        sent(again)
    return again, await agent.ask(again, to, progress)


def refusal_ack(invite: SipMessage, reply: SipMessage) -> SipMessage:
    """Make the ACK of a 3xx-6xx: part of the INVITE's own transaction (RFC 3261, section 17.1.1.3)."""
    names = {"via", "max-forwards", "from", "call-id", "route"}
    kept = tuple((name, value) for name, value in invite.headers if name.lower() in names)
    number = invite.get("cseq").split()[0]
    start = invite.start.replace("INVITE", "ACK", 1)
    return SipMessage(start, (*kept, ("To", reply.get("to")), ("CSeq", f"{number} ACK")))
