"""Accounts and tokens as SignalWire writes them: secrets are told by the request that made them and never again.

Source: schema ``Account`` of SignalWire's Compatibility API specification.
"""

from __future__ import annotations

from roomtone.core.access import Key
from roomtone.core.ice import IcePass
from roomtone.core.ids import ProjectId
from roomtone.core.project import Project
from roomtone.dialects import ice_resources, key_resources
from roomtone.dialects.dates import rfc2822
from roomtone.dialects.dialect import Resource
from roomtone.dialects.sids import dashed as show
from roomtone.dialects.signalwire.paths import PATHS

_LISTS = {
    "addresses": None,
    "available_phone_numbers": "AvailablePhoneNumbers",
    "applications": "Applications",
    "authorized_connect_apps": None,
    "calls": "Calls",
    "conferences": "Conferences",
    "connect_apps": None,
    "incoming_phone_numbers": "IncomingPhoneNumbers",
    "keys": None,
    "notifications": None,
    "outgoing_caller_ids": None,
    "queues": "Queues",
    "recordings": "Recordings",
    "sandbox": None,
    "sip": None,
    "short_codes": None,
    "messages": "Messages",
    "transcriptions": "Transcriptions",
    "usage": None,
}


def account(project: Project, *, fresh: bool = False, trusted: bool = False) -> Resource:
    """Write a project. It is always ``active``: SignalWire knows no other status."""
    sid = show(project.id)
    return {
        "sid": sid,
        "friendly_name": project.name,
        "status": "active",
        "auth_token": key_resources.REDACTED,
        "date_created": rfc2822(project.created_ms),
        "date_updated": rfc2822(project.updated_ms or project.created_ms),
        "type": "Full",
        "owner_account_sid": show(project.parent or project.id),
        "region_preference": "us-east",
        "uri": f"{PATHS.prefix}/Accounts/{sid}",
        "subproject": project.parent is not None,
        "signing_key": project.signing_key if fresh and trusted else None,
        "subresource_uris": {
            key: None if name is None else f"{PATHS.prefix}/Accounts/{sid}/{name}"
            for key, name in _LISTS.items()
        },
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
