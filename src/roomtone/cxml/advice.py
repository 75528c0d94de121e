"""What the number of a warning or a failed document means, and what to do about it: one line for people each.

The numbers are the vendors' (`roomtone.cxml.numbers`, `roomtone.cxml.problems`); the words are the house's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from roomtone.cxml.numbers import GENERAL


@dataclass(frozen=True, slots=True)
class Advice:
    """A number in words."""

    meaning: str
    remedy: str
    """What to do, as an order without its full stop."""


_ATTRIBUTE = "Give the attribute one of the values of its reference, or leave it out; the default was taken"
_ADDRESS = "Give an absolute http or https URL, or one relative to the document"

ADVICE: Mapping[int, Advice] = MappingProxyType(
    {
        # Fetching
        11100: Advice("A URL cannot be asked", _ADDRESS),
        11200: Advice(
            "A document or file could not be had", "Ask for the URL yourself from the machine of the server"
        ),
        11205: Advice(
            "No connection could be made", "See that your application listens there and may be reached"
        ),
        11210: Advice("The name of a host is not known", "Look the name up on the machine of the server"),
        11215: Advice("There were too many redirects", "Let the URL answer by itself"),
        11217: Advice("The application answered with a status of 400 or more", "Look into its log"),
        11220: Advice(
            "TLS could not be agreed", "See that the certificate is valid for the name and its chain is sent"
        ),
        11251: Advice("The answer was no HTTP", "Ask for the URL with another client"),
        11750: Advice("The document is too large", "Send at most 64 kB, and lead on with <Redirect>"),
        12100: Advice(
            "The document is not well-formed XML", "Write it with a library, or escape & and < yourself"
        ),
        12102: Advice(
            "The document's outermost element is not Response", "Put all verbs into one <Response>"
        ),
        12300: Advice("The content type fits neither a document nor audio", "Send text/xml for a document"),
        12400: Advice("Something went wrong in the server", "Look into its log and tell its makers"),
        13420: Advice("A file is not audio", "Send WAV, MP3, Ogg, FLAC or AIFF with its content type"),
        # Documents in general
        GENERAL: Advice(
            "Something in a document is unknown or has no effect here", "See the message for what"
        ),
        13750: Advice("A verb is unknown or not supported", "See the table of what is supported"),
        13238: Advice(
            "A verb is not allowed in such a document", "Keep to what may wait: Play, Say, Pause, Redirect"
        ),
        13221: Advice("A method is neither GET nor POST", "Write GET or POST"),
        # Dial
        13000: Advice(
            "A conference stands beside other nouns, or twice in a Dial", "Give each its own <Dial>"
        ),
        13210: Advice("Dial: the method is neither GET nor POST", "Write GET or POST"),
        13212: Advice("Dial: the timeout is no number of seconds in its range", _ATTRIBUTE),
        13213: Advice("Dial: hangupOnStar is neither true nor false", _ATTRIBUTE),
        13215: Advice("Dial: there are more nouns than may ring at once", "Dial ten at a time"),
        13216: Advice("Dial: timeLimit is no number of seconds in its range", _ATTRIBUTE),
        13222: Advice("Number: sendDigits holds something that is no key", "Use 0 to 9, *, #, w and W"),
        13223: Advice("Number: this is not a telephone number", "Write it as +15551234567"),
        13225: Advice(
            "Dial: a party may not be called",
            "Give a trunk the number's prefix, or the address's host (setting `trunks`); a client must be registered",
        ),
        32110: Advice("Sip: this is not a SIP URI", "Write it as sip:user@host"),
        # Conference
        13230: Advice("Conference: muted is neither true nor false", _ATTRIBUTE),
        13231: Advice("Conference: endConferenceOnExit is neither true nor false", _ATTRIBUTE),
        13232: Advice("Conference: startConferenceOnEnter is neither true nor false", _ATTRIBUTE),
        13233: Advice("Conference: waitUrl is no URL", _ADDRESS),
        13234: Advice("Conference: waitMethod is neither GET nor POST", "Write GET or POST"),
        13235: Advice("Conference: beep is none of true, false, onEnter, onExit", _ATTRIBUTE),
        13237: Advice(
            "Conference: the name is missing, or longer than it may be",
            "Give it a name of 1 to 128 characters",
        ),
        13239: Advice("Conference: trim is none of trim-silence, do-not-trim", _ATTRIBUTE),
        13256: Advice("Conference: an attribute is unknown or wrong", _ATTRIBUTE),
        13240: Advice(
            "Conference: whom coach names is not there, or on hold", "Name the call of another participant"
        ),
        16020: Advice("Conference: it is full", "Raise maxParticipants, or let them wait in a queue"),
        16023: Advice(
            "Conference: participantLabel is no good", "Up to 128 characters, no slash, not like a call's sid"
        ),
        16025: Advice(
            "Conference: participantLabel is taken", "Give everybody in a conference a label of their own"
        ),
        # Gather
        13310: Advice("Gather: finishOnKey is no key", "Use one of 0 to 9, *, #, or nothing"),
        13312: Advice("Gather: the method is neither GET nor POST", "Write GET or POST"),
        13313: Advice("Gather: the timeout is no positive number of seconds", _ATTRIBUTE),
        13314: Advice("Gather: numDigits is no positive number", _ATTRIBUTE),
        13320: Advice("Gather: only Say, Play and Pause may stand in it", "Move the other verbs behind it"),
        13327: Advice("Gather: speechTimeout is neither auto nor a number", _ATTRIBUTE),
        # Sound
        13410: Advice("Play: loop is no number", _ATTRIBUTE),
        13430: Advice("Play: digits holds something that is no key", "Use 0 to 9, *, #, w and W"),
        21455: Advice("Play: this is no URL", _ADDRESS),
        13510: Advice("Say: loop is no number", _ATTRIBUTE),
        13511: Advice("Say: the language is not spoken here", "See the reference for those that are"),
        13512: Advice("Say: the voice is not known here", "Leave it out, or write man or woman"),
        13520: Advice("Say: there is nothing to say, or it cannot be spoken", "Give it text"),
        13521: Advice("Say: the text is too long", "Say it in several verbs of at most 4,096 characters"),
        # Other verbs
        13610: Advice("Record: the method is neither GET nor POST", "Write GET or POST"),
        13611: Advice("Record: the timeout is no number of seconds in its range", _ATTRIBUTE),
        13612: Advice("Record: maxLength is no number of seconds in its range", _ATTRIBUTE),
        13613: Advice("Record: finishOnKey holds something that is no key", "Use 0 to 9, *, # or nothing"),
        13614: Advice("Record: playBeep is neither true nor false", _ATTRIBUTE),
        13710: Advice("Redirect: the method is neither GET nor POST", "Write GET or POST"),
        13810: Advice("Reject: the reason is neither rejected nor busy", _ATTRIBUTE),
        13910: Advice("Pause: length is no number of seconds", _ATTRIBUTE),
        14201: Advice("Enqueue: waitUrl or its method is wrong", _ADDRESS),
        14204: Advice("Queue: the name is missing or too long", "Give it a name of 1 to 64 characters"),
    }
)
