"""What a project has beside calls, as SignalWire writes it: applications, queues and those in them, numbers to be claimed.

Source: schemas of SignalWire's Compatibility API specification.
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
from roomtone.dialects.paging import Page
from roomtone.dialects.paths import VERSION
from roomtone.dialects.sids import dashed as show
from roomtone.dialects.signalwire.paths import PATHS


def application(application: Application) -> Resource:
    """Write an application; a caller's name is never looked up, which is null."""
    one, account = application, show(application.project)
    return {
        "sid": show(one.id),
        "account_sid": account,
        "api_version": VERSION,
        "date_created": rfc2822(one.created_ms),
        "date_updated": rfc2822(one.updated_ms),
        "friendly_name": one.name,
        "uri": PATHS.item(account, "Applications", show(one.id)),
        "voice_url": one.voice.url,
        "voice_method": one.voice.method.value,
        "voice_fallback_url": one.voice_fallback.url,
        "voice_fallback_method": one.voice_fallback.method.value,
        "status_callback": one.status.url,
        "status_callback_method": one.status.method.value,
        "voice_caller_id_lookup": None,
        "sms_url": one.sms.url,
        "sms_method": one.sms.method.value,
        "sms_fallback_url": one.sms_fallback.url,
        "sms_fallback_method": one.sms_fallback.method.value,
        "sms_status_callback": one.sms_status.url,
        "sms_status_callback_method": one.sms_status.method.value,
        "message_status_callback": one.message_status,
    }


def queue(queue: Queue, members: Sequence[Member]) -> Resource:
    """Write a queue, and how long those in it wait."""
    account = show(queue.project)
    return {
        "sid": show(queue.id),
        "account_sid": account,
        "friendly_name": queue.name,
        "max_size": queue.max_size,
        "current_size": len(members),
        "average_wait_time": sum(one.wait_s for one in members) // max(1, len(members)),
        "date_created": rfc2822(queue.created_ms),
        "date_updated": rfc2822(queue.updated_ms),
        "api_version": VERSION,
        "uri": PATHS.item(account, "Queues", show(queue.id)),
    }


def member(member: Member) -> Resource:
    """Write one who waits in a queue."""
    account, queue, call = show(member.queue.project), show(member.queue.id), show(member.call)
    return {
        "call_sid": call,
        "account_sid": account,
        "queue_sid": queue,
        "date_enqueued": rfc2822(member.enqueued_ms),
        "position": member.position,
        "wait_time": member.wait_s,
        "member_type": "laml_call",
        "uri": PATHS.item(account, "Queues", queue, "Members", call),
    }


def free_number(phone_number: str) -> Resource:
    """Write a number that may be claimed; where on the map it is nobody knows. Two capabilities are in capitals."""
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
        "capabilities": {"voice": True, "SMS": False, "MMS": False},
        "beta": False,
    }


def free_numbers(page: Page) -> Resource:
    """Write what a search for free numbers found: all of it, without pages."""
    return {
        "uri": PATHS.list(*(() if page.project is None else (show(page.project),)), *page.path),
        page.key: page.items,
    }


def countries(project: ProjectId, codes: Sequence[str]) -> Resource:
    """Write the countries of which there are free numbers."""
    return {
        "uri": PATHS.list(show(project), "AvailablePhoneNumbers"),
        "countries": [free_country(project, code) for code in codes],
    }


def free_country(project: ProjectId, code: str) -> Resource:
    """Write a country of which there are free numbers."""
    path = (show(project), "AvailablePhoneNumbers", code)
    return {
        "country_code": code,
        "country": NAMES.get(code, code),
        "uri": PATHS.list(*path),
        "beta": False,
        "subresource_uris": {
            "local": PATHS.list(*path, "Local"),
            "toll_free": PATHS.list(*path, "TollFree"),
        },
    }
