"""Twilio's ``Tokens``: where a browser's media finds its way, and a pass for as long as that may take."""

from __future__ import annotations

from roomtone.api.frontdesk import Answer, FrontDesk, Visit, json_answer
from roomtone.core.ice import LONGEST_TTL_S, issue


async def create(visit: Visit, desk: FrontDesk) -> Answer:
    """Make a pass; nothing is kept of it."""
    ttl_s = visit.dialect.forms.ice_ttl_s(visit.fields) or LONGEST_TTL_S
    made = issue(desk.ice, visit.project.id.hex, ttl_s, desk.clock.now().wall_ms)
    return json_answer(201, visit.dialect.accounts.ice_token(visit.project.id, made))
