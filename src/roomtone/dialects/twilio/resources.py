"""Resources as Twilio writes them: its keys, in its order, each of them always.

A hosted document has no counterpart in Twilio's API; it is written as SignalWire does, with Twilio's ids.

Source: schemas and examples of Twilio's API specification (2010-04-01).
"""

from __future__ import annotations

from roomtone.core.conference.state import Conference, Participant
from roomtone.core.project import Bin, Number
from roomtone.dialects import paging
from roomtone.dialects.dates import iso8601, rfc2822
from roomtone.dialects.dialect import Resource
from roomtone.dialects.paging import Page, Query
from roomtone.dialects.paths import VERSION
from roomtone.dialects.sids import prefixed as show
from roomtone.dialects.twilio.call_resources import call, call_recording, conference_recording, recording
from roomtone.dialects.twilio.holding_resources import (
    application,
    countries,
    free_country,
    free_number,
    member,
    queue,
)
from roomtone.dialects.twilio.paths import PATHS

__all__ = [
    "application",
    "bin",
    "call",
    "call_recording",
    "conference",
    "conference_recording",
    "countries",
    "free_country",
    "free_number",
    "free_numbers",
    "member",
    "number",
    "number_of_kind",
    "page",
    "participant",
    "queue",
    "recording",
]


def participant(conference: Conference, participant: Participant) -> Resource:
    """Write a participant. Whoever is in a conference is ``connected``, waiting, muted or held as they may be; who is
    still being called is ``queued`` or ``ringing``.
    """
    account, call = show(conference.project), show(participant.call)
    target = participant.coached if participant.coaching else None
    return {
        "account_sid": account,
        "call_sid": call,
        "label": participant.label,
        "conference_sid": show(conference.id),
        "date_created": rfc2822(participant.created_ms),
        "date_updated": rfc2822(participant.updated_ms),
        "end_conference_on_exit": participant.end_on_exit,
        "muted": participant.muted,
        "hold": participant.held,
        "status": participant.progress.value,
        "start_conference_on_enter": participant.start_on_enter,
        "coaching": participant.coaching,
        "call_sid_to_coach": None if target is None else show(target),
        "queue_time": None,
        "uri": PATHS.item(account, "Conferences", show(conference.id), "Participants", call),
    }


def conference(conference: Conference) -> Resource:
    """Write a conference."""
    path = (show(conference.project), "Conferences", show(conference.id))
    return {
        "account_sid": show(conference.project),
        "date_created": rfc2822(conference.created_ms),
        "date_updated": rfc2822(conference.updated_ms),
        "api_version": VERSION,
        "friendly_name": conference.name,
        "region": conference.region,
        "sid": show(conference.id),
        "status": conference.status.value,
        "uri": PATHS.item(*path),
        "subresource_uris": {
            "participants": PATHS.item(*path, "Participants"),
            "recordings": PATHS.item(*path, "Recordings"),
        },
        "reason_conference_ended": None if conference.end_reason is None else conference.end_reason.value,
        "call_sid_ending_conference": None if conference.ended_by is None else show(conference.ended_by),
    }


def number(number: Number) -> Resource:
    """Write a claimed number. What Roomtone does not carry (messages, faxes, emergencies) reads as not set."""
    account = show(number.project)
    return {
        "account_sid": account,
        "address_sid": None,
        "address_requirements": "none",
        "api_version": VERSION,
        "beta": False,
        "capabilities": {"voice": True, "sms": False, "mms": False, "fax": False},
        "date_created": rfc2822(number.created_ms),
        "date_updated": rfc2822(number.updated_ms),
        "friendly_name": number.friendly_name,
        "identity_sid": None,
        "phone_number": number.phone_number,
        "origin": "hosted",
        "sid": show(number.id),
        "sms_application_sid": None,
        "sms_fallback_method": "POST",
        "sms_fallback_url": None,
        "sms_method": "POST",
        "sms_url": None,
        "status_callback": None if number.status_callback is None else number.status_callback.url,
        "status_callback_method": number.status_callback_method.value,
        "trunk_sid": None,
        "uri": PATHS.item(account, "IncomingPhoneNumbers", show(number.id)),
        "voice_receive_mode": "voice",
        "voice_application_sid": None if number.application is None else show(number.application),
        "voice_caller_id_lookup": False,
        "voice_fallback_method": number.voice_fallback_method.value,
        "voice_fallback_url": None if number.voice_fallback is None else number.voice_fallback.url,
        "voice_method": number.voice_method.value,
        "voice_url": None if number.voice is None else number.voice.url,
        "emergency_status": "Inactive",
        "emergency_address_sid": None,
        "emergency_address_status": "unregistered",
        "bundle_sid": None,
        "status": "in-use",
        "type": None,
    }


def number_of_kind(number_: Number) -> Resource:
    """Write a claimed number as one of a kind's, of which the kind is not told again."""
    return {name: value for name, value in number(number_).items() if name != "type"}


def bin(bin_: Bin, public_url: str) -> Resource:  # noqa: A001 - the resource's name
    """Write a hosted document."""
    account, sid = show(bin_.project), show(bin_.id)
    return {
        "sid": sid,
        "date_created": iso8601(bin_.created_ms),
        "date_updated": iso8601(bin_.updated_ms),
        "date_last_accessed": None if bin_.accessed_ms is None else iso8601(bin_.accessed_ms),
        "account_sid": account,
        "name": bin_.name,
        "contents": bin_.contents,
        "request_url": f"{public_url}/laml-bins/{sid}",
        "num_requests": bin_.requests,
        "api_version": VERSION,
        "uri": PATHS.bin(account, "LamlBins", sid),
    }


def page(page: Page) -> Resource:
    """Write one page of a list, with exactly one key beside the vendor's own."""
    path = page.path if page.project is None else (show(page.project), *page.path)
    where = paging.addresses(page, lambda query: PATHS.page(path, query), _order)
    start = page.request.number * page.request.size if page.items else 0
    return {
        "end": start + max(len(page.items) - 1, 0),
        "first_page_uri": where.first,
        "next_page_uri": where.following,
        page.key: page.items,
        "page": page.request.number,
        "page_size": page.request.size,
        "previous_page_uri": where.preceding,
        "start": start,
        "uri": where.this,
    }


free_numbers = page
"""What a search for free numbers found is a page like any other, the only one of its list."""


def _order(page: Page, query: Query) -> Query:
    number, size, *token = query
    return (*page.filters, size, number, *token)
