"""Who hears whom as a resource of our own: neither vendor has one. Pure."""

from __future__ import annotations

from roomtone.core.conference.hearing import HEARD, Playing, View, hearing
from roomtone.core.conference.mix import Towards
from roomtone.core.conference.state import Conference
from roomtone.core.values import Caller, Direction, Document, Silence
from roomtone.dialects.dialect import Json, Resource, Sids

NAMES = frozenset({"At", "Most", "at"})
"""What the mix of a conference can be asked for; ``at`` is ``At``."""


MOST = 300
"""Of how many at most it is told who hears whom among each other: that is a square."""


def mix(conference: Conference, sids: Sids, *, at_ms: int | None = None, most: int | None = None) -> Resource:
    """Write who hears whom in a conference, and why.

    Args:
        conference: As it is, or was.
        sids: How sids are written.
        at_ms: When it was so; None: it is so now.
        most: Of how many at most that is told among each other; None, or more: of `MOST`.
    """
    return {
        "conference_sid": sids.show(conference.id),
        "account_sid": sids.show(conference.project),
        "friendly_name": conference.name,
        "status": conference.status.value,
        "revision": conference.plan_revision,
        "at_unix_ms": at_ms,
        "participants": [
            _participant(one, sids)
            for one in hearing(conference, min(most or MOST, MOST) if most != 0 else 0)
        ],
    }


def _participant(view: View, sids: Sids) -> Json:
    one, talks_to = view.participant, view.talks_to
    return {
        "call_sid": sids.show(one.call),
        "label": one.label,
        "number": number(one.caller),
        "status": one.progress.value,
        "muted": one.muted,
        "hold": one.held,
        "coaching": one.coaching,
        "call_sid_to_coach": None if one.coached is None else sids.show(one.coached),
        "talks_to": talks_to.value if isinstance(talks_to, Towards) else sids.show(talks_to),
        "plays": [_playing(each) for each in view.plays],
        "others": None
        if view.others is None
        else [
            {"call_sid": sids.show(call), "heard": why in HEARD, "why": why.value}
            for call, why in view.others
        ],
    }


def number(caller: Caller) -> str:
    """Give the number or address of whoever is at the other end of a call."""
    return caller.from_ if caller.direction is Direction.INBOUND else caller.to


def _playing(one: Playing) -> Json:
    music = None if one.soundtrack is None else one.soundtrack.music
    return {
        "what": one.purpose.value,
        "url": music.url if isinstance(music, Document) else None,
        "silent": isinstance(music, Silence),
        "over_the_room": one.over,
    }
