"""Numbers that may be claimed: what a search says. Sources: SignalWire, Twilio "AvailablePhoneNumbers".

Where on the map a number is nobody knows here, so a search by place finds nothing but says why nobody was refused:
those parameters are ignored as unknown ones are. What a number cannot do (messages, faxes) it cannot be found by.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from roomtone.core.refusals import Reason, Refused
from roomtone.dialects import parameters
from roomtone.dialects.fields import Fields, last

CAPABILITIES = ("FaxEnabled", "MmsEnabled", "SmsEnabled")
FILTER_NAMES = frozenset({"AreaCode", "Contains", "VoiceEnabled", *CAPABILITIES})

_LETTERS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
_PATTERN = re.compile(r"\+?[0-9*]*", re.ASCII)
_AREA = re.compile(r"\d{1,5}", re.ASCII)


@dataclass(frozen=True, slots=True)
class NumberSearch:
    """Which free numbers are wanted."""

    area_code: str | None = None
    """Digits after the country code of North America."""

    pattern: re.Pattern[str] | None = None
    """Found anywhere in the E.164 spelling."""

    possible: bool = True
    """False: something is wanted that no number here can do."""

    def fits(self, phone_number: str) -> bool:
        """Say whether a number is one of those."""
        if not self.possible:
            return False
        if self.area_code is not None and not phone_number.startswith(f"+1{self.area_code}"):
            return False
        return self.pattern is None or self.pattern.search(phone_number) is not None


def search(fields: Fields) -> NumberSearch:
    """Read a search. In ``Contains`` a ``*`` stands for any digit, a letter for the digit on its key.

    Raises:
        Refused: PARAMETER_INVALID: a pattern of anything else, no area code, or no boolean.
    """
    able = [parameters.boolean(fields, name) is not True for name in CAPABILITIES]
    voice = parameters.boolean(fields, "VoiceEnabled") is not False
    return NumberSearch(area_code(fields), _pattern(fields), possible=all(able) and voice)


def area_code(fields: Fields) -> str | None:
    """Read an area code; None: it was not given.

    Raises:
        Refused: PARAMETER_INVALID: it is not one to five digits.
    """
    text = last(fields, "AreaCode") or None
    if text is not None and not _AREA.fullmatch(text):
        raise Refused(Reason.PARAMETER_INVALID, name="AreaCode", expected="digits")
    return text


def _pattern(fields: Fields) -> re.Pattern[str] | None:
    text = (last(fields, "Contains") or "").strip().upper().translate(_LETTERS)
    if not _PATTERN.fullmatch(text) or len(text) > 20:
        expected = "up to 20 digits, letters and *"
        raise Refused(Reason.PARAMETER_INVALID, name="Contains", expected=expected)
    return re.compile(re.escape(text).replace(r"\*", r"\d")) if text else None
