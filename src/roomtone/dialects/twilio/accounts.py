"""Accounts and API keys as Twilio writes them.

An account's ``auth_token`` is what signs requests to the customer's servers. That is Twilio's own meaning of it, and
the only one we can tell: what else opens the account is kept as digests. It is the account's main key, too, unless the
operator has given the project a signing key of its own. So it is told to a key that opens everything, and no other.

Source: schema ``api.v2010.account`` of Twilio's API specification.
"""

from __future__ import annotations

from roomtone.core.access import Key
from roomtone.core.ice import IcePass
from roomtone.core.ids import ProjectId
from roomtone.core.project import Project
from roomtone.dialects import ice_resources, key_resources
from roomtone.dialects.dates import rfc2822
from roomtone.dialects.dialect import Resource
from roomtone.dialects.sids import prefixed as show
from roomtone.dialects.twilio.paths import PATHS

_LISTS = {
    "addresses": "Addresses",
    "applications": "Applications",
    "authorized_connect_apps": "AuthorizedConnectApps",
    "available_phone_numbers": "AvailablePhoneNumbers",
    "balance": "Balance",
    "calls": "Calls",
    "conferences": "Conferences",
    "connect_apps": "ConnectApps",
    "incoming_phone_numbers": "IncomingPhoneNumbers",
    "keys": "Keys",
    "messages": "Messages",
    "notifications": "Notifications",
    "outgoing_caller_ids": "OutgoingCallerIds",
    "queues": "Queues",
    "recordings": "Recordings",
    "short_codes": "SMS/ShortCodes",
    "signing_keys": "SigningKeys",
    "sip": "SIP",
    "transcriptions": "Transcriptions",
    "usage": "Usage",
}


def account(project: Project, *, fresh: bool = False, trusted: bool = False) -> Resource:
    """Write an account."""
    del fresh  # an account's token is told whenever it may be
    sid = show(project.id)
    return {
        "auth_token": project.signing_key if trusted else key_resources.REDACTED,
        "date_created": rfc2822(project.created_ms),
        "date_updated": rfc2822(project.updated_ms or project.created_ms),
        "friendly_name": project.name,
        "owner_account_sid": show(project.parent or project.id),
        "sid": sid,
        "status": project.standing.value,
        "subresource_uris": {
            key: f"{PATHS.prefix}/Accounts/{sid}/{name}{PATHS.list_suffix}" for key, name in _LISTS.items()
        },
        "type": "Full",
        "uri": PATHS.item(sid),
    }


def key(key: Key, secret: str | None = None) -> Resource:
    """Write an API key, as Twilio does."""
    return key_resources.key(key, show, secret)


def token(key: Key, secret: str | None = None) -> Resource:
    """Write a token, as SignalWire does."""
    return key_resources.token(key, show, secret)


def ice_token(project: ProjectId, made: IcePass) -> Resource:
    """Write a pass for STUN and TURN servers, as Twilio does."""
    return ice_resources.token(project, made, show)
