"""Routes of calls, of what is below one, and of the queues they wait in."""

from __future__ import annotations

from roomtone.api import (
    browser_calls,
    calls,
    deliveries,
    join_tokens,
    notifications,
    queues,
    recordings,
    sidecars,
    streams,
)
from roomtone.api.route import OPEN, Route
from roomtone.api.route_tables.streams import routes_of_streams
from roomtone.dialects import (
    browser_forms,
    call_forms,
    call_orders,
    notification_forms,
    paging,
    pass_forms,
    queue_forms,
    recording_forms,
)

_CALLS = ("Calls",)
_RECORDINGS = ("Recordings",)
_NOTIFICATIONS = ("Notifications",)
_QUEUES = ("Queues",)

CALLS = (
    Route("calls.list", "GET", _CALLS, calls.list_, call_forms.FILTER_NAMES | paging.NAMES),
    Route("calls.create", "POST", _CALLS, calls.create, call_orders.CREATE_NAMES),
    Route("calls.update", "POST", (*_CALLS, OPEN), calls.update, call_orders.UPDATE_NAMES),
    Route("calls.fetch", "GET", (*_CALLS, OPEN), calls.fetch),
    Route("calls.delete", "DELETE", (*_CALLS, OPEN), calls.delete),
    Route(
        "call-deliveries.fetch",
        "GET",
        (*_CALLS, OPEN, "Deliveries"),
        deliveries.of_call,
        deliveries.NAMES,
        "neither",
    ),
    Route(
        "call-replays.create",
        "POST",
        (*_CALLS, OPEN, "Deliveries"),
        deliveries.replay_of_call,
        deliveries.REPLAY_NAMES,
        "neither",
    ),
    Route(
        "browser-calls.create",
        "POST",
        ("BrowserCalls",),
        browser_calls.create,
        browser_forms.CREATE_NAMES,
        "neither",
        largest_body=browser_calls.LARGEST_OFFER,
    ),
    Route("browser-calls.delete", "DELETE", ("BrowserCalls", OPEN), browser_calls.delete, vendors="neither"),
    Route(
        "join-tokens.create",
        "POST",
        ("JoinTokens",),
        join_tokens.create,
        pass_forms.CREATE_NAMES,
        "neither",
    ),
    Route("call-media.fetch", "GET", (*_CALLS, OPEN, "Media"), calls.media, vendors="neither"),
    Route(
        "recordings.list", "GET", _RECORDINGS, recordings.list_, recording_forms.FILTER_NAMES | paging.NAMES
    ),
    Route(
        "recordings.fetch",
        "GET",
        (*_RECORDINGS, OPEN),
        recordings.fetch,
        frozenset({"IncludeSoftDeleted"}),
    ),
    Route(
        "recording-moments.fetch", "GET", (*_RECORDINGS, OPEN, "Moments"), sidecars.moments, vendors="neither"
    ),
    Route(
        "recording-tracks.fetch", "GET", (*_RECORDINGS, OPEN, "Tracks"), sidecars.tracks, vendors="neither"
    ),
    Route(
        "recording-redactions.create",
        "POST",
        (*_RECORDINGS, OPEN, "Redactions"),
        sidecars.redact,
        sidecars.REDACTION_NAMES,
        "neither",
    ),
    Route("recordings.delete", "DELETE", (*_RECORDINGS, OPEN), recordings.delete),
    Route(
        "notifications.list",
        "GET",
        _NOTIFICATIONS,
        notifications.list_,
        notification_forms.FILTER_NAMES | paging.NAMES,
        "twilio",
    ),
    Route("notifications.fetch", "GET", (*_NOTIFICATIONS, OPEN), notifications.fetch, vendors="twilio"),
    Route(
        "call-notifications.list",
        "GET",
        (*_CALLS, OPEN, *_NOTIFICATIONS),
        notifications.list_of_call,
        notification_forms.FILTER_NAMES | paging.NAMES,
        "twilio",
    ),
    Route(
        "call-notifications.fetch",
        "GET",
        (*_CALLS, OPEN, *_NOTIFICATIONS, OPEN),
        notifications.fetch_of_call,
        vendors="twilio",
    ),
    Route(
        "call-recordings.list",
        "GET",
        (*_CALLS, OPEN, *_RECORDINGS),
        recordings.list_of_call,
        recording_forms.DATE_NAMES | paging.NAMES,
        "twilio",
    ),
    Route(
        "call-recordings.fetch",
        "GET",
        (*_CALLS, OPEN, *_RECORDINGS, OPEN),
        recordings.fetch_of_call,
        vendors="twilio",
    ),
    Route(
        "call-recordings.delete",
        "DELETE",
        (*_CALLS, OPEN, *_RECORDINGS, OPEN),
        recordings.delete_of_call,
        vendors="twilio",
    ),
    Route("queues.create", "POST", _QUEUES, queues.create, queue_forms.NAMES),
    Route("queues.list", "GET", _QUEUES, queues.list_, paging.NAMES),
    Route("queues.fetch", "GET", (*_QUEUES, OPEN), queues.fetch),
    Route("queues.update", "POST", (*_QUEUES, OPEN), queues.update, queue_forms.NAMES),
    Route("queues.delete", "DELETE", (*_QUEUES, OPEN), queues.delete),
    Route("queue-members.list", "GET", (*_QUEUES, OPEN, "Members"), queues.list_members, paging.NAMES),
    Route("queue-members.fetch", "GET", (*_QUEUES, OPEN, "Members", OPEN), queues.fetch_member),
    Route(
        "queue-members.update",
        "POST",
        (*_QUEUES, OPEN, "Members", OPEN),
        queues.update_member,
        queue_forms.MEMBER_NAMES,
    ),
    Route(
        "call-recordings.update",
        "POST",
        (*_CALLS, OPEN, *_RECORDINGS, OPEN),
        recordings.update_of_call,
        recording_forms.UPDATE_NAMES,
    ),
    Route(
        "call-recordings.create",
        "POST",
        (*_CALLS, OPEN, *_RECORDINGS),
        recordings.create_of_call,
        recording_forms.CREATE_NAMES,
    ),
    *routes_of_streams("call-streams", _CALLS, (streams.create_of_call, streams.update_of_call), "both"),
)
"""Calls, recordings, notifications, streams and queues."""
