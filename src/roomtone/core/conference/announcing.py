"""Announcements: something played once, to one participant or to everybody, in turn.

Each participant has a queue of their own and the conference has one; the first of a queue is the one that plays, and
the two kinds of queue do not wait for one another. Each announcement has its own number in its conference (its turn),
so that a late word about an old one is recognised and ignored.

Sources: Twilio "Participant resource" and "Conference resource" (AnnounceUrl), events announcement-end and
announcement-fail.
"""

from __future__ import annotations

from dataclasses import replace

from roomtone.core.conference.messages import (
    Announce,
    AnnouncementEnded,
    AnnouncementFailed,
    SoundtrackEnded,
    SoundtrackFailed,
    Step,
)
from roomtone.core.conference.mix import announcement_key
from roomtone.core.conference.people import present, swapped
from roomtone.core.conference.state import Announcement, Conference, Participant, Status
from roomtone.core.refusals import Reason, Refused


def announce(conference: Conference, command: Announce) -> Step:
    """Queue an announcement to one participant or to everybody.

    Raises:
        Refused: `PARTICIPANT_NOT_FOUND`, or `CONFERENCE_NOT_STARTED`: those who wait hear nothing but their music.
    """
    who = None if command.who is None else present(conference, command.who)
    if conference.status is Status.INIT:
        raise Refused(Reason.CONFERENCE_NOT_STARTED, conference=conference.id.hex)
    turn = conference.last_turn + 1
    state = replace(conference, last_turn=turn)
    queued = Announcement(turn, command.document)
    if who is None:
        return Step(replace(state, announcements=(*state.announcements, queued)))
    return Step(swapped(state, who, replace(who, announcements=(*who.announcements, queued))))


def soundtrack_over(conference: Conference, signal: SoundtrackEnded | SoundtrackFailed) -> Step:
    """Go on with the next announcement when one is over; music that is over is nobody's business but the player's."""
    if (
        conference.announcements
        and announcement_key(conference.id, conference.announcements[0]) == signal.key
    ):
        first, *rest = conference.announcements
        event = _over(signal, first, None)
        return Step(replace(conference, announcements=tuple(rest)), (event,))
    target = next((one for one in conference.participants if _plays_to(one, signal.key)), None)
    if target is None:
        return Step(conference)
    first, *rest = target.announcements
    event = _over(signal, first, target)
    return Step(swapped(conference, target, replace(target, announcements=tuple(rest))), (event,))


def _plays_to(participant: Participant, key: str) -> bool:
    playing = participant.announcements
    return bool(playing) and announcement_key(participant.call, playing[0]) == key


def _over(
    signal: SoundtrackEnded | SoundtrackFailed, announcement: Announcement, target: Participant | None
) -> AnnouncementEnded | AnnouncementFailed:
    url, call = announcement.document.url, None if target is None else target.call
    if isinstance(signal, SoundtrackEnded):
        return AnnouncementEnded(url, call)
    return AnnouncementFailed(url, call, signal.problem)
