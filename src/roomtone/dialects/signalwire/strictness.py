"""What SignalWire takes. Its JavaScript client leaves out ``/api/laml``, so both prefixes are its own.

Source: SignalWire Compatibility API specification.
"""

from __future__ import annotations

from types import MappingProxyType

from roomtone.dialects.sids import PREFIXED
from roomtone.dialects.strictness import Strictness

STRICTNESS = Strictness(
    prefixes=frozenset({"", "/api/laml"}),
    faces=MappingProxyType({"": "", ".json": ".json"}),
    foreign_ids=PREFIXED,
    json_bodies=True,
    labels=False,
    odd_muted_is_false=False,
    longest=MappingProxyType({"conferences.list FriendlyName": 64}),
    withheld=frozenset(
        {
            "CallSidEndingConference",
            "Coaching",
            "ParticipantCallStatus",
            "ReasonConferenceEnded",
            "ReasonParticipantLeft",
            "SequenceNumber",
        }
    ),
)
