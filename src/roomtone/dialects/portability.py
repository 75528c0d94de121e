"""What only one vendor has: read by whoever wants to know whether an application could move to the other.

Everything is served in both dialects here, so an application does not notice that it leans on one vendor. These tables
say what it leans on. Held against the vendors' specifications by a test.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

_BOTH = "signalwire twilio"
_APPLICATION = {
    "ApiVersion": "signalwire",
    "MessageStatusCallback": "signalwire",
    "PublicApplicationConnectEnabled": "signalwire",
    "SmsStatusCallbackMethod": "twilio",
    "VoiceCallerIdLookup": "signalwire",
}
_PAGES = {"Page": "signalwire", "PageSize": "signalwire", "PageToken": "signalwire"}

LACKING: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "accounts.list": {"Status": "signalwire"},
        "accounts.create": {"Strict": _BOTH},
        "accounts.update": {"Status": "signalwire", "Strict": _BOTH},
        "applications.create": _APPLICATION,
        "applications.update": _APPLICATION,
        "available-local-numbers.list": _PAGES,
        "available-toll-free-numbers.list": _PAGES,
        "calls.create": {
            "AsyncAmdPartialResults": "twilio",
            "Byoc": "signalwire",
            "CallReason": "signalwire",
            "CallToken": "signalwire",
            "CallerDisplayName": _BOTH,
            "ClientNotificationUrl": "signalwire",
            "Laml": _BOTH,
            "MachineWordsThreshold": "twilio",
            "MaxPricePerMinute": "twilio",
            "TimeLimit": "signalwire",
            "Twiml": "signalwire",
        },
        "call-streams.create": {
            "AuthorizationBearerToken": "twilio",
            "StreamCodec": _BOTH,
            "StreamRealTime": _BOTH,
        },
        "calls.update": {"Laml": _BOTH, "TimeLimit": "signalwire", "Twiml": "signalwire"},
        "keys.create": {"Permissions": _BOTH},
        "keys.update": {"Permissions": _BOTH},
        "numbers.create": {"AreaCode": "signalwire"},
        "participants.list": {"Coaching": "signalwire"},
        "participants.update": {
            "Beep": _BOTH,
            "BeepOnExit": "signalwire",
            "EndConferenceOnExit": "signalwire",
        },
        "recordings.fetch": {"IncludeSoftDeleted": "signalwire"},
        "recordings.list": {"IncludeSoftDeleted": "signalwire"},
        "signing-keys.create": {"Permissions": _BOTH},
        "signing-keys.update": {"Permissions": _BOTH},
        "transcriptions.list": {"DateCreated": "twilio", "DateCreated<": "twilio", "DateCreated>": "twilio"},
    }
)
"""By operation and parameter: the dialects whose vendor lacks the parameter of an operation that both have, or that one
has and we have added to."""

_OTHER = MappingProxyType({"both": "", "neither": _BOTH, "signalwire": "twilio", "twilio": "signalwire"})


def used(route: str, vendors: str, names: Iterable[str], suffix: str) -> Iterator[tuple[str, str]]:
    """Give what a request uses that a vendor lacks, and who lacks it.

    Args:
        route: Name of the operation.
        vendors: Whose specification has it, in the words of the routes.
        names: The parameters that came.
        suffix: Of the path.
    """
    if _OTHER[vendors]:
        yield route, _OTHER[vendors]
    lacking = LACKING.get(route, {})
    for name in sorted({*names} & {*lacking}):
        yield f"{route} {name}", lacking[name]
    if suffix in {".xml", ".csv"}:
        yield f"answers in {suffix[1:].upper()}", "signalwire"
