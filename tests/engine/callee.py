"""A phone that is called: answers an INVITE of the engine's with whatever a test wants it to."""

from __future__ import annotations

from engine.phone import Message, Phone, shown

ASKED = ("via", "record-route", "from", "call-id", "cseq")
"""What an answer repeats of its request, besides To."""


def uri(phone: Phone) -> str:
    """Where the phone can be called."""
    host, port = phone.address[:2]
    return f"sip:callee@{shown(host)}:{port}"


def answer(
    phone: Phone, request: Message, status: str, *, tag: str = "theirs", body: str = "", headers: str = ""
) -> None:
    """Answer a request of the engine's.

    Args:
        phone: Who answers.
        request: As it came.
        status: Number and phrase of the status line.
        tag: Of the To header; empty: none.
        body: Session description, if any.
        headers: More header lines, each with its line end. A Contact is added unless they have one.
    """
    kept = [f"{name}: {value}" for name, value in request.headers if name in ASKED]
    to = request.header("to")
    if tag and ";tag=" not in to:
        to += f";tag={tag}"
    contact = "" if "contact:" in headers.lower() else f"Contact: <{uri(phone)}>\r\n"
    kind = "Content-Type: application/sdp\r\n" if body else ""
    phone.send(
        "\r\n".join([f"SIP/2.0 {status}", *kept, f"To: {to}"])
        + f"\r\n{contact}{headers}{kind}Content-Length: {len(body.encode())}\r\n\r\n{body}"
    )
