"""Resources as SignalWire writes them: its keys, in its order, each of them always.

Source: schemas of SignalWire's Compatibility API specification; its examples for what goes with ``.json``.
"""

from __future__ import annotations

from roomtone.core.conference.state import Conference, Participant
from roomtone.core.project import Bin, Number
from roomtone.dialects import paging
from roomtone.dialects.countries import country
from roomtone.dialects.dates import iso8601, rfc2822
from roomtone.dialects.dialect import Resource
from roomtone.dialects.paging import Page, Query
from roomtone.dialects.paths import VERSION
from roomtone.dialects.sids import dashed as show
from roomtone.dialects.signalwire.call_resources import call, call_recording, conference_recording, recording
from roomtone.dialects.signalwire.holding_resources import (
    application,
    countries,
    free_country,
    free_number,
    free_numbers,
    member,
    queue,
)
from roomtone.dialects.signalwire.paths import PATHS

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
    """Write a participant. Whoever is in a conference is ``in-progress``; the only other status is for the gone."""
    account, call = show(conference.project), show(participant.call)
    target = participant.coached if participant.coaching else None
    return {
        "account_sid": account,
        "call_sid": call,
        "call_sid_to_coach": None if target is None else show(target),
        "coaching": participant.coaching,
        "conference_sid": show(conference.id),
        "date_created": rfc2822(participant.created_ms),
        "status": "in-progress",
        "date_updated": rfc2822(participant.updated_ms),
        "end_conference_on_exit": participant.end_on_exit,
        "muted": participant.muted,
        "hold": participant.held,
        "start_conference_on_enter": participant.start_on_enter,
        "uri": PATHS.item(account, "Conferences", show(conference.id), "Participants", call),
    }


def conference(conference: Conference) -> Resource:
    """Write a conference."""
    path = (show(conference.project), "Conferences", show(conference.id))
    return {
        "sid": show(conference.id),
        "account_sid": show(conference.project),
        "date_created": rfc2822(conference.created_ms),
        "date_updated": rfc2822(conference.updated_ms),
        "friendly_name": conference.name,
        "status": conference.status.value,
        "api_version": VERSION,
        "region": conference.region,
        "uri": PATHS.item(*path),
        "subresource_uris": {
            "participants": PATHS.item(*path, "Participants"),
            "recordings": PATHS.item(*path, "Recordings"),
        },
    }


def number(number: Number) -> Resource:
    """Write a claimed number. What Roomtone does not carry (messages, faxes, emergencies) reads as not set."""
    account = show(number.project)
    return {
        "sid": show(number.id),
        "account_sid": account,
        "account_id": account,
        "address_requirements": "none",
        "address_sid": None,
        "api_version": VERSION,
        "beta": False,
        "capabilities": {"voice": True, "sms": False, "mms": False, "fax": False},
        "country_code": country(number.phone_number),
        "date_created": rfc2822(number.created_ms),
        "date_updated": rfc2822(number.updated_ms),
        "emergency_address_sid": None,
        "emergency_status": "Inactive",
        "friendly_name": number.friendly_name,
        "identity_sid": None,
        "origin": "hosted",
        "phone_number": number.phone_number,
        "sms_application_sid": None,
        "sms_fallback_method": "POST",
        "sms_fallback_url": None,
        "sms_method": "POST",
        "sms_url": None,
        "status_callback": None if number.status_callback is None else number.status_callback.url,
        "status_callback_method": number.status_callback_method.value,
        "trunk_sid": None,
        "uri": PATHS.item(account, "IncomingPhoneNumbers", show(number.id)),
        "voice_application_sid": None if number.application is None else show(number.application),
        "voice_caller_id_lookup": None,
        "voice_fallback_method": number.voice_fallback_method.value,
        "voice_fallback_url": None if number.voice_fallback is None else number.voice_fallback.url,
        "voice_method": number.voice_method.value,
        "voice_url": None if number.voice is None else number.voice.url,
    }


def number_of_kind(number_: Number) -> Resource:
    """Write a claimed number as one of a kind's: as any."""
    return number(number_)


def bin(bin_: Bin, public_url: str) -> Resource:  # noqa: A001 - the resource's name
    """Write a hosted document; its dates are ISO 8601, unlike all others."""
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
    return {
        "uri": where.this,
        "first_page_uri": where.first,
        "next_page_uri": where.following,
        "previous_page_uri": where.preceding,
        "page": page.request.number,
        "page_size": page.request.size,
        page.key: page.items,
    }


def _order(page: Page, query: Query) -> Query:
    return (*query[:2], *page.filters, *query[2:])
