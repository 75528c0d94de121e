"""Applications: what a form says of one, and the list's filter.

Parameters of messages are kept and read back. Sources: SignalWire "Applications"; Twilio "Application resource".
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from roomtone.core.application import Address, Application
from roomtone.core.ids import ApplicationId, ProjectId
from roomtone.core.listing import ApplicationFilter
from roomtone.core.refusals import Reason, Refused
from roomtone.core.values import Method
from roomtone.dialects import parameters
from roomtone.dialects.fields import Fields, last
from roomtone.dialects.rules import Rules

NAMES = frozenset(
    {
        "ApiVersion",
        "FriendlyName",
        "MessageStatusCallback",
        "PublicApplicationConnectEnabled",
        "SmsFallbackMethod",
        "SmsFallbackUrl",
        "SmsMethod",
        "SmsStatusCallback",
        "SmsStatusCallbackMethod",
        "SmsUrl",
        "StatusCallback",
        "StatusCallbackMethod",
        "VoiceCallerIdLookup",
        "VoiceFallbackMethod",
        "VoiceFallbackUrl",
        "VoiceMethod",
        "VoiceUrl",
    }
)
"""What a form can say. ``ApiVersion`` has one value and says nothing."""

FILTER_NAMES = frozenset({"FriendlyName"})


@dataclass(frozen=True, slots=True)
class AddressChange:
    """What a form says of a URL and its method; None: nothing. An empty URL takes the URL away."""

    url: str | None = None
    method: Method | None = None

    def apply(self, address: Address) -> Address:
        """Give the address as the form wants it."""
        url = address.url if self.url is None else self.url or None
        return Address(url, self.method or address.method)


@dataclass(frozen=True, slots=True)
class ApplicationChange:
    """What a form says of an application; None: nothing."""

    name: str | None
    voice: AddressChange
    voice_fallback: AddressChange
    status: AddressChange
    sms: AddressChange
    sms_fallback: AddressChange
    sms_status: AddressChange
    message_status: str | None
    caller_id_lookup: bool | None
    public_connect: bool | None

    def create(self, id_: ApplicationId, project: ProjectId, now_ms: int) -> Application:
        """Make the application that the form describes."""
        return self.apply(Application(id_, project, "", now_ms, now_ms), now_ms)

    def apply(self, one: Application, now_ms: int) -> Application:
        """Give the application as the form wants it; unchanged, its date included, if it is so already."""
        message = one.message_status if self.message_status is None else self.message_status or None
        changed = replace(
            one,
            name=self.name or one.name,
            voice=self.voice.apply(one.voice),
            voice_fallback=self.voice_fallback.apply(one.voice_fallback),
            status=self.status.apply(one.status),
            sms=self.sms.apply(one.sms),
            sms_fallback=self.sms_fallback.apply(one.sms_fallback),
            sms_status=self.sms_status.apply(one.sms_status),
            message_status=message,
            caller_id_lookup=one.caller_id_lookup if self.caller_id_lookup is None else self.caller_id_lookup,
            public_connect=one.public_connect if self.public_connect is None else self.public_connect,
        )
        return one if changed == one else replace(changed, updated_ms=now_ms)


def create(fields: Fields, rules: Rules) -> ApplicationChange:
    """Read the form that makes an application.

    Raises:
        Refused: PARAMETER_MISSING: no name, where the dialect needs one; else as `update`.
    """
    if rules.names_required and not last(fields, "FriendlyName"):
        raise Refused(Reason.PARAMETER_MISSING, name="FriendlyName")
    return update(fields)


def update(fields: Fields) -> ApplicationChange:
    """Read the form that changes an application.

    Raises:
        Refused: PARAMETER_INVALID, METHOD_INVALID, URL_INVALID.
    """
    return ApplicationChange(
        name=parameters.text(fields, "FriendlyName", 64),
        voice=_address(fields, "VoiceUrl", "VoiceMethod"),
        voice_fallback=_address(fields, "VoiceFallbackUrl", "VoiceFallbackMethod"),
        status=_address(fields, "StatusCallback", "StatusCallbackMethod"),
        sms=_address(fields, "SmsUrl", "SmsMethod"),
        sms_fallback=_address(fields, "SmsFallbackUrl", "SmsFallbackMethod"),
        sms_status=_address(fields, "SmsStatusCallback", "SmsStatusCallbackMethod"),
        message_status=parameters.url(fields, "MessageStatusCallback"),
        caller_id_lookup=parameters.boolean(fields, "VoiceCallerIdLookup"),
        public_connect=parameters.boolean(fields, "PublicApplicationConnectEnabled"),
    )


def wanted(fields: Fields) -> ApplicationFilter:
    """Read the list's filter."""
    return ApplicationFilter(last(fields, "FriendlyName") or None)


def _address(fields: Fields, url: str, method: str) -> AddressChange:
    return AddressChange(parameters.url(fields, url), parameters.method(fields, method))
