"""How Twilio reads parameters: any ``Muted`` other than true reads as false. Source: Twilio "Participant resource"."""

from __future__ import annotations

from roomtone.core.conference.state import Topic
from roomtone.dialects.forms import Forms
from roomtone.dialects.rules import Rules

FORMS = Forms(
    Rules(
        topics=frozenset(Topic),
        odd_muted=False,
        longest_number_name=64,
    )
)
