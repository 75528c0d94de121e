"""Where the dialects read the same parameters differently: data, and nothing that reads."""

from __future__ import annotations

from dataclasses import dataclass

from roomtone.core.conference.state import Topic
from roomtone.core.recording.wishes import RecordingTopic


@dataclass(frozen=True, slots=True)
class Rules:
    """A dialect's reading rules."""

    topics: frozenset[Topic]
    """What a customer can ask to be told."""

    odd_muted: bool | None
    """What ``Muted`` means when it is no boolean; None: it is refused."""

    longest_number_name: int
    """Characters of a number's friendly name at most."""

    names_required: bool
    """Whether an application, or a queue that is changed, must be given its name."""

    queue_names_are_words: bool
    """Whether a queue's name has letters, digits and underscores alone."""

    queue_size: int | None
    """Calls at most in a queue that was told no size; None: as many as come."""

    largest_queue: int

    conference_recording_topics: frozenset[RecordingTopic]
    """What a customer is told of a conference's recording who did not say."""

    longest_account_name: int = 64
    """Characters of an account's friendly name at most."""

    accounts_have_standing: bool = True
    """Whether a form can suspend and close accounts, and leave their name as it is."""

    account_token_signs: bool = True
    """Whether an account's own token and its signing key are one, told whenever the account is."""
