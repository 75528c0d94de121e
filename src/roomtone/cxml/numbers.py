"""The numbers of what is odd about a document: those the vendors give in their error dictionaries.

Both vendors share them, but for a verb that is unknown, whose number belongs to the dialect. What neither numbers by
itself is 12200, the document's general warning.

Sources: Twilio error dictionary (12200, 13xxx, 14xxx); SignalWire cXML error codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from roomtone.cxml.oddities import Oddity, Warned

GENERAL = 12200

UNKNOWN_VERB = frozenset({Oddity.VERB_UNKNOWN, Oddity.VERB_NOT_SUPPORTED})
"""Numbered by the dialect."""

NUMBERS: Mapping[Oddity, int] = MappingProxyType(
    {
        Oddity.VERB_NOT_ALLOWED: 13238,
        Oddity.NOUNS_MIXED: 13000,
        Oddity.METHOD_INVALID: 13221,
        Oddity.URL_INVALID: 11100,
        Oddity.NUMBER_INVALID: 13223,
        Oddity.SIP_URI_INVALID: 32110,
        Oddity.SEND_DIGITS_INVALID: 13222,
        Oddity.TOO_MANY_NOUNS: 13215,
        Oddity.PARTY_NOT_CALLED: 13225,
        Oddity.QUEUE_NAME_INVALID: 14204,
        Oddity.DIAL_METHOD_INVALID: 13210,
        Oddity.DIAL_TIMEOUT_INVALID: 13212,
        Oddity.DIAL_TIME_LIMIT_INVALID: 13216,
        Oddity.DIAL_HANGUP_ON_STAR_INVALID: 13213,
        Oddity.MUTED_INVALID: 13230,
        Oddity.END_ON_EXIT_INVALID: 13231,
        Oddity.START_ON_ENTER_INVALID: 13232,
        Oddity.WAIT_URL_INVALID: 13233,
        Oddity.WAIT_METHOD_INVALID: 13234,
        Oddity.BEEP_INVALID: 13235,
        Oddity.CONFERENCE_NAME_INVALID: 13237,
        Oddity.CONFERENCE_TRIM_INVALID: 13239,
        Oddity.CONFERENCE_ATTRIBUTE_INVALID: 13256,
        Oddity.COACHED_NOT_THERE: 13240,
        Oddity.CONFERENCE_FULL: 16020,
        Oddity.LABEL_INVALID: 16023,
        Oddity.LABEL_TAKEN: 16025,
        Oddity.GATHER_FINISH_ON_KEY_INVALID: 13310,
        Oddity.GATHER_METHOD_INVALID: 13312,
        Oddity.GATHER_TIMEOUT_INVALID: 13313,
        Oddity.GATHER_NUM_DIGITS_INVALID: 13314,
        Oddity.GATHER_SPEECH_TIMEOUT_INVALID: 13327,
        Oddity.GATHER_NESTING_INVALID: 13320,
        Oddity.ENQUEUE_METHOD_INVALID: 14201,
        Oddity.ENQUEUE_WAIT_URL_INVALID: 14201,
        Oddity.RECORD_METHOD_INVALID: 13610,
        Oddity.RECORD_TIMEOUT_INVALID: 13611,
        Oddity.RECORD_MAX_LENGTH_INVALID: 13612,
        Oddity.RECORD_FINISH_ON_KEY_INVALID: 13613,
        Oddity.RECORD_BEEP_INVALID: 13614,
        Oddity.SAY_LOOP_INVALID: 13510,
        Oddity.SAY_LANGUAGE_INVALID: 13511,
        Oddity.SAY_VOICE_INVALID: 13512,
        Oddity.SAY_TEXT_MISSING: 13520,
        Oddity.SAY_MARK_UNKNOWN: 13520,
        Oddity.SAY_TOO_LONG: 13521,
        Oddity.PLAY_LOOP_INVALID: 13410,
        Oddity.PLAY_DIGITS_INVALID: 13430,
        Oddity.PLAY_URL_INVALID: 21455,
        Oddity.PAUSE_LENGTH_INVALID: 13910,
        Oddity.REDIRECT_METHOD_INVALID: 13710,
        Oddity.REDIRECT_URL_INVALID: 11100,
        Oddity.REJECT_REASON_INVALID: 13810,
    }
)


def number_of(warned: Warned, unknown_verb: int) -> int:
    """Give the number of a warning.

    Args:
        warned: Which; one that stems from a problem carries its number.
        unknown_verb: The dialect's number of a verb that is unknown or not there yet.
    """
    if warned.code is not None:
        return warned.code
    return unknown_verb if warned.reason in UNKNOWN_VERB else NUMBERS.get(warned.reason, GENERAL)
