"""Calls of browsers that come over HTTP: each is a call as any, but that it is let in by who brings it.

Whoever asks for one has proved to be of the project, so there is nothing to ask of its network or its password.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from xml.sax.saxutils import escape, quoteattr

from roomtone.core.browsing import BrowserWish
from roomtone.core.call.messages import IncomingCall
from roomtone.core.ids import CallId
from roomtone.core.project import Project
from roomtone.core.refusals import Reason, Refused
from roomtone.core.routing import is_number
from roomtone.sdp.agreement import Codec
from roomtone.sdp.crypto import Demand
from roomtone.sdp.negotiate import NotAcceptable
from roomtone.switchboard.entry import Admitted, Entry, to_number
from roomtone.switchboard.line import Offered
from roomtone.switchboard.phones import Denied
from roomtone.switchboard.ports import Store

TRANSPORT = "webrtc"
"""By what such a call comes, in place of a SIP transport."""


def signal_of(call: CallId, wish: BrowserWish) -> IncomingCall:
    """Say a browser's wish as a call that comes in."""
    return IncomingCall(
        call=call,
        from_uri=f"client:{wish.name}",
        from_display="",
        to_uri=wish.to,
        request_uri=wish.to,
        sip_call_id="",
        sdp=wish.offer,
        headers=(),
        transport=TRANSPORT,
        source_host="",
        source_port=0,
    )


def offered(wish: BrowserWish, codecs: AbstractSet[Codec], demand: Demand) -> Offered:
    """Read a browser's offer.

    Raises:
        Refused: PARAMETER_INVALID: we cannot do what it offers.
    """
    try:
        found = Offered.read(wish.offer, codecs, demand)
    except NotAcceptable as no:
        raise Refused(Reason.PARAMETER_INVALID, name="Sdp", expected=f"an offer we can do: {no.why}") from no
    if found.agreement.browser is None:
        expected = "an offer of audio over UDP/TLS/RTP/SAVPF"
        raise Refused(Reason.PARAMETER_INVALID, name="Sdp", expected=expected)
    return found


async def admit(project: Project, wish: BrowserWish, entry: Entry, store: Store) -> Admitted:
    """Say what a browser reaches.

    Raises:
        Refused: APPLICATION_INVALID, DESTINATION_INVALID.
    """
    if wish.conference is not None:
        return Admitted(project, None, text=_joining(wish))
    if wish.application is not None:
        found = await store.application(project.id, wish.application)
        if found is None or found.voice.document is None:
            raise Refused(Reason.APPLICATION_INVALID)
        return Admitted(project, found.voice.document, found.voice_fallback.document)
    if not is_number(wish.to):
        noun = "Client" if wish.to.startswith("client:") else "Sip"
        return Admitted(project, None, text=_dialling(noun, wish.to.removeprefix("client:")))
    number = await entry.number(wish.to)
    if number is None or number.project != project.id:
        return Admitted(project, None, text=_dialling("Number", wish.to))
    entered = to_number(number, project)
    if isinstance(entered, Denied):
        raise Refused(Reason.DESTINATION_INVALID, to=wish.to)
    return entered


def _joining(wish: BrowserWish) -> str:
    coach = "" if wish.coached is None else f" coach={quoteattr(wish.coached)}"
    muted = ' muted="true"' if wish.muted else ""
    conference = f"<Conference{muted}{coach}>{escape(wish.conference or '')}</Conference>"
    return f"<Response><Dial>{conference}</Dial></Response>"


def _dialling(noun: str, whom: str) -> str:
    return f"<Response><Dial><{noun}>{escape(whom)}</{noun}></Dial></Response>"
