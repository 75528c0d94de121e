"""How Twilio reads parameters: any ``Muted`` other than true reads as false; queues have a size.

Sources: Twilio "Participant resource", "Queue resource".
"""

from __future__ import annotations

from roomtone.core.conference.state import Topic
from roomtone.core.recording.wishes import RecordingTopic
from roomtone.dialects.forms import Forms
from roomtone.dialects.rules import Rules

FORMS = Forms(
    Rules(
        conference_recording_topics=frozenset({RecordingTopic.COMPLETED}),
        topics=frozenset(Topic),
        odd_muted=False,
        longest_number_name=64,
        names_required=False,
        queue_names_are_words=False,
        queue_size=1_000,
        largest_queue=5_000,
    )
)
