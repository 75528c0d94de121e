"""Claimed numbers: what a form says of one, and the list's filters.

Parameters of messages, faxes, trunks and emergencies are not read. Sources: SignalWire "Incoming Phone Numbers",
"Imported Phone Numbers"; Twilio "IncomingPhoneNumber resource".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from roomtone.core.ids import ApplicationId, NumberId, ProjectId
from roomtone.core.listing import NumberFilter
from roomtone.core.project import Number
from roomtone.core.refusals import Reason, Refused
from roomtone.core.values import Document, Method
from roomtone.dialects import available_forms, parameters, sids
from roomtone.dialects.fields import Fields, last
from roomtone.dialects.rules import Rules

UPDATE_NAMES = frozenset(
    {
        "AccountSid",
        "FriendlyName",
        "StatusCallback",
        "StatusCallbackMethod",
        "VoiceApplicationSid",
        "VoiceFallbackMethod",
        "VoiceFallbackUrl",
        "VoiceMethod",
        "VoiceUrl",
    }
)
CREATE_NAMES = UPDATE_NAMES - {"AccountSid"} | {"AreaCode", "PhoneNumber"}
CREATE_OF_KIND_NAMES = CREATE_NAMES - {"AreaCode"}
IMPORT_NAMES = frozenset({"capabilities", "number", "number_type"})
"""Lower case: an exception in SignalWire's API."""

FILTER_NAMES = frozenset({"FriendlyName", "PhoneNumber"})

_E164 = re.compile(r"\+\d{5,17}", re.ASCII)
_PATTERN = re.compile(r"\+?[\d*]*", re.ASCII)
_NORTH_AMERICAN = re.compile(r"\+1(\d{3})(\d{3})(\d{4})", re.ASCII)


@dataclass(frozen=True, slots=True)
class NumberChange:
    """What a form says of a number; None: nothing. An empty URL takes the URL away."""

    phone_number: str = ""
    """Empty in an update, and where any number of an area will do."""

    area_code: str | None = None
    """Any free number of this area is wanted."""

    owner: ProjectId | None = None
    """To whom the number is to go."""

    friendly_name: str | None = None
    voice_url: str | None = None
    voice_method: Method | None = None
    fallback_url: str | None = None
    fallback_method: Method | None = None
    application: ApplicationId | None = None
    no_application: bool = False
    """Whether the number is to follow its own URLs again."""

    status_url: str | None = None
    status_method: Method | None = None

    def create(self, id_: NumberId, project: ProjectId, now_ms: int) -> Number:
        """Make the number that the form describes."""
        name = formatted(self.phone_number)
        return self.apply(Number(id_, project, self.phone_number, name, now_ms, now_ms), now_ms)

    def apply(self, number: Number, now_ms: int) -> Number:
        """Give the number as the form wants it; unchanged, its date included, if it is so already."""
        voice_method = self.voice_method or number.voice_method
        fallback_method = self.fallback_method or number.voice_fallback_method
        status_method = self.status_method or number.status_callback_method
        changed = replace(
            number,
            application=None if self.no_application else self.application or number.application,
            status_callback=document(self.status_url, number.status_callback, status_method),
            status_callback_method=status_method,
            friendly_name=self.friendly_name or number.friendly_name,
            voice=document(self.voice_url, number.voice, voice_method),
            voice_method=voice_method,
            voice_fallback=document(self.fallback_url, number.voice_fallback, fallback_method),
            voice_fallback_method=fallback_method,
        )
        return number if changed == number else replace(changed, updated_ms=now_ms)


def create(fields: Fields, rules: Rules) -> NumberChange:
    """Read the form that claims a number.

    Raises:
        Refused: PARAMETER_MISSING, NUMBER_INVALID, or as `update`.
    """
    number = unplussed(last(fields, "PhoneNumber") or "")
    area = available_forms.area_code(fields)
    if not number and area is None:
        raise Refused(Reason.PARAMETER_MISSING, name="PhoneNumber")
    if number and not _E164.fullmatch(number):
        raise Refused(Reason.NUMBER_INVALID, phone_number=number[:40])
    return replace(_read(fields, rules), phone_number=number, area_code=area)


def imported(fields: Fields) -> NumberChange:
    """Read the form that brings along a number of one's own.

    Raises:
        Refused: PARAMETER_MISSING, PARAMETER_INVALID, NUMBER_INVALID.
    """
    number = unplussed(last(fields, "number") or "")
    if not number:
        raise Refused(Reason.PARAMETER_MISSING, name="number")
    if parameters.one_of(fields, "number_type", "longcode", "tollfree") is None:
        raise Refused(Reason.PARAMETER_MISSING, name="number_type")
    if not _E164.fullmatch(number):
        raise Refused(Reason.NUMBER_INVALID, phone_number=number[:40])
    return NumberChange(number)


def update(fields: Fields, rules: Rules) -> NumberChange:
    """Read the form that changes a number.

    Raises:
        Refused: PARAMETER_INVALID, METHOD_INVALID, URL_INVALID.
    """
    return replace(_read(fields, rules), owner=_owner(fields))


def wanted(fields: Fields) -> NumberFilter:
    """Read the list's filters.

    Raises:
        Refused: PARAMETER_INVALID: a number pattern of anything but a plus sign, digits and ``*``.
    """
    pattern = unplussed(last(fields, "PhoneNumber") or "")
    if not _PATTERN.fullmatch(pattern):
        raise Refused(Reason.PARAMETER_INVALID, name="PhoneNumber", expected="a plus sign, digits and *")
    return NumberFilter(pattern or None, last(fields, "FriendlyName") or None)


def formatted(phone_number: str) -> str:
    """Give the name of a number that was given none: a North American one in its usual groups, else as it is."""
    match = _NORTH_AMERICAN.fullmatch(phone_number)
    return phone_number if match is None else f"({match[1]}) {match[2]}-{match[3]}"


def _read(fields: Fields, rules: Rules) -> NumberChange:
    return NumberChange(
        application=parameters.sid(fields, "VoiceApplicationSid", ApplicationId),
        no_application=last(fields, "VoiceApplicationSid") == "",
        status_url=parameters.url(fields, "StatusCallback"),
        status_method=parameters.method(fields, "StatusCallbackMethod"),
        friendly_name=parameters.text(fields, "FriendlyName", rules.longest_number_name),
        voice_url=parameters.url(fields, "VoiceUrl"),
        voice_method=parameters.method(fields, "VoiceMethod"),
        fallback_url=parameters.url(fields, "VoiceFallbackUrl"),
        fallback_method=parameters.method(fields, "VoiceFallbackMethod"),
    )


def unplussed(text: str) -> str:
    """Undo what a form does to a plus sign that its writer forgot to encode."""
    bare = text.strip()
    return f"+{bare}" if text[:1] == " " and bare[:1].isdigit() else bare


def _owner(fields: Fields) -> ProjectId | None:
    text = last(fields, "AccountSid")
    if not text:
        return None
    owner = sids.parse(ProjectId, text)
    if owner is None:
        raise Refused(Reason.PARAMETER_INVALID, name="AccountSid", expected="an account's sid")
    return owner


def document(url: str | None, stored: Document | None, method: Method) -> Document | None:
    """Give a document as a form wants it: another URL, none (an empty one), or the stored one; asked for by `method`."""
    address = url if url is not None else (stored.url if stored is not None else "")
    return Document(address, method) if address else None
