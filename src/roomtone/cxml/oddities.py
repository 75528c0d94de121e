"""What is odd about a customer's document without stopping it: reasons in neutral words.

Says what was noticed; how a vendor numbers it belongs to a dialect. A document that cannot be used at all is a
`roomtone.cxml.problems.Problem` instead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum, auto


class Oddity(StrEnum):
    """Why a part of a document was skipped, or a default taken in its place."""

    # Elements
    VERB_UNKNOWN = auto()
    VERB_NOT_SUPPORTED = auto()
    VERB_NOT_ALLOWED = auto()
    NOUN_UNKNOWN = auto()
    NOUN_NOT_SUPPORTED = auto()
    NOUNS_MIXED = auto()
    NOUN_MISSING = auto()
    TEXT_IGNORED = auto()
    WITHOUT_EFFECT = auto()
    # Attributes in general
    ATTRIBUTE_UNKNOWN = auto()
    ATTRIBUTE_INVALID = auto()
    METHOD_INVALID = auto()
    URL_INVALID = auto()
    # Dial
    NUMBER_INVALID = auto()
    SIP_URI_INVALID = auto()
    CLIENT_INVALID = auto()
    SEND_DIGITS_INVALID = auto()
    TOO_MANY_NOUNS = auto()
    PARTY_NOT_CALLED = auto()
    QUEUE_NAME_INVALID = auto()
    DIAL_METHOD_INVALID = auto()
    DIAL_TIMEOUT_INVALID = auto()
    DIAL_TIME_LIMIT_INVALID = auto()
    DIAL_HANGUP_ON_STAR_INVALID = auto()
    # Conference
    MUTED_INVALID = auto()
    END_ON_EXIT_INVALID = auto()
    START_ON_ENTER_INVALID = auto()
    WAIT_URL_INVALID = auto()
    WAIT_METHOD_INVALID = auto()
    BEEP_INVALID = auto()
    CONFERENCE_NAME_INVALID = auto()
    CONFERENCE_TRIM_INVALID = auto()
    CONFERENCE_ATTRIBUTE_INVALID = auto()
    # Gather
    GATHER_FINISH_ON_KEY_INVALID = auto()
    GATHER_METHOD_INVALID = auto()
    GATHER_TIMEOUT_INVALID = auto()
    GATHER_NUM_DIGITS_INVALID = auto()
    GATHER_SPEECH_TIMEOUT_INVALID = auto()
    GATHER_NESTING_INVALID = auto()
    SPEECH_NOT_SUPPORTED = auto()
    # Enqueue
    ENQUEUE_METHOD_INVALID = auto()
    ENQUEUE_WAIT_URL_INVALID = auto()
    LEAVE_OUTSIDE_QUEUE = auto()
    # Record
    RECORD_METHOD_INVALID = auto()
    RECORD_TIMEOUT_INVALID = auto()
    RECORD_FINISH_ON_KEY_INVALID = auto()
    RECORD_MAX_LENGTH_INVALID = auto()
    RECORD_BEEP_INVALID = auto()
    # Say
    SAY_LANGUAGE_INVALID = auto()
    SAY_LOOP_INVALID = auto()
    SAY_MARK_UNKNOWN = auto()
    SAY_TEXT_MISSING = auto()
    SAY_TOO_LONG = auto()
    SAY_VOICE_INVALID = auto()
    # Other verbs
    PLAY_DIGITS_INVALID = auto()
    PLAY_LOOP_INVALID = auto()
    PLAY_URL_INVALID = auto()
    PAUSE_LENGTH_INVALID = auto()
    REDIRECT_METHOD_INVALID = auto()
    REDIRECT_URL_INVALID = auto()
    REJECT_REASON_INVALID = auto()
    REJECT_TOO_LATE = auto()
    # While a document runs
    DIAL_REFUSED = auto()
    COACHED_NOT_THERE = auto()
    CONFERENCE_FULL = auto()
    LABEL_INVALID = auto()
    LABEL_TAKEN = auto()
    AUDIO_UNPLAYABLE = auto()
    DOCUMENT_UNUSABLE = auto()


@dataclass(frozen=True, slots=True)
class Warned:
    """One thing a customer should know about their document; the call goes on."""

    reason: Oddity
    detail: str
    """One sentence for people, naming element and value."""

    code: int | None = None
    """The vendors' shared number, where a `Problem` lies beneath; None: the dialect numbers the reason."""

    @property
    def logged(self) -> str:
        """The sentence fit for a log: without users, passwords, queries and fragments of URLs, where many keep tokens."""
        return _TAIL.sub(r"\1", _USER.sub(r"\1", self.detail))


_USER = re.compile(r"(\w+://)[^/?#\s]*@")
_TAIL = re.compile(r"(\w+://[^?#\s'\")<>]*)[?#][^\s'\")<>]*")
