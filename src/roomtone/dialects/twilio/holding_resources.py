"""What a project has beside calls, as Twilio writes it: applications, queues and those in them, numbers to be claimed.

Source: schemas and examples of Twilio's API specification.
"""

from __future__ import annotations

from collections.abc import Sequence

from roomtone.core.application import Application
from roomtone.core.ids import ProjectId
from roomtone.core.queueing import Member, Queue
from roomtone.dialects.countries import NAMES, country
from roomtone.dialects.dates import rfc2822
from roomtone.dialects.dialect import Resource
from roomtone.dialects.number_forms import formatted
from roomtone.dialects.paths import VERSION
from roomtone.dialects.sids import prefixed as show
from roomtone.dialects.twilio.paths import PATHS


def application(application: Application) -> Resource:
    """Write an application."""
    one, account = application, show(application.project)
    return {
        "account_sid": account,
        "api_version": VERSION,
        "date_created": rfc2822(one.created_ms),
        "date_updated": rfc2822(one.updated_ms),
        "friendly_name": one.name or None,
        "message_status_callback": one.message_status,
        "sid": show(one.id),
        "sms_fallback_method": one.sms_fallback.method.value,
        "sms_fallback_url": one.sms_fallback.url,
        "sms_method": one.sms.method.value,
        "sms_status_callback": one.sms_status.url,
        "sms_url": one.sms.url,
        "status_callback": one.status.url,
        "status_callback_method": one.status.method.value,
        "uri": PATHS.item(account, "Applications", show(one.id)),
        "voice_caller_id_lookup": one.caller_id_lookup,
        "voice_fallback_method": one.voice_fallback.method.value,
        "voice_fallback_url": one.voice_fallback.url,
        "voice_method": one.voice.method.value,
        "voice_url": one.voice.url,
        "public_application_connect_enabled": one.public_connect,
    }


def queue(queue: Queue, members: Sequence[Member]) -> Resource:
    """Write a queue, and how long those in it wait. One without an end is written with the largest size there is."""
    account = show(queue.project)
    return {
        "date_updated": rfc2822(queue.updated_ms),
        "current_size": len(members),
        "friendly_name": queue.name,
        "uri": PATHS.item(account, "Queues", show(queue.id)),
        "account_sid": account,
        "average_wait_time": sum(one.wait_s for one in members) // max(1, len(members)),
        "sid": show(queue.id),
        "date_created": rfc2822(queue.created_ms),
        "max_size": queue.max_size or 5_000,
    }


def member(member: Member) -> Resource:
    """Write one who waits in a queue."""
    account, queue, call = show(member.queue.project), show(member.queue.id), show(member.call)
    return {
        "call_sid": call,
        "date_enqueued": rfc2822(member.enqueued_ms),
        "position": member.position,
        "uri": PATHS.item(account, "Queues", queue, "Members", call),
        "wait_time": member.wait_s,
        "queue_sid": queue,
    }


def free_number(phone_number: str) -> Resource:
    """Write a number that may be claimed; where on the map it is nobody knows."""
    return {
        "friendly_name": formatted(phone_number),
        "phone_number": phone_number,
        "lata": None,
        "locality": None,
        "rate_center": None,
        "latitude": None,
        "longitude": None,
        "region": None,
        "postal_code": None,
        "iso_country": country(phone_number),
        "address_requirements": "none",
        "beta": False,
        "capabilities": {"mms": False, "sms": False, "voice": True, "fax": False},
    }


def countries(project: ProjectId, codes: Sequence[str]) -> Resource:
    """Write the countries of which there are free numbers."""
    return {
        "countries": [free_country(project, code) for code in codes],
        "uri": PATHS.list(show(project), "AvailablePhoneNumbers"),
    }


def free_country(project: ProjectId, code: str) -> Resource:
    """Write a country of which there are free numbers."""
    path = (show(project), "AvailablePhoneNumbers", code)
    kinds = {"local": "Local", "toll_free": "TollFree", "mobile": "Mobile"}
    return {
        "country_code": code,
        "country": NAMES.get(code, code),
        "uri": PATHS.list(*path),
        "beta": False,
        "subresource_uris": {name: PATHS.list(*path, last) for name, last in kinds.items()},
    }
