"""Every way a customer can be told no.

A refusal is the customer's to earn and the dialect's to spell: this file knows reasons, never numbers. A table in each
dialect gives a reason its HTTP status, code and message; a test proves that every reason is in every table.
"""

from __future__ import annotations

from enum import StrEnum, auto


class Reason(StrEnum):
    """Why the house says no."""

    # Who asks
    NOT_AUTHENTICATED = auto()
    ACCESS_DENIED = auto()  # problem
    PROJECT_NOT_ACTIVE = auto()  # project
    NOT_FOUND = auto()
    METHOD_NOT_ALLOWED = auto()
    NOT_IMPLEMENTED = auto()
    # What was sent
    BODY_TOO_LARGE = auto()
    BODY_UNREADABLE = auto()
    PARAMETER_MISSING = auto()
    PARAMETER_INVALID = auto()
    METHOD_INVALID = auto()
    URL_INVALID = auto()
    DOCUMENT_INVALID = auto()
    # Paging
    PAGE_INVALID = auto()
    PAGE_SIZE_INVALID = auto()
    PAGE_TOKEN_MISSING = auto()
    PAGE_TOKEN_INVALID = auto()
    # Numbers
    NUMBER_INVALID = auto()
    NUMBER_TAKEN = auto()
    # Conferences and participants (facts, all as text or a count: conference, call, target are neutral hex)
    CONFERENCE_STATUS_INVALID = auto()
    CONFERENCE_COMPLETED = auto()  # conference
    CONFERENCE_NOT_STARTED = auto()  # conference
    CONFERENCE_FULL = auto()  # conference, limit
    PARTICIPANT_NOT_FOUND = (
        auto()
    )  # conference, participant (neutral hex of the call, or the label asked for)
    CALL_ALREADY_PRESENT = auto()  # conference, call
    LABEL_INVALID = auto()  # label
    LABEL_TAKEN = auto()  # conference, label
    COACH_TARGET_MISSING = auto()  # conference, call
    COACH_TARGET_NOT_PRESENT = auto()  # conference, target
    COACH_TARGET_ON_HOLD = auto()  # conference, target
    UPDATE_COMBINATION_INVALID = auto()  # problem
    # Calls, recordings, queues
    CALL_STATUS_INVALID = auto()  # call, status
    CALL_NOT_IN_PROGRESS = auto()
    CALL_OVER = auto()  # call
    CALL_NOT_OVER = auto()  # call
    RECORDING_NOT_OVER = auto()
    RECORDING_NOT_RUNNING = auto()  # status
    RECORDING_RUNNING = auto()
    RECORDING_WITHOUT_SOUND = auto()  # status
    STREAM_URL_INVALID = auto()
    TRANSCRIBER_MISSING = auto()
    TRANSCRIPTION_RUNNING = auto()
    APPLICATION_INVALID = auto()
    QUEUE_NAME_TAKEN = auto()
    QUEUE_FULL = auto()  # limit
    QUEUE_NOT_EMPTY = auto()
    NO_NUMBER_AVAILABLE = auto()
    CALLER_MISSING = auto()
    CALLER_INVALID = auto()  # from_
    DESTINATION_MISSING = auto()
    DESTINATION_INVALID = auto()  # to
    DESTINATION_NOT_ALLOWED = auto()  # to, problem
    INSTRUCTIONS_MISSING = auto()
    KEYS_INVALID = auto()
    RING_TIME_INVALID = auto()
    PRICE_INVALID = auto()
    BROWSER_REFUSED = auto()  # status, problem
    # SIP domains and their lists
    SIP_DOMAIN_TAKEN = auto()
    SIP_USERNAME_TAKEN = auto()
    SIP_LIST_IN_USE = auto()
    SIP_LIST_INVALID = auto()  # name
    # Trunks, which are the operator's
    OPERATOR_ONLY = auto()
    TRUNK_NAME_TAKEN = auto()
    TRUNK_SETTLED = auto()
    # Accounts and keys
    PERMISSION_INVALID = auto()  # name, problem
    SUBPROJECT_INVALID = auto()  # name
    # The house itself
    OVERLOADED = auto()
    UNAVAILABLE = auto()


class Refused(Exception):  # noqa: N818 - a refusal is not an error of ours
    """The customer is told no.

    Attributes:
        reason: Which no.
        facts: What a message may name: ids as neutral text, field names, limits. Keys are the placeholders of the
            dialects' message tables.
    """

    def __init__(self, reason: Reason, **facts: str | int) -> None:
        self.reason = reason
        self.facts = facts
        super().__init__(reason)

    def __str__(self) -> str:
        named = ", ".join(f"{key}={value}" for key, value in self.facts.items())
        return f"{self.reason}({named})"
