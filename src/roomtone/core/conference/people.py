"""Finding and changing one participant of a conference: what every rule of the machine needs.

No rule lives here. Sources: contract of the Participants resource (a participant is named by call or label).
"""

from __future__ import annotations

from dataclasses import replace

from roomtone.core.conference.messages import Who
from roomtone.core.conference.state import Conference, Participant
from roomtone.core.ids import CallId
from roomtone.core.moment import Moment
from roomtone.core.refusals import Reason, Refused


def present(conference: Conference, who: Who) -> Participant:
    """Find the participant a customer names.

    Args:
        conference: Where to look; only those present now are found.
        who: Their call, or their label (exact, case-sensitive).

    Raises:
        Refused: `PARTICIPANT_NOT_FOUND`; nobody present goes by that name.
    """
    found = conference.find(who) if isinstance(who, CallId) else labelled(conference, who)
    if found is None:
        raise Refused(Reason.PARTICIPANT_NOT_FOUND, conference=conference.id.hex, participant=str(who))
    return found


def labelled(conference: Conference, label: str) -> Participant | None:
    """Give the participant with this label, or None."""
    return next((one for one in conference.participants if one.label == label), None)


def swapped(conference: Conference, old: Participant, new: Participant) -> Conference:
    """Give the conference with one participant replaced, in the same place."""
    return replace(
        conference, participants=tuple(new if one is old else one for one in conference.participants)
    )


def amended(conference: Conference, old: Participant, new: Participant, now: Moment) -> Conference:
    """Give the conference with one participant's settings changed, and dated; the same one if they are equal."""
    return conference if new == old else swapped(conference, old, replace(new, updated_ms=now.wall_ms))
