"""SIP domains, and the lists of phones and networks that they take: what a form says of one.

Both dialects read Twilio's parameters, since SignalWire's Compatibility API has none of this.
Sources: Twilio "SIP Domain", "SIP Credential List", "SIP Credential", "SIP IpAccessControlList", "SIP IpAddress".
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, replace

from roomtone.core.endpoint import DOMAIN_NAME, NAME, Domain, IpAddress
from roomtone.core.ids import (
    AccessListId,
    CredentialListId,
    DomainId,
    IpAddressId,
    ProjectId,
)
from roomtone.core.refusals import Reason, Refused
from roomtone.core.values import Method
from roomtone.dialects import parameters
from roomtone.dialects.fields import Fields, last
from roomtone.dialects.number_forms import document
from roomtone.dialects.sids import AnyId

LIST_NAMES = frozenset({"FriendlyName"})
CREDENTIAL_NAMES = frozenset({"Password", "Username"})
PASSWORD_NAMES = frozenset({"Password"})
ADDRESS_NAMES = frozenset({"CidrPrefixLength", "FriendlyName", "IpAddress"})
CREDENTIAL_LINK_NAMES = frozenset({"CredentialListSid"})
ACCESS_LINK_NAMES = frozenset({"IpAccessControlListSid"})
DOMAIN_NAMES = frozenset(
    {
        "ByocTrunkSid",
        "DomainName",
        "EmergencyCallerSid",
        "EmergencyCallingEnabled",
        "FriendlyName",
        "Secure",
        "SipRegistration",
        "VoiceFallbackMethod",
        "VoiceFallbackUrl",
        "VoiceMethod",
        "VoiceStatusCallbackMethod",
        "VoiceStatusCallbackUrl",
        "VoiceUrl",
    }
)
UNSUPPORTED = frozenset({"ByocTrunkSid", "EmergencyCallerSid", "EmergencyCallingEnabled"})
"""Known of domains, and without effect: the answer says so."""

_LONGEST_NAME = 64
_SHORTEST_PASSWORD, _LONGEST_PASSWORD = 12, 255


@dataclass(frozen=True, slots=True)
class DomainChange:
    """What a form says of a domain; None: nothing. An empty URL takes the URL away."""

    name: str | None
    friendly_name: str | None
    voice_url: str | None
    voice_method: Method | None
    fallback_url: str | None
    fallback_method: Method | None
    status_url: str | None
    status_method: Method | None
    registration: bool | None
    ignored: tuple[str, ...]
    """Parameters that were asked for and have no effect."""

    def create(self, id_: DomainId, project: ProjectId, now_ms: int) -> Domain:
        """Make the domain that the form describes; phones of lists may not register unless it says so."""
        bare = Domain(id_, project, self.name or "", now_ms, updated_ms=now_ms, registration=False)
        return self.apply(bare, now_ms)

    def apply(self, one: Domain, now_ms: int) -> Domain:
        """Give the domain as the form wants it; unchanged, its date included, if it is so already."""
        voice_method = self.voice_method or one.voice_method
        fallback_method = self.fallback_method or one.voice_fallback_method
        status_method = self.status_method or one.status_callback_method
        changed = replace(
            one,
            name=self.name or one.name,
            friendly_name=self.friendly_name or one.friendly_name,
            voice=document(self.voice_url, one.voice, voice_method),
            voice_method=voice_method,
            voice_fallback=document(self.fallback_url, one.voice_fallback, fallback_method),
            voice_fallback_method=fallback_method,
            status_callback=document(self.status_url, one.status_callback, status_method),
            status_callback_method=status_method,
            registration=one.registration if self.registration is None else self.registration,
        )
        return one if changed == one else replace(changed, updated_ms=now_ms)


def create_domain(fields: Fields) -> DomainChange:
    """Read the form that makes a domain.

    Raises:
        Refused: PARAMETER_MISSING: no DomainName; else as `update_domain`.
    """
    if not last(fields, "DomainName"):
        raise Refused(Reason.PARAMETER_MISSING, name="DomainName")
    return update_domain(fields)


def update_domain(fields: Fields) -> DomainChange:
    """Read the form that changes a domain.

    Raises:
        Refused: PARAMETER_INVALID, METHOD_INVALID, URL_INVALID.
    """
    if parameters.boolean(fields, "Secure"):
        raise Refused(
            Reason.PARAMETER_INVALID, name="Secure", expected="false: the settings say what is encrypted"
        )
    emergency = parameters.boolean(fields, "EmergencyCallingEnabled")
    ignored = [name for name in ("ByocTrunkSid", "EmergencyCallerSid") if last(fields, name)]
    return DomainChange(
        name=_domain_name(fields),
        friendly_name=parameters.line(fields, "FriendlyName", _LONGEST_NAME),
        voice_url=parameters.url(fields, "VoiceUrl"),
        voice_method=parameters.method(fields, "VoiceMethod"),
        fallback_url=parameters.url(fields, "VoiceFallbackUrl"),
        fallback_method=parameters.method(fields, "VoiceFallbackMethod"),
        status_url=parameters.url(fields, "VoiceStatusCallbackUrl"),
        status_method=parameters.method(fields, "VoiceStatusCallbackMethod"),
        registration=parameters.boolean(fields, "SipRegistration"),
        ignored=(*ignored, *(("EmergencyCallingEnabled",) if emergency else ())),
    )


def list_name(fields: Fields) -> str:
    """Read what a list is called.

    Raises:
        Refused: PARAMETER_MISSING, PARAMETER_INVALID.
    """
    name = parameters.line(fields, "FriendlyName", _LONGEST_NAME)
    if name is None:
        raise Refused(Reason.PARAMETER_MISSING, name="FriendlyName")
    return name


def credential(fields: Fields) -> tuple[str, str]:
    """Read a phone's name and its password.

    Raises:
        Refused: PARAMETER_MISSING, PARAMETER_INVALID.
    """
    name, secret = last(fields, "Username"), password(fields)
    if not name:
        raise Refused(Reason.PARAMETER_MISSING, name="Username")
    if secret is None:
        raise Refused(Reason.PARAMETER_MISSING, name="Password")
    if not NAME.fullmatch(name):
        expected = "1 to 64 letters, digits and . _ ~ + -"
        raise Refused(Reason.PARAMETER_INVALID, name="Username", expected=expected)
    return name, secret


def password(fields: Fields) -> str | None:
    """Read a password; None: it was not given.

    Raises:
        Refused: PARAMETER_INVALID: it is too easy to guess, by the vendor's own rule.
    """
    secret = last(fields, "Password")
    if not secret:
        return None
    kinds = (str.isupper, str.islower, str.isdigit)
    if not _SHORTEST_PASSWORD <= len(secret) <= _LONGEST_PASSWORD or not all(
        any(kind(sign) for sign in secret) for kind in kinds
    ):
        expected = "12 characters or more, with a digit and letters of both cases"
        raise Refused(Reason.PARAMETER_INVALID, name="Password", expected=expected)
    return secret


@dataclass(frozen=True, slots=True)
class AddressChange:
    """What a form says of a network; None: nothing."""

    name: str | None
    address: str | None
    prefix_length: int | None

    def create(self, id_: IpAddressId, list_: AccessListId, project: ProjectId, now_ms: int) -> IpAddress:
        """Make the network that the form describes: one address alone, unless it says more.

        Raises:
            Refused: PARAMETER_INVALID: as `apply`.
        """
        address = self.address or ""
        bare = IpAddress(id_, project, list_, self.name or "", address, _bits(address), now_ms, now_ms)
        return self.apply(bare, now_ms)

    def apply(self, one: IpAddress, now_ms: int) -> IpAddress:
        """Give the network as the form wants it; unchanged, its date included, if it is so already.

        Raises:
            Refused: PARAMETER_INVALID: more bits than the address has.
        """
        address = self.address or one.address
        length = one.prefix_length if self.prefix_length is None else self.prefix_length
        if length > _bits(address):
            expected = f"a whole number from 0 to {_bits(address)}"
            raise Refused(Reason.PARAMETER_INVALID, name="CidrPrefixLength", expected=expected)
        changed = replace(one, name=self.name or one.name, address=address, prefix_length=length)
        return one if changed == one else replace(changed, updated_ms=now_ms)


def create_address(fields: Fields) -> AddressChange:
    """Read the form that makes a network of a list.

    Raises:
        Refused: PARAMETER_MISSING: no name or no address; else as `update_address`.
    """
    for name in ("FriendlyName", "IpAddress"):
        if not last(fields, name):
            raise Refused(Reason.PARAMETER_MISSING, name=name)
    return update_address(fields)


def update_address(fields: Fields) -> AddressChange:
    """Read the form that changes a network of a list.

    Raises:
        Refused: PARAMETER_INVALID.
    """
    return AddressChange(
        parameters.line(fields, "FriendlyName", 255),
        _ip_address(fields),
        parameters.whole(fields, "CidrPrefixLength", 0, 128),
    )


def link(fields: Fields, name: str, kind: type[AnyId]) -> AnyId:
    """Read which list a domain is to take.

    Raises:
        Refused: PARAMETER_MISSING, PARAMETER_INVALID.
    """
    found = parameters.sid(fields, name, kind)
    if found is None:
        raise Refused(Reason.PARAMETER_MISSING, name=name)
    return found


def credential_link(fields: Fields) -> CredentialListId:
    """Read which list of phones a domain is to take."""
    return link(fields, "CredentialListSid", CredentialListId)


def access_link(fields: Fields) -> AccessListId:
    """Read which list of networks a domain is to take."""
    return link(fields, "IpAccessControlListSid", AccessListId)


def _domain_name(fields: Fields) -> str | None:
    name = (last(fields, "DomainName") or "").lower()
    if not name:
        return None
    # An address, or this machine, is the server's own and no project's.
    if not DOMAIN_NAME.fullmatch(name) or name == "localhost" or name.rpartition(".")[2].isdigit():
        expected = "a host name, such as pbx.example.com"
        raise Refused(Reason.PARAMETER_INVALID, name="DomainName", expected=expected)
    return name


def _ip_address(fields: Fields) -> str | None:
    text = last(fields, "IpAddress")
    if not text:
        return None
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        raise Refused(Reason.PARAMETER_INVALID, name="IpAddress", expected="an IP address") from None
    if isinstance(found, ipaddress.IPv6Address) and found.scope_id is not None:
        raise Refused(Reason.PARAMETER_INVALID, name="IpAddress", expected="an IP address without a zone")
    return str(found)


def _bits(address: str) -> int:
    return 128 if ":" in address else 32
