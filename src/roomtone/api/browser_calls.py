"""Calls of browsers by HTTP, as WHIP has it: an offer in, an answer out, and DELETE hangs up. Roomtone's own.

Source: RFC 9725 (WHIP): sections 4.1 (201, ``Location``, application/sdp) and 4.2 (DELETE). Candidates need not be
trickled, since we check none; a PATCH is not allowed, which a client has to bear (section 4.3.1).
"""

from __future__ import annotations

from roomtone.api import join_tokens
from roomtone.api.frontdesk import NO_CONTENT, Answer, FrontDesk, Visit
from roomtone.core.ids import CallId
from roomtone.dialects import browser_forms

LARGEST_OFFER = 256 * 1024
"""Bytes of a request that brings an offer: what a description may hold, percent-encoded."""


async def create(visit: Visit, desk: FrontDesk) -> Answer:
    """Take a browser's call, and answer it."""
    pass_ = visit.access.pass_
    wish = join_tokens.bound(browser_forms.create(join_tokens.within(visit.fields, pass_)), pass_)
    call, description = await desk.switchboard.browse(visit.project, wish)
    location = f"{_without_suffix(visit.path.partition('?')[0])}/{visit.dialect.sids.show(call)}"
    answer = Answer(201, description.encode(), "application/sdp")
    return answer.with_headers(("Location", location), ("Cache-Control", "no-store"))


def _without_suffix(path: str) -> str:
    """Give a list's path without what it says of the answer's form: only a path's last word may say that."""
    for suffix in (".json", ".xml", ".csv"):
        path = path.removesuffix(suffix)
    return path


async def delete(visit: Visit, desk: FrontDesk) -> Answer:
    """Hang up for a browser; over is over."""
    call = visit.dialect.sids.parse(CallId, visit.names[0])
    record = None if call is None else await desk.store.own_call(visit.project.id, call)
    if call is None or record is None:
        raise visit.nothing_here()
    pass_ = visit.access.pass_
    if pass_ is not None and record.caller.from_ != f"client:{pass_.identity}":
        raise visit.nothing_here()
    desk.switchboard.leave(call)
    return NO_CONTENT
