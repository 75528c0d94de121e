"""How SignalWire reads parameters: booleans strictly, and without the two events that Twilio added.

Source: SignalWire Compatibility API specification; cXML "Conference", statusCallbackEvent.
"""

from __future__ import annotations

from roomtone.core.conference.state import Topic
from roomtone.core.recording.wishes import RecordingTopic
from roomtone.dialects.forms import Forms
from roomtone.dialects.rules import Rules

FORMS = Forms(
    Rules(
        conference_recording_topics=frozenset({RecordingTopic.COMPLETED, RecordingTopic.FAILED}),
        topics=frozenset(Topic) - {Topic.MODIFY, Topic.ANNOUNCEMENT},
        odd_muted=None,
        longest_number_name=255,
        names_required=True,
        queue_names_are_words=True,
        queue_size=None,
        largest_queue=2**31 - 1,
        longest_account_name=250,
        accounts_have_standing=False,
        account_token_signs=False,
    )
)
