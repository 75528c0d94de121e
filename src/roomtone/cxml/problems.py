"""The numbers of documents and audio that cannot be used.

Both vendors use the same numbers for these, and customers get them back as the error code of a fallback request, so
they are part of the language and not of one dialect.

Sources: SignalWire cXML error codes; Twilio error dictionary (11xxx, 12xxx, 13420).
"""

from __future__ import annotations

from enum import IntEnum


class Problem(IntEnum):
    """Why a document or an audio file cannot be used."""

    URL_INVALID = 11100
    RETRIEVAL_FAILED = 11200
    CONNECTION_FAILED = 11205
    NAME_NOT_FOUND = 11210
    TOO_MANY_REDIRECTS = 11215
    STATUS_UNFIT = 11217
    TLS_FAILED = 11220
    PROTOCOL_VIOLATED = 11251
    TOO_LARGE = 11750
    NOT_XML = 12100
    ROOT_INVALID = 12102
    CONTENT_TYPE_UNFIT = 12300
    NOT_AUDIO = 13420
    NOT_SPOKEN = 13520


class Unreadable(Exception):  # noqa: N818 - a fault of the document, told by its state
    """A document is refused as a whole.

    Attributes:
        problem: Its number.
        detail: One sentence for people.
    """

    def __init__(self, problem: Problem, detail: str) -> None:
        self.problem = problem
        self.detail = detail
        super().__init__(detail)
